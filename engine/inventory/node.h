// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/ids.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/namespaces/namespaces.h"
#include "engine/runtime/facts.h"
#include "engine/systemd/ownership.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry::inventory {

/// The machine: parent of the root cgroup, of containers and of namespaces.
struct HostNode
{
    std::string cgroupMode; ///< cgroup::modeName()
    bool operator==(const HostNode &) const = default;
};

/// One cgroup, joined over the hierarchies by its path.
struct CgroupNode
{
    /// Its id is made of the hierarchy and inode that the path was first seen with, so it may differ from that of
    /// cgroup::locate() where a runtime made the path in another hierarchy first.
    cgroup::Cgroup cgroup;
    cgroup::Freezer freezer = cgroup::Freezer::Absent;
    std::optional<bool> populated;             ///< a process in it or below; nullopt where no hierarchy tells (v1)
    NodeId container;                          ///< the container whose cgroup this is
    std::string protectedReason;               ///< why Gantry refuses to change it; empty: it may
    std::string type;                          ///< v2 cgroup.type; empty on v1 and for the root
    std::optional<systemd::Ownership> owner{}; ///< unit and manager; nullopt: of no systemd
    bool operator==(const CgroupNode &) const = default;
};

struct NamespaceRef
{
    namespaces::Ref ref;
    bool own = false; ///< not the host's: see namespaces::ofHost()
    bool operator==(const NamespaceRef &) const = default;
};

struct ContainerNode
{
    std::string runtime;    ///< runtime::Match::runtime, or "bare"
    std::string id;         ///< the runtime's; empty for bare
    ProcessKey init;        ///< outermost process; pid 0: none now
    NodeId cgroup;          ///< no node: it shares one that is not its own, or does not run
    std::string cgroupPath; ///< not made printable
    std::vector<NamespaceRef> namespaces;
    runtime::FactsPtr facts; ///< what its runtime tells; nullptr: no runtime told anything

    bool operator==(const ContainerNode &other) const
    {
        const bool sameFacts = facts == other.facts || (facts && other.facts && *facts == *other.facts);
        return sameFacts && runtime == other.runtime && id == other.id && init == other.init &&
               cgroup == other.cgroup && cgroupPath == other.cgroupPath && namespaces == other.namespaces;
    }
};

using NamespaceNode = namespaces::Namespace;

/// One node of the tree. Immutable once published.
struct Node
{
    NodeId id;
    NodeId parent;                ///< no node for the host
    std::string name;             ///< printable: last component, container name, "net:[4026531840]", host name
    std::uint32_t depth = 0;      ///< 0 for the host, 1 for the root cgroup: parents have a smaller one
    std::uint64_t generation = 0; ///< of the snapshot that changed it last
    std::variant<HostNode, CgroupNode, ContainerNode, NamespaceNode> detail;

    [[nodiscard]] NodeKind kind() const { return id.kind(); }
    /// nullptr for a node of another kind.
    [[nodiscard]] const CgroupNode *cgroup() const { return std::get_if<CgroupNode>(&detail); }
    [[nodiscard]] const ContainerNode *container() const { return std::get_if<ContainerNode>(&detail); }
    [[nodiscard]] const NamespaceNode *nameSpace() const { return std::get_if<NamespaceNode>(&detail); }
};
using NodePtr = std::shared_ptr<const Node>;

} // namespace gantry::inventory
