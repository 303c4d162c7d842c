// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/v2_facts.h"

#include "widgets/models/node_tree_model.h"

#include <algorithm>

namespace gantry::console {

void addV2Facts(NodeFacts &facts, const NodeTreeModel &tree, const v1::HostInfo &host)
{
    facts.hostKnown = !host.hierarchies().empty();
    const v1::Node *cgroup = tree.node(facts.cgroup);
    if (!cgroup || !cgroup->has_cgroup())
        return;
    for (const v1::HostInfo::Hierarchy &hierarchy : host.hierarchies()) {
        const auto &memberships = cgroup->cgroup().memberships();
        const bool isIn = std::ranges::any_of(
            memberships, [&](const auto &membership) { return membership.hierarchy() == hierarchy.index(); });
        if (hierarchy.version() != 2 || !isIn)
            continue;
        facts.onV2 = true;
        facts.memoryOnV2 = std::ranges::find(hierarchy.controllers(), "memory") != hierarchy.controllers().end();
    }
}

} // namespace gantry::console
