// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/systemd/properties.h"

#include "engine/base/limit_lines.h"
#include "engine/base/parse.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace gantry::systemd {

namespace {

constexpr std::uint64_t kMicrosPerSecond = 1'000'000;
constexpr std::uint64_t kMicrosPerPercent = 10'000;
constexpr Micros kDefaultPeriod{100'000};
constexpr std::uint64_t kMostCpu = 8191;

constexpr std::array kRows{
    PropertyRow{"memory.min", "MemoryMin", "MemoryMin", ""},
    PropertyRow{"memory.low", "MemoryLow", "MemoryLow", ""},
    PropertyRow{"memory.high", "MemoryHigh", "MemoryHigh", "EffectiveMemoryHigh"},
    PropertyRow{"memory.max", "MemoryMax", "MemoryMax", "EffectiveMemoryMax"},
    PropertyRow{"memory.swap.max", "MemorySwapMax", "MemorySwapMax", ""},
    PropertyRow{"memory.zswap.max", "MemoryZSwapMax", "MemoryZSwapMax", ""},
    PropertyRow{"memory.zswap.writeback", "MemoryZSwapWriteback", "MemoryZSwapWriteback", ""},
    PropertyRow{"cpu.weight", "CPUWeight", "CPUWeight", ""},
    PropertyRow{"cpu.idle", "CPUWeight", "CPUWeight", ""},
    PropertyRow{"cpu.max", "CPUQuotaPerSecUSec", "CPUQuota", ""},
    PropertyRow{"cpuset.cpus", "AllowedCPUs", "AllowedCPUs", ""},
    PropertyRow{"cpuset.mems", "AllowedMemoryNodes", "AllowedMemoryNodes", ""},
    PropertyRow{"io.max", "IOReadBandwidthMax", "IOReadBandwidthMax", ""},
    PropertyRow{"io.weight", "IOWeight", "IOWeight", ""},
    PropertyRow{"io.latency", "IODeviceLatencyTargetUSec", "IODeviceLatencyTargetSec", ""},
    PropertyRow{"pids.max", "TasksMax", "TasksMax", "EffectiveTasksMax"},
};

std::unexpected<Error> wrongValue(std::string_view file, const LimitValue &value)
{
    return fail(EINVAL, "propertiesFor", file, limitValueText(value), "this value cannot be told to systemd");
}

/// Nearest whole percent of a CPU, in microseconds a second.
std::uint64_t perSecond(const CpuMax &value)
{
    if (!value.quota)
        return kInfinity;
    const std::uint64_t period = value.period.count() != 0 ? value.period.count() : kDefaultPeriod.count();
    const std::uint64_t exact = value.quota->count() * kMicrosPerSecond / period;
    return std::max<std::uint64_t>(1, (exact + kMicrosPerPercent / 2) / kMicrosPerPercent) * kMicrosPerPercent;
}

/// systemd looks a device up by its node; /dev/block has every number where udev runs.
std::string nodeOf(const DeviceNumber &device)
{
    const std::string number = strCat(device.major, ":", device.minor);
    std::error_code code;
    const auto link = std::filesystem::read_symlink(strCat("/sys/dev/block/", number), code);
    std::string name = code ? std::string() : link.filename().string();
    std::ranges::replace(name, '!', '/'); // the kernel's stand-in for '/' ("cciss!c0d0")
    const std::string node = strCat("/dev/", name);
    return !name.empty() && std::filesystem::exists(node, code) ? node : strCat("/dev/block/", number);
}

std::vector<Property> ioProperties(const std::vector<IoMax> &devices)
{
    struct Rate
    {
        std::string_view property;
        std::optional<Limit<std::uint64_t>> IoMax::*field;
    };
    static constexpr std::array kRates{Rate{"IOReadBandwidthMax", &IoMax::rbps},
                                       Rate{"IOWriteBandwidthMax", &IoMax::wbps}, Rate{"IOReadIOPSMax", &IoMax::riops},
                                       Rate{"IOWriteIOPSMax", &IoMax::wiops}};
    std::vector<Property> out;
    for (const Rate &rate : kRates) {
        Property::Devices values;
        for (const IoMax &device : devices) {
            if (const auto &limit = device.*(rate.field))
                values.emplace_back(nodeOf(device.device), limit->value_or(kInfinity));
        }
        // No empty array first: it would clear the devices that were not asked about.
        if (!values.empty())
            out.push_back({std::string(rate.property), std::move(values)});
    }
    return out;
}

/// "default 100, 8:0 200": the default and the devices.
Result<std::vector<Property>> weightProperties(std::string_view text)
{
    std::vector<Property> out;
    Property::Devices devices;
    for (const LimitLine &line : GANTRY_TRY(readLimitLines(limitInfo(LimitKey::IoWeight), text))) {
        const std::string &weight = line.fields.front().second;
        if (line.name == "default")
            out.push_back({"IOWeight", GANTRY_TRY(parseU64(weight))});
        else
            devices.emplace_back(nodeOf(GANTRY_TRY(parseDeviceNumber(line.name))),
                                 weight == "default" ? kInfinity : GANTRY_TRY(parseU64(weight)));
    }
    if (!devices.empty())
        out.push_back({"IODeviceWeight", std::move(devices)});
    return out;
}

/// "8:0 target=75000".
Result<std::vector<Property>> latencyProperties(std::string_view text)
{
    Property::Devices devices;
    for (const LimitLine &line : GANTRY_TRY(readLimitLines(limitInfo(LimitKey::IoLatency), text))) {
        const auto &[field, micros] = line.fields.front();
        if (field != "target")
            return failParse("io.latency", text);
        devices.emplace_back(nodeOf(GANTRY_TRY(parseDeviceNumber(line.name))),
                             micros == "max" ? 0 : GANTRY_TRY(parseU64(micros)));
    }
    return std::vector<Property>{{"IODeviceLatencyTargetUSec", std::move(devices)}};
}

/// One bit a CPU or memory node, lowest first.
Result<std::vector<std::uint8_t>> bitsOf(const LimitInfo &info, std::string_view list)
{
    std::vector<std::uint8_t> out;
    for (const auto &[first, last] : GANTRY_TRY(parseNumberRanges(info, list))) {
        if (last > kMostCpu)
            return fail(ERANGE, "propertiesFor", info.name, list, "systemd takes numbers up to 8191");
        out.resize(std::max<std::size_t>(out.size(), last / 8 + 1));
        for (std::uint64_t n = first; n <= last; ++n)
            out[n / 8] = static_cast<std::uint8_t>(out[n / 8] | 1u << n % 8);
    }
    return out;
}

/// cpu.idle and memory.zswap.writeback: 0 or 1, as a number or a text.
std::optional<bool> toggleOf(const LimitValue &value)
{
    const std::string text = limitValueText(value);
    return text == "0" ? std::optional(false) : text == "1" ? std::optional(true) : std::nullopt;
}

/// Systemd writes an assignment of a device as "PATH VALUE".
std::string assignmentText(const Property &property)
{
    std::string out;
    const auto number = [](std::uint64_t v) { return v == kInfinity ? std::string("infinity") : strCat(v); };
    if (const auto *single = std::get_if<std::uint64_t>(&property.value))
        return strCat(property.name, "=", number(*single));
    if (const auto *flag = std::get_if<bool>(&property.value))
        return strCat(property.name, "=", *flag ? "yes" : "no");
    for (const auto &[node, value] : std::get<Property::Devices>(property.value))
        out += strCat(out.empty() ? "" : " ", property.name, "='", node, " ", number(value), "'");
    return out;
}

} // namespace

const PropertyRow *propertyRow(std::string_view file)
{
    const auto row = std::ranges::find(kRows, file, &PropertyRow::file);
    return row == kRows.end() ? nullptr : &*row;
}

LimitValue asApplied(std::string_view file, const LimitValue &value)
{
    const auto *cpu = std::get_if<CpuMax>(&value);
    if (file != "cpu.max" || cpu == nullptr || !cpu->quota)
        return value;
    const Micros period = cpu->period.count() != 0 ? cpu->period : kDefaultPeriod;
    return CpuMax{Micros(perSecond(*cpu) * period.count() / kMicrosPerSecond), cpu->period};
}

Result<std::vector<Property>> propertiesFor(std::string_view file, const LimitValue &value, Micros period)
{
    const PropertyRow *row = propertyRow(file);
    if (row == nullptr)
        return fail(ENOTSUP, "propertiesFor", file, "systemd has no property for it", "write the file itself");
    const auto one = [row](auto v) { return std::vector<Property>{{std::string(row->property), std::move(v)}}; };
    if (file == "io.max") {
        const auto *devices = std::get_if<std::vector<IoMax>>(&value);
        return devices != nullptr ? Result<std::vector<Property>>(ioProperties(*devices)) : wrongValue(file, value);
    }
    if (file == "cpu.max") {
        const auto *cpu = std::get_if<CpuMax>(&value);
        if (cpu == nullptr && !std::holds_alternative<Unlimited>(value))
            return wrongValue(file, value);
        CpuMax wanted = cpu != nullptr ? *cpu : CpuMax{std::nullopt, Micros(0)};
        const bool keepsPeriod = wanted.period.count() == 0;
        if (keepsPeriod)
            wanted.period = period;
        std::vector<Property> out = one(perSecond(wanted));
        if (!keepsPeriod)
            out.push_back({"CPUQuotaPeriodUSec", wanted.period == kDefaultPeriod ? kInfinity : wanted.period.count()});
        return out;
    }
    if (file == "cpu.idle" || file == "memory.zswap.writeback") {
        const auto on = toggleOf(value);
        if (!on)
            return wrongValue(file, value);
        // An idle unit is one of weight 0 for systemd; otherwise the default weight comes back.
        return file == "cpu.idle" ? one(*on ? std::uint64_t{0} : kInfinity) : one(*on);
    }
    if (file == "cpuset.cpus" || file == "cpuset.mems") {
        const auto *list = std::get_if<std::string>(&value);
        if (list == nullptr)
            return wrongValue(file, value);
        const LimitKey key = GANTRY_TRY(limitKeyByName(file));
        return one(GANTRY_TRY(bitsOf(limitInfo(key), *list)));
    }
    if (file == "io.latency" || (file == "io.weight" && std::holds_alternative<std::string>(value))) {
        const auto *text = std::get_if<std::string>(&value);
        if (text == nullptr)
            return wrongValue(file, value);
        return file == "io.latency" ? latencyProperties(*text) : weightProperties(*text);
    }
    if (std::holds_alternative<Unlimited>(value))
        return one(kInfinity);
    const auto *number = std::get_if<std::uint64_t>(&value);
    return number != nullptr ? Result<std::vector<Property>>(one(*number)) : wrongValue(file, value);
}

Result<std::string> assignmentsFor(std::string_view file, const LimitValue &value)
{
    const std::vector<Property> properties = GANTRY_TRY(propertiesFor(file, value));
    if (file == "cpu.idle")
        return strCat("CPUWeight=", std::get<std::uint64_t>(properties.front().value) == 0 ? "idle" : "");
    if (file == "cpuset.cpus" || file == "cpuset.mems")
        return strCat(propertyRow(file)->setting, "=", std::get<std::string>(value));
    std::string out;
    for (const Property &property : properties) {
        out += out.empty() ? "" : " ";
        const auto *number = std::get_if<std::uint64_t>(&property.value);
        if (property.name == "CPUQuotaPerSecUSec")
            out += *number == kInfinity ? "CPUQuota=" : strCat("CPUQuota=", *number / kMicrosPerPercent, "%");
        else if (property.name == "CPUQuotaPeriodUSec")
            out += *number == kInfinity ? "CPUQuotaPeriodSec=" : strCat("CPUQuotaPeriodSec=", *number, "us");
        else if (property.name == "IODeviceLatencyTargetUSec")
            for (const auto &[node, micros] : std::get<Property::Devices>(property.value))
                out += strCat(out.ends_with(' ') || out.empty() ? "" : " ", "IODeviceLatencyTargetSec='", node, " ",
                              micros, "us'");
        else
            out += assignmentText(property);
    }
    return out;
}

} // namespace gantry::systemd
