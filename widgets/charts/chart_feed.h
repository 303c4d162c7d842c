// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include "engine/base/metric.h"
#include "gantry/v1/metrics.pb.h"

#include <array>
#include <utility>
#include <vector>

namespace gantry {

class MetricChart;

/// Brings the history of one node and its ticks to charts, whichever comes first. Thread: GUI.
class ChartFeed
{
public:
    /// @param charts must outlive this; each takes the metrics of its series.
    explicit ChartFeed(std::vector<MetricChart *> charts) : m_charts(std::move(charts)) {}

    /// Another node: empties the charts.
    void restart();
    /// The past of the node, given once after restart(); it empties the charts, their markers as well.
    void setHistory(const v1::HistoryReply &history);
    /// One tick. @param realtimeUsec Frame.realtime_usec.
    void apply(const v1::NodeMetrics &metrics, qint64 realtimeUsec);
    /// A tick without values (skipped, unreadable): a gap.
    void applyGap(qint64 realtimeUsec);

private:
    /// One tick by metric number; NaN where there is no value.
    using Values = std::array<double, kMetricCount>;

    [[nodiscard]] static Values gap();
    void takeTick(const Values &values, double time);
    void takeValues(const Values &values, double time);

    std::vector<MetricChart *> m_charts;
    std::vector<std::pair<double, Values>> m_early; ///< ticks that came before the history
    bool m_hasHistory = false;
};

} // namespace gantry
