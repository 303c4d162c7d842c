// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/link/host_client.h"

#include <QSocketNotifier>

#include "app/console/link/link.h"
#include "engine/service/status.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace gantry::console {

namespace {

/// What one call needs until its answer is there. It shares the channel, so it must not die on a thread of gRPC: the
/// last one to let go of a channel there would join itself.
struct CallData
{
    std::shared_ptr<grpc::Channel> channel;
    grpc::GenericStub stub;
    grpc::ClientContext context;
    grpc::ByteBuffer request;
    grpc::ByteBuffer reply;

    explicit CallData(std::shared_ptr<grpc::Channel> to) : channel(std::move(to)), stub(channel) {}
};

Result<> toResult(const grpc::Status &status, CallData &data, google::protobuf::Message &reply)
{
    if (!status.ok())
        return std::unexpected(service::errorFrom(status));
    using Wire = grpc::SerializationTraits<google::protobuf::Message>;
    if (const auto parsed = Wire::Deserialize(&data.reply, &reply); !parsed.ok())
        return std::unexpected(service::errorFrom(parsed));
    return {};
}

std::unexpected<Error> connectionLost()
{
    return fail(ECONNRESET, "call", "engine", "the connection to the host is lost");
}

} // namespace

struct HostClient::Calls
{
    std::mutex mutex;
    std::condition_variable ended;
    std::map<std::uint64_t, std::shared_ptr<CallData>> underWay;

    /// Waits for the end of every call, which is near: they are cancelled.
    void end()
    {
        std::vector<std::shared_ptr<CallData>> open;
        std::unique_lock lock(mutex);
        open.reserve(underWay.size());
        for (const auto &[id, data] : underWay)
            open.push_back(data);
        lock.unlock();
        for (const auto &data : open)
            data->context.TryCancel();
        lock.lock();
        ended.wait(lock, [this] { return underWay.empty(); });
    }
};

HostClient::HostClient(Dial dial, Retry retry)
    : m_dial(std::move(dial)), m_retry(retry), m_inbox(std::make_shared<Inbox>()), m_calls(std::make_shared<Calls>())
{
    listen();
    m_nextUpdate.setSingleShot(true);
    connect(&m_nextUpdate, &QTimer::timeout, this, &HostClient::deliverUpdate);
}

HostClient::~HostClient()
{
    m_calls->end();
    m_link.reset();
    m_ending.clear();
    // With the answers go the calls they belong to.
    (void)m_inbox->queued.takeAll();
}

void HostClient::start()
{
    if (m_link)
        return;
    m_link = std::make_unique<Link>(m_dial, m_retry, m_inbox);
    m_link->setIncludeNamespaces(m_includeNamespaces);
    m_state = LinkState::Connecting;
    Q_EMIT stateChanged(m_state);
}

void HostClient::stop()
{
    if (m_link)
        endLink(std::nullopt);
}

void HostClient::endLink(std::optional<Error> reason)
{
    m_calls->end();
    // What the link still says, it says to an inbox that nobody reads.
    (void)m_inbox->queued.takeAll();
    m_inbox = std::make_shared<Inbox>();
    listen();
    m_updates.clear();
    m_nextUpdate.stop();
    m_frame.reset();
    m_silent = false;
    m_latency.reset();
    m_ending.emplace_back([link = std::move(m_link)]() mutable { link.reset(); });
    m_lostReason = std::move(reason);
    m_state = LinkState::Idle;
    failPending();
    Q_EMIT stateChanged(m_state);
}

void HostClient::listen()
{
    for (std::unique_ptr<QSocketNotifier> &old : std::exchange(m_notifiers, {})) {
        old->setEnabled(false);
        old.release()->deleteLater(); // this may be one's own doing
    }
    const auto on = [this](int fd, void (HostClient::*deliver)()) {
        auto &notifier = m_notifiers.emplace_back(std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Read));
        connect(notifier.get(), &QSocketNotifier::activated, this, deliver);
    };
    on(m_inbox->queued.fd(), &HostClient::deliverQueued);
    on(m_inbox->inventory.fd(), &HostClient::deliverInventory);
    on(m_inbox->frames.fd(), &HostClient::deliverFrame);
}

std::shared_ptr<grpc::Channel> HostClient::channel() const
{
    return m_link ? m_link->channel() : nullptr;
}

void HostClient::setDetailNodes(const std::vector<std::uint64_t> &nodes)
{
    if (m_link)
        m_link->setDetailNodes(nodes);
}

void HostClient::setIncludeNamespaces(bool include)
{
    m_includeNamespaces = include;
    if (m_link)
        m_link->setIncludeNamespaces(include);
}

void HostClient::callAny(const char *path, const google::protobuf::Message &request,
                         std::shared_ptr<google::protobuf::Message> reply, QObject *context,
                         std::function<void(const Result<> &)> done)
{
    const std::uint64_t id = ++m_lastCall;
    m_pending.emplace(id, Pending{context, std::move(done)});
    auto channel = m_link ? m_link->channel() : nullptr;
    if (!channel) {
        m_inbox->queued.post([id](HostClient &client) { client.finishCall(id, connectionLost()); });
        return;
    }
    auto data = std::make_shared<CallData>(std::move(channel));
    bool own = false;
    const auto packed = grpc::SerializationTraits<google::protobuf::Message>::Serialize(request, &data->request, &own);
    GANTRY_ASSERT(packed.ok());
    {
        const std::scoped_lock lock(m_calls->mutex);
        m_calls->underWay.emplace(id, data);
    }
    data->stub.UnaryCall(&data->context, path, {}, &data->request, &data->reply,
                         [id, reply, inbox = m_inbox, calls = m_calls](const grpc::Status &status) {
                             const std::scoped_lock lock(calls->mutex);
                             auto node = calls->underWay.extract(id);
                             auto result = toResult(status, *node.mapped(), *reply);
                             inbox->queued.post([result = std::move(result), node = std::move(node)](
                                                    HostClient &client) { client.finishCall(node.key(), result); });
                             calls->ended.notify_all();
                         });
}

void HostClient::finishCall(std::uint64_t id, const Result<> &result)
{
    auto node = m_pending.extract(id);
    if (!node.empty() && node.mapped().context)
        node.mapped().done(result);
}

void HostClient::failPending()
{
    for (auto &[id, pending] : std::exchange(m_pending, {})) {
        if (pending.context)
            pending.done(connectionLost());
    }
}

void HostClient::deliverQueued()
{
    for (auto &action : m_inbox->queued.takeAll())
        action(*this);
}

void HostClient::deliverInventory()
{
    for (InventoryUpdatePtr &update : m_inbox->inventory.takeAll()) {
        // A snapshot makes everything before it worthless.
        if (update->snapshot())
            m_updates.clear();
        m_updates.push_back(std::move(update));
    }
    // By a timer: between two of its turns the window has one, between two queued events it has none.
    if (!m_updates.empty())
        m_nextUpdate.start();
}

void HostClient::deliverUpdate()
{
    const InventoryUpdatePtr update = std::move(m_updates.front());
    m_updates.pop_front();
    if (!m_updates.empty())
        m_nextUpdate.start();
    Q_EMIT inventoryUpdated(update);
    if (m_updates.empty() && m_frame)
        Q_EMIT frameArrived(std::exchange(m_frame, nullptr));
}

void HostClient::deliverFrame()
{
    FramePtr frame;
    std::uint64_t skipped = 0;
    if (!m_inbox->frames.take(frame, skipped))
        return;
    // Values of nodes that are still to come would be lost.
    if (m_updates.empty())
        Q_EMIT frameArrived(frame);
    else
        m_frame = std::move(frame);
}

void HostClient::becameLive(const HelloPtr &hello)
{
    m_hello = hello;
    m_silent = false;
    m_latency.reset();
    m_state = LinkState::Live;
    Q_EMIT stateChanged(m_state);
}

void HostClient::heard(std::optional<std::chrono::microseconds> latency)
{
    m_silent = !latency;
    if (latency)
        m_latency = latency;
    Q_EMIT pulse();
}

void HostClient::becameLost(const Error &reason)
{
    m_lostReason = reason;
    m_state = LinkState::Lost;
    m_silent = false;
    failPending();
    Q_EMIT stateChanged(m_state);
}

} // namespace gantry::console
