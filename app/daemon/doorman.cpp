// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/doorman.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/service/channel.h"
#include "engine/service/status.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

namespace gantry::daemon {

namespace {

constexpr int kMostCalls = 4;
constexpr int kMostRequestBytes = 64 << 10;
constexpr int kLifeMillis = 5'000;
constexpr int kGraceMillis = 1'000;
constexpr std::chrono::seconds kLogEvery{1};
/// gRPC knows a connection by its number alone: each has one of its own, and what is said to it stands under it.
constexpr int kFirstNumber = 256;
constexpr int kNumbers = 128;

/// Ends each call with its status at once.
class Refusing final : public grpc::ServerGenericBidiReactor
{
public:
    explicit Refusing(const grpc::Status &status) { Finish(status); }
    void OnDone() override { delete this; } // gRPC's way: it is told last
};

} // namespace

class Doorman::Answer final : public grpc::CallbackGenericService
{
public:
    Answer()
    {
        grpc::ServerBuilder builder;
        builder.RegisterCallbackGenericService(this);
        builder.SetMaxReceiveMessageSize(kMostRequestBytes);
        builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, service::kMostMetadataBytes);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostCalls);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kLifeMillis);
        builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kGraceMillis);
        m_server = builder.BuildAndStart();
        GANTRY_ASSERT(m_server != nullptr); // no port is bound, so nothing outside can make it fail
    }
    Answer(const Answer &) = delete;
    Answer &operator=(const Answer &) = delete;
    Answer(Answer &&) = delete;
    Answer &operator=(Answer &&) = delete;
    ~Answer() override { m_server->Shutdown(std::chrono::system_clock::now()); }

    grpc::ServerGenericBidiReactor *CreateReactor(grpc::GenericCallbackServerContext *context) override
    {
        const std::scoped_lock lock(m_mutex);
        const auto told = m_told.find(context->peer());
        return new Refusing(told != m_told.end() ? told->second : service::toStatus(m_unknown));
    }

    Result<> serve(const UniqueFd &connectedSocket, const Error &refusal)
    {
        const std::scoped_lock lock(m_mutex);
        UniqueFd connection(::fcntl(connectedSocket.get(), F_DUPFD_CLOEXEC, kFirstNumber + m_next));
        if (!connection)
            return failErrno("fcntl", "connection");
        m_next = (m_next + 1) % kNumbers;
        m_told.insert_or_assign(strCat("fd:", connection.get()), service::toStatus(refusal));
        GANTRY_CHECK(service::makeNonBlocking(connection.get()));
        grpc::AddInsecureChannelFromFd(m_server.get(), connection.release());
        return {};
    }

private:
    const Error m_unknown = fail(EPERM, "connect", "gantryd", "not let in").error();
    std::mutex m_mutex;
    int m_next = 0; ///< under m_mutex
    /// Under m_mutex, by gRPC's name of the connection: what the newest one of that number is told.
    std::map<std::string, grpc::Status, std::less<>> m_told;
    std::unique_ptr<grpc::Server> m_server;
};

Doorman::Doorman() = default;
Doorman::~Doorman() = default;

void Doorman::turnAway(UniqueFd connectedSocket, const Error &refusal)
{
    m_open.sweep();
    const auto now = std::chrono::steady_clock::now();
    if (now - m_logged >= kLogEvery) { // anybody may knock
        log::info(log::Area::Service, refusal.message());
        m_logged = now;
    }
    if (m_open.count() >= kMostAtOnce || !m_open.add(connectedSocket.get(), 0))
        return;
    if (!m_answer)
        m_answer = std::make_unique<Answer>();
    if (auto served = m_answer->serve(connectedSocket, refusal); !served)
        log::warning(log::Area::Service, "a refusal was not told", served.error());
}

} // namespace gantry::daemon
