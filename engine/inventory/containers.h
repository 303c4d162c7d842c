// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/snapshot.h"

#include <stop_token>
#include <vector>

namespace gantry::inventory {

/// The containers of the host now, as nodes: cgroups that follow a runtime's path convention, and process trees that
/// have a pid namespace of their own and are in no such cgroup. Blocking (3 us a process, 3 us a cgroup): workers only.
/// @errors of listing /proc; ECANCELED. Processes that may not be read are passed over.
[[nodiscard]] Result<std::vector<Node>> scanContainers(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot,
                                                       std::stop_token stop);

} // namespace gantry::inventory
