// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/migration/direct.h"
#include "engine/service/migration_stream.h"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

namespace gantry::service {

/// The source's frames where it talks to the target itself. News and the last word go to the caller, too; until the
/// commit the caller's abort and its death are heard while something is sent or waited for. Thread: one.
class DirectWay final : public migration::Frames
{
public:
    /// @param wait of the whole migration.
    DirectWay(StreamFrames &caller, migration::DirectFrames &target, migration::Wait wait);
    DirectWay(const DirectWay &) = delete;
    DirectWay &operator=(const DirectWay &) = delete;
    DirectWay(DirectWay &&) = delete;
    DirectWay &operator=(DirectWay &&) = delete;
    ~DirectWay() override;

    [[nodiscard]] Result<> send(const migration::Frame &frame) override;
    /// The caller's abort as if the target had sent it.
    [[nodiscard]] Result<migration::Frame> receive(const migration::Wait &wait) override;

private:
    [[nodiscard]] Result<> check();
    /// Nobody's wish to stop is heard any more.
    void decide();

    StreamFrames &m_caller;
    migration::DirectFrames &m_target;
    const migration::Wait m_wait;
    const std::stop_callback<std::function<void()>> m_onStop;
    bool m_isDecided = false;
    bool m_isSending = false;
    std::chrono::steady_clock::time_point m_until; ///< of what is being sent once it is decided
    std::optional<migration::Frame> m_abort;       ///< of the caller
    std::optional<Error> m_lost;                   ///< the caller has gone
};

} // namespace gantry::service
