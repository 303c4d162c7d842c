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

/// What can be set on a cgroup, by its v2 file.
enum class LimitKey : std::uint8_t {
    MemoryMin,
    MemoryLow,
    MemoryHigh,
    MemoryMax,
    MemorySwapMax,
    CpuWeight,
    CpuMax,
    IoMax,
    PidsMax
};
inline constexpr std::size_t kLimitKeyCount = 9;

enum class LimitShape : std::uint8_t { ByteSize, WeightNumber, CpuBandwidth, DeviceRates, PlainCount };
enum class LimitRole : std::uint8_t { Guarantee, Soft, Hard, Share };

/// One row a settable file: dialogs, CLI, readers, writers and tests iterate it.
struct LimitInfo
{
    LimitKey key;
    std::string_view name; ///< v2 file name
    LimitShape shape;
    LimitRole role;
    std::uint64_t least; ///< smallest number accepted
    std::uint64_t most;  ///< greatest number accepted
    bool unlimited;      ///< "max" is accepted
    std::string_view controller;
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

/// A limit's value: "max", a number in the key's unit, a CPU quota, a list of device limits, or the text of the file for
/// every other shape.
using LimitValue = std::variant<Unlimited, std::uint64_t, CpuMax, std::vector<IoMax>, std::string>;

/// Value as a person types it for `key`:
///   bytes    "max", "300M", "1.5GiB", "4096": suffix K M G T P (1024), optionally followed by "iB" or "B"
///   weight   1 .. 10000
///   cpu.max  "max", "50%", "1.5cpu", "50000/100000", "50000 100000", "max 100000"
///   io.max   "8:0 rbps=1M wiops=max", several devices separated by ","
///   pids.max "max" or a count
/// @errors EINVAL or ERANGE; subject is the key, detail the offending text, remedy an example that is legal.
[[nodiscard]] Result<LimitValue> parseLimitValue(LimitKey key, std::string_view text);
/// The same check for a value that came by another way (wire, slider).
[[nodiscard]] Result<> checkLimitValue(LimitKey key, const LimitValue &value);
/// The value as the v2 file spells it ("314572800", "max 100000", "8:0 rbps=1048576"): for logs, audit and the CLI.
[[nodiscard]] std::string limitValueText(const LimitValue &value);
/// Bytes with a binary suffix as parseLimitValue reads them ("300M", "1.5G"); exact where that is short, else digits.
[[nodiscard]] std::string compactBytes(std::uint64_t bytes);
/// "300M" and the like into bytes. @errors EINVAL, ERANGE.
[[nodiscard]] Result<std::uint64_t> parseBytes(std::string_view text);

} // namespace gantry
