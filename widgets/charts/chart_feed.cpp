// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/chart_feed.h"

#include "widgets/charts/metric_chart.h"
#include "widgets/text/cell.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gantry {

namespace {
constexpr std::size_t kMostEarly = 120;
} // namespace

ChartFeed::Values ChartFeed::gap()
{
    Values values{};
    values.fill(std::numeric_limits<double>::quiet_NaN());
    return values;
}

void ChartFeed::restart()
{
    m_early.clear();
    m_hasHistory = false;
    for (MetricChart *chart : m_charts)
        chart->clear();
}

void ChartFeed::setHistory(const v1::HistoryReply &history)
{
    const auto count = static_cast<std::size_t>(history.realtime_usec_size());
    std::vector<Values> rows(count, gap());
    for (const v1::HistoryReply::Series &series : history.series()) {
        if (!metricByNumber(series.metric()))
            continue;
        for (std::size_t i = 0; i < std::min(count, static_cast<std::size_t>(series.values_size())); ++i)
            rows[i].at(series.metric()) = static_cast<double>(series.values(static_cast<int>(i)));
    }
    // A graph only grows at its end: what came first is put behind the past.
    for (MetricChart *chart : m_charts)
        chart->clear();
    m_hasHistory = true;
    for (std::size_t i = 0; i < count; ++i)
        takeValues(rows[i], static_cast<double>(history.realtime_usec(static_cast<int>(i))) / 1e6);
    for (const auto &[time, values] : std::exchange(m_early, {}))
        takeValues(values, time);
}

void ChartFeed::apply(const v1::NodeMetrics &metrics, qint64 realtimeUsec)
{
    Values values = gap();
    for (const v1::MetricValue &value : metrics.values()) {
        if (const auto metric = metricByNumber(value.metric()))
            values.at(value.metric()) = Cell::of(value).number(*metricInfo(*metric));
    }
    takeTick(values, static_cast<double>(realtimeUsec) / 1e6);
}

void ChartFeed::applyGap(qint64 realtimeUsec)
{
    takeTick(gap(), static_cast<double>(realtimeUsec) / 1e6);
}

void ChartFeed::takeTick(const Values &values, double time)
{
    if (!m_hasHistory && m_early.size() < kMostEarly)
        m_early.emplace_back(time, values);
    takeValues(values, time);
}

void ChartFeed::takeValues(const Values &values, double time)
{
    std::vector<double> row;
    for (MetricChart *chart : m_charts) {
        row.clear();
        for (const SeriesSpec &series : chart->series())
            row.push_back(values.at(static_cast<std::size_t>(series.metric)));
        chart->append(time, row);
    }
}

} // namespace gantry
