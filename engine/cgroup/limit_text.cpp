// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/limit_text.h"

#include "engine/base/limit_lines.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>

#include <unistd.h>

namespace gantry::cgroup {

namespace {

using Rate = std::optional<Limit<std::uint64_t>>;

constexpr std::array<ThrottleFile, 4> kThrottleFiles{{
    {"blkio.throttle.read_bps_device", &IoMax::rbps},
    {"blkio.throttle.write_bps_device", &IoMax::wbps},
    {"blkio.throttle.read_iops_device", &IoMax::riops},
    {"blkio.throttle.write_iops_device", &IoMax::wiops},
}};

constexpr std::string_view kMemoryFile = "memory.limit_in_bytes";
constexpr std::string_view kMemswFile = "memory.memsw.limit_in_bytes";

std::string v1Bytes(Limit<std::uint64_t> value)
{
    return value ? strCat(*value) : std::string("-1");
}

IoMax *find(std::vector<IoMax> &devices, DeviceNumber device)
{
    const auto found = std::ranges::find(devices, device, &IoMax::device);
    return found == devices.end() ? nullptr : &*found;
}

/// The rates of one device that hold now, "max" where none is set.
IoMax ratesOf(const std::vector<IoMax> &devices, DeviceNumber device)
{
    const auto found = std::ranges::find(devices, device, &IoMax::device);
    IoMax out = found == devices.end() ? IoMax{device, {}, {}, {}, {}} : *found;
    for (const ThrottleFile &file : kThrottleFiles)
        if (!(out.*file.rate))
            out.*file.rate = Limit<std::uint64_t>{};
    return out;
}

WriteStep memoryStep(std::string_view file, Limit<std::uint64_t> value, Limit<std::uint64_t> current)
{
    return {std::string(file), v1Bytes(value), v1Bytes(current)};
}

Result<LimitValue> parseDevices(const LimitInfo &info, std::string_view text)
{
    std::vector<IoMax> devices;
    while (const auto line = takeLine(text)) {
        auto value = parseLimitValue(info.key, *line);
        if (!value)
            return failParse(info.name, *line);
        std::ranges::move(std::get<std::vector<IoMax>>(*value), std::back_inserter(devices));
    }
    return devices;
}

/// Kernel: a file of lines takes one line a write; each page size is a file of its own.
std::vector<WriteStep> stepsOfLines(const LimitInfo &info, const std::string &value, const std::string &current)
{
    std::vector<WriteStep> out;
    const auto held = readLimitLines(info, current).value_or(std::vector<LimitLine>{});
    for (const LimitLine &line : readLimitLines(info, value).value_or(std::vector<LimitLine>{})) {
        const auto old = std::ranges::find(held, line.name, &LimitLine::name);
        const LimitLine undo = old == held.end() ? unsetLine(info, line) : *old;
        if (const auto sizes = pageSizeFiles(info.key); !sizes.prefix.empty())
            out.push_back({strCat(sizes.prefix, line.name, sizes.suffix), line.fields.front().second,
                           undo.fields.front().second});
        else
            out.push_back(
                {std::string(info.name), limitLinesText(std::span(&line, 1)), limitLinesText(std::span(&undo, 1))});
    }
    return out;
}

} // namespace

PageSizeFiles pageSizeFiles(LimitKey key)
{
    if (key == LimitKey::HugetlbMax)
        return {"hugetlb.", ".max"};
    if (key == LimitKey::HugetlbRsvdMax)
        return {"hugetlb.", ".rsvd.max"};
    return {};
}

std::optional<std::string_view> pageSizeOf(LimitKey key, std::string_view file)
{
    const PageSizeFiles files = pageSizeFiles(key);
    if (files.prefix.empty() || !file.starts_with(files.prefix) || !file.ends_with(files.suffix) ||
        file.size() <= files.prefix.size() + files.suffix.size())
        return std::nullopt;
    file.remove_prefix(files.prefix.size());
    file.remove_suffix(files.suffix.size());
    return file.contains('.') ? std::nullopt : std::optional(file); // "2MB.rsvd" is of the other key
}

const std::array<ThrottleFile, 4> &throttleFiles()
{
    return kThrottleFiles;
}

Result<LimitValue> parseV2Limit(LimitKey key, std::string_view text)
{
    const LimitInfo &info = limitInfo(key);
    const std::string_view word = trim(text);
    switch (info.shape) {
    case LimitShape::WeightNumber:
    case LimitShape::ByteSize:
    case LimitShape::PlainCount:
    case LimitShape::Microseconds:
    case LimitShape::Toggle:
        if (word == "max" && info.unlimited)
            return Unlimited{};
        if (const auto number = parseU64(word))
            return *number;
        return failParse(info.name, text);
    case LimitShape::CpuBandwidth:
        if (auto value = parseLimitValue(key, text))
            return value;
        return failParse(info.name, text);
    case LimitShape::DeviceRates:
        return parseDevices(info, text);
    case LimitShape::Percentage:
        if (word == "max")
            return Unlimited{};
        return std::string(word);
    case LimitShape::NumberList:
    case LimitShape::Word:
        return std::string(word);
    case LimitShape::DeviceWeights:
    case LimitShape::DeviceFields:
    case LimitShape::NamedFields:
    case LimitShape::NamedSizes:
        break;
    }
    return limitLinesText(GANTRY_TRY(readLimitLines(info, text)));
}

Result<Limit<std::uint64_t>> parseV1Bytes(std::string_view text)
{
    const std::uint64_t bytes = GANTRY_TRY(parseU64(trim(text)));
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    // Kernel: PAGE_COUNTER_MAX pages; 9223372036854771712 with pages of 4 KiB.
    constexpr auto kLongMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return bytes >= kLongMax / page * page ? Limit<std::uint64_t>{} : Limit<std::uint64_t>{bytes};
}

Result<CpuMax> parseV1CpuMax(std::string_view quota, std::string_view period)
{
    const std::int64_t micros = GANTRY_TRY(parseI64(trim(quota)));
    CpuMax out;
    out.period = Micros(GANTRY_TRY(parseU64(trim(period))));
    if (micros >= 0)
        out.quota = Micros(static_cast<std::uint64_t>(micros));
    return out;
}

Result<std::vector<DeviceRate>> parseThrottle(std::string_view text)
{
    std::vector<DeviceRate> out;
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const auto device = parseDeviceNumber(takeToken(rest));
        const auto rate = parseU64(trim(rest));
        if (!device || !rate)
            return failParse("blkio.throttle line", *line);
        out.emplace_back(*device, *rate);
    }
    return out;
}

std::optional<Limit<std::uint64_t>> swapOf(const V1Memory &memory)
{
    if (!memory.withSwap)
        return std::nullopt;
    if (!*memory.withSwap || !memory.memory)
        return Limit<std::uint64_t>{};
    return **memory.withSwap - std::min(*memory.memory, **memory.withSwap);
}

std::vector<WriteStep> stepsV2(LimitKey key, const LimitValue &value, const LimitValue &current)
{
    const LimitInfo &info = limitInfo(key);
    const std::string file(info.name);
    if (hasLines(info.shape))
        return stepsOfLines(info, std::get<std::string>(value), std::get<std::string>(current));
    if (const auto *text = std::get_if<std::string>(&value)) {
        // An empty write(2) never reaches the file: a line end stands for "nothing".
        const std::string old = splitInvalid(limitValueText(current)).first;
        return {{file, text->empty() ? "\n" : *text, old.empty() ? "\n" : old}};
    }
    if (!std::holds_alternative<std::vector<IoMax>>(value))
        return {{file, limitValueText(value), limitValueText(current)}};
    // Kernel: io.max takes one device a write.
    std::vector<WriteStep> out;
    const auto &held = std::get<std::vector<IoMax>>(current);
    for (const IoMax &device : std::get<std::vector<IoMax>>(value))
        out.push_back(
            {file, limitValueText(std::vector{device}), limitValueText(std::vector{ratesOf(held, device.device)})});
    return out;
}

std::vector<WriteStep> stepsV1CpuMax(const CpuMax &value, const CpuMax &current, bool periodFirst)
{
    const auto quotaText = [](const CpuMax &of) { return of.quota ? strCat(of.quota->count()) : std::string("-1"); };
    std::vector<WriteStep> out;
    if (value.quota != current.quota)
        out.push_back({"cpu.cfs_quota_us", quotaText(value), quotaText(current)});
    if (value.period.count() != 0 && value.period != current.period)
        out.push_back({"cpu.cfs_period_us", strCat(value.period.count()), strCat(current.period.count())});
    if (periodFirst)
        std::ranges::reverse(out);
    return out;
}

std::vector<WriteStep> stepsV1Memory(Limit<std::uint64_t> value, const V1Memory &current)
{
    const WriteStep memory = memoryStep(kMemoryFile, value, current.memory);
    if (!current.withSwap || !*current.withSwap)
        return {memory};
    const Limit<std::uint64_t> swap = *swapOf(current);
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    const bool fits = value && swap && *swap <= kMost - *value;
    const WriteStep both =
        memoryStep(kMemswFile, fits ? Limit<std::uint64_t>{*value + *swap} : Limit<std::uint64_t>{}, *current.withSwap);
    const bool raise = !value || (current.memory && *value > *current.memory);
    return raise ? std::vector{both, memory} : std::vector{memory, both};
}

Result<std::vector<WriteStep>> stepsV1Swap(Limit<std::uint64_t> value, const V1Memory &current)
{
    if (!current.withSwap)
        return fail(ENOTSUP, "setLimits", "memory.swap.max", "this kernel does not account swap to cgroups (v1)",
                    "boot with swapaccount=1");
    if (value && !current.memory)
        return fail(EINVAL, "setLimits", "memory.swap.max",
                    "cgroup v1 limits memory and swap together, and memory.max is unlimited", "set memory.max first");
    Limit<std::uint64_t> both;
    if (value) {
        if (*value > std::numeric_limits<std::uint64_t>::max() - *current.memory)
            return fail(ERANGE, "setLimits", "memory.swap.max", "memory and swap together exceed what can be counted");
        both = *value + *current.memory;
    }
    return std::vector{memoryStep(kMemswFile, both, *current.withSwap)};
}

std::vector<WriteStep> stepsV1IoMax(const std::vector<IoMax> &value, const std::vector<IoMax> &current)
{
    std::vector<WriteStep> out;
    for (const IoMax &device : value) {
        const IoMax held = ratesOf(current, device.device);
        const auto line = [&device](const Rate &rate) { // 0 takes the limit away
            return strCat(device.device.major, ':', device.device.minor, ' ', rate->value_or(0));
        };
        for (const ThrottleFile &file : kThrottleFiles)
            if (device.*file.rate)
                out.push_back({std::string(file.name), line(device.*file.rate), line(held.*file.rate)});
    }
    return out;
}

std::vector<IoMax> mergedIoMax(std::vector<IoMax> current, const std::vector<IoMax> &change)
{
    for (const IoMax &device : change) {
        IoMax *held = find(current, device.device);
        if (held == nullptr)
            held = &current.emplace_back(ratesOf({}, device.device));
        for (const ThrottleFile &file : kThrottleFiles)
            if (device.*file.rate)
                held->*file.rate = device.*file.rate;
    }
    std::erase_if(current, [](const IoMax &device) {
        return std::ranges::none_of(kThrottleFiles, [&device](const ThrottleFile &file) {
            return (device.*file.rate) && (device.*file.rate)->has_value();
        });
    });
    return current;
}

} // namespace gantry::cgroup
