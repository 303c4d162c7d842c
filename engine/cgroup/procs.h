// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cgroup {

/// Pids in cgroup.procs (cgroup.threads of a threaded cgroup), sorted, without duplicates and without 0 (other pid
/// namespaces): the union over the hierarchies this cgroup is in.
/// @errors of opening or reading, when no hierarchy could be read.
[[nodiscard]] Result<std::vector<std::int32_t>> readProcs(const Hierarchies &hierarchies, const Cgroup &cgroup);

/// The same for one hierarchy.
[[nodiscard]] Result<std::vector<std::int32_t>> readProcs(const Hierarchy &hierarchy, const Cgroup &cgroup);

/// Moves one process in one hierarchy: one write(2) of the pid to cgroup.procs.
/// @errors ESRCH gone, EBUSY (v2: target has controllers in subtree_control), EOPNOTSUPP (threaded), EACCES, ESTALE ...
[[nodiscard]] Result<> writeProcs(const Hierarchy &hierarchy, const Cgroup &cgroup, std::int32_t pid);

/// The pids of a cgroup.procs or cgroup.threads text. @errors EILSEQ with the line.
[[nodiscard]] Result<std::vector<std::int32_t>> parseProcs(std::string_view text);

/// One line of /proc/PID/cgroup.
struct MembershipLine
{
    std::vector<std::string> controllers; ///< empty for v2
    std::string path;                     ///< without " (deleted)"; "/../x" if outside the reader's cgroup namespace
};
/// @errors EILSEQ with the line. Source: cgroups(7).
[[nodiscard]] Result<std::vector<MembershipLine>> parseMembership(std::string_view text);

/// Cgroup path of a process in each hierarchy slot, from /proc/PID/cgroup; an empty string where it has none.
/// A trailing " (deleted)" is kept out. @errors ESRCH/ENOENT gone, EILSEQ.
[[nodiscard]] Result<std::array<std::string, kMaxHierarchies>>
cgroupsOf(const Hierarchies &hierarchies, std::int32_t pid, const std::string &proc = "/proc");

} // namespace gantry::cgroup
