// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/counters.h"

#include "engine/base/parse.h"
#include "engine/cgroup/limit_text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace gantry::cgroup {

namespace {

// Kernel: cpuacct.stat counts in USER_HZ, which user space sees as 100 on every architecture Linux still has.
constexpr std::uint64_t kMicrosPerTick = 10'000;

template <std::size_t N> using Keys = std::array<CounterKey, N>;

constexpr Keys<1> kMemoryCurrent{{{"", Metric::MemoryCurrent}}};
constexpr Keys<1> kMemoryPeak{{{"", Metric::MemoryPeak}}};
constexpr Keys<1> kSwapCurrent{{{"", Metric::MemorySwapCurrent}}};
constexpr Keys<1> kMemoryMax{{{"", Metric::MemoryMax}}};
constexpr Keys<1> kMemoryHigh{{{"", Metric::MemoryHigh}}};
constexpr Keys<1> kPidsCurrent{{{"", Metric::PidsCurrent}}};
constexpr Keys<1> kPidsMax{{{"", Metric::PidsMax}}};
constexpr Keys<1> kPidsEvents{{{"max", Metric::PidsEventsMax}}};
constexpr Keys<1> kPopulated{{{"populated", Metric::Populated}}};
constexpr Keys<5> kMemoryEvents{{{"low", Metric::MemoryEventsLow},
                                 {"high", Metric::MemoryEventsHigh},
                                 {"max", Metric::MemoryEventsMax},
                                 {"oom", Metric::MemoryEventsOom},
                                 {"oom_kill", Metric::MemoryEventsOomKill}}};
constexpr Keys<7> kMemoryStat{{{"anon", Metric::MemoryAnon},
                               {"file", Metric::MemoryFile},
                               {"kernel", Metric::MemoryKernel},
                               {"shmem", Metric::MemoryShmem},
                               {"slab", Metric::MemorySlab},
                               {"workingset_refault_anon", Metric::MemoryRefaultAnon},
                               {"workingset_refault_file", Metric::MemoryRefaultFile}}};
constexpr Keys<3> kCpuStat{
    {{"usage_usec", Metric::CpuUsage}, {"user_usec", Metric::CpuUser}, {"system_usec", Metric::CpuSystem}}};
constexpr Keys<3> kCpuThrottle{{{"nr_periods", Metric::CpuPeriods},
                                {"nr_throttled", Metric::CpuThrottledPeriods},
                                {"throttled_usec", Metric::CpuThrottled}}};
constexpr Keys<4> kCpuPressure{{{"", Metric::PressureCpuSomeAvg10},
                                {"", Metric::PressureCpuSomeTotal},
                                {"", Metric::PressureCpuFullAvg10},
                                {"", Metric::PressureCpuFullTotal}}};
constexpr Keys<4> kMemoryPressure{{{"", Metric::PressureMemorySomeAvg10},
                                   {"", Metric::PressureMemorySomeTotal},
                                   {"", Metric::PressureMemoryFullAvg10},
                                   {"", Metric::PressureMemoryFullTotal}}};
constexpr Keys<4> kIoPressure{{{"", Metric::PressureIoSomeAvg10},
                               {"", Metric::PressureIoSomeTotal},
                               {"", Metric::PressureIoFullAvg10},
                               {"", Metric::PressureIoFullTotal}}};
constexpr Keys<2> kIoBytes{{{"", Metric::IoReadBytes}, {"", Metric::IoWriteBytes}}};
constexpr Keys<2> kIoOperations{{{"", Metric::IoReadOperations}, {"", Metric::IoWriteOperations}}};
constexpr Keys<4> kIo{{{"", Metric::IoReadBytes},
                       {"", Metric::IoWriteBytes},
                       {"", Metric::IoReadOperations},
                       {"", Metric::IoWriteOperations}}};
// v1. Kernel: failcnt and oom_kill count this cgroup alone there, v2's events the descendants too.
constexpr Keys<1> kV1Failcnt{{{"", Metric::MemoryEventsMax}}};
constexpr Keys<1> kV1Kmem{{{"", Metric::MemoryKernel}}};
constexpr Keys<1> kV1OomControl{{{"oom_kill", Metric::MemoryEventsOomKill}}};
constexpr Keys<6> kV1MemoryStat{{{"total_rss", Metric::MemoryAnon},
                                 {"total_cache", Metric::MemoryFile},
                                 {"total_shmem", Metric::MemoryShmem},
                                 {"total_swap", Metric::MemorySwapCurrent},
                                 {"total_workingset_refault_anon", Metric::MemoryRefaultAnon},
                                 {"total_workingset_refault_file", Metric::MemoryRefaultFile}}};
constexpr Keys<1> kV1Usage{{{"", Metric::CpuUsage, 1, 1'000}}};
constexpr Keys<2> kV1CpuacctStat{
    {{"user", Metric::CpuUser, kMicrosPerTick, 1}, {"system", Metric::CpuSystem, kMicrosPerTick, 1}}};
constexpr Keys<3> kV1CpuStat{{{"nr_periods", Metric::CpuPeriods},
                              {"nr_throttled", Metric::CpuThrottledPeriods},
                              {"throttled_time", Metric::CpuThrottled, 1, 1'000}}};

using enum Version;
using enum Cadence;
using Shape = CounterShape;

// In the order they are read. cpu.stat stands twice: CPU time is in every v2 cgroup, throttling where the cpu
// controller is.
constexpr std::array kFiles{
    CounterFile{"memory.current", "memory", V2, Core, Shape::Number, kMemoryCurrent},
    CounterFile{"cpu.stat", "cpuacct", V2, Core, Shape::Keys, kCpuStat},
    CounterFile{"pids.current", "pids", V2, Core, Shape::Number, kPidsCurrent},
    CounterFile{"memory.usage_in_bytes", "memory", V1, Core, Shape::Number, kMemoryCurrent},
    CounterFile{"cpuacct.usage", "cpuacct", V1, Core, Shape::Number, kV1Usage},
    CounterFile{"pids.current", "pids", V1, Core, Shape::Number, kPidsCurrent},
    CounterFile{"memory.events", "memory", V2, Events, Shape::Keys, kMemoryEvents},
    CounterFile{"memory.failcnt", "memory", V1, Events, Shape::Number, kV1Failcnt},
    CounterFile{"memory.oom_control", "memory", V1, Events, Shape::Keys, kV1OomControl},
    CounterFile{"cpu.stat", "cpu", V2, Tree, Shape::Keys, kCpuThrottle},
    CounterFile{"io.stat", "io", V2, Tree, Shape::IoStat, kIo},
    CounterFile{"cpu.pressure", "", V2, Tree, Shape::Pressure, kCpuPressure},
    CounterFile{"memory.pressure", "", V2, Tree, Shape::Pressure, kMemoryPressure},
    CounterFile{"io.pressure", "", V2, Tree, Shape::Pressure, kIoPressure},
    CounterFile{"cpuacct.stat", "cpuacct", V1, Tree, Shape::Keys, kV1CpuacctStat},
    CounterFile{"cpu.stat", "cpu", V1, Tree, Shape::Keys, kV1CpuStat},
    CounterFile{"blkio.throttle.io_service_bytes_recursive", "io", V1, Tree, Shape::BlkioBytes, kIoBytes},
    CounterFile{"blkio.throttle.io_serviced_recursive", "io", V1, Tree, Shape::BlkioOperations, kIoOperations},
    CounterFile{"memory.max", "memory", V2, Limits, Shape::NumberOrMax, kMemoryMax},
    CounterFile{"memory.high", "memory", V2, Limits, Shape::NumberOrMax, kMemoryHigh},
    CounterFile{"pids.max", "pids", V2, Limits, Shape::NumberOrMax, kPidsMax},
    CounterFile{"memory.limit_in_bytes", "memory", V1, Limits, Shape::V1Bytes, kMemoryMax},
    CounterFile{"memory.soft_limit_in_bytes", "memory", V1, Limits, Shape::V1Bytes, kMemoryHigh},
    CounterFile{"pids.max", "pids", V1, Limits, Shape::NumberOrMax, kPidsMax},
    CounterFile{"memory.stat", "memory", V2, Detail, Shape::Keys, kMemoryStat},
    CounterFile{"memory.peak", "memory", V2, Detail, Shape::Number, kMemoryPeak},
    CounterFile{"memory.swap.current", "memory", V2, Detail, Shape::Number, kSwapCurrent},
    CounterFile{"pids.events", "pids", V2, Detail, Shape::Keys, kPidsEvents},
    CounterFile{"cgroup.events", "", V2, Detail, Shape::Keys, kPopulated},
    CounterFile{"memory.stat", "memory", V1, Detail, Shape::Keys, kV1MemoryStat},
    CounterFile{"memory.max_usage_in_bytes", "memory", V1, Detail, Shape::Number, kMemoryPeak},
    CounterFile{"memory.kmem.usage_in_bytes", "memory", V1, Detail, Shape::Number, kV1Kmem},
    CounterFile{"pids.events", "pids", V1, Detail, Shape::Keys, kPidsEvents},
};

Result<> parseOne(const CounterFile &file, std::string_view text, Figures &out)
{
    const CounterKey &key = file.keys.front();
    Limit<std::uint64_t> value;
    if (file.shape == Shape::V1Bytes)
        value = GANTRY_TRY(parseV1Bytes(text));
    else if (file.shape == Shape::Number || trim(text) != "max")
        value = GANTRY_TRY(parseU64(trim(text)));
    out.values.push_back(value ? Figure{key.metric, CellState::Value, *value * key.multiply / key.divide}
                               : Figure{key.metric, CellState::Unlimited});
    return {};
}

Result<> parseKeys(const CounterFile &file, std::string_view text, Figures &out)
{
    for (const CounterKey &key : file.keys)
        out.values.push_back({key.metric, CellState::Absent});
    return forEachFlatKey(text, [&file, &out](std::string_view name, std::uint64_t value) {
        const auto found = std::ranges::find(file.keys, name, &CounterKey::key);
        if (found != file.keys.end())
            out.values[static_cast<std::size_t>(found - file.keys.begin())] = {found->metric, CellState::Value,
                                                                               value * found->multiply / found->divide};
    });
}

DeviceTraffic &trafficOf(std::vector<DeviceTraffic> &devices, DeviceNumber device)
{
    const auto found = std::ranges::find(devices, device, &DeviceTraffic::device);
    return found == devices.end() ? devices.emplace_back(DeviceTraffic{.device = device}) : *found;
}

std::uint64_t DeviceTraffic::*fieldOf(std::string_view key)
{
    if (key == "rbytes")
        return &DeviceTraffic::readBytes;
    if (key == "wbytes")
        return &DeviceTraffic::writeBytes;
    if (key == "rios")
        return &DeviceTraffic::readOperations;
    return key == "wios" ? &DeviceTraffic::writeOperations : nullptr;
}

} // namespace

DeviceTraffic &DeviceTraffic::operator+=(const DeviceTraffic &other)
{
    readBytes += other.readBytes;
    writeBytes += other.writeBytes;
    readOperations += other.readOperations;
    writeOperations += other.writeOperations;
    return *this;
}

std::span<const CounterFile> counterFiles()
{
    return kFiles;
}

CounterPlaces::CounterPlaces(HierarchiesPtr hierarchies) : m_hierarchies(std::move(hierarchies))
{
    for (const CounterFile &file : kFiles)
        m_owners.push_back(file.controller.empty() ? m_hierarchies->unified()
                                                   : m_hierarchies->forController(file.controller));
}

const Hierarchy *CounterPlaces::of(std::size_t file, const Cgroup &cgroup) const
{
    const Hierarchy *owner = m_owners.at(file);
    if (owner == nullptr)
        return nullptr;
    if (owner->version == kFiles.at(file).version)
        return cgroup.in(owner->index) ? owner : nullptr;
    const Hierarchy *v2 = m_hierarchies->unified();
    const bool timeInCore = owner->version == V1 && kFiles.at(file).controller == "cpuacct" &&
                            !cgroup.in(owner->index) && v2 != nullptr && cgroup.in(v2->index);
    return timeInCore ? v2 : nullptr;
}

Result<> parseCounters(const CounterFile &file, std::string_view text, Figures &out)
{
    out.values.clear();
    out.devices.clear();
    switch (file.shape) {
    case Shape::Number:
    case Shape::NumberOrMax:
    case Shape::V1Bytes:
        return parseOne(file, text, out);
    case Shape::Keys:
        return parseKeys(file, text, out);
    case Shape::Pressure:
        return parsePressure(text, file.keys, out);
    case Shape::IoStat:
        return parseIoStat(text, out.devices);
    case Shape::BlkioBytes:
    case Shape::BlkioOperations:
        return parseBlkio(text, file.shape == Shape::BlkioOperations, out.devices);
    }
    std::unreachable();
}

Result<> parsePressure(std::string_view text, std::span<const CounterKey> metrics, Figures &out)
{
    const std::size_t first = out.values.size();
    for (const CounterKey &key : metrics)
        out.values.push_back({key.metric, CellState::Absent});
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const std::string_view word = takeToken(rest);
        if (word != "some" && word != "full")
            return failParse("pressure line", *line);
        Figure *figures = out.values.data() + first + (word == "some" ? 0 : 2);
        for (std::string_view token = takeToken(rest); !token.empty(); token = takeToken(rest)) {
            if (token.starts_with("avg10=")) {
                figures[0].real = GANTRY_TRY(parseDouble(token.substr(6)));
                figures[0].state = CellState::Value;
            } else if (token.starts_with("total=")) {
                figures[1].integer = GANTRY_TRY(parseU64(token.substr(6)));
                figures[1].state = CellState::Value;
            }
        }
    }
    return {};
}

Result<> parseIoStat(std::string_view text, std::vector<DeviceTraffic> &out)
{
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        std::optional<DeviceNumber> device;
        for (std::string_view token = takeToken(rest); !token.empty(); token = takeToken(rest)) {
            const auto equals = token.find('=');
            if (equals == std::string_view::npos) {
                const auto number = parseDeviceNumber(token);
                if (!number)
                    return failParse("io.stat line", *line);
                device = *number;
                continue;
            }
            const auto field = fieldOf(token.substr(0, equals));
            if (field == nullptr) // discards, cost.*: not shown
                continue;
            const auto value = parseU64(token.substr(equals + 1));
            if (!device || !value)
                return failParse("io.stat line", *line);
            trafficOf(out, *device).*field = *value;
        }
    }
    return {};
}

Result<> parseBlkio(std::string_view text, bool operations, std::vector<DeviceTraffic> &out)
{
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const std::string_view first = takeToken(rest);
        if (first == "Total")
            continue;
        const auto device = parseDeviceNumber(first);
        const std::string_view kind = takeToken(rest);
        const auto value = parseU64(trim(rest));
        if (!device || kind.empty() || !value)
            return failParse("blkio line", *line);
        if (kind == "Read")
            trafficOf(out, *device).*(operations ? &DeviceTraffic::readOperations : &DeviceTraffic::readBytes) = *value;
        else if (kind == "Write")
            trafficOf(out, *device).*(operations ? &DeviceTraffic::writeOperations : &DeviceTraffic::writeBytes) =
                *value;
    }
    return {};
}

} // namespace gantry::cgroup
