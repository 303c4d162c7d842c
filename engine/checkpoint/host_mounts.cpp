// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/host_mounts.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <ranges>

namespace gantry::checkpoint {

namespace {

/// The host's mount of the same part of the same file system, at the same place where there is one; null: none.
const MountLook *onHost(const TreeLook &look, const MountLook &mount)
{
    const auto same = [&](const MountLook &other) { return other.device == mount.device && other.root == mount.root; };
    const MountLook *found = nullptr;
    for (const MountLook &other : look.hostMounts) {
        if (same(other) && (found == nullptr || other.mountPoint == mount.mountPoint))
            found = &other;
    }
    return found;
}

/// CRIU's file of options has no way to write these.
bool canBeWritten(std::string_view path)
{
    return path.find_first_of(" \t\n\\#\"'[]:=") == std::string_view::npos;
}

std::vector<const MountLook *> mountedAt(const std::vector<MountLook> &mounts, std::string_view point)
{
    std::vector<const MountLook *> out;
    for (const MountLook &mount : mounts) {
        if (mount.mountPoint == point)
            out.push_back(&mount);
    }
    return out;
}

/// What of the host is to be bound there; empty: nothing is.
/// @param here all mounts of the place, one over the other: CRIU tells them by the place alone.
std::string sourceOf(const TreeLook &look, const std::vector<const MountLook *> &here)
{
    if (here.size() == 1) {
        const MountLook *source = onHost(look, *here.front());
        return source != nullptr && canBeWritten(source->mountPoint) ? source->mountPoint : std::string();
    }
    const std::string &point = here.front()->mountPoint;
    const auto there = mountedAt(look.hostMounts, point);
    const bool same = std::ranges::equal(here, there, [](const MountLook *a, const MountLook *b) {
        return a->device == b->device && a->root == b->root;
    });
    return same ? point : std::string();
}

} // namespace

MountOptions mountOptions(const TreeLook &look)
{
    MountOptions out;
    if (look.tasks.empty())
        return out;
    const std::uint64_t space = look.tasks.front().space(namespaces::Type::Mnt);
    const auto found = look.mounts.find(space);
    if (found == look.mounts.end() || space == look.ownMounts)
        return out;
    const std::vector<MountLook> &mounts = found->second;
    const auto top = mountedAt(mounts, "/");
    const MountLook *root = top.empty() ? nullptr : onHost(look, *top.back());
    if (root == nullptr || !canBeWritten(root->mountPoint))
        return out;
    out.restore.push_back(strCat("root=", root->mountPoint));
    for (const MountLook &mount : mounts) {
        const auto here = mountedAt(mounts, mount.mountPoint);
        if (here.front() != &mount || mount.mountPoint == "/" || !canBeWritten(mount.mountPoint))
            continue;
        const std::string source = sourceOf(look, here);
        if (source.empty())
            continue;
        const std::string name = strCat("gantry-", out.dump.size());
        out.dump.push_back(strCat("external=mnt[", mount.mountPoint, "]:", name));
        out.restore.push_back(strCat("external=mnt[", name, "]:", source));
    }
    return out;
}

} // namespace gantry::checkpoint
