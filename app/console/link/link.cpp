// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/link/link.h"

#include "app/console/link/slices.h"
#include "engine/service/status.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"

#include <algorithm>
#include <cerrno>

namespace gantry::console {

namespace {

constexpr std::uint32_t kProtocolMajor = 1;
constexpr std::chrono::seconds kHelloDeadline{10};
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr int kMostDetailNodes = 256;
/// A cut cable says nothing: the engine is asked now and then whether it is there. It is silent from the first answer
/// that fails to come, and lost when none has come for long: a busy host is not given up at once.
constexpr std::chrono::seconds kPingPause{1};
constexpr std::chrono::seconds kPingDeadline{2};
constexpr std::chrono::seconds kLongestSilence{15};

/// Whether the next attempt may find it otherwise, without anybody's doing.
bool mayPass(const Error &error)
{
    switch (error.posix()) {
    case EACCES:       // a password was wrong or was not given, a group is missing
    case EPERM:        //
    case EKEYREJECTED: // the host's key is not trusted
    case ENOENT:       // there is no gantryd
    case EPROTO:       // another program answers
    case EPROTONOSUPPORT:
    case EINVAL:
    case ECANCELED:
        return false;
    default:
        return true;
    }
}

/// The call that opens one watch stream, for StreamReader.
template <class Service, class Request, class Message>
auto opener(const std::shared_ptr<grpc::Channel> &channel,
            std::unique_ptr<grpc::ClientReader<Message>> (Service::Stub::*method)(grpc::ClientContext *,
                                                                                  const Request &))
{
    return [stub = std::shared_ptr(Service::NewStub(channel)), method](
               grpc::ClientContext *context, const Request &request) { return ((*stub).*method)(context, request); };
}

} // namespace

struct HostClient::Link::Streams
{
    StreamReader<v1::WatchInventoryRequest, v1::InventoryUpdate> inventory;
    StreamReader<v1::WatchMetricsRequest, v1::Frame> metrics;
    StreamReader<v1::WatchAlertsRequest, v1::AlertUpdate> alerts;
    StreamReader<v1::WatchEventsRequest, v1::EventBatch> events;
    StreamReader<v1::WatchJobsRequest, v1::JobUpdate> jobs;
};

HostClient::Link::Link(Dial dial, Retry retry, std::shared_ptr<Inbox> inbox)
    : m_dial(std::move(dial))
    , m_retry(retry)
    , m_inbox(std::move(inbox))
    , m_thread([this](const std::stop_token &stop) { run(stop); })
{}

void HostClient::Link::setDetailNodes(const std::vector<std::uint64_t> &nodes)
{
    const std::scoped_lock lock(m_mutex);
    m_metrics.clear_detail_node_ids();
    const auto most = std::min<std::size_t>(nodes.size(), kMostDetailNodes);
    m_metrics.mutable_detail_node_ids()->Add(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(most));
    if (m_streams)
        m_streams->metrics.restart(m_metrics);
}

void HostClient::Link::setIncludeNamespaces(bool include)
{
    const std::scoped_lock lock(m_mutex);
    if (m_inventory.include_namespaces() == include)
        return;
    m_inventory.set_include_namespaces(include);
    if (m_streams)
        m_streams->inventory.restart(m_inventory);
}

std::shared_ptr<grpc::Channel> HostClient::Link::channel() const
{
    const std::scoped_lock lock(m_mutex);
    return m_channel;
}

void HostClient::Link::post(std::move_only_function<void(HostClient &)> action)
{
    m_inbox->queued.post(std::move(action));
}

void HostClient::Link::run(const std::stop_token &stop)
{
    for (std::chrono::milliseconds pause = kFirstPause; !stop.stop_requested();) {
        std::optional<Error> reason;
        auto reached = m_dial(stop);
        auto hello = reached ? greet(reached->channel, kHelloDeadline, stop) : std::unexpected(reached.error());
        if (hello) {
            pause = kFirstPause;
            {
                const std::scoped_lock lock(m_mutex);
                m_channel = reached->channel;
                m_ended.reset();
            }
            post([hello = *hello](HostClient &client) { client.becameLive(hello); });
            reason = serve(reached->channel, stop);
            if (reason && reached->explain)
                reason = reached->explain(*std::move(reason));
        } else if (!stop.stop_requested()) {
            reason = hello.error();
            if (m_retry == Retry::Passing && !mayPass(*reason)) {
                post([reason = *std::move(reason)](HostClient &client) { client.endLink(reason); });
                return;
            }
        }
        std::unique_lock lock(m_mutex);
        m_channel.reset();
        if (reason)
            post([reason = *std::move(reason)](HostClient &client) { client.becameLost(reason); });
        m_wake.wait_for(lock, stop, pause, [] { return false; });
        pause = std::min(pause * 2, kLongestPause);
    }
}

Result<HelloPtr> HostClient::Link::greet(const std::shared_ptr<grpc::Channel> &channel,
                                         std::chrono::milliseconds patience, const std::stop_token &stop)
{
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
    v1::HelloRequest request;
    request.set_protocol_major(kProtocolMajor);
    request.set_client("gantry " GANTRY_VERSION);
    auto reply = std::make_shared<v1::HelloReply>();
    if (const auto status = v1::Host::NewStub(channel)->Hello(&context, request, reply.get()); !status.ok())
        return std::unexpected(service::errorFrom(status));
    return reply;
}

std::unique_ptr<HostClient::Link::Streams> HostClient::Link::openStreams(const std::shared_ptr<grpc::Channel> &channel)
{
    const auto end = [this](const grpc::Status &status) { streamEnded(status); };
    v1::WatchEventsRequest events;
    events.set_follow(true);
    return std::unique_ptr<Streams>(new Streams{
        {m_inventory, opener<v1::Inventory>(channel, &v1::Inventory::Stub::Watch),
         [this](std::shared_ptr<v1::InventoryUpdate> update) {
             for (InventoryUpdatePtr &slice : sliced(std::move(update)))
                 m_inbox->inventory.post(std::move(slice));
         },
         end},
        {m_metrics, opener<v1::Metrics>(channel, &v1::Metrics::Stub::Watch),
         [this](FramePtr frame) { m_inbox->frames.put(std::move(frame)); }, end},
        {{},
         opener<v1::Alerts>(channel, &v1::Alerts::Stub::Watch),
         [this](AlertUpdatePtr update) {
             post([update = std::move(update)](HostClient &client) { Q_EMIT client.alertsUpdated(update); });
         },
         end},
        {events, opener<v1::Alerts>(channel, &v1::Alerts::Stub::WatchEvents),
         [this](EventBatchPtr batch) {
             post([batch = std::move(batch)](HostClient &client) { Q_EMIT client.eventsArrived(batch); });
         },
         end},
        {{},
         opener<v1::Jobs>(channel, &v1::Jobs::Stub::Watch),
         [this](JobUpdatePtr update) {
             post([update = std::move(update)](HostClient &client) { Q_EMIT client.jobsUpdated(update); });
         },
         end},
    });
}

std::optional<Error> HostClient::Link::serve(const std::shared_ptr<grpc::Channel> &channel, const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    const std::unique_ptr<Streams> streams = openStreams(channel);
    m_streams = streams.get();
    using Clock = std::chrono::steady_clock;
    auto heard = Clock::now();
    while (!m_wake.wait_for(lock, stop, kPingPause, [this] { return m_ended.has_value(); }) && !stop.stop_requested()) {
        lock.unlock();
        const auto asked = Clock::now();
        const auto answer = greet(channel, kPingDeadline, stop);
        std::optional<std::chrono::microseconds> took;
        if (answer) {
            heard = Clock::now();
            took = std::chrono::duration_cast<std::chrono::microseconds>(heard - asked);
        }
        post([took](HostClient &client) { client.heard(took); });
        lock.lock();
        if (!answer && Clock::now() - heard > kLongestSilence && !m_ended)
            m_ended = answer.error();
    }
    m_streams = nullptr;
    const std::optional<Error> reason = m_ended;
    // The readers are joined without the lock, which streamEnded() needs.
    lock.unlock();
    return reason;
}

void HostClient::Link::streamEnded(const grpc::Status &status)
{
    Error reason = service::errorFrom(
        status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the engine ended a watch stream") : status);
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_ended)
            m_ended = std::move(reason);
    }
    m_wake.notify_all();
}

} // namespace gantry::console
