// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"
#include "engine/base/limit.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::alerts {

/// The limit a control file of v2 or v1 belongs to ("memory.limit_in_bytes": MemoryMax).
[[nodiscard]] std::optional<LimitKey> limitKeyOfFile(std::string_view file);

/// Tells the event log what others do to cgroups: limits, freezes, kills, moves, with the process that wrote.
/// What Gantry itself writes is left out: the service logs that with the user behind it. Thread: the loop's.
class ForeignWrites
{
public:
    /// @param events must outlive it.
    ForeignWrites(cgroup::HierarchiesPtr hierarchies, EventLog &events)
        : m_hierarchies(std::move(hierarchies)), m_events(events)
    {}

    /// A process wrote this file of the cgroup.
    void written(const cgroup::Cgroup &cgroup, std::string_view file, std::int32_t pid);
    void forget(NodeId node);

private:
    struct Recent
    {
        NodeId node;
        EventKind kind;
        std::int32_t pid;
        std::uint64_t monotonicMicros;
    };
    [[nodiscard]] std::optional<EventKind> kindOf(const cgroup::Cgroup &cgroup, std::string_view file) const;
    [[nodiscard]] bool isRepeated(const Event &event);

    cgroup::HierarchiesPtr m_hierarchies;
    EventLog &m_events;
    std::map<std::pair<NodeId, LimitKey>, std::string> m_limits; ///< as last seen
    std::deque<Recent> m_recent;
};

} // namespace gantry::alerts
