// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace gantry::schedule {

using Clock = std::chrono::steady_clock;

/// The first tick after `now` of those that are `every` apart and one of which is `due`. Ticks that were missed are not
/// made up for. @param every more than 0.
[[nodiscard]] Clock::time_point nextTick(Clock::time_point due, std::chrono::milliseconds every, Clock::time_point now);

/// When the first tick of a schedule is due that somebody else may have run before.
/// @param sinceLast how long ago the last checkpoint was, by the wall clock; nullopt or negative: there was none.
[[nodiscard]] Clock::time_point firstTick(std::optional<std::chrono::milliseconds> sinceLast,
                                          std::chrono::milliseconds every, Clock::time_point now);

/// How often a subject that dies is brought back: the first time at once, then after 1, 2, 4 ... seconds; at most kMost
/// times in kWindow.
class Restarts
{
public:
    static constexpr std::size_t kMost = 5;
    static constexpr std::chrono::minutes kWindow{10};

    /// When the next one may be, not before the death at `died`. @return nullopt: there were too many.
    [[nodiscard]] std::optional<Clock::time_point> next(Clock::time_point died);
    void add(Clock::time_point when) { m_done.push_back(when); }
    [[nodiscard]] std::size_t inWindow() const { return m_done.size(); }

private:
    std::deque<Clock::time_point> m_done;
};

} // namespace gantry::schedule
