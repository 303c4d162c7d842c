// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::cgroup {

/// Texts of limit files into values and values into the writes that set them. No I/O here. Thread: any.

/// A v2 limit file: "max", a number, "max 100000", a word, or lines. @errors EILSEQ with the text.
[[nodiscard]] Result<LimitValue> parseV2Limit(LimitKey key, std::string_view text);
/// A v1 memory limit in bytes; what the kernel writes for "no limit" (LONG_MAX rounded down to a page) is nullopt.
[[nodiscard]] Result<Limit<std::uint64_t>> parseV1Bytes(std::string_view text);
/// v1 cpu.cfs_quota_us (-1: no quota) and cpu.cfs_period_us.
[[nodiscard]] Result<CpuMax> parseV1CpuMax(std::string_view quota, std::string_view period);
/// A v1 blkio.throttle.*_device file: "8:0 1048576" lines.
using DeviceRate = std::pair<DeviceNumber, std::uint64_t>;
[[nodiscard]] Result<std::vector<DeviceRate>> parseThrottle(std::string_view text);

/// The four v1 throttle files in the order rbps, wbps, riops, wiops, and that rate in an IoMax.
struct ThrottleFile
{
    std::string_view name;
    std::optional<Limit<std::uint64_t>> IoMax::*rate;
};
[[nodiscard]] const std::array<ThrottleFile, 4> &throttleFiles();

/// v1 memory counts memory and memory + swap; v2 counts memory and swap.
struct V1Memory
{
    Limit<std::uint64_t> memory;
    std::optional<Limit<std::uint64_t>> withSwap; ///< nullopt: the kernel does not account swap
};
/// v2 memory.swap.max of it. nullopt: not accounted.
[[nodiscard]] std::optional<Limit<std::uint64_t>> swapOf(const V1Memory &memory);

/// One write(2), and the one that undoes it.
struct WriteStep
{
    std::string file;
    std::string text;
    std::string undo;
    bool operator==(const WriteStep &) const = default;
};

/// A key that has one file a page size: "hugetlb." + "2MB" + ".max". Empty for every other key.
struct PageSizeFiles
{
    std::string_view prefix;
    std::string_view suffix;
};
[[nodiscard]] PageSizeFiles pageSizeFiles(LimitKey key);
/// "2MB" for "hugetlb.2MB.max" and its key; nullopt if the file is not one of that key.
[[nodiscard]] std::optional<std::string_view> pageSizeOf(LimitKey key, std::string_view file);

/// Writes for v2. @param current what the file holds now, for the undo.
[[nodiscard]] std::vector<WriteStep> stepsV2(LimitKey key, const LimitValue &value, const LimitValue &current);
/// Writes for a v1 quota and period. Kernel: both are checked against the parent and the children at each write, so
/// there are two orders; `periodFirst` picks one.
[[nodiscard]] std::vector<WriteStep> stepsV1CpuMax(const CpuMax &value, const CpuMax &current, bool periodFirst);
/// Writes that set memory.max and keep the allowance of swap. Kernel: memsw may never be below the memory limit.
[[nodiscard]] std::vector<WriteStep> stepsV1Memory(Limit<std::uint64_t> value, const V1Memory &current);
/// Writes that set memory.swap.max. @errors ENOTSUP without swap accounting, EINVAL where memory itself is unlimited.
[[nodiscard]] Result<std::vector<WriteStep>> stepsV1Swap(Limit<std::uint64_t> value, const V1Memory &current);
/// Writes for the v1 throttle files; only rates that `value` names.
[[nodiscard]] std::vector<WriteStep> stepsV1IoMax(const std::vector<IoMax> &value, const std::vector<IoMax> &current);

/// `current` with the rates that `change` names; devices without any limit are left out, as the kernel does.
[[nodiscard]] std::vector<IoMax> mergedIoMax(std::vector<IoMax> current, const std::vector<IoMax> &change);

} // namespace gantry::cgroup
