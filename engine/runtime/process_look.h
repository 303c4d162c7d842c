// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/facts.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::runtime {

/// What sources want to know of a process.
struct ProcessFacts
{
    std::int32_t parentPid = 0;
    std::uint64_t startTicks = 0;   ///< as in /proc/PID/stat
    std::int64_t startedMicros = 0; ///< since the epoch, by today's clock
    uid_t uid = 0;                  ///< real
    std::vector<uid_t> owners;      ///< of its user namespace and of those above; empty where it may not be read
    std::string cgroupPath;         ///< v2, else systemd's v1 tree
    bool frozen = false;                 ///< or about to be
    std::vector<std::string> stateFiles; ///< tell when that changes: v2's cgroup.events, v1's freezer.state
};
/// Looks at one process; nullopt: gone, or a zombie. Tests answer from a table.
using ProcessLook = std::function<std::optional<ProcessFacts>(std::int32_t pid)>;
/// The real one. Thread: any.
[[nodiscard]] std::optional<ProcessFacts> lookAtProcess(std::int32_t pid);

/// A pid found in a file, and what must hold for the process that has it now to be the one that was meant.
struct PidClaim
{
    std::int32_t pid = 0;
    std::uint64_t startTicks = 0;   ///< 0: the file does not tell
    std::int64_t writtenMicros = 0; ///< when the file was written: it cannot have started later; 0: not known
    std::string id;                 ///< a cgroup with it in its path settles it: clocks are set, pids used again
    std::optional<uid_t> owner;     ///< file of a user: it must be that user's, also in a user namespace
};
[[nodiscard]] std::optional<ProcessFacts> confirm(const ProcessLook &look, const PidClaim &claim);

/// The container's cgroup, where `processPath` is that of its first process, which may be further down.
/// @param told what the runtime says; may be empty.
[[nodiscard]] std::string containerCgroup(std::string_view processPath, std::string_view told);

/// Fills what a running first process tells: initPid, startedMicros (where 0), monitorPid (its parent, where
/// `monitored`), cgroupPath, state (Running, Paused).
void applyProcess(Facts &facts, std::int32_t pid, const ProcessFacts &process, bool monitored);

} // namespace gantry::runtime
