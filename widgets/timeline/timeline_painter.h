// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>
#include <QFontMetricsF>
#include <QPalette>

#include "widgets/timeline/timeline_scene.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

class QPainter;

namespace gantry {

/// What a TimelineView shows beside its marks.
struct TimelineLook
{
    QPalette palette;
    QFont font;
    double now = 0;                 ///< seconds since the epoch
    std::set<std::string> selected; ///< ids
    std::string current;            ///< id the keyboard is at; may be empty
    bool focused = false;
    std::optional<double> cursor; ///< time of the cursor
    QString emptyText;
};

/// Paints a scene with its axis and its legend. Thread: GUI.
class TimelinePainter
{
public:
    TimelinePainter(QPainter &painter, const TimelineScene &scene, const TimelineLook &look);

    void paint();

    /// Height of axis and legend below the plot.
    [[nodiscard]] static double footHeight(const QFont &font);
    /// Height of what is above the plot.
    [[nodiscard]] static double headHeight(const QFont &font);

private:
    void paintAxis();
    void paintNow();
    void paintGroupNames();
    void paintBranchLines(std::size_t branch, const std::vector<TimelineCluster> &clusters);
    void paintFork(const QPointF &from, const QPointF &to);
    void paintWayToNow(const TimelineNow &present);
    void paintCluster(const TimelineCluster &cluster, double room);
    void paintCount(const TimelineCluster &cluster);
    void paintName(const TimelineCluster &cluster, double room);
    void paintLegend();
    /// @param isPresent the branch that "Now" is on.
    [[nodiscard]] QPen linePen(bool isPresent, bool presumed) const;
    [[nodiscard]] bool isPresent(const Branch &branch) const;

    QPainter &m_painter;
    const TimelineScene &m_scene;
    const TimelineLook &m_look;
    QFontMetricsF m_metrics;
    QFont m_small;
    QFontMetricsF m_smallMetrics;
};

} // namespace gantry
