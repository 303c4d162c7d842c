// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "gantry/v1/group.grpc.pb.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

namespace gantry::service {

/// A member's end of one call of gantry.v1.Group. A thread of its own reads, so that a caller that is gone is known
/// also while the member works. Thread: one.
class GroupLine
{
public:
    using Stream = grpc::ServerReaderWriter<v1::GroupNews, v1::GroupOrder>;
    using Order = v1::GroupOrder;

    /// After the first message. @param lease as GroupBegin has it.
    GroupLine(Stream &stream, grpc::ServerContext &context, std::chrono::milliseconds lease);
    GroupLine(const GroupLine &) = delete;
    GroupLine &operator=(const GroupLine &) = delete;
    GroupLine(GroupLine &&) = delete;
    GroupLine &operator=(GroupLine &&) = delete;
    /// Waits a while for the caller to end its half, and cancels the call then.
    ~GroupLine();

    /// @errors ECONNRESET.
    [[nodiscard]] Result<> send(const v1::GroupNews &news);
    /// The next order, which has to be of this kind. @errors what `give_up` says; ECONNRESET: the caller is gone;
    /// ETIMEDOUT: it was silent for a lease; ECANCELED; EPROTO: another order came.
    [[nodiscard]] Result<Order> expect(Order::PartCase kind, const std::stop_token &stop);
    /// `give_up` was said, whatever else is known of the caller.
    [[nodiscard]] bool isGivenUp();
    /// Stopped once it is given up, by word or by a caller that is gone before it has said `keep`.
    [[nodiscard]] std::stop_token givenUp() const { return m_stop.get_token(); }

private:
    using Clock = std::chrono::steady_clock;

    void read();
    void take(Order order);

    Stream &m_stream;
    grpc::ServerContext &m_context;
    const std::chrono::milliseconds m_lease;
    std::stop_source m_stop;
    std::mutex m_mutex; ///< of what follows
    std::condition_variable_any m_changed;
    std::deque<Order> m_waiting;
    std::optional<Error> m_givenUp;
    Clock::time_point m_heard = Clock::now();
    bool m_keeps = false; ///< `keep` was said
    bool m_ended = false; ///< nothing more comes
    std::thread m_reader; ///< the last member: it uses the others
};

} // namespace gantry::service
