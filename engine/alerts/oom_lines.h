// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/quantity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::alerts {

/// One record of the kernel's log.
struct KernelLine
{
    std::uint64_t sequence = 0;
    std::string caller{};   ///< "T812", "C1"; empty where the kernel does not tell (CONFIG_PRINTK_CALLER)
    bool continues = false; ///< what the kernel could not append to the caller's line before
    std::string text{};     ///< escapes resolved
};

/// Reads one record as read(2) of /dev/kmsg gives it. @return nullopt for one that is malformed or that the kernel did
/// not write: every process that may write to /dev/kmsg can imitate a report, but not its facility.
/// Source: Documentation/ABI/testing/dev-kmsg.
[[nodiscard]] std::optional<KernelLine> parseKernelRecord(std::string_view record);

/// A line of an OOM report. Source: mm/oom_kill.c, mm/memcontrol.c and mm/memcontrol-v1.c of Linux 6.12 and 6.18.
struct OomLine
{
    enum class Kind : std::uint8_t {
        Invoked, ///< "X invoked oom-killer: ...": comm is who asked for memory
        Cpu,     ///< "CPU: 0 UID: 0 PID: 812 Comm: X ...": pid of the same; comm is the rest of the line
        Usage,   ///< "memory: usage 16384kB, limit 16384kB, failcnt 82", and of swap
        Victim,  ///< "oom-kill:constraint=..."
        Killed,  ///< "Memory cgroup out of memory: Killed process 812 (X) total-vm:..."
        Group,   ///< "Tasks in /a are going to be killed due to memory.oom.group set"
        Spared,  ///< nobody is killed after all: the victim is exiting, or there was none
    };
    Kind kind = Kind::Invoked;
    std::string_view comm{}; ///< Invoked, Cpu, Killed
    std::int32_t pid = 0;    ///< Cpu, Victim, Killed, Spared (0: no victim)
    std::uint32_t uid = 0;   ///< Victim, and Killed where known
    std::string_view constraint{};
    std::string_view limitPath{};   ///< Victim: empty where it is not a cgroup's limit
    std::string_view taskAndComm{}; ///< Victim: "/a/b,task=X", for splitTask()
    std::optional<Bytes> limit{};   ///< Usage: of memory, if it has one
    Bytes totalVm{};
    Bytes anonRss{};
    Bytes fileRss{};
    Bytes shmemRss{};
    std::int32_t oomScoreAdj = 0;
};

/// nullopt for any other line. Views are of `text`.
[[nodiscard]] std::optional<OomLine> parseOomLine(std::string_view text);

/// True for the beginning of a Victim line, which the kernel writes in pieces.
[[nodiscard]] bool beginsVictimLine(std::string_view text);

/// Path and name of a victim.
struct OomTask
{
    std::string_view path{};
    std::string_view comm{};
};
/// Splits OomLine::taskAndComm. @param comm the victim's name as the Killed line has it, since both may hold ",task=";
/// empty: not known.
[[nodiscard]] OomTask splitTask(std::string_view taskAndComm, std::string_view comm);

} // namespace gantry::alerts
