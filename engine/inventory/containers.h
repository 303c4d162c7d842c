// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/snapshot.h"
#include "engine/runtime/table.h"

#include <stop_token>
#include <vector>

namespace gantry::inventory {

/// The containers of the host now, as nodes: cgroups that a runtime names or that follow a runtime's path convention,
/// process trees that have a pid namespace of their own and are in no such cgroup, and what a runtime knows but does not
/// run. Blocking (3 us a process, 3 us a cgroup): workers only.
/// @param table what the runtimes tell.
/// @errors of listing /proc; ECANCELED. Processes that may not be read are passed over.
[[nodiscard]] Result<std::vector<Node>> scanContainers(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot,
                                                       const runtime::Table &table, std::stop_token stop);

/// Gives a container of the last scan what the runtimes tell now; no look at processes. One that no runtime knows (any
/// more) stays as it is until the next scan.
void refreshFacts(Node &container, const runtime::Table &table);

} // namespace gantry::inventory
