// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/counters.h"

#include <utility>

namespace gantry::alerts {

void Counters::startAtZero(NodeId node)
{
    m_last[node].known.fill(true);
}

std::optional<std::uint64_t> Counters::note(std::size_t counter, NodeId node, std::uint64_t value)
{
    Values &values = m_last[node];
    const std::uint64_t before = std::exchange(values.last.at(counter), value);
    if (!std::exchange(values.known.at(counter), true) || value <= before)
        return std::nullopt;
    return value - before;
}

} // namespace gantry::alerts
