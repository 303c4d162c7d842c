// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/processes.h"

#include "engine/base/strings.h"
#include "engine/cgroup/procs.h"
#include "engine/inventory/pid_spaces.h"

#include <algorithm>
#include <ctime>
#include <set>
#include <unordered_map>

namespace gantry::inventory {

namespace {

using Pids = std::vector<std::int32_t>;
/// Pids with the cgroup each was found in (empty: not asked).
using Members = std::unordered_map<std::int32_t, std::string>;

/// One question about the members of a node.
struct Query
{
    const cgroup::Hierarchies &hierarchies;
    const Snapshot &snapshot;
    std::stop_token stop;
};

Error cancelled()
{
    return fail(ECANCELED, "list", "processes", "cancelled").error();
}

Result<Members> membersOfCgroup(const Query &query, const CgroupNode &top, bool recursive)
{
    Members out;
    for (const std::int32_t pid : GANTRY_TRY(cgroup::readProcs(query.hierarchies, top.cgroup)))
        out.emplace(pid, top.cgroup.path.text());
    if (!recursive)
        return out;
    for (const NodePtr &node : query.snapshot.nodes()) {
        const CgroupNode *below = node->cgroup();
        if (below == nullptr || below == &top || !top.cgroup.path.contains(below->cgroup.path))
            continue;
        if (query.stop.stop_requested())
            return std::unexpected(cancelled());
        const auto pids = cgroup::readProcs(query.hierarchies, below->cgroup);
        if (!pids && !cgroup::isGone(pids.error()))
            return std::unexpected(pids.error());
        for (const std::int32_t pid : pids.value_or(Pids{})) {
            // On v1 a process is in several hierarchies: the deepest place says most.
            std::string &path = out[pid];
            if (path.size() < below->cgroup.path.text().size())
                path = below->cgroup.path.text();
        }
    }
    return out;
}

Members withoutPaths(const Pids &pids)
{
    Members out;
    for (const std::int32_t pid : pids)
        out.emplace(pid, std::string());
    return out;
}

Result<Members> membersOfNamespace(const Query &query, namespaces::Ref ref)
{
    Members out;
    for (const std::int32_t pid : GANTRY_TRY(process::listPids())) {
        if (query.stop.stop_requested())
            return std::unexpected(cancelled());
        const auto own = namespaces::ofProcess(pid, ref.type);
        if (own && *own == ref)
            out.emplace(pid, std::string());
    }
    return out;
}

/// A container without a cgroup of its own: its pid namespace and those nested in it.
Result<Members> membersOfPidNamespace(const Query &query, const ContainerNode &container)
{
    const namespaces::Ref own = GANTRY_TRY(namespaces::ofProcess(container.init.pid, namespaces::Type::Pid));
    const PidSpaces spaces = GANTRY_TRY(PidSpaces::read(query.stop));
    Members out;
    for (const auto &[inode, space] : spaces.all()) {
        for (const std::int32_t pid : space.members) {
            if (spaces.isInside(pid, own.inode))
                out.emplace(pid, std::string());
        }
    }
    return out;
}

Result<Members> membersOf(const Query &query, NodeId id, bool recursive)
{
    if (id == NodeId::host())
        return withoutPaths(GANTRY_TRY(process::listPids()));
    const NodePtr node = query.snapshot.find(id);
    if (node == nullptr)
        return fail(ESTALE, "find", "node", "it is not in the tree any more");
    if (const CgroupNode *cgroup = node->cgroup())
        return membersOfCgroup(query, *cgroup, recursive);
    if (const NamespaceNode *space = node->nameSpace())
        return membersOfNamespace(query, space->ref);
    const ContainerNode &container = *node->container();
    if (container.cgroup) {
        const NodePtr own = query.snapshot.find(container.cgroup);
        if (own == nullptr)
            return fail(ESTALE, "find", node->name, "its cgroup is not in the tree any more");
        return membersOfCgroup(query, *own->cgroup(), true);
    }
    return membersOfPidNamespace(query, container);
}

Pids sortedPids(const Members &members)
{
    Pids out;
    out.reserve(members.size());
    for (const auto &[pid, path] : members)
        out.push_back(pid);
    std::ranges::sort(out);
    return out;
}

std::uint64_t monotonicMicros()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

} // namespace

Result<Pids> pidsOf(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot, NodeId node, bool recursive,
                    std::stop_token stop)
{
    return sortedPids(GANTRY_TRY(membersOf({hierarchies, snapshot, std::move(stop)}, node, recursive)));
}

Result<ProcessListing> listProcesses(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot, NodeId node,
                                     bool recursive, std::size_t most, std::stop_token stop)
{
    Members members = GANTRY_TRY(membersOf({hierarchies, snapshot, stop}, node, recursive));
    ProcessListing out;
    out.total = members.size();
    out.monotonicMicros = monotonicMicros();
    process::UserNames names;
    for (const std::int32_t pid : sortedPids(members)) {
        if (out.processes.size() >= most)
            break;
        if (stop.stop_requested())
            return std::unexpected(cancelled());
        auto info = process::readProcess(pid);
        if (!info && info.error().posix() == ESRCH) {
            --out.total;
            continue;
        }
        ListedProcess listed;
        listed.cgroupPath = std::move(members[pid]);
        if (info) {
            listed.info = *std::move(info);
            listed.user = names.name(listed.info.uid);
        } else {
            listed.info.key.pid = pid;
            listed.info.unreadableReason = info.error().message();
        }
        out.processes.push_back(std::move(listed));
    }
    return out;
}

Result<std::vector<namespaces::Ref>> namespacesOf(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot,
                                                  NodeId node, std::stop_token stop)
{
    std::set<namespaces::Ref> found;
    for (const std::int32_t pid : GANTRY_TRY(pidsOf(hierarchies, snapshot, node, true, std::move(stop)))) {
        const auto refs = namespaces::ofProcess(pid);
        if (refs)
            found.insert(refs->begin(), refs->end());
    }
    return std::vector(found.begin(), found.end());
}

} // namespace gantry::inventory
