// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/freezer.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/systemd/ownership.h"

#include <optional>
#include <string>

namespace gantry::inventory {

/// What a node shows of a cgroup besides its place.
struct CgroupState
{
    cgroup::Freezer freezer = cgroup::Freezer::Absent;
    std::optional<bool> populated;             ///< nullopt where the cgroup is not in v2, or it cannot be read
    std::string type;                          ///< v2 cgroup.type
    std::optional<systemd::Ownership> owner{}; ///< nullopt: of no systemd
    bool operator==(const CgroupState &) const = default;
};

/// Reads it now, about 40 us, and 10 more for the owner where systemd runs. Never fails: what vanished is Absent, what
/// may not be read is Unreadable. Thread: any.
[[nodiscard]] CgroupState readState(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup);

} // namespace gantry::inventory
