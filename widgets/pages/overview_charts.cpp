// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/overview_charts.h"

#include "widgets/pages/overview_page.h"

#include <algorithm>
#include <cmath>

namespace gantry {

namespace {

SeriesSpec line(Metric metric, const char *label, bool filled = false)
{
    return {metric, OverviewPage::tr(label), filled};
}

SeriesSpec rareLine(Metric metric, const char *label)
{
    return {metric, OverviewPage::tr(label), false, true};
}

} // namespace

std::vector<ChartSpec> chartSpecs()
{
    using enum Metric;
    return {
        {QT_TRANSLATE_NOOP("gantry::OverviewPage", "Memory"),
         MetricUnit::Byte,
         {line(MemoryCurrent, QT_TRANSLATE_NOOP("gantry::OverviewPage", "in use"), true),
          rareLine(MemoryIntervalPeak, QT_TRANSLATE_NOOP("gantry::OverviewPage", "peak between samples"))},
         {LimitKey::MemoryHigh, LimitKey::MemoryMax},
         0,
         0,
         2,
         0},
        {QT_TRANSLATE_NOOP("gantry::OverviewPage", "CPU"),
         MetricUnit::Percent,
         {line(CpuUsageRate, QT_TRANSLATE_NOOP("gantry::OverviewPage", "all"), true),
          line(CpuUserRate, QT_TRANSLATE_NOOP("gantry::OverviewPage", "programs")),
          line(CpuSystemRate, QT_TRANSLATE_NOOP("gantry::OverviewPage", "kernel"))},
         {LimitKey::CpuMax},
         1,
         0,
         1,
         10},
        {QT_TRANSLATE_NOOP("gantry::OverviewPage", "I/O"),
         MetricUnit::BytePerSecond,
         {line(IoReadRate, QT_TRANSLATE_NOOP("gantry::OverviewPage", "read")),
          line(IoWriteRate, QT_TRANSLATE_NOOP("gantry::OverviewPage", "written"))},
         {},
         1,
         1,
         1,
         0},
        {QT_TRANSLATE_NOOP("gantry::OverviewPage", "Pressure"),
         MetricUnit::Percent,
         {line(PressureMemorySomeAvg10, QT_TRANSLATE_NOOP("gantry::OverviewPage", "memory")),
          line(PressureMemoryFullAvg10, QT_TRANSLATE_NOOP("gantry::OverviewPage", "memory full")),
          line(PressureCpuSomeAvg10, QT_TRANSLATE_NOOP("gantry::OverviewPage", "CPU")),
          line(PressureIoSomeAvg10, QT_TRANSLATE_NOOP("gantry::OverviewPage", "I/O"))},
         {},
         2,
         0,
         1,
         10},
        {QT_TRANSLATE_NOOP("gantry::OverviewPage", "Processes and threads"),
         MetricUnit::Number,
         {line(PidsCurrent, QT_TRANSLATE_NOOP("gantry::OverviewPage", "now"), true)},
         {LimitKey::PidsMax},
         2,
         1,
         1,
         0},
    };
}

std::optional<double> chartValue(const LimitValue &value)
{
    if (const auto *number = std::get_if<std::uint64_t>(&value))
        return static_cast<double>(*number);
    if (const auto *cpu = std::get_if<CpuMax>(&value); cpu && cpu->quota && cpu->period.count() > 0)
        return 100.0 * static_cast<double>(cpu->quota->count()) / static_cast<double>(cpu->period.count());
    return std::nullopt;
}

LimitValue limitFromChart(LimitKey key, double value, const LimitValue *old)
{
    if (key != LimitKey::CpuMax)
        return static_cast<std::uint64_t>(std::llround(std::max(value, 0.0)));
    constexpr Micros kUsualPeriod(100'000);
    const auto *cpu = old == nullptr ? nullptr : std::get_if<CpuMax>(old);
    const Micros period = cpu == nullptr || cpu->period.count() == 0 ? kUsualPeriod : cpu->period;
    return CpuMax{Micros(static_cast<std::uint64_t>(std::llround(value / 100 * static_cast<double>(period.count())))),
                  period};
}

} // namespace gantry
