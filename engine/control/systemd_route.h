// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/expected_writes.h"
#include "engine/control/route.h"
#include "engine/systemd/manager.h"
#include "engine/systemd/ownership.h"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

/// The verbs where systemd owns a cgroup. What goes which way (research: cgroups, section 2; CGROUP_DELEGATION.md):
///
///   cgroup                              limits, freeze, thaw         processes in            kill
///   unit's own, delegated               its manager                  AttachProcessesToUnit   KillUnit, then the kernel
///   unit's own, not delegated           its manager                  the file, with warning  KillUnit, then the kernel
///   below a unit                        the file                     the file                the kernel
///   no systemd as PID 1, or not of it   the file                     the file                the kernel
///
/// Its manager is PID 1, or the user's systemd for what is below user@UID.service. Kill: KillUnit first, so that the
/// manager's log says that it was asked for; then cgroup.kill, which no fork escapes. Killing writes no attribute that
/// systemd keeps, so the kernel's file is as legal; where systemd does not answer, it alone is used.
namespace gantry::control {

/// Who owns a cgroup; systemd::readOwnership() on a real host.
using OwnershipFinder = std::function<std::optional<systemd::Ownership>(const cgroup::CgroupPath &)>;
[[nodiscard]] OwnershipFinder ownershipOnHost(cgroup::HierarchiesPtr hierarchies);

struct SystemdParts
{
    cgroup::HierarchiesPtr hierarchies;
    std::shared_ptr<const systemd::Managers> managers;
    OwnershipFinder ownership;
    std::shared_ptr<ExpectedWrites> expected; ///< told of what systemd is asked to write
};

/// Routes to units' own cgroups; runtimeRoutes() goes before it.
[[nodiscard]] RouteFinder systemdRoutes(SystemdParts parts);

/// What to say before a cgroup is made or removed here, or a process moved in, past the systemd that owns the place;
/// empty where that is fine: below a delegated unit, and where systemd owns nothing.
/// @param path of the cgroup that is changed: for a new one the parent.
[[nodiscard]] std::vector<Warning> foreignPlaceWarnings(const std::optional<systemd::Ownership> &owner,
                                                        std::string_view verb, const cgroup::CgroupPath &path);

} // namespace gantry::control
