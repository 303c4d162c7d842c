// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"
#include "engine/base/expected_writes.h"
#include "engine/base/limit.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
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
    /// @param expected what managers write for Gantry; may be null.
    ForeignWrites(cgroup::HierarchiesPtr hierarchies, EventLog &events,
                  std::shared_ptr<const ExpectedWrites> expected = {})
        : m_hierarchies(std::move(hierarchies)), m_events(events), m_expected(std::move(expected))
    {}

    /// The limits of a cgroup that was there before Gantry, as far as they are not the kernel's defaults: systemd
    /// writes all of a unit's again when one of them is set, which is no news. About 60 us.
    void learn(const cgroup::Cgroup &cgroup);
    /// The cgroup has just been made: what systemd writes now is what its unit is started with.
    void born(NodeId node);
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
    [[nodiscard]] bool isStartOfUnit(const Event &event) const;
    [[nodiscard]] bool isRepeated(const Event &event);

    cgroup::HierarchiesPtr m_hierarchies;
    EventLog &m_events;
    std::shared_ptr<const ExpectedWrites> m_expected;
    std::map<std::pair<NodeId, LimitKey>, std::string> m_limits; ///< as last seen; none: the default
    std::deque<Recent> m_recent;
    std::deque<std::pair<NodeId, std::uint64_t>> m_born; ///< with CLOCK_MONOTONIC
};

} // namespace gantry::alerts
