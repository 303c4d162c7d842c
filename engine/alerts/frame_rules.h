// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/alert_book.h"
#include "engine/alerts/counters.h"
#include "engine/sampler/frame.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace gantry::alerts {

/// Gives every metric and ratio rule its values of a frame: of all nodes for the metrics of the tree, of the detail
/// nodes for others. A cell that is not known yet or unreadable changes nothing; a ratio without a limit resolves.
void applyFrame(const sampler::Frame &frame, AlertBook &book);

/// Calls back with each event counter of a frame: index in kCounters, node, value.
void forEachCounter(const sampler::Frame &frame, const std::function<void(std::size_t, NodeId, std::uint64_t)> &visit);

/// Memory limits of a cgroup in bytes; nullopt where there is none.
struct MemoryLimits
{
    std::optional<std::uint64_t> high;
    std::optional<std::uint64_t> max;
};
/// Calls back with each row of a frame that has a memory limit.
void forEachLimited(const sampler::Frame &frame, const std::function<void(NodeId, const MemoryLimits &)> &visit);

/// Usage at which a rule about memory near its limits reaches its soft level, or the hard one where soft is off;
/// ascending, without duplicates.
[[nodiscard]] std::vector<Bytes> thresholdsOf(const std::vector<AlertRule> &rules, const MemoryLimits &limits);

} // namespace gantry::alerts
