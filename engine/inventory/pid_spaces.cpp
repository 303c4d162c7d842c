// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/pid_spaces.h"

#include "engine/namespaces/namespaces.h"
#include "engine/process/process.h"

#include <algorithm>

namespace gantry::inventory {

using namespaces::Type;

Result<PidSpaces> PidSpaces::read(std::stop_token stop)
{
    const std::vector<namespaces::Ref> host = GANTRY_TRY(namespaces::ofHost());
    const auto hostPid = std::ranges::find(host, Type::Pid, &namespaces::Ref::type);
    const std::uint64_t hostInode = hostPid != host.end() ? hostPid->inode : 0;

    PidSpaces out;
    for (const std::int32_t pid : GANTRY_TRY(process::listPids())) {
        if (stop.stop_requested())
            return fail(ECANCELED, "PidSpaces::read", "/proc", "cancelled");
        const auto ref = namespaces::ofProcess(pid, Type::Pid);
        if (!ref || ref->inode == hostInode)
            continue;
        Space &space = out.m_spaces[ref->inode];
        space.inode = ref->inode;
        space.members.push_back(pid);
        out.m_spaceOf.emplace(pid, ref->inode);
        if (space.init.pid != 0)
            continue;
        const auto status = process::readStatus(pid);
        const auto stat = process::readStat(pid);
        if (!status || !stat || status->namespacePids.size() < 2 || status->namespacePids.back() != 1)
            continue;
        space.init = {pid, stat->startTicks};
        const auto parent = namespaces::ofProcess(stat->parentPid, Type::Pid);
        space.parent = parent ? parent->inode : 0;
    }
    return out;
}

bool PidSpaces::isInside(std::int32_t pid, std::uint64_t inode) const
{
    constexpr int kDeepest = 32; // Kernel: MAX_PID_NS_LEVEL
    const auto own = m_spaceOf.find(pid);
    std::uint64_t current = own != m_spaceOf.end() ? own->second : 0;
    for (int level = 0; level <= kDeepest && current != inode; ++level) {
        const auto space = m_spaces.find(current);
        current = space != m_spaces.end() ? space->second.parent : 0;
    }
    return current == inode;
}

} // namespace gantry::inventory
