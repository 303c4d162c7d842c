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
    std::uint64_t &last = values.last.at(counter);
    const bool wentBack = values.known.at(counter) && value < last;
    if (wentBack && !std::exchange(values.wentBack.at(counter), true))
        return std::nullopt;
    values.wentBack.at(counter) = false;
    const std::uint64_t before = std::exchange(last, value);
    if (!std::exchange(values.known.at(counter), true) || value <= before)
        return std::nullopt;
    return value - before;
}

std::optional<std::uint64_t> Counters::last(std::size_t counter, NodeId node) const
{
    const auto found = m_last.find(node);
    return found != m_last.end() && found->second.known.at(counter) ? std::optional(found->second.last.at(counter))
                                                                    : std::nullopt;
}

} // namespace gantry::alerts
