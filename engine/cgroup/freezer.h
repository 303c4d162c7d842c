// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

namespace gantry::cgroup {

/// Numbers of gantry.v1.FreezerState.
enum class Freezer : std::uint8_t { Absent = 1, Thawed, Freezing, Frozen, FrozenByAncestor, Unreadable };

/// "absent", "thawed", "freezing", "frozen", "frozen by ancestor", "unreadable".
[[nodiscard]] std::string_view freezerName(Freezer state);

/// State from the texts of freezer.state and freezer.self_freezing. @errors EILSEQ.
[[nodiscard]] Result<Freezer> parseV1Freezer(std::string_view state, std::string_view selfFreezing);
/// State from the texts of cgroup.freeze and cgroup.events. @errors EILSEQ.
[[nodiscard]] Result<Freezer> parseV2Freezer(std::string_view freeze, std::string_view events);

/// State from v2 cgroup.freeze + cgroup.events, or v1 freezer.state, self_freezing, parent_freezing; a cgroup that is
/// in both hierarchies is frozen if either says so.
/// @errors as openCgroup(); EILSEQ.
[[nodiscard]] Result<Freezer> readFreezer(const Hierarchies &hierarchies, const Cgroup &cgroup);

/// Asks for frozen or thawed, in the v1 freezer hierarchy if the cgroup is there, else v2. Does not wait.
/// Kernel: a v1-frozen task ignores SIGKILL until it is thawed; thawing below a frozen ancestor does nothing.
[[nodiscard]] Result<> writeFreezer(const Hierarchies &hierarchies, const Cgroup &cgroup, bool frozen);

/// What writeFreezer() writes to, for a program that thaws where Gantry cannot any more.
struct FreezerFile
{
    std::string path;        ///< absolute
    std::string_view thawed; ///< what it takes to thaw
};
/// @errors ENODEV: no freezer is mounted.
[[nodiscard]] Result<FreezerFile> freezerFile(const Hierarchies &hierarchies, const Cgroup &cgroup);

/// Waits until the kernel acknowledges (polls cgroup.events, or every 5 ms on v1).
/// @return the state at the end. @errors ETIMEDOUT with the state reached, ECANCELED, ENODEV.
[[nodiscard]] Result<Freezer> waitFreezer(const Hierarchies &hierarchies, const Cgroup &cgroup, bool frozen,
                                          std::chrono::milliseconds deadline, std::stop_token stop);

} // namespace gantry::cgroup
