// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"
#include "engine/base/metric.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace gantry::alerts {

/// A kernel counter whose growth is an event.
struct CounterInfo
{
    Metric metric;
    EventKind kind;
    std::string_view file; ///< v2 event file it stands in
    std::string_view key;  ///< in that file
};
inline constexpr std::array<CounterInfo, 6> kCounters{{
    {Metric::MemoryEventsLow, EventKind::MemoryLow, "memory.events", "low"},
    {Metric::MemoryEventsHigh, EventKind::MemoryHigh, "memory.events", "high"},
    {Metric::MemoryEventsMax, EventKind::MemoryMax, "memory.events", "max"},
    {Metric::MemoryEventsOom, EventKind::Oom, "memory.events", "oom"},
    {Metric::MemoryEventsOomKill, EventKind::OomKill, "memory.events", "oom_kill"},
    {Metric::PidsEventsMax, EventKind::PidsMax, "pids.events", "max"},
}};

/// Last value of every event counter, whichever way it was read, so that each growth is told once. Pure.
class Counters
{
public:
    /// A cgroup that was made while we watch starts at 0; for others the first value is only remembered.
    void startAtZero(NodeId node);
    /// @return how much it grew, nullopt for not at all, for the first value, and for one that went back: once that
    /// is a sample older than a notification, twice it is a reset (v1 failcnt is writable).
    [[nodiscard]] std::optional<std::uint64_t> note(std::size_t counter, NodeId node, std::uint64_t value);
    /// Last value seen, nullopt if none.
    [[nodiscard]] std::optional<std::uint64_t> last(std::size_t counter, NodeId node) const;
    void forget(NodeId node) { m_last.erase(node); }

private:
    struct Values
    {
        std::array<std::uint64_t, kCounters.size()> last{};
        std::array<bool, kCounters.size()> known{};
        std::array<bool, kCounters.size()> wentBack{};
    };
    std::unordered_map<NodeId, Values> m_last;
};

} // namespace gantry::alerts
