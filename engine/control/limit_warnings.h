// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/verbs.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace gantry::control {

/// What a limit is about, now and in the key's unit: memory.current, swap in use, pids.current (v1: usage_in_bytes,
/// memsw minus memory). nullopt where there is no such number or it cannot be read.
[[nodiscard]] std::optional<std::uint64_t> usageOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup,
                                                   LimitKey key);

/// Everything that warnings about one new limit are made of.
struct LimitFacts
{
    LimitKey key;
    LimitValue wanted;
    LimitValue rounded;                            ///< what the kernel makes of it
    cgroup::EffectiveLimit effective;              ///< with `rounded` in force
    cgroup::Version version = cgroup::Version::V2; ///< of the hierarchy that has the file
    std::string file;
    cgroup::CgroupPath path;
    std::optional<std::uint64_t> usage;
    std::string kernel; ///< release, for facts that depend on it
};

/// Pure: the same facts give the same warnings.
[[nodiscard]] std::vector<Warning> limitWarnings(const LimitFacts &facts);

/// What is true for any change of this cgroup: it is frozen, the user's own session is inside.
[[nodiscard]] std::vector<Warning> cgroupWarnings(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup);

} // namespace gantry::control
