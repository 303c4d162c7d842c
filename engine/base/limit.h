// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/quantity.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry {

/// What can be set on a cgroup, by its v2 file. cpu.weight.nice is left out: it is cpu.weight in other words.
/// cgroup.subtree_control is a verb of its own (Control.SetControllers).
enum class LimitKey : std::uint8_t {
    MemoryMin,
    MemoryLow,
    MemoryHigh,
    MemoryMax,
    MemorySwapHigh,
    MemorySwapMax,
    MemoryZswapMax,
    MemoryZswapWriteback,
    MemoryOomGroup,
    CpuWeight,
    CpuMax,
    CpuMaxBurst,
    CpuIdle,
    CpuUclampMin,
    CpuUclampMax,
    CpusetCpus,
    CpusetMems,
    CpusetCpusExclusive,
    CpusetCpusPartition,
    IoMax,
    IoWeight,
    IoBfqWeight,
    IoLatency,
    IoPrioClass,
    IoCostQos,
    IoCostModel,
    PidsMax,
    HugetlbMax,
    HugetlbRsvdMax,
    RdmaMax,
    MiscMax,
    DmemMax,
    DmemLow,
    DmemMin,
    CgroupMaxDepth,
    CgroupMaxDescendants,
    CgroupPressure,
    CgroupType
};
inline constexpr std::size_t kLimitKeyCount = 38;

/// How a value is written; the last seven are text (std::string) in a LimitValue.
enum class LimitShape : std::uint8_t {
    ByteSize,
    WeightNumber,
    CpuBandwidth,
    DeviceRates,
    PlainCount,
    Microseconds,
    Toggle,        ///< 0 or 1
    Percentage,    ///< "0.00" .. "100.00", or max
    NumberList,    ///< CPUs or memory nodes: "0-3,8"; empty: the parent's
    Word,          ///< one of a few
    DeviceWeights, ///< "default 100, 8:0 200"
    DeviceFields,  ///< "8:0 target=10000"
    NamedFields,   ///< "mlx4_0 hca_handle=2 hca_object=max"
    NamedSizes     ///< "2MB max, 1GB 1073741824"
};
enum class LimitRole : std::uint8_t { Guarantee, Soft, Hard, Share, Mode };
/// What ancestors do to a value.
enum class LimitReach : std::uint8_t {
    Own,       ///< nothing
    Least,     ///< the strictest of the chain holds
    Protected, ///< the kernel shares the parent's protection between siblings (mm/page_counter.c, effective_protection)
    Inherited, ///< the kernel tells in another file (cpuset.cpus.effective)
    Host       ///< there is one for the whole host: the file is in the root cgroup alone
};

/// One row a settable file: dialogs, CLI, readers, writers and tests iterate it.
struct LimitInfo
{
    LimitKey key;
    std::string_view name; ///< v2 file name; "hugetlb.max" stands for one file a page size
    LimitShape shape;
    LimitRole role;
    LimitReach reach;
    std::uint64_t least;         ///< smallest number accepted
    std::uint64_t most;          ///< greatest number accepted
    bool unlimited;              ///< "max" is accepted
    std::string_view controller; ///< empty: of the cgroup itself
    std::string_view words;      ///< Word: the values; Fields: the fields; blank-separated
};

[[nodiscard]] const std::array<LimitInfo, kLimitKeyCount> &limitTable();
[[nodiscard]] const LimitInfo &limitInfo(LimitKey key);
/// @errors EINVAL naming the key and listing the legal ones.
[[nodiscard]] Result<LimitKey> limitKeyByName(std::string_view name);

struct DeviceNumber
{
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    auto operator<=>(const DeviceNumber &) const = default;
};
/// "8:0" as the kernel writes it. @errors EILSEQ with the text.
[[nodiscard]] Result<DeviceNumber> parseDeviceNumber(std::string_view text);

/// cpu.max: quota of CPU time in each period; no quota is "max".
struct CpuMax
{
    Limit<Micros> quota;
    Micros period{0}; ///< 1 ms .. 1 s; zero in a request: keep the period in force
    bool operator==(const CpuMax &) const = default;
};

/// One device line of io.max. An outer nullopt leaves that rate as it is, an inner one is "max". Per second.
struct IoMax
{
    DeviceNumber device;
    std::optional<Limit<std::uint64_t>> rbps, wbps, riops, wiops;
    bool operator==(const IoMax &) const = default;
};

struct Unlimited
{
    bool operator==(const Unlimited &) const = default;
};

/// A limit's value: "max", a number in the key's unit, a CPU quota, a list of device limits, or the text of the file
/// for every other shape.
using LimitValue = std::variant<Unlimited, std::uint64_t, CpuMax, std::vector<IoMax>, std::string>;

/// Value as a person types it for `key`:
///   bytes    "max", "300M", "1.5GiB", "4096": suffix K M G T P (1024), optionally followed by "iB" or "B"
///   weight   1 .. 10000
///   cpu.max  "max", "50%", "1.5cpu", "50000/100000", "50000 100000", "max 100000"
///   io.max   "8:0 rbps=1M wiops=max", several devices separated by ","
///   pids.max "max" or a count
///   others   as LimitShape tells; several lines of a file are separated by ","
/// @errors EINVAL or ERANGE; subject is the key, detail the offending text, remedy an example that is legal.
[[nodiscard]] Result<LimitValue> parseLimitValue(LimitKey key, std::string_view text);
/// The same check for a value that came by another way (wire, slider).
[[nodiscard]] Result<> checkLimitValue(LimitKey key, const LimitValue &value);
/// The value as the v2 file spells it ("314572800", "max 100000", "8:0 rbps=1048576"): for logs, audit and the CLI.
[[nodiscard]] std::string limitValueText(const LimitValue &value);
/// The words of a key with LimitShape::Word, or the fields of one with fields.
[[nodiscard]] std::vector<std::string> limitWords(const LimitInfo &info);
/// Bytes with a binary suffix as parseLimitValue reads them ("300M", "1.5G"); exact where that is short, else digits.
[[nodiscard]] std::string compactBytes(std::uint64_t bytes);
/// "300M" and the like into bytes. @errors EINVAL, ERANGE.
[[nodiscard]] Result<std::uint64_t> parseBytes(std::string_view text);

} // namespace gantry
