// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/quantity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::alerts {

/// What is known about one kill by the kernel's OOM killer; mirrors gantry.v1.OomKill. Names and paths are the kernel's
/// bytes, as they are.
struct OomRecord
{
    std::string limitPath{};  ///< whose limit could not be kept; "/": the host's memory; empty: the kernel did not say
    std::string victimPath{}; ///< empty: the kernel did not say
    std::int32_t victimPid = 0;
    std::string victimComm{};
    std::uint32_t victimUid = 0;
    Bytes totalVm{};
    Bytes anonRss{};
    Bytes fileRss{};
    Bytes shmemRss{};
    std::int32_t oomScoreAdj = 0;
    std::int32_t triggerPid = 0; ///< who asked for the memory; 0: not known
    std::string triggerComm{};
    std::string constraint{};                 ///< "memcg", "none" (the host), "cpuset", "mempolicy"; empty: not known
    std::uint64_t sampledMonotonicMicros = 0; ///< of limitUsage and victimUsage; 0: there was no sample
    std::optional<Bytes> limitUsage{};        ///< of limitPath, as sampled
    std::optional<Bytes> limitMax{};          ///< as the kernel reported it with the kill, else as sampled
    std::optional<Bytes> victimUsage{};       ///< of victimPath, as sampled
    std::uint64_t lastChangeSequence = 0;     ///< event that last changed a memory limit of limitPath; 0: none seen
    std::string lastChange{};                 ///< that event as text
    std::vector<std::string> kernelLog{};     ///< the kernel's lines that matter, printable
    bool group = false;                       ///< memory.oom.group: the whole cgroup was killed
};

} // namespace gantry::alerts
