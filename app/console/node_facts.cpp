// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/node_facts.h"

#include "widgets/models/node_tree_model.h"
#include "widgets/text/format.h"

namespace gantry::console {

NodeFacts factsOf(const NodeTreeModel &tree, NodeId id)
{
    const v1::Node *node = tree.node(id);
    if (!node)
        return {};
    NodeFacts facts;
    facts.id = id;
    facts.kind = node->kind();
    facts.name = text::utf8(node->name());
    // The host stands for its root cgroup.
    facts.cgroup = node->kind() == v1::NODE_KIND_HOST ? tree.idOfPath(QStringLiteral("/")) : tree.cgroupOf(id);
    if (const v1::Node *cgroup = tree.node(facts.cgroup); cgroup && cgroup->has_cgroup()) {
        facts.path = text::utf8(cgroup->cgroup().path());
        facts.container = NodeId{cgroup->cgroup().container_id()};
        facts.protectedReason = text::utf8(cgroup->cgroup().protected_reason());
        facts.freezer = tree.freezerState(facts.cgroup);
        facts.populated = cgroup->cgroup().populated();
        facts.hasChildren = tree.hasCgroupsBelow(facts.cgroup);
    }
    return facts;
}

} // namespace gantry::console
