// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/limit.h"

#include "engine/base/limit_lines.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace gantry {

namespace {

// Kernel: memory limits are counted in pages in a long, so anything above this is "max" (PAGE_COUNTER_MAX).
constexpr std::uint64_t kMostBytes = 9'223'372'036'854'771'711U;
// Kernel: pids_max_write refuses values from PIDS_MAX = PID_MAX_LIMIT + 1 on.
constexpr std::uint64_t kMostPids = 4'194'304;
// Kernel: tg_set_cfs_bandwidth: quota and period at least 1 ms, period at most 1 s.
constexpr std::uint64_t kLeastQuota = 1'000;
constexpr std::uint64_t kLeastPeriod = 1'000;
constexpr std::uint64_t kMostPeriod = 1'000'000;
constexpr std::uint64_t kDefaultPeriod = 100'000;
// Kernel: max_cfs_runtime keeps the quota below 2^44 ns a period.
constexpr std::uint64_t kMostQuota = (std::uint64_t{1} << 44) / 1'000;

using enum LimitShape;
using enum LimitRole;

using enum LimitReach;

// Kernel: cgroup_max_depth_write and cgroup_max_descendants_write take an int.
constexpr std::uint64_t kMostInt = 2'147'483'647;
// Kernel: the burst is kept below max_cfs_runtime, as the quota is.
constexpr std::uint64_t kMostBurst = kMostQuota;
constexpr std::uint64_t kMostRate = std::numeric_limits<std::uint64_t>::max() - 1;

// Sources: Linux Documentation/admin-guide/cgroup-v2.rst for each file.
constexpr std::array<LimitInfo, kLimitKeyCount> kTable{{
    {LimitKey::MemoryMin, "memory.min", ByteSize, Guarantee, Protected, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemoryLow, "memory.low", ByteSize, Guarantee, Protected, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemoryHigh, "memory.high", ByteSize, Soft, Least, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemoryMax, "memory.max", ByteSize, Hard, Least, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemorySwapHigh, "memory.swap.high", ByteSize, Soft, Least, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemorySwapMax, "memory.swap.max", ByteSize, Hard, Least, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemoryZswapMax, "memory.zswap.max", ByteSize, Hard, Least, 0, kMostBytes, true, "memory", ""},
    {LimitKey::MemoryZswapWriteback, "memory.zswap.writeback", Toggle, Mode, Own, 0, 1, false, "memory", ""},
    {LimitKey::MemoryOomGroup, "memory.oom.group", Toggle, Mode, Own, 0, 1, false, "memory", ""},
    {LimitKey::CpuWeight, "cpu.weight", WeightNumber, Share, Own, 1, 10'000, false, "cpu", ""},
    {LimitKey::CpuMax, "cpu.max", CpuBandwidth, Hard, Least, kLeastQuota, kMostQuota, true, "cpu", ""},
    {LimitKey::CpuMaxBurst, "cpu.max.burst", Microseconds, Mode, Own, 0, kMostBurst, false, "cpu", ""},
    {LimitKey::CpuIdle, "cpu.idle", Toggle, Mode, Own, 0, 1, false, "cpu", ""},
    {LimitKey::CpuUclampMin, "cpu.uclamp.min", Percentage, Guarantee, Own, 0, 100, true, "cpu", ""},
    {LimitKey::CpuUclampMax, "cpu.uclamp.max", Percentage, Hard, Own, 0, 100, true, "cpu", ""},
    {LimitKey::CpusetCpus, "cpuset.cpus", NumberList, Hard, Inherited, 0, 65'535, false, "cpuset", ""},
    {LimitKey::CpusetMems, "cpuset.mems", NumberList, Hard, Inherited, 0, 65'535, false, "cpuset", ""},
    {LimitKey::CpusetCpusExclusive, "cpuset.cpus.exclusive", NumberList, Guarantee, Inherited, 0, 65'535, false,
     "cpuset", ""},
    {LimitKey::CpusetCpusPartition, "cpuset.cpus.partition", Word, Mode, Own, 0, 0, false, "cpuset",
     "member root isolated"},
    {LimitKey::IoMax, "io.max", DeviceRates, Hard, Least, 1, kMostRate, true, "io", ""},
    {LimitKey::IoWeight, "io.weight", DeviceWeights, Share, Own, 1, 10'000, false, "io", ""},
    {LimitKey::IoBfqWeight, "io.bfq.weight", DeviceWeights, Share, Own, 1, 1'000, false, "io", ""},
    {LimitKey::IoLatency, "io.latency", DeviceFields, Guarantee, Own, 0, kMostRate, false, "io", "target"},
    {LimitKey::IoPrioClass, "io.prio.class", Word, Mode, Own, 0, 0, false, "io",
     "no-change promote-to-rt restrict-to-be idle none-to-rt"},
    {LimitKey::IoCostQos, "io.cost.qos", DeviceFields, Mode, Host, 0, kMostRate, false, "io",
     "enable ctrl rpct rlat wpct wlat min max"},
    {LimitKey::IoCostModel, "io.cost.model", DeviceFields, Mode, Host, 0, kMostRate, false, "io",
     "ctrl model rbps rseqiops rrandiops wbps wseqiops wrandiops"},
    {LimitKey::PidsMax, "pids.max", PlainCount, Hard, Least, 0, kMostPids, true, "pids", ""},
    {LimitKey::HugetlbMax, "hugetlb.max", NamedSizes, Hard, Least, 0, kMostBytes, true, "hugetlb", ""},
    {LimitKey::HugetlbRsvdMax, "hugetlb.rsvd.max", NamedSizes, Hard, Least, 0, kMostBytes, true, "hugetlb", ""},
    {LimitKey::RdmaMax, "rdma.max", NamedFields, Hard, Least, 0, kMostInt, true, "rdma", "hca_handle hca_object"},
    {LimitKey::MiscMax, "misc.max", NamedSizes, Hard, Least, 0, kMostBytes, true, "misc", ""},
    {LimitKey::DmemMax, "dmem.max", NamedSizes, Hard, Least, 0, kMostBytes, true, "dmem", ""},
    {LimitKey::DmemLow, "dmem.low", NamedSizes, Guarantee, Own, 0, kMostBytes, true, "dmem", ""},
    {LimitKey::DmemMin, "dmem.min", NamedSizes, Guarantee, Own, 0, kMostBytes, true, "dmem", ""},
    {LimitKey::CgroupMaxDepth, "cgroup.max.depth", PlainCount, Hard, Own, 0, kMostInt, true, "", ""},
    {LimitKey::CgroupMaxDescendants, "cgroup.max.descendants", PlainCount, Hard, Own, 0, kMostInt, true, "", ""},
    {LimitKey::CgroupPressure, "cgroup.pressure", Toggle, Mode, Own, 0, 1, false, "", ""},
    {LimitKey::CgroupType, "cgroup.type", Word, Mode, Own, 0, 0, false, "", "threaded"},
}};

std::string_view example(LimitShape shape)
{
    switch (shape) {
    case ByteSize:
        return "write max or a size such as 300M or 1.5G";
    case WeightNumber:
        return "write a whole number from 1 to 10000";
    case CpuBandwidth:
        return "write max, a share such as 50%, or QUOTA/PERIOD in microseconds such as 50000/100000";
    case DeviceRates:
        return "write a device and its rates such as 8:0 rbps=1M wiops=max";
    case PlainCount:
        return "write max or a whole number";
    case Microseconds:
        return "write a number of microseconds, or with a unit such as 5ms";
    case Toggle:
        return "write 1 or 0";
    case Percentage:
        return "write max or a percentage from 0 to 100 such as 12.50";
    case NumberList:
        return "write numbers and ranges such as 0-3,8; nothing at all means those of the parent";
    case Word:
        return "write one of the values that are listed";
    case DeviceWeights:
        return "write default and a weight, or a device and its weight, such as default 100, 8:0 200";
    case DeviceFields:
        return "write a device and FIELD=VALUE such as 8:0 target=10000";
    case NamedFields:
        return "write a device and FIELD=VALUE such as mlx4_0 hca_handle=2 hca_object=max";
    case NamedSizes:
        return "write a name and max or a size such as 2MB 64M";
    }
    std::unreachable();
}

std::unexpected<Error> refuse(int err, const LimitInfo &info, std::string_view detail)
{
    return fail(err, "set", info.name, detail, example(info.shape));
}

Result<> checkNumber(const LimitInfo &info, std::uint64_t number)
{
    if (number < info.least || number > info.most)
        return refuse(ERANGE, info, strCat(number, " is not between ", info.least, " and ", info.most));
    return {};
}

Result<> checkCpuMax(const LimitInfo &info, const CpuMax &value)
{
    if (value.period.count() != 0 && (value.period.count() < kLeastPeriod || value.period.count() > kMostPeriod))
        return refuse(ERANGE, info, strCat("period ", value.period.count(), " us is not between 1000 and 1000000"));
    return value.quota ? checkNumber(info, value.quota->count()) : Result<>{};
}

Result<> checkIoMax(const LimitInfo &info, const std::vector<IoMax> &devices)
{
    if (devices.empty())
        return refuse(EINVAL, info, "no device is named");
    for (const IoMax &device : devices) {
        const std::array rates{device.rbps, device.wbps, device.riops, device.wiops};
        bool any = false;
        for (const auto &rate : rates) {
            any = any || rate;
            if (rate && *rate)
                GANTRY_CHECK(checkNumber(info, **rate));
        }
        if (!any)
            return refuse(EINVAL, info, strCat(device.device.major, ':', device.device.minor, " has no rate"));
    }
    return {};
}

/// "50%", "1.5cpu", "max", "50000", "50000/100000", "50000 100000", "max 100000".
Result<CpuMax> parseCpuMax(const LimitInfo &info, std::string_view text)
{
    std::string spaced(text);
    for (char &c : spaced)
        c = c == '/' ? ' ' : c;
    std::string_view rest = spaced;
    const std::string_view first = takeToken(rest);
    const std::string_view second = takeToken(rest);
    if (first.empty() || !takeToken(rest).empty())
        return refuse(EINVAL, info, text);
    CpuMax out;
    if (!second.empty()) {
        const auto period = parseU64(second);
        if (!period)
            return refuse(EINVAL, info, text);
        out.period = Micros(*period);
        GANTRY_CHECK(checkCpuMax(info, CpuMax{std::nullopt, out.period}));
    }
    if (first == "max")
        return out;
    const bool percent = first.ends_with('%');
    if (percent || first.ends_with("cpu")) {
        const auto share = parseDouble(first.substr(0, first.size() - (percent ? 1 : 3)));
        if (!share || *share <= 0)
            return refuse(EINVAL, info, text);
        const std::uint64_t period = out.period.count() == 0 ? kDefaultPeriod : out.period.count();
        const double quota = *share / (percent ? 100.0 : 1.0) * static_cast<double>(period);
        if (quota > static_cast<double>(kMostQuota))
            return refuse(ERANGE, info, text);
        out.period = Micros(period);
        out.quota = Micros(static_cast<std::uint64_t>(std::llround(quota)));
        return out;
    }
    const auto quota = parseU64(first);
    if (!quota)
        return refuse(EINVAL, info, text);
    out.quota = Micros(*quota);
    return out;
}

Result<IoMax> parseIoLine(const LimitInfo &info, std::string_view line)
{
    IoMax out;
    const std::string_view device = takeToken(line);
    const auto number = parseDeviceNumber(device);
    if (!number)
        return refuse(EINVAL, info, strCat(device, " is not MAJOR:MINOR"));
    out.device = *number;
    for (std::string_view token = takeToken(line); !token.empty(); token = takeToken(line)) {
        const std::size_t equals = token.find('=');
        if (equals == std::string_view::npos)
            return refuse(EINVAL, info, strCat(token, " is not RATE=VALUE"));
        const std::string_view key = token.substr(0, equals);
        auto *slot = key == "rbps"    ? &out.rbps
                     : key == "wbps"  ? &out.wbps
                     : key == "riops" ? &out.riops
                     : key == "wiops" ? &out.wiops
                                      : nullptr;
        if (!slot || *slot)
            return refuse(EINVAL, info, strCat(token, " is not one of rbps, wbps, riops, wiops, each once"));
        const std::string_view value = token.substr(equals + 1);
        if (value == "max") {
            *slot = Limit<std::uint64_t>{};
        } else {
            const auto limit = key.ends_with("bps") ? parseBytes(value) : parseU64(value);
            if (!limit)
                return refuse(EINVAL, info, token);
            *slot = Limit<std::uint64_t>{*limit};
        }
    }
    return out;
}

Result<LimitValue> parseIoMax(const LimitInfo &info, std::string_view text)
{
    std::vector<IoMax> devices;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        devices.push_back(GANTRY_TRY(parseIoLine(info, trim(text.substr(0, comma)))));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return devices;
}

/// "12.5%" and "12.5" are "12.50", as the kernel writes it (cgroup-v2.rst, cpu.uclamp.min).
Result<LimitValue> parsePercentage(const LimitInfo &info, std::string_view text)
{
    if (text == "max")
        return Unlimited{};
    const auto percent = parseDouble(text.ends_with('%') ? text.substr(0, text.size() - 1) : text);
    if (!percent)
        return refuse(EINVAL, info, text);
    if (!(*percent >= 0 && *percent <= 100))
        return refuse(ERANGE, info, text);
    const auto hundredths = static_cast<std::uint64_t>(std::llround(*percent * 100));
    return strCat(hundredths / 100, '.', hundredths % 100 < 10 ? "0" : "", hundredths % 100);
}

/// "5ms", "1s", "50000", "50000us".
Result<std::uint64_t> parseMicros(std::string_view text)
{
    std::uint64_t unit = 1;
    if (text.ends_with("us"))
        text.remove_suffix(2);
    else if (text.ends_with("ms"))
        text.remove_suffix(2), unit = 1'000;
    else if (text.ends_with('s'))
        text.remove_suffix(1), unit = 1'000'000;
    const std::uint64_t number = GANTRY_TRY(parseU64(trim(text)));
    if (number > std::numeric_limits<std::uint64_t>::max() / unit)
        return fail(ERANGE, "parse", text, "too long");
    return number * unit;
}

Result<LimitValue> parseScalar(const LimitInfo &info, std::string_view text)
{
    if (text == "max")
        return Unlimited{};
    if (info.shape == Toggle && (text == "on" || text == "yes"))
        return std::uint64_t{1};
    if (info.shape == Toggle && (text == "off" || text == "no"))
        return std::uint64_t{0};
    const auto number = info.shape == ByteSize       ? parseBytes(text)
                        : info.shape == Microseconds ? parseMicros(text)
                                                     : parseU64(text);
    if (!number)
        return refuse(number.error().posix() == ERANGE ? ERANGE : EINVAL, info, text);
    return *number;
}

template <class T> Result<T> withRemedy(const LimitInfo &info, Result<T> result)
{
    if (!result)
        result.error().remedy = example(info.shape);
    return result;
}

bool isScalar(LimitShape shape)
{
    return shape == ByteSize || shape == WeightNumber || shape == PlainCount || shape == Microseconds ||
           shape == Toggle;
}

/// A value that is kept as text, as it came over the wire.
Result<> checkText(const LimitInfo &info, const std::string &text)
{
    if (info.shape == NumberList) {
        GANTRY_CHECK(withRemedy(info, parseNumberList(info, text)));
    } else if (info.shape == Percentage) {
        GANTRY_CHECK(parsePercentage(info, text));
    } else if (info.shape == Word) {
        if (std::ranges::count(limitWords(info), text) == 0)
            return refuse(EINVAL, info, strCat("\"", text, "\" is not one of: ", info.words));
    } else if (hasLines(info.shape)) {
        GANTRY_CHECK(withRemedy(info, parseLimitLines(info, text)));
    } else {
        return refuse(EINVAL, info, "value of another kind");
    }
    return {};
}

} // namespace

const std::array<LimitInfo, kLimitKeyCount> &limitTable()
{
    return kTable;
}
const LimitInfo &limitInfo(LimitKey key)
{
    return kTable.at(std::to_underlying(key));
}

Result<LimitKey> limitKeyByName(std::string_view name)
{
    std::string known;
    for (const LimitInfo &info : kTable) {
        if (info.name == name)
            return info.key;
        known += known.empty() ? "" : ", ";
        known += info.name;
    }
    return fail(EINVAL, "set", name, "not a limit Gantry can set", strCat("use one of ", known));
}

Result<DeviceNumber> parseDeviceNumber(std::string_view text)
{
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return failParse("device number", text);
    const auto major = parseU64(text.substr(0, colon));
    const auto minor = parseU64(text.substr(colon + 1));
    // Kernel: MINORBITS is 20, the major has the other 12 bits.
    if (!major || !minor || *major > 0xFFF || *minor > 0xF'FFFF)
        return failParse("device number", text);
    return DeviceNumber{static_cast<std::uint32_t>(*major), static_cast<std::uint32_t>(*minor)};
}

Result<std::uint64_t> parseBytes(std::string_view text)
{
    const std::string_view whole = text;
    if (text.ends_with("iB"))
        text.remove_suffix(2);
    else if (text.ends_with('B'))
        text.remove_suffix(1);
    constexpr std::string_view kSuffixes = "KMGTPE";
    unsigned shift = 0;
    if (!text.empty()) {
        const char last = text.back() >= 'a' && text.back() <= 'z' ? static_cast<char>(text.back() - 32) : text.back();
        if (const std::size_t at = kSuffixes.find(last); at != std::string_view::npos) {
            shift = 10 * (static_cast<unsigned>(at) + 1);
            text.remove_suffix(1);
        }
    }
    if (const auto exact = parseU64(text)) {
        if (shift != 0 && *exact > std::numeric_limits<std::uint64_t>::max() >> shift)
            return fail(ERANGE, "parse", whole, "larger than 16 EiB");
        return *exact << shift;
    }
    const auto fraction = parseDouble(text);
    if (!fraction || *fraction < 0 || shift == 0)
        return fail(EINVAL, "parse", whole, "not a size");
    const double bytes = std::ldexp(*fraction, static_cast<int>(shift));
    if (bytes >= 18'446'744'073'709'551'616.0)
        return fail(ERANGE, "parse", whole, "larger than 16 EiB");
    return static_cast<std::uint64_t>(std::floor(bytes));
}

Result<LimitValue> parseLimitValue(LimitKey key, std::string_view text)
{
    const LimitInfo &info = limitInfo(key);
    text = trim(text);
    LimitValue value;
    switch (info.shape) {
    case CpuBandwidth:
        value = GANTRY_TRY(parseCpuMax(info, text));
        break;
    case DeviceRates:
        value = GANTRY_TRY(parseIoMax(info, text));
        break;
    case Percentage:
        value = GANTRY_TRY(parsePercentage(info, text));
        break;
    case NumberList:
        value = GANTRY_TRY(withRemedy(info, parseNumberList(info, text)));
        break;
    case Word:
        value = std::string(text);
        break;
    case DeviceWeights:
    case DeviceFields:
    case NamedFields:
    case NamedSizes:
        value = limitLinesText(GANTRY_TRY(withRemedy(info, parseLimitLines(info, text))));
        break;
    case ByteSize:
    case WeightNumber:
    case PlainCount:
    case Microseconds:
    case Toggle:
        value = GANTRY_TRY(parseScalar(info, text));
    }
    GANTRY_CHECK(checkLimitValue(key, value));
    return value;
}

Result<> checkLimitValue(LimitKey key, const LimitValue &value)
{
    const LimitInfo &info = limitInfo(key);
    if (const auto *cpu = std::get_if<CpuMax>(&value); cpu && info.shape == CpuBandwidth)
        return checkCpuMax(info, *cpu);
    if (const auto *devices = std::get_if<std::vector<IoMax>>(&value); devices && info.shape == DeviceRates)
        return checkIoMax(info, *devices);
    if (const auto *text = std::get_if<std::string>(&value))
        return checkText(info, *text);
    if (std::holds_alternative<Unlimited>(value) && (isScalar(info.shape) || info.shape == Percentage)) {
        if (!info.unlimited)
            return refuse(EINVAL, info, "max is not a value of it");
        return {};
    }
    if (const auto *number = std::get_if<std::uint64_t>(&value); number && isScalar(info.shape))
        return checkNumber(info, *number);
    return refuse(EINVAL, info, "value of another kind");
}

std::vector<std::string> limitWords(const LimitInfo &info)
{
    return splitWords(info.words);
}

std::string limitValueText(const LimitValue &value)
{
    if (std::holds_alternative<Unlimited>(value))
        return "max";
    if (const auto *number = std::get_if<std::uint64_t>(&value))
        return strCat(*number);
    if (const auto *text = std::get_if<std::string>(&value))
        return *text;
    if (const auto *cpu = std::get_if<CpuMax>(&value)) {
        const std::string quota = cpu->quota ? strCat(cpu->quota->count()) : std::string("max");
        return cpu->period.count() == 0 ? quota : strCat(quota, ' ', cpu->period.count());
    }
    std::string out;
    for (const IoMax &io : std::get<std::vector<IoMax>>(value)) {
        out += strCat(out.empty() ? "" : ", ", io.device.major, ':', io.device.minor);
        const auto add = [&out](std::string_view name, const std::optional<Limit<std::uint64_t>> &rate) {
            if (rate)
                out += strCat(' ', name, '=', *rate ? strCat(**rate) : std::string("max"));
        };
        add("rbps", io.rbps);
        add("wbps", io.wbps);
        add("riops", io.riops);
        add("wiops", io.wiops);
    }
    return out;
}

std::string compactBytes(std::uint64_t bytes)
{
    constexpr std::string_view kSuffixes = "KMGTPE";
    for (std::size_t i = kSuffixes.size(); i-- > 0;) {
        const unsigned shift = 10 * (static_cast<unsigned>(i) + 1);
        const std::uint64_t unit = std::uint64_t{1} << shift;
        if (bytes < unit)
            continue;
        if (bytes % unit == 0)
            return strCat(bytes >> shift, kSuffixes[i]);
        if (bytes % (unit / 4) == 0) { // quarters are exact in two decimals
            const std::uint64_t hundredths = bytes % unit / (unit / 4) * 25;
            return hundredths % 10 == 0 ? strCat(bytes >> shift, '.', hundredths / 10, kSuffixes[i])
                                        : strCat(bytes >> shift, '.', hundredths, kSuffixes[i]);
        }
    }
    return strCat(bytes);
}

} // namespace gantry
