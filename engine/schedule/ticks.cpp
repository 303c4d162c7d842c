// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/ticks.h"

#include <algorithm>

namespace gantry::schedule {

Clock::time_point nextTick(Clock::time_point due, std::chrono::milliseconds every, Clock::time_point now)
{
    if (due > now)
        return due;
    return due + every * ((now - due) / every + 1);
}

Clock::time_point firstTick(std::optional<std::chrono::milliseconds> sinceLast, std::chrono::milliseconds every,
                            Clock::time_point now)
{
    if (!sinceLast || sinceLast->count() < 0)
        return now;
    return now + std::max(every - *sinceLast, std::chrono::milliseconds(0));
}

std::optional<Clock::time_point> Restarts::next(Clock::time_point died)
{
    while (!m_done.empty() && m_done.front() + kWindow <= died)
        m_done.pop_front();
    if (m_done.size() >= kMost)
        return std::nullopt;
    if (m_done.empty())
        return died;
    return died + std::chrono::seconds(1) * (1U << (m_done.size() - 1));
}

} // namespace gantry::schedule
