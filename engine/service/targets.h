// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/snapshot.h"
#include "engine/runtime/table.h"
#include "gantry/v1/common.pb.h"

#include <functional>

namespace gantry::service {

/// Finds what a gantry.v1.Target means. Thread: any; reads a few kernel files at most.
class Targets
{
public:
    /// @param snapshot gives the newest tree.
    Targets(cgroup::HierarchiesPtr hierarchies, std::function<inventory::SnapshotPtr()> snapshot)
        : m_hierarchies(std::move(hierarchies)), m_snapshot(std::move(snapshot))
    {}

    /// A cgroup to read or change. A container means its cgroup, a process the cgroup it is in (memory's where it is in
    /// several). By node id the caller's view is checked: a cgroup removed or made again since then is ESTALE.
    /// @errors EINVAL (no oneof, malformed path), ESTALE, ENOENT, ENOTUNIQ, ESRCH, ENOTSUP for a node without a cgroup.
    [[nodiscard]] Result<cgroup::Cgroup> cgroupOf(const v1::Target &target) const;

    /// A node of the tree. @errors as cgroupOf(); ENOENT also for a cgroup made an instant ago.
    [[nodiscard]] Result<inventory::NodePtr> nodeOf(const v1::Target &target) const;

private:
    [[nodiscard]] Result<cgroup::Cgroup> ofNode(NodeId id) const;
    [[nodiscard]] Result<cgroup::Cgroup> atPath(const cgroup::CgroupPath &path) const;
    [[nodiscard]] Result<cgroup::Cgroup> ofContainer(const inventory::Node &node) const;
    [[nodiscard]] Result<cgroup::CgroupPath> pathOfProcess(std::int32_t pid) const;

    cgroup::HierarchiesPtr m_hierarchies;
    std::function<inventory::SnapshotPtr()> m_snapshot;
};

/// A container as its runtime knows it now. @param op for the error ("log").
/// @errors ENOTSUP (no container, or no runtime says that it is its own); ESTALE (its runtime does not know it any more).
[[nodiscard]] Result<runtime::Known> knownContainer(const runtime::Table &table, const inventory::Node &node,
                                                    std::string_view op);

} // namespace gantry::service
