// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/status.h"
#include "engine/service/stream_gate.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

namespace gantry::service {

/// Wakes the thread of a stream when there may be something to write. Thread: wake() any.
class Waker
{
public:
    void wake()
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_woken = true;
        }
        m_changed.notify_one();
    }
    /// Returns when woken since the last call, or after `most`.
    void wait(std::chrono::milliseconds most)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, most, [this] { return m_woken; });
        m_woken = false;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_woken = false;
};

/// What a stream does next.
enum class StreamStep { Write, Wait, End };

/// Serves one watch stream on the calling gRPC thread until the client leaves or the engine ends.
/// `subscribe(wake)` returns a subscription that calls wake() after each change; `next(message)` fills an empty message
/// with everything newer than its last call. The next message is asked for when the last write has gone out, so a slow
/// reader gets merged states and never a queue.
template <class Message, class Subscribe, class Fill>
[[nodiscard]] grpc::Status serveStream(StreamGate &gate, grpc::ServerContext &context,
                                       grpc::ServerWriter<Message> &writer, Subscribe subscribe, Fill next)
{
    // A cancelled call is only seen by looking: gRPC's synchronous API has no callback for it.
    constexpr std::chrono::milliseconds kLookInterval{250};
    const auto ticket = gate.enter(context.peer());
    if (!ticket)
        return toStatus(ticket.error());
    Waker waker;
    const auto wake = [&waker] { waker.wake(); };
    const auto atEnd = gate.onClose([&] {
        context.TryCancel(); // a reader that reads nothing holds the thread in Write()
        wake();
    });
    const auto subscription = subscribe(wake);
    while (!context.IsCancelled() && !ticket->closed()) {
        Message message;
        switch (next(message)) {
        case StreamStep::Write:
            if (!writer.Write(message))
                return grpc::Status::CANCELLED;
            break;
        case StreamStep::Wait:
            waker.wait(kLookInterval);
            break;
        case StreamStep::End:
            return grpc::Status::OK;
        }
    }
    return grpc::Status::CANCELLED;
}

/// The `next` of a stream that follows a ChangeTable (or what has its since()): all values first, then changes.
/// @param add puts one value into the message.
template <class Message, class Table, class Add> [[nodiscard]] auto changesOf(const Table &table, Add add)
{
    return [&table, add, generation = std::uint64_t{0}](Message &message) mutable {
        const auto changes = table.since(generation);
        const bool first = std::exchange(generation, changes.generation) == 0;
        if (!first && changes.changed.empty() && changes.removed.empty() && !changes.snapshot)
            return StreamStep::Wait;
        message.set_snapshot(changes.snapshot);
        for (const auto &item : changes.changed)
            add(message, item);
        message.mutable_removed()->Add(changes.removed.begin(), changes.removed.end());
        return StreamStep::Write;
    };
}

} // namespace gantry::service
