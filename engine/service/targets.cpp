// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/targets.h"

#include "engine/base/strings.h"
#include "engine/cgroup/procs.h"

#include <algorithm>
#include <utility>

namespace gantry::service {

namespace {

std::unexpected<Error> unspecified()
{
    return fail(EINVAL, "target", "target", "none is given");
}

std::unexpected<Error> gone(NodeId id, std::string_view what)
{
    return fail(ESTALE, "target", strCat("node ", id.v), what, "look at the tree again");
}

/// True if every directory that was seen is still the one there; further ones may have appeared.
bool sameDirectories(const cgroup::Cgroup &seen, const cgroup::Cgroup &now)
{
    for (unsigned slot = 0; slot < cgroup::kMaxHierarchies; ++slot) {
        if (seen.in(slot) && now.inodes.at(slot) != seen.inodes.at(slot))
            return false;
    }
    return true;
}

/// The cgroup that an id from cgroup::locate() means: answered for a cgroup too young for the tree, which may know it
/// by another of its directories now.
inventory::NodePtr findByDirectory(const inventory::Snapshot &snapshot, NodeId id)
{
    if (id.kind() != NodeKind::Cgroup)
        return nullptr;
    const auto found = std::ranges::find_if(snapshot.nodes(), [id](const inventory::NodePtr &node) {
        const inventory::CgroupNode *const cgroup = node->cgroup();
        return cgroup != nullptr && cgroup->cgroup.inodes.at(id.space()) == id.number();
    });
    return found == snapshot.nodes().end() ? nullptr : *found;
}

} // namespace

Result<cgroup::Cgroup> Targets::cgroupOf(const v1::Target &target) const
{
    switch (target.by_case()) {
    case v1::Target::kNodeId:
        return ofNode(NodeId{target.node_id()});
    case v1::Target::kCgroupPath:
        return atPath(GANTRY_TRY(cgroup::CgroupPath::parse(target.cgroup_path())));
    case v1::Target::kContainer:
        return ofContainer(*GANTRY_TRY(m_snapshot()->findContainer(target.container())));
    case v1::Target::kPid:
        return atPath(GANTRY_TRY(pathOfProcess(target.pid())));
    case v1::Target::BY_NOT_SET:
        break;
    }
    return unspecified();
}

Result<cgroup::Cgroup> Targets::ofNode(NodeId id) const
{
    const inventory::SnapshotPtr snapshot = m_snapshot();
    inventory::NodePtr node = snapshot->find(id);
    if (!node)
        node = findByDirectory(*snapshot, id);
    if (!node)
        return gone(id, "it is not in the tree any more");
    if (node->container() != nullptr)
        return ofContainer(*node);
    const inventory::CgroupNode *const seen = node->cgroup();
    if (seen == nullptr)
        return fail(ENOTSUP, "target", node->name, "not a cgroup", "choose a cgroup or a container");
    auto now = cgroup::locate(*m_hierarchies, seen->cgroup.path);
    if (!now)
        return gone(id, strCat(seen->cgroup.path.text(), " was removed"));
    if (!sameDirectories(seen->cgroup, *now))
        return gone(id, strCat(seen->cgroup.path.text(), " was removed and made again"));
    now->id = id;
    return now;
}

Result<cgroup::Cgroup> Targets::atPath(const cgroup::CgroupPath &path) const
{
    cgroup::Cgroup now = GANTRY_TRY(cgroup::locate(*m_hierarchies, path));
    const inventory::NodePtr node = m_snapshot()->findCgroup(path);
    if (node && sameDirectories(node->cgroup()->cgroup, now))
        now.id = node->id;
    return now;
}

Result<cgroup::Cgroup> Targets::ofContainer(const inventory::Node &node) const
{
    const NodeId id = node.container()->cgroup;
    if (!id && node.container()->init.pid == 0)
        return fail(ENOTSUP, "target", node.name, "this container does not run", "start it first");
    if (!id)
        return fail(ENOTSUP, "target", node.name, "this container shares the cgroup of others",
                    "name that cgroup by its path");
    return ofNode(id);
}

Result<cgroup::CgroupPath> Targets::pathOfProcess(std::int32_t pid) const
{
    if (pid <= 0)
        return fail(EINVAL, "target", strCat("pid ", pid), "not a pid");
    const auto paths = GANTRY_TRY(cgroup::cgroupsOf(*m_hierarchies, pid));
    const cgroup::Hierarchy *memory = m_hierarchies->forController("memory");
    if (memory != nullptr && !paths.at(memory->index).empty())
        return cgroup::CgroupPath::parse(paths.at(memory->index));
    for (const std::string &path : paths) {
        if (!path.empty())
            return cgroup::CgroupPath::parse(path);
    }
    return fail(ENOENT, "target", strCat("pid ", pid), "in no cgroup");
}

Result<inventory::NodePtr> Targets::nodeOf(const v1::Target &target) const
{
    const inventory::SnapshotPtr snapshot = m_snapshot();
    inventory::NodePtr node;
    switch (target.by_case()) {
    case v1::Target::kNodeId:
        node = snapshot->find(NodeId{target.node_id()});
        if (!node)
            return gone(NodeId{target.node_id()}, "it is not in the tree any more");
        return node;
    case v1::Target::kContainer:
        return snapshot->findContainer(target.container());
    case v1::Target::kCgroupPath:
        node = snapshot->findCgroup(GANTRY_TRY(cgroup::CgroupPath::parse(target.cgroup_path())));
        break;
    case v1::Target::kPid:
        node = snapshot->findCgroup(GANTRY_TRY(pathOfProcess(target.pid())));
        break;
    case v1::Target::BY_NOT_SET:
        return unspecified();
    }
    if (!node)
        return fail(ENOENT, "target", target.has_pid() ? strCat("pid ", target.pid()) : target.cgroup_path(),
                    "no such cgroup");
    return node;
}

Result<runtime::Known> knownContainer(const runtime::Table &table, const inventory::Node &node, std::string_view op)
{
    const inventory::ContainerNode *const container = node.container();
    if (container == nullptr)
        return fail(ENOTSUP, op, node.name, "not a container", "choose a container");
    if (container->facts == nullptr)
        return fail(ENOTSUP, op, node.name, "no runtime here says that it is its own");
    if (const runtime::Known *const known = table.again(*container->facts))
        return *known;
    return fail(ESTALE, op, node.name, "its runtime does not know it any more", "look at the tree again");
}

} // namespace gantry::service
