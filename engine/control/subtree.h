// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <span>
#include <vector>

namespace gantry::control {

/// The cgroups of one hierarchy at and below a target, the target first.
struct Branch
{
    const cgroup::Hierarchy *hierarchy = nullptr;
    std::vector<cgroup::Cgroup> cgroups; ///< inodes filled for this hierarchy only
};

/// One branch for each hierarchy the target is in; its identity is checked in all of them.
/// @errors ESTALE, ENOENT; EINVAL for a cgroup below with a name that cannot be addressed.
[[nodiscard]] Result<std::vector<Branch>> branchesOf(const cgroup::Hierarchies &hierarchies,
                                                     const cgroup::Cgroup &target);

/// Pids in all cgroups of the branches, sorted; a cgroup that is gone meanwhile has none.
/// @errors of reading a cgroup that is still there.
[[nodiscard]] Result<std::vector<std::int32_t>> processesOf(std::span<const Branch> branches);

/// Those of `pids` that are in the target or below it in one of its hierarchies.
[[nodiscard]] std::vector<std::int32_t> inside(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                                               std::span<const std::int32_t> pids);

/// This process and its ancestors, PID 1 always among them.
[[nodiscard]] std::vector<std::int32_t> ownChain();

/// Processes that draw the user's desktop (X and Wayland servers), by their names.
[[nodiscard]] std::vector<std::int32_t> displayServers();

} // namespace gantry::control
