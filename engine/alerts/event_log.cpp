// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/event_log.h"

#include "engine/base/time_text.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gantry::alerts {

std::uint64_t EventLog::append(Event event)
{
    if (event.realtimeMicros == 0)
        event.realtimeMicros = realtimeMicros();
    if (event.monotonicMicros == 0)
        event.monotonicMicros = monotonicMicros();
    std::uint64_t sequence = 0;
    {
        const std::scoped_lock lock(m_mutex);
        sequence = event.sequence = ++m_last;
        m_events.push_back(std::move(event));
        if (m_events.size() > m_kept)
            m_events.pop_front();
    }
    m_observers.notify();
    return sequence;
}

EventLog::Batch EventLog::since(std::uint64_t after, std::size_t most) const
{
    const std::scoped_lock lock(m_mutex);
    Batch out;
    if (m_events.empty() || after >= m_last)
        return out;
    const std::uint64_t first = m_events.front().sequence;
    if (after != 0 && after + 1 < first)
        out.lost = first - after - 1;
    const std::size_t skip = after < first ? 0 : static_cast<std::size_t>(after + 1 - first);
    const std::size_t count = std::min(most, m_events.size() - skip);
    const auto begin = m_events.begin() + static_cast<std::ptrdiff_t>(skip);
    out.events.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    return out;
}

std::uint64_t monotonicMicros()
{
    // Kernel: libstdc++'s steady_clock is CLOCK_MONOTONIC.
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
}

} // namespace gantry::alerts
