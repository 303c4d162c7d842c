// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry {

/// One line of /proc/PID/mountinfo, octal escapes undone.
struct MountInfoLine
{
    std::int32_t id = 0;      ///< field 1
    std::string device;       ///< field 3: "8:1"
    std::string root;         ///< field 4: what of the file system is mounted; "net:[INODE]" for a namespace
    std::string mountPoint;   ///< field 5
    std::string options;      ///< field 6, separated by commas
    std::string type;         ///< file system
    std::string superOptions; ///< last field, separated by commas
};
/// @errors EILSEQ with a line that has too few fields. Source: proc_pid_mountinfo(5).
[[nodiscard]] Result<MountInfoLine> parseMountInfoLine(std::string_view line);

} // namespace gantry
