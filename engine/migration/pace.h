// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/migration/frames.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace gantry::migration {

/// How fast bytes may go: so many a second, with no more saved up than a tenth of a second's. Thread: one.
class Pace
{
public:
    using Clock = std::chrono::steady_clock;
    struct Time
    {
        std::function<Clock::time_point()> now;
        /// Until then, or until it is to stop.
        std::function<void(Clock::time_point until, const std::stop_token &stop)> sleep;
    };
    [[nodiscard]] static Time realTime();

    /// @param bytesPerSecond 0: as fast as it goes.
    explicit Pace(std::uint64_t bytesPerSecond, Time time = realTime())
        : m_perSecond(static_cast<double>(bytesPerSecond)), m_time(std::move(time))
    {}
    /// Most to send at once, at most `whole`: a tenth of a second's, so that nothing waits for long.
    [[nodiscard]] std::size_t piece(std::size_t whole) const;
    /// Waits until so many may go. @errors ECANCELED; ETIMEDOUT: they may not before the wait is over.
    [[nodiscard]] Result<> take(std::size_t bytes, const Wait &wait);

private:
    double m_perSecond;
    Time m_time;
    Clock::time_point m_free = Clock::time_point::min(); ///< when what went has had its time
};

} // namespace gantry::migration
