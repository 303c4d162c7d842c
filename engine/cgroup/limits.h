// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"
#include "engine/cgroup/hierarchy.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::cgroup {

/// How a v2 limit is kept on v1, for readers, writers, the Limits page and help.
struct LimitMapping
{
    LimitKey key;
    std::string_view v1File; ///< "memory.limit_in_bytes" ...; for several files the first one; empty: no counterpart
    std::string_view note;   ///< conversion in words ("shares * 100 / 1024"), or what is missing
};
[[nodiscard]] const LimitMapping &limitMapping(LimitKey key);

/// Where a limit is kept on this host.
struct LimitFile
{
    const Hierarchy *hierarchy = nullptr;
    std::string name; ///< file inside the cgroup's directory
};
/// @errors ENOTSUP with a sentence ("memory.min has no counterpart in cgroup v1; memory is on a v1 hierarchy here"), or
/// ENODEV when the controller is mounted nowhere.
[[nodiscard]] Result<LimitFile> limitFile(const Hierarchies &hierarchies, LimitKey key);

/// Reads one limit, converted to v2 units and meaning (shares to weight, quota + period to CpuMax, throttle files to
/// IoMax, memsw minus limit to swap, 9223372036854771712 to Unlimited).
/// @errors as limitFile(); ENOENT where this cgroup has no such file (root, or controller not enabled in the parent);
/// ENODEV removed; EACCES; EILSEQ for a file of another shape. Subject: hierarchy-relative "/a/b/memory.max".
[[nodiscard]] Result<LimitValue> readLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key);

/// The same by path alone, without the check of identity: for ancestors.
[[nodiscard]] Result<LimitValue> readLimit(const Hierarchies &hierarchies, const CgroupPath &path, LimitKey key);

/// Writes one limit, identity checked first, and reads it back. May block in the kernel's reclaim for seconds: workers
/// only. On kernels that know it the file is opened with O_NONBLOCK (cgroup-v2.rst, memory.max).
/// A v1 value made of several files (quota and period, memory and memsw) is written in an order that is legal at each
/// step, and put back when a later step fails.
/// @return what the kernel holds now.
/// @errors ESTALE, EBUSY (v1 limit below usage), EINVAL (child quota above the parent's on v1), EACCES ...
[[nodiscard]] Result<LimitValue> writeLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key,
                                            const LimitValue &value);

/// What the kernel will make of the value without writing it: page and weight rounding, period kept.
[[nodiscard]] LimitValue roundedLimit(const Hierarchies &hierarchies, LimitKey key, const LimitValue &wanted,
                                      const std::optional<LimitValue> &current);

/// True for a value that caps nobody: "max", no quota, no device, no list, "max" of every size and device.
[[nodiscard]] bool limitsNothing(const LimitValue &value);

/// The value that holds, and who decides it.
struct EffectiveLimit
{
    std::optional<LimitValue> value; ///< nullopt: nothing limits
    CgroupPath limitedBy;            ///< this cgroup or an ancestor; meaningless without a value
};
/// Walks the ancestors, as LimitReach tells: the least of memory.max, memory.high, pids.max, swap, huge pages and
/// devices; the least quota/period of cpu.max; for io the least per device and rate; for memory.min/low on v2 what the
/// kernel's own arithmetic leaves after ancestors and siblings, as they are used now; for CPUs and memory nodes the
/// kernel's effective list; for shares and modes the value itself. `own` replaces this cgroup's configured value
/// (preview). Ancestors that cannot be read are skipped and named in `unreadable`.
[[nodiscard]] EffectiveLimit effectiveLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key,
                                            const std::optional<LimitValue> &own, std::string *unreadable = nullptr);

/// CPU shares (v1, 2 .. 262144) and weight (v2, 1 .. 10000): weight = shares * 100 / 1024, rounded to the nearest
/// as the kernel does, clamped. Source: research, section 1.5; kernel cgroup-v2 cpu_weight_write_u64.
[[nodiscard]] std::uint64_t weightFromShares(std::uint64_t shares);
[[nodiscard]] std::uint64_t sharesFromWeight(std::uint64_t weight);

} // namespace gantry::cgroup
