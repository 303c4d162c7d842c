// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/placement.h"

#include <cstdint>
#include <span>
#include <vector>

/// A tree in a pid namespace of its own comes back with the numbers it has in there; the host's are new ones.
namespace gantry::checkpoint {

/// The numbers that these have in their own pid namespace, in this order; empty where the first one is in ours, so that
/// a restore needs the host's. @param pids the first process first. @errors of /proc/PID/status.
[[nodiscard]] Result<std::vector<std::int32_t>> innerPids(std::span<const std::int32_t> pids);

/// Gives places the numbers that the host has for the same processes by now.
/// @param saved, inner what the host and the namespace had for them. @param first the host's of the first process now.
/// @errors ESRCH: one of them is not there; of reading /proc.
[[nodiscard]] Result<> renumber(std::span<Place> places, std::span<const std::int32_t> saved,
                                std::span<const std::int32_t> inner, std::int32_t first);

} // namespace gantry::checkpoint
