// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/table.h"

#include "engine/base/rate.h"

#include <algorithm>

namespace gantry::sampler {

namespace {

/// rate = counter per second * factor.
struct RateRow
{
    Metric counter;
    Metric rate;
    double factor;
};

constexpr double kPercentOfMicros = 100.0 / 1e6;
constexpr std::array kRates{
    RateRow{Metric::CpuUsage, Metric::CpuUsageRate, kPercentOfMicros},
    RateRow{Metric::CpuUser, Metric::CpuUserRate, kPercentOfMicros},
    RateRow{Metric::CpuSystem, Metric::CpuSystemRate, kPercentOfMicros},
    RateRow{Metric::CpuThrottled, Metric::CpuThrottledRate, kPercentOfMicros},
    RateRow{Metric::IoReadBytes, Metric::IoReadRate, 1},
    RateRow{Metric::IoWriteBytes, Metric::IoWriteRate, 1},
    RateRow{Metric::IoReadOperations, Metric::IoReadOperationsRate, 1},
    RateRow{Metric::IoWriteOperations, Metric::IoWriteOperationsRate, 1},
    RateRow{Metric::PressureCpuSomeTotal, Metric::PressureCpuSomeRate, kPercentOfMicros},
    RateRow{Metric::PressureCpuFullTotal, Metric::PressureCpuFullRate, kPercentOfMicros},
    RateRow{Metric::PressureMemorySomeTotal, Metric::PressureMemorySomeRate, kPercentOfMicros},
    RateRow{Metric::PressureMemoryFullTotal, Metric::PressureMemoryFullRate, kPercentOfMicros},
    RateRow{Metric::PressureIoSomeTotal, Metric::PressureIoSomeRate, kPercentOfMicros},
    RateRow{Metric::PressureIoFullTotal, Metric::PressureIoFullRate, kPercentOfMicros},
    // Refaults of both kinds make one rate: the anonymous ones come first in the file and start the sum.
    RateRow{Metric::MemoryRefaultAnon, Metric::MemoryRefaultRate, 1},
    RateRow{Metric::MemoryRefaultFile, Metric::MemoryRefaultRate, 1},
};

/// Row of kRates by counter, so that put() does not search.
constexpr auto kRateOf = [] {
    std::array<std::uint8_t, kMetricCount> out{};
    out.fill(kRates.size());
    for (std::size_t i = 0; i < kRates.size(); ++i)
        out.at(static_cast<std::size_t>(kRates.at(i).counter)) = static_cast<std::uint8_t>(i);
    return out;
}();

bool isIntegral(std::size_t metric)
{
    const MetricInfo *info = metricInfo(static_cast<Metric>(metric));
    return info != nullptr && info->integral;
}

} // namespace

Micros monotonicNow()
{
    return std::chrono::duration_cast<Micros>(std::chrono::steady_clock::now().time_since_epoch());
}

Metric rateOf(Metric counter)
{
    const std::size_t row = kRateOf.at(static_cast<std::size_t>(counter));
    return row == kRates.size() ? Metric::None : kRates.at(row).rate;
}

Table::Table(std::size_t rows) : m_rows(rows)
{
    for (std::size_t metric = 1; metric < kMetricCount; ++metric) {
        Column &of = m_columns.at(metric);
        of.states.assign(rows, CellState::Absent);
        if (isIntegral(metric))
            of.integers.assign(rows, 0);
        else
            of.reals.assign(rows, 0);
    }
}

void Table::mark(Metric metric, std::size_t row, CellState state)
{
    Column &of = column(metric);
    of.states[row] = state;
    if (!of.integers.empty())
        of.integers[row] = 0;
    else
        of.reals[row] = 0;
}

void Table::putReal(Metric metric, std::size_t row, double value)
{
    Column &of = column(metric);
    of.states[row] = CellState::Value;
    of.reals[row] = value;
}

bool Table::put(const cgroup::Figure &figure, std::size_t row, Micros interval)
{
    Column &of = column(figure.metric);
    const CellState before = of.states[row];
    if (of.integers.empty()) {
        const bool differs = before != figure.state || of.reals[row] != figure.real;
        of.states[row] = figure.state;
        of.reals[row] = figure.real;
        return differs;
    }
    const std::uint64_t previous = of.integers[row];
    of.states[row] = figure.state;
    of.integers[row] = figure.integer;
    if (const std::size_t at = kRateOf[static_cast<std::size_t>(figure.metric)]; at != kRates.size()) {
        const RateRow &rate = kRates[at];
        if (figure.state != CellState::Value) {
            mark(rate.rate, row, figure.state);
        } else if (before != CellState::Value || interval == Micros{0}) {
            mark(rate.rate, row, CellState::NotYet);
        } else if (const auto perSec = perSecond(previous, figure.integer, interval)) {
            const bool adds = figure.metric == Metric::MemoryRefaultFile && state(rate.rate, row) == CellState::Value &&
                              state(Metric::MemoryRefaultAnon, row) == CellState::Value;
            putReal(rate.rate, row, *perSec * rate.factor + (adds ? real(rate.rate, row) : 0));
        } else {
            mark(rate.rate, row, CellState::NotYet); // went back: a gap, never a spike
        }
    }
    return before != figure.state || previous != figure.integer;
}

void Table::copyRow(std::size_t row, const Table &from, std::size_t fromRow)
{
    for (std::size_t metric = 1; metric < kMetricCount; ++metric) {
        Column &to = m_columns[metric];
        const Column &source = from.m_columns[metric];
        to.states[row] = source.states[fromRow];
        if (!to.integers.empty())
            to.integers[row] = source.integers[fromRow];
        else
            to.reals[row] = source.reals[fromRow];
    }
}

} // namespace gantry::sampler
