// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>

#include "app/console/link/methods.h"
#include "engine/base/error.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <type_traits>
#include <vector>

QT_FORWARD_DECLARE_CLASS(QSocketNotifier)
namespace grpc {
class Channel;
}
namespace google::protobuf {
class Message;
}

namespace gantry::console {

using HelloPtr = std::shared_ptr<const v1::HelloReply>;
using InventoryUpdatePtr = std::shared_ptr<const v1::InventoryUpdate>;
using FramePtr = std::shared_ptr<const v1::Frame>;
using AlertUpdatePtr = std::shared_ptr<const v1::AlertUpdate>;
using EventBatchPtr = std::shared_ptr<const v1::EventBatch>;
using JobUpdatePtr = std::shared_ptr<const v1::JobUpdate>;

enum class LinkState : std::uint8_t { Connecting, Live, Lost };

/// The console's end of one host: says Hello, keeps the watch streams open, makes calls, and connects again, with a
/// growing pause, when the link is lost. Streams are read on threads of their own; what they bring crosses to the
/// GUI thread as immutable values, frames as the latest only. Thread: GUI.
class HostClient : public QObject
{
    Q_OBJECT
public:
    /// Makes a channel to the host; may block and may start an engine first. Thread: the link's.
    using Dial = std::function<Result<std::shared_ptr<grpc::Channel>>()>;
    template <class Reply> using Done = std::function<void(const Result<Reply> &)>;

    explicit HostClient(Dial dial, QObject *parent = nullptr);
    /// Cancels what is under way and joins the threads.
    ~HostClient() override;
    HostClient(const HostClient &) = delete;
    HostClient &operator=(const HostClient &) = delete;
    HostClient(HostClient &&) = delete;
    HostClient &operator=(HostClient &&) = delete;

    /// Starts to connect; call it once, after the signals are connected.
    void start();

    [[nodiscard]] LinkState state() const { return m_state; }
    /// Why the link was lost; meaningless in another state.
    [[nodiscard]] const Error &lostReason() const { return m_lostReason; }
    /// What the engine said of itself; null before the first connection.
    [[nodiscard]] const HelloPtr &hello() const { return m_hello; }

    /// For streams that others read on threads of their own; null while there is no connection.
    [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const;

    /// Nodes whose every metric is wanted each tick (at most 256, the rest is ignored).
    void setDetailNodes(const std::vector<std::uint64_t> &nodes);
    /// Whether the inventory carries namespaces; they cost the engine a walk over /proc every 5 s.
    void setIncludeNamespaces(bool include);

    /// Makes a unary call. `done` runs on the GUI thread, exactly once, unless `context` is destroyed before: then
    /// never.
    /// @errors as the call documents; ECONNRESET when the link is or gets lost.
    template <class Request, class Reply>
    void call(const Method<Request, Reply> &method, const Request &request, QObject *context,
              std::type_identity_t<Done<Reply>> done)
    {
        auto reply = std::make_shared<Reply>();
        callAny(method.path, request, reply, context, [reply, done = std::move(done)](const Result<> &result) {
            if (result)
                done(std::move(*reply));
            else
                done(std::unexpected(result.error()));
        });
    }

Q_SIGNALS:
    void stateChanged(gantry::console::LinkState state);
    void inventoryUpdated(const gantry::console::InventoryUpdatePtr &update);
    void frameArrived(const gantry::console::FramePtr &frame);
    void alertsUpdated(const gantry::console::AlertUpdatePtr &update);
    void eventsArrived(const gantry::console::EventBatchPtr &batch);
    void jobsUpdated(const gantry::console::JobUpdatePtr &update);

private:
    class Link;
    struct Inbox;
    struct Calls;
    struct Pending
    {
        QPointer<QObject> context;
        std::function<void(const Result<> &)> done;
    };

    void callAny(const char *path, const google::protobuf::Message &request,
                 std::shared_ptr<google::protobuf::Message> reply, QObject *context,
                 std::function<void(const Result<> &)> done);
    void finishCall(std::uint64_t id, const Result<> &result);
    void failPending();
    void deliverQueued();
    void deliverInventory();
    void deliverUpdate();
    void deliverFrame();
    void listen(int fd, void (HostClient::*deliver)());

    void becameLive(const HelloPtr &hello);
    void becameLost(const Error &reason);
    void becameConnecting();

    Dial m_dial; ///< until start()
    LinkState m_state = LinkState::Connecting;
    Error m_lostReason;
    HelloPtr m_hello;
    std::uint64_t m_lastCall = 0;
    std::map<std::uint64_t, Pending> m_pending;
    std::deque<InventoryUpdatePtr> m_updates; ///< still to be delivered, one a turn of the event loop
    QTimer m_nextUpdate;
    FramePtr m_frame; ///< the newest, while updates are before it
    std::shared_ptr<Inbox> m_inbox;
    std::shared_ptr<Calls> m_calls; ///< under way; shared with their callbacks
    std::unique_ptr<Link> m_link;
};

} // namespace gantry::console
