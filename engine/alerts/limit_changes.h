// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

namespace gantry::alerts {

/// Who last changed the memory limits of each cgroup, by Gantry or past it; kept although the event log forgets.
/// Thread: one at a time.
class LimitChanges
{
public:
    static constexpr std::size_t kMost = 4096;

    struct Change
    {
        std::uint64_t sequence = 0; ///< of the event
        NodeId node{};
        std::string text{}; ///< "memory.max set from max to 128 MiB by root via gantryctl at 2026-01-02 03:04:05 UTC"
    };

    /// Takes what the log has got since the last call.
    void follow(const EventLog &events);
    /// The last change of memory.max or memory.high there. @param node what the path is now; another cgroup of the same
    /// path does not count. NodeId{}: not known. @return nullptr if none was seen; valid until follow().
    [[nodiscard]] const Change *lastOf(const std::string &path, NodeId node) const;

private:
    struct Row
    {
        Change change{};
        std::list<std::string>::iterator age{};
    };
    void take(const Event &event);

    std::uint64_t m_seen = 0;
    std::unordered_map<std::string, Row> m_changes;
    std::list<std::string> m_ages; ///< paths, the longest unchanged first
};

/// "LIMIT set from OLD to NEW by WHO at WHEN" of an event about a memory limit.
[[nodiscard]] std::string changeText(const Event &event);

} // namespace gantry::alerts
