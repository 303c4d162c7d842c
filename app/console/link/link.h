// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/console/link/host_client.h"
#include "app/console/link/stream_reader.h"
#include "engine/base/mailbox.h"

#include <grpcpp/channel.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace gantry::console {

/// Where the link's threads leave what they bring; read by the GUI thread. Shared, so that an answer that comes after
/// the client's end falls on the floor instead of on freed memory.
struct HostClient::Inbox
{
    Mailbox<std::move_only_function<void(HostClient &)>> queued;
    Mailbox<InventoryUpdatePtr> inventory;
    LatestSlot<FramePtr> frames;
};

/// Connects, greets, reads the streams, notices the end and connects again, on one thread and one more a stream.
/// Thread: the setters and channel() any, the rest its own.
class HostClient::Link
{
public:
    Link(Dial dial, Retry retry, std::shared_ptr<Inbox> inbox);

    void setDetailNodes(const std::vector<std::uint64_t> &nodes);
    void setIncludeNamespaces(bool include);
    /// The channel of the present connection, null while there is none.
    [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const;

private:
    struct Streams;

    void run(const std::stop_token &stop);
    /// Says Hello. @errors as the engine sent them.
    [[nodiscard]] static Result<HelloPtr> greet(const std::shared_ptr<grpc::Channel> &channel,
                                                std::chrono::milliseconds patience, const std::stop_token &stop);
    /// Reads the streams until the first one ends. @return why; nullopt after a stop.
    [[nodiscard]] std::optional<Error> serve(const std::shared_ptr<grpc::Channel> &channel,
                                             const std::stop_token &stop);
    [[nodiscard]] std::unique_ptr<Streams> openStreams(const std::shared_ptr<grpc::Channel> &channel);
    void streamEnded(const grpc::Status &status);
    void post(std::move_only_function<void(HostClient &)> action);

    const Dial m_dial;
    const Retry m_retry;
    std::shared_ptr<Inbox> m_inbox;

    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::shared_ptr<grpc::Channel> m_channel;
    std::optional<Error> m_ended;
    v1::WatchMetricsRequest m_metrics;
    v1::WatchInventoryRequest m_inventory;
    Streams *m_streams = nullptr; ///< of the present connection, owned by serve()

    std::jthread m_thread; ///< last: joins before what it uses dies
};

} // namespace gantry::console
