// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/console/node_facts.h"
#include "gantry/v1/host.pb.h"

namespace gantry::console {

/// Fills in what only cgroup v2 has for a node: whether it is in the v2 hierarchy, and whether memory is there.
/// Thread: GUI.
void addV2Facts(NodeFacts &facts, const NodeTreeModel &tree, const v1::HostInfo &host);

} // namespace gantry::console
