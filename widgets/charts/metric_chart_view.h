// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QTimer>

#include "widgets/charts/limit_lines.h"
#include "widgets/charts/metric_chart.h"
#include "widgets/charts/qcp.h"
#include "widgets/charts/series_ring.h"

#include <array>

class QHelpEvent;
class QKeyEvent;
class QMouseEvent;

namespace gantry {

/// What a MetricChart draws: plot, value legend, crosshair, markers. Thread: GUI.
class MetricChart::Private
{
public:
    Private(MetricChart *chart, const QString &title, MetricUnit chartUnit, std::vector<SeriesSpec> specs);

    /// @return false for a point that is not newer than the newest.
    [[nodiscard]] bool append(double time, std::span<const double> values);
    void clear();
    void setLive(bool on);
    void setMarkers(const std::vector<ChartMarker> &fresh);
    void setNote(const QString &text);
    /// Colours and fonts of the palette as it is now.
    void restyle();
    /// At most one repaint a frame, none while hidden.
    void scheduleReplot();
    void steer(int left, int right);
    void setShownRange(double from, double to);
    void setCursorTime(std::optional<double> time);
    [[nodiscard]] bool saveSvg(const QString &fileName) const;

    // Events of the plot; true: taken.
    bool press(const QMouseEvent &event);
    bool move(const QMouseEvent &event);
    bool release(const QMouseEvent &event);
    bool key(const QKeyEvent &event);
    bool showMarkerTip(const QHelpEvent &event);
    void hideCrosshair();

    MetricChart *q;
    MetricUnit unit;
    std::vector<SeriesSpec> series;
    SeriesRing ring;
    QCustomPlot *plot;
    LimitLines *limits;
    std::chrono::seconds window{600};
    bool live = true;
    double leastTop = 0;

private:
    void buildAxes();
    void buildMarkers();
    void replot();
    void fitRanges();
    [[nodiscard]] double dataTop() const;
    void updateLegend();
    /// Point whose values the legend has; ring.size(): none.
    [[nodiscard]] std::size_t shownPoint() const;
    void setCrosshair(double pixelX);
    [[nodiscard]] const ChartMarker *markerAt(const QPointF &point) const;

    QString m_title;
    QLabel *m_legend;
    QTimer m_frame;
    QCPItemStraightLine *m_crosshair = nullptr;
    QCPItemText *m_note = nullptr;
    std::array<QCPGraph *, 3> m_markerGraphs{};
    std::vector<ChartMarker> m_markers;
    std::optional<std::size_t> m_cursor; ///< point under the crosshair
    std::optional<double> m_cursorTime;  ///< of the crosshair where somebody else moves it
    bool m_steered = false;              ///< somebody else says which times are shown
    bool m_isTold = false;               ///< the range changes because of that
    std::optional<QPointF> m_pressed;    ///< where the left button went down
};

} // namespace gantry
