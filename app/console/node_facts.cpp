// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/node_facts.h"

#include "widgets/models/node_tree_model.h"
#include "widgets/text/format.h"

namespace gantry::console {

namespace {

void addContainerFacts(NodeFacts &facts, const NodeTreeModel &tree)
{
    const v1::Node *node = tree.node(facts.container);
    if (!node || !node->has_container())
        return;
    const v1::ContainerDetail &container = node->container();
    facts.containerName = text::utf8(node->name());
    facts.runtime = text::utf8(container.runtime());
    facts.runtimeProblem = text::utf8(container.facts_problem());
    facts.containerState = container.state();
    for (const std::string &verb : container.runtime_verbs())
        facts.runtimeVerbs.append(text::utf8(verb));
    facts.runtimeKnowsIt = !facts.runtimeVerbs.isEmpty() || !container.facts_source().empty();
}

} // namespace

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
    if (node->has_container())
        facts.container = id;
    addContainerFacts(facts, tree);
    return facts;
}

} // namespace gantry::console
