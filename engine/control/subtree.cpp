// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/subtree.h"

#include "engine/cgroup/procs.h"
#include "engine/cgroup/watcher.h"
#include "engine/process/process.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <unistd.h>

namespace gantry::control {

namespace {

Result<Branch> branchOf(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &target)
{
    GANTRY_CHECK(cgroup::openCgroup(hierarchy, target));
    const std::vector<cgroup::WalkEntry> found = GANTRY_TRY(cgroup::walk(hierarchy, target.path));
    Branch branch{&hierarchy, {}};
    branch.cgroups.reserve(found.size());
    for (const cgroup::WalkEntry &entry : found) {
        cgroup::Cgroup next = target;
        if (!branch.cgroups.empty()) {
            next.path = GANTRY_TRY(branch.cgroups.at(entry.parent).path.child(entry.name));
            next.id = NodeId::cgroup(hierarchy.index, entry.inode);
        }
        next.inodes.fill(0);
        next.inodes.at(hierarchy.index) = entry.inode;
        branch.cgroups.push_back(std::move(next));
    }
    return branch;
}

} // namespace

Result<std::vector<Branch>> branchesOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target)
{
    std::vector<Branch> out;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        if (target.in(hierarchy.index))
            out.push_back(GANTRY_TRY(branchOf(hierarchy, target)));
    }
    if (out.empty())
        return fail(ENOENT, "open", target.path.text(), "no hierarchy has this cgroup");
    return out;
}

Result<std::vector<std::int32_t>> processesOf(std::span<const Branch> branches)
{
    std::vector<std::int32_t> out;
    for (const Branch &branch : branches) {
        for (const cgroup::Cgroup &cgroup : branch.cgroups) {
            const auto pids = cgroup::readProcs(*branch.hierarchy, cgroup);
            if (pids)
                out.insert(out.end(), pids->begin(), pids->end());
            else if (!cgroup::isGone(pids.error()))
                return std::unexpected(pids.error());
        }
    }
    std::ranges::sort(out);
    const auto twice = std::ranges::unique(out);
    out.erase(twice.begin(), twice.end());
    return out;
}

std::vector<std::int32_t> inside(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                                 std::span<const std::int32_t> pids)
{
    std::vector<std::int32_t> out;
    for (const std::int32_t pid : pids) {
        const auto paths = cgroup::cgroupsOf(hierarchies, pid);
        if (!paths)
            continue; // it has ended
        const bool isInside = std::ranges::any_of(hierarchies.all(), [&](const cgroup::Hierarchy &hierarchy) {
            if (!target.in(hierarchy.index))
                return false;
            const auto path = cgroup::CgroupPath::parse(paths->at(hierarchy.index));
            return path && target.path.contains(*path);
        });
        if (isInside)
            out.push_back(pid);
    }
    return out;
}

std::vector<std::int32_t> ownChain()
{
    std::vector<std::int32_t> out{1};
    std::int32_t pid = ::getpid();
    while (pid > 1) {
        out.push_back(pid);
        const auto stat = process::readStat(pid);
        pid = stat ? stat->parentPid : 0;
    }
    return out;
}

std::vector<std::int32_t> displayServers()
{
    constexpr std::array<std::string_view, 10> kNames{"Xorg",         "X",        "Xwayland", "Xvfb",   "gnome-shell",
                                                      "kwin_wayland", "kwin_x11", "sway",     "weston", "labwc"};
    std::vector<std::int32_t> out;
    const auto pids = process::listPids();
    if (!pids)
        return out;
    for (const std::int32_t pid : *pids) {
        const auto stat = process::readStat(pid);
        if (stat && std::ranges::find(kNames, stat->comm) != kNames.end())
            out.push_back(pid);
    }
    return out;
}

} // namespace gantry::control
