// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include "engine/base/ids.h"
#include "gantry/v1/inventory.pb.h"

namespace gantry {
class NodeTreeModel;
}

namespace gantry::console {

/// What actions need to know of a node to say whether they fit it.
struct NodeFacts
{
    NodeId id;
    v1::NodeKind kind = v1::NODE_KIND_UNSPECIFIED;
    QString name;
    QString path;            ///< of the cgroup a verb acts on; empty where there is none
    NodeId cgroup;           ///< that cgroup, 0 where there is none
    NodeId container;        ///< the container it is or whose cgroup it is, 0 where there is none
    QString protectedReason; ///< why Gantry refuses to change it; empty: it does not
    v1::FreezerState freezer = v1::FREEZER_STATE_UNSPECIFIED;
    // Of that container, as its runtime tells:
    QString containerName;
    QString runtime;        ///< "podman", "bare" ...
    QString runtimeProblem; ///< why the runtime's facts are missing or old
    QStringList runtimeVerbs;
    v1::ContainerState containerState = v1::CONTAINER_STATE_UNSPECIFIED;
    bool runtimeKnowsIt = false; ///< a runtime says that it is its own
    bool hasChildren = false; ///< cgroups below
    bool populated = false;   ///< known to have processes, itself or below
    bool hostKnown = false;   ///< the host has told its hierarchies (see v2_facts.h), so that what follows is a fact
    bool onV2 = false;        ///< in the cgroup v2 hierarchy
    bool memoryOnV2 = false;  ///< and memory is counted there

    [[nodiscard]] bool isRoot() const { return path == QLatin1String("/"); }
    /// True for what Thaw undoes.
    [[nodiscard]] bool isFrozen() const
    {
        return freezer == v1::FREEZER_STATE_FROZEN || freezer == v1::FREEZER_STATE_FREEZING;
    }
};

/// Facts of a node; an unknown id gives facts without id. Thread: GUI.
[[nodiscard]] NodeFacts factsOf(const NodeTreeModel &tree, NodeId id);

} // namespace gantry::console
