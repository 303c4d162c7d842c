// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/control/verbs.h"
#include "engine/service/caller.h"
#include "engine/service/stream_gate.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <grpcpp/server_context.h>

namespace gantry::service {

/// Who is at the other end of a connection, as the kernel knows it, and what it may do: what a caller says of itself is
/// recorded beside it. A caller in this process has the engine's own rights. Thread: any.
class Peers
{
public:
    /// @param engineMissing right that the engine itself has not; empty: it may act.
    explicit Peers(std::string engineMissing) : m_engineMissing(std::move(engineMissing)) {}

    /// To be called with each connected socket before it is served. Other sockets than UNIX ones have no credentials.
    /// @return the same connection under a number of its own. @errors of fcntl(2): EMFILE.
    /// Source: unix(7), SO_PEERCRED: the process that connected, or made the socketpair.
    [[nodiscard]] Result<UniqueFd> add(UniqueFd connectedSocket, Caller caller);
    /// From now on callers in this process are known. Where none is expected, one without a name is nobody.
    void expectInProcess() { m_inProcess = true; }
    /// Caller of a call: what it says of itself, shortened and printable, and the credentials of its connection.
    [[nodiscard]] control::Actor actorOf(const grpc::ServerContext &context, std::string_view program,
                                         std::string_view user) const;
    /// The right that a caller lacks to change anything, the engine's own first; empty: it may.
    [[nodiscard]] std::string missingTo(const grpc::ServerContext &context) const;
    /// Whether this caller may change the host. @errors EPERM naming the right that is missing and how to get it.
    [[nodiscard]] Result<> mayAct(const grpc::ServerContext &context, std::string_view verb,
                                  std::string_view subject) const;
    /// The same for what needs no right on the host, but is not for one who only looks: it changes what others see.
    [[nodiscard]] Result<> mayDecide(const grpc::ServerContext &context, std::string_view verb,
                                     std::string_view subject) const;
    /// On whose account a stream of this connection is. @param peer as gRPC names it.
    [[nodiscard]] StreamGate::Account accountOf(const std::string &peer) const;

private:
    struct Known
    {
        std::optional<std::uint32_t> uid{};
        std::int32_t pid = 0;
        Caller caller{};
    };
    [[nodiscard]] Result<UniqueFd> renumbered(UniqueFd socket);
    /// One that is not known at all may only look.
    [[nodiscard]] Known knownOf(const std::string &peer) const;

    const std::string m_engineMissing;
    std::atomic<bool> m_inProcess = false;
    mutable std::mutex m_mutex;
    int m_next = 0; ///< under m_mutex: number for the next connection, if it is free
    /// Under m_mutex, by the name gRPC gives a connection over a descriptor: "fd:N". A number that is used again has
    /// its newest owner.
    std::map<std::string, Known, std::less<>> m_known;
};

} // namespace gantry::service
