// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/migration/frames.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

namespace gantry::service {

/// The frames of one call. A thread of its own reads, so that a wait can be ended without the call. Thread: one.
class StreamFrames final : public migration::Frames
{
public:
    using Stream = grpc::ServerReaderWriter<migration::Frame, migration::Frame>;

    StreamFrames(Stream &stream, grpc::ServerContext &context);
    StreamFrames(const StreamFrames &) = delete;
    StreamFrames &operator=(const StreamFrames &) = delete;
    StreamFrames(StreamFrames &&) = delete;
    StreamFrames &operator=(StreamFrames &&) = delete;
    /// Waits a while for the caller to end its half, and cancels the call then.
    ~StreamFrames() override;

    /// Data is not sent to who has given it up: his word is what it fails with.
    [[nodiscard]] Result<> send(const migration::Frame &frame) override;
    [[nodiscard]] Result<migration::Frame> receive(const migration::Wait &wait) override;
    /// Called on a thread of its own whenever something has come, or the stream has ended; empty: nobody is.
    void onNews(std::function<void()> callback);

private:
    static constexpr std::size_t kMostWaiting = 8; ///< frames; the sender waits then
    void read();

    Stream &m_stream;
    grpc::ServerContext &m_context;
    std::mutex m_mutex; ///< of what follows
    std::condition_variable_any m_changed;
    std::deque<migration::Frame> m_waiting;
    std::function<void()> m_onNews;
    bool m_ended = false; ///< nothing more comes
    bool m_over = false;  ///< nobody wants more
    std::thread m_reader; ///< the last member: it uses the others
};

} // namespace gantry::service
