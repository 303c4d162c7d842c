// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/runtime/source.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::runtime {

/// Most bytes a tool may print, both streams together.
inline constexpr std::size_t kMostToolOutput = std::size_t{1} << 20;

struct ToolOutput
{
    std::string standardOutput;
    std::string standardError;
    int exitCode = 0; ///< 128 + its number where a signal ended it
};

/// Path of a program in the system's folders (/usr/local/sbin ... /bin), whatever PATH says; a name with a slash is
/// taken as it is. Empty: there is none.
[[nodiscard]] std::string toolPath(const std::string &name);

/// Runs a program, no shell, and waits for it: own process group, nothing to read, LC_ALL=C and little else in the
/// environment. What it leaves behind in the background (a container's monitor) is not waited for.
/// @param words program and arguments. @return also for an exit code that is not 0.
/// @errors ENOENT: no such program; ETIMEDOUT, ECANCELED, EFBIG (kMostToolOutput): its process group was killed.
/// Thread: any; blocks.
[[nodiscard]] Result<ToolOutput> runTool(const std::vector<std::string> &words, const Patience &patience);

/// Runs a runtime's program for a container. That it is so already (paused, to be paused) is no error.
/// @errors as runTool(); of an exit code that is not 0, with the last words of it in the detail: ESTALE (no such
/// container), EBUSY, EACCES, EIO.
[[nodiscard]] Result<ToolOutput> runToolFor(Verb verb, const Facts &container, const std::vector<std::string> &words,
                                            const Patience &patience);

/// True for limits that runc, crun and podman have an option for in their "update".
[[nodiscard]] bool hasLimitOption(LimitKey key);
/// "--memory=1073741824", "--cpu-quota=50000" ...: the same words in runc-update(8), crun(1) and podman-update(1).
/// @errors ENOTSUP for a limit, or a value, without a word.
[[nodiscard]] Result<std::vector<std::string>> limitOptions(std::span<const std::pair<LimitKey, LimitValue>> limits);

/// The words as they would be typed: quoted where a shell would take them otherwise.
[[nodiscard]] std::string typedCommand(std::span<const std::string> words);

} // namespace gantry::runtime
