// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>

#include "app/console/link/methods.h"
#include "engine/base/error.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
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

enum class LinkState : std::uint8_t {
    Idle, ///< start() was not called, or stop() was
    Connecting,
    Live,
    Lost
};

/// A way to an engine.
struct Reached
{
    std::shared_ptr<grpc::Channel> channel;
    std::function<Error(Error)> explain{}; ///< what an error of a call means on this way; may block; may be empty

    // NOLINTNEXTLINE(google-explicit-constructor): most ways are a channel and nothing else
    Reached(std::shared_ptr<grpc::Channel> to, std::function<Error(Error)> words = {})
        : channel(std::move(to)), explain(std::move(words))
    {}
};

/// The console's end of one host: says Hello, keeps the watch streams open, makes calls, and connects again, with a
/// growing pause, when the link is lost. Streams are read on threads of their own; what they bring crosses to the
/// GUI thread as immutable values, frames as the latest only. Thread: GUI.
class HostClient : public QObject
{
    Q_OBJECT
public:
    /// Makes a channel to the host; may block, until the stop is requested, and may start an engine first. Thread: the
    /// link's.
    using Dial = std::function<Result<Reached>(const std::stop_token &)>;
    template <class Reply> using Done = std::function<void(const Result<Reply> &)>;

    /// What is done when there is no way to the engine.
    enum class Retry : std::uint8_t {
        Always,
        Passing, ///< only what may pass by itself; where a person has refused, or has to do something, start() is
                 ///< waited for
    };

    explicit HostClient(Dial dial, Retry retry = Retry::Always);
    /// Cancels what is under way and joins the threads.
    ~HostClient() override;
    HostClient(const HostClient &) = delete;
    HostClient &operator=(const HostClient &) = delete;
    HostClient(HostClient &&) = delete;
    HostClient &operator=(HostClient &&) = delete;

    /// Starts to connect, after the signals are connected. Nothing happens while it is started.
    void start();
    /// Gives the link up until start(). Does not wait for its threads.
    void stop();

    [[nodiscard]] LinkState state() const { return m_state; }
    /// Why the link was lost, or given up; empty where it was never there, or ended by stop().
    [[nodiscard]] const std::optional<Error> &lostReason() const { return m_lostReason; }
    /// Live, but the engine has not answered for a while: what is shown is what was last known.
    [[nodiscard]] bool isSilent() const { return m_silent; }
    /// How long a call and its answer took last; nullopt: none has been measured on this link.
    [[nodiscard]] std::optional<std::chrono::microseconds> latency() const { return m_latency; }
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
    /// isSilent() or latency() is another.
    void pulse();
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
    void listen();

    void becameLive(const HelloPtr &hello);
    void becameLost(const Error &reason);
    /// @param reason why it is given up; nullopt: that was wanted.
    void endLink(std::optional<Error> reason);
    void heard(std::optional<std::chrono::microseconds> latency);

    const Dial m_dial;
    const Retry m_retry;
    LinkState m_state = LinkState::Idle;
    std::optional<Error> m_lostReason;
    HelloPtr m_hello;
    std::uint64_t m_lastCall = 0;
    std::map<std::uint64_t, Pending> m_pending;
    std::deque<InventoryUpdatePtr> m_updates; ///< still to be delivered, one a turn of the event loop
    QTimer m_nextUpdate;
    FramePtr m_frame; ///< the newest, while updates are before it
    std::shared_ptr<Inbox> m_inbox; ///< of the present link
    std::vector<std::unique_ptr<QSocketNotifier>> m_notifiers;
    std::shared_ptr<Calls> m_calls; ///< under way; shared with their callbacks
    bool m_includeNamespaces = false;
    bool m_silent = false;
    std::optional<std::chrono::microseconds> m_latency;
    std::unique_ptr<Link> m_link;
    std::vector<std::jthread> m_ending; ///< each ends a link that was given up
};

} // namespace gantry::console
