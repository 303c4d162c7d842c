// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::cgroup {

/// One cgroup mount as /proc/self/mountinfo has it.
struct MountLine
{
    bool v2 = false;
    std::string root;                      ///< field 4: the part of the tree that is mounted
    std::string mountPoint;                ///< field 5, octal escapes undone
    std::vector<std::string> mountOptions; ///< field 6
    std::vector<std::string> superOptions; ///< last field: v1 names its controllers here
};

/// The cgroup and cgroup2 mounts of a mountinfo text, in its order; other file systems are passed over.
/// @errors EILSEQ with the line that has a wrong shape. Source: proc_pid_mountinfo(5).
[[nodiscard]] Result<std::vector<MountLine>> parseMountInfo(std::string_view text);

/// One line of /proc/cgroups.
struct ControllerLine
{
    std::string name;
    bool enabled = false;
};
/// @errors EILSEQ with the line. Source: cgroups(7).
[[nodiscard]] Result<std::vector<ControllerLine>> parseControllers(std::string_view text);

/// Slot of a v1 controller (1 .. 14) or of a "name=" hierarchy (15); 0 for a name that has none. hierarchy.h lists
/// them.
[[nodiscard]] unsigned slotOfController(std::string_view controller);

} // namespace gantry::cgroup
