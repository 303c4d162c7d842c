// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/metric.h"

namespace gantry {

namespace {

using enum MetricUnit;
using enum MetricKind;

// Names are those of the v2 files (cgroup-v2.rst): file, or file.key for a key of it; rates add "_rate".
constexpr std::array<MetricInfo, kMetricCount - 1> kTable{{
    {Metric::MemoryCurrent, "memory.current", Byte, Gauge, true},
    {Metric::MemoryPeak, "memory.peak", Byte, Gauge, true},
    {Metric::MemorySwapCurrent, "memory.swap.current", Byte, Gauge, true},
    {Metric::MemoryAnon, "memory.stat.anon", Byte, Gauge, true},
    {Metric::MemoryFile, "memory.stat.file", Byte, Gauge, true},
    {Metric::MemoryKernel, "memory.stat.kernel", Byte, Gauge, true},
    {Metric::MemoryShmem, "memory.stat.shmem", Byte, Gauge, true},
    {Metric::MemorySlab, "memory.stat.slab", Byte, Gauge, true},
    {Metric::MemoryMin, "memory.min", Byte, Limit, true},
    {Metric::MemoryLow, "memory.low", Byte, Limit, true},
    {Metric::MemoryHigh, "memory.high", Byte, Limit, true},
    {Metric::MemoryMax, "memory.max", Byte, Limit, true},
    {Metric::MemorySwapMax, "memory.swap.max", Byte, Limit, true},
    {Metric::MemoryRefaultAnon, "memory.stat.workingset_refault_anon", Number, Counter, true},
    {Metric::MemoryRefaultFile, "memory.stat.workingset_refault_file", Number, Counter, true},
    {Metric::MemoryEventsLow, "memory.events.low", Number, Counter, true},
    {Metric::MemoryEventsHigh, "memory.events.high", Number, Counter, true},
    {Metric::MemoryEventsMax, "memory.events.max", Number, Counter, true},
    {Metric::MemoryEventsOom, "memory.events.oom", Number, Counter, true},
    {Metric::MemoryEventsOomKill, "memory.events.oom_kill", Number, Counter, true},
    {Metric::CpuUsage, "cpu.stat.usage_usec", Microsecond, Counter, true},
    {Metric::CpuUser, "cpu.stat.user_usec", Microsecond, Counter, true},
    {Metric::CpuSystem, "cpu.stat.system_usec", Microsecond, Counter, true},
    {Metric::CpuPeriods, "cpu.stat.nr_periods", Number, Counter, true},
    {Metric::CpuThrottledPeriods, "cpu.stat.nr_throttled", Number, Counter, true},
    {Metric::CpuThrottled, "cpu.stat.throttled_usec", Microsecond, Counter, true},
    {Metric::CpuUsageRate, "cpu.usage_percent", Percent, Rate, false},
    {Metric::CpuUserRate, "cpu.user_percent", Percent, Rate, false},
    {Metric::CpuSystemRate, "cpu.system_percent", Percent, Rate, false},
    {Metric::CpuThrottledRate, "cpu.throttled_percent", Percent, Rate, false},
    {Metric::CpuWeight, "cpu.weight", WeightNumber, Limit, true},
    {Metric::CpuQuota, "cpu.max_percent", Percent, Limit, false},
    {Metric::IoReadBytes, "io.stat.rbytes", Byte, Counter, true},
    {Metric::IoWriteBytes, "io.stat.wbytes", Byte, Counter, true},
    {Metric::IoReadOperations, "io.stat.rios", Number, Counter, true},
    {Metric::IoWriteOperations, "io.stat.wios", Number, Counter, true},
    {Metric::IoReadRate, "io.rbytes_rate", BytePerSecond, Rate, false},
    {Metric::IoWriteRate, "io.wbytes_rate", BytePerSecond, Rate, false},
    {Metric::IoReadOperationsRate, "io.rios_rate", PerSecond, Rate, false},
    {Metric::IoWriteOperationsRate, "io.wios_rate", PerSecond, Rate, false},
    {Metric::PidsCurrent, "pids.current", Number, Gauge, true},
    {Metric::PidsMax, "pids.max", Number, Limit, true},
    {Metric::PidsEventsMax, "pids.events.max", Number, Counter, true},
    {Metric::PressureCpuSomeAvg10, "cpu.pressure.some.avg10", Percent, Gauge, false},
    {Metric::PressureCpuFullAvg10, "cpu.pressure.full.avg10", Percent, Gauge, false},
    {Metric::PressureMemorySomeAvg10, "memory.pressure.some.avg10", Percent, Gauge, false},
    {Metric::PressureMemoryFullAvg10, "memory.pressure.full.avg10", Percent, Gauge, false},
    {Metric::PressureIoSomeAvg10, "io.pressure.some.avg10", Percent, Gauge, false},
    {Metric::PressureIoFullAvg10, "io.pressure.full.avg10", Percent, Gauge, false},
    {Metric::PressureCpuSomeTotal, "cpu.pressure.some.total", Microsecond, Counter, true},
    {Metric::PressureCpuFullTotal, "cpu.pressure.full.total", Microsecond, Counter, true},
    {Metric::PressureMemorySomeTotal, "memory.pressure.some.total", Microsecond, Counter, true},
    {Metric::PressureMemoryFullTotal, "memory.pressure.full.total", Microsecond, Counter, true},
    {Metric::PressureIoSomeTotal, "io.pressure.some.total", Microsecond, Counter, true},
    {Metric::PressureIoFullTotal, "io.pressure.full.total", Microsecond, Counter, true},
    {Metric::PressureCpuSomeRate, "cpu.pressure.some_percent", Percent, Rate, false},
    {Metric::PressureCpuFullRate, "cpu.pressure.full_percent", Percent, Rate, false},
    {Metric::PressureMemorySomeRate, "memory.pressure.some_percent", Percent, Rate, false},
    {Metric::PressureMemoryFullRate, "memory.pressure.full_percent", Percent, Rate, false},
    {Metric::PressureIoSomeRate, "io.pressure.some_percent", Percent, Rate, false},
    {Metric::PressureIoFullRate, "io.pressure.full_percent", Percent, Rate, false},
    {Metric::FreezerState, "cgroup.freeze", State, Gauge, true},
    {Metric::Populated, "cgroup.events.populated", State, Gauge, true},
    {Metric::MemoryRefaultRate, "memory.refaults_rate", PerSecond, Rate, false},
    {Metric::MemoryIntervalPeak, "memory.peak.interval", Byte, Gauge, true},
}};

constexpr bool inOrder()
{
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].metric) != i + 1)
            return false;
    }
    return true;
}
static_assert(inOrder(), "kTable is indexed by number - 1");

} // namespace

const std::array<MetricInfo, kMetricCount - 1> &metricTable()
{
    return kTable;
}

const MetricInfo *metricInfo(Metric metric)
{
    const auto number = static_cast<std::size_t>(metric);
    return number == 0 || number >= kMetricCount ? nullptr : &kTable[number - 1];
}

std::optional<Metric> metricByName(std::string_view name)
{
    for (const MetricInfo &info : kTable) {
        if (info.name == name)
            return info.metric;
    }
    return std::nullopt;
}

std::optional<Metric> metricByNumber(std::uint32_t number)
{
    if (number == 0 || number >= kMetricCount)
        return std::nullopt;
    return static_cast<Metric>(number);
}

} // namespace gantry
