// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry {

/// Every number Gantry samples. The values travel on the wire: append only.
enum class Metric : std::uint8_t {
    None = 0,
    // memory: gauges in bytes
    MemoryCurrent = 1,
    MemoryPeak = 2,
    MemorySwapCurrent = 3,
    MemoryAnon = 4,
    MemoryFile = 5,
    MemoryKernel = 6,
    MemoryShmem = 7,
    MemorySlab = 8,
    // memory: limits in bytes
    MemoryMin = 9,
    MemoryLow = 10,
    MemoryHigh = 11,
    MemoryMax = 12,
    MemorySwapMax = 13,
    // memory: counters
    MemoryRefaultAnon = 14,
    MemoryRefaultFile = 15,
    MemoryEventsLow = 16,
    MemoryEventsHigh = 17,
    MemoryEventsMax = 18,
    MemoryEventsOom = 19,
    MemoryEventsOomKill = 20,
    // cpu: counters in microseconds and periods, rates in percent of one CPU
    CpuUsage = 21,
    CpuUser = 22,
    CpuSystem = 23,
    CpuPeriods = 24,
    CpuThrottledPeriods = 25,
    CpuThrottled = 26,
    CpuUsageRate = 27,
    CpuUserRate = 28,
    CpuSystemRate = 29,
    CpuThrottledRate = 30, ///< percent of the wall time some CPU's share was throttled
    CpuWeight = 31,
    CpuQuota = 32, ///< cpu.max as percent of one CPU
    // io over all devices: counters and rates
    IoReadBytes = 33,
    IoWriteBytes = 34,
    IoReadOperations = 35,
    IoWriteOperations = 36,
    IoReadRate = 37,
    IoWriteRate = 38,
    IoReadOperationsRate = 39,
    IoWriteOperationsRate = 40,
    // pids
    PidsCurrent = 41,
    PidsMax = 42,
    PidsEventsMax = 43,
    // pressure: avg10 in percent, totals in microseconds, rates in percent of wall time
    PressureCpuSomeAvg10 = 44,
    PressureCpuFullAvg10 = 45,
    PressureMemorySomeAvg10 = 46,
    PressureMemoryFullAvg10 = 47,
    PressureIoSomeAvg10 = 48,
    PressureIoFullAvg10 = 49,
    PressureCpuSomeTotal = 50,
    PressureCpuFullTotal = 51,
    PressureMemorySomeTotal = 52,
    PressureMemoryFullTotal = 53,
    PressureIoSomeTotal = 54,
    PressureIoFullTotal = 55,
    PressureCpuSomeRate = 56,
    PressureCpuFullRate = 57,
    PressureMemorySomeRate = 58,
    PressureMemoryFullRate = 59,
    PressureIoSomeRate = 60,
    PressureIoFullRate = 61,
    // state
    FreezerState = 62, ///< number of gantry.v1.FreezerState
    Populated = 63,    ///< 0 or 1
    MemoryRefaultRate = 64,
    MemoryIntervalPeak = 65, ///< most bytes since the last sample; gauge
};

/// Greatest number in Metric.
inline constexpr std::size_t kMetricCount = 66;

enum class MetricUnit : std::uint8_t {
    None,
    Byte,
    BytePerSecond,
    Microsecond,
    Percent,
    Number,
    PerSecond,
    WeightNumber,
    State
};
enum class MetricKind : std::uint8_t {
    Gauge,   ///< goes up and down
    Counter, ///< only grows; integral
    Rate,    ///< made in engine/sampler from a counter and the measured interval; real
    Limit,   ///< configured value or "max"
};

/// One row a metric: what readers, columns, JSON names, alert rules and tests iterate.
struct MetricInfo
{
    Metric metric;
    std::string_view name; ///< stable name: the v2 file or file.key it comes from; JSON and CLI use it
    MetricUnit unit;
    MetricKind kind;
    bool integral; ///< travels in Frame.Column.integers
};

/// All metrics in the order of their numbers, None excluded.
[[nodiscard]] const std::array<MetricInfo, kMetricCount - 1> &metricTable();
/// Row of `metric`; nullptr for None or an unknown number.
[[nodiscard]] const MetricInfo *metricInfo(Metric metric);
/// Metric by its stable name.
[[nodiscard]] std::optional<Metric> metricByName(std::string_view name);
/// Metric by its number on the wire; nullopt for one this version does not know.
[[nodiscard]] std::optional<Metric> metricByNumber(std::uint32_t number);

/// The core set of the tree: sampled for every cgroup at each tick.
inline constexpr std::array kTreeMetrics{
    Metric::MemoryCurrent,
    Metric::MemoryHigh,
    Metric::MemoryMax,
    Metric::MemoryEventsHigh,
    Metric::MemoryEventsMax,
    Metric::MemoryEventsOomKill,
    Metric::CpuUsageRate,
    Metric::IoReadRate,
    Metric::IoWriteRate,
    Metric::PidsCurrent,
    Metric::PidsMax,
    Metric::PressureCpuSomeAvg10,
    Metric::FreezerState,
    Metric::PressureIoSomeAvg10,
    Metric::PressureMemorySomeAvg10,
    Metric::PressureMemoryFullAvg10,
    Metric::CpuThrottledRate,
};

/// What the engine's ring keeps of every node, for graphs that open with a past.
inline constexpr std::array kRingMetrics{
    Metric::MemoryCurrent,
    Metric::CpuUsageRate,
    Metric::CpuUserRate,
    Metric::CpuSystemRate,
    Metric::IoReadRate,
    Metric::IoWriteRate,
    Metric::PidsCurrent,
    Metric::PressureCpuSomeAvg10,
    Metric::PressureMemorySomeAvg10,
    Metric::PressureMemoryFullAvg10,
    Metric::PressureIoSomeAvg10,
    Metric::CpuThrottledRate,
};

} // namespace gantry
