// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "widgets/charts/chart_types.h"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace gantry {

/// Live graph of one or several metrics of the same unit, with limits as lines that can be dragged.
///
/// Wheel zooms, drag pans, double click returns to live; the crosshair reads every series; a gap stays a gap. A limit
/// line is dragged with the mouse, or chosen with Tab and moved with the arrow keys (Enter drops, Esc takes back). At
/// most one repaint a frame, none while hidden. Thread: GUI.
class MetricChart final : public QWidget
{
    Q_OBJECT
public:
    /// @param unit of every series and limit. @param series their lines, in the order append() gives values.
    MetricChart(const QString &title, MetricUnit unit, std::vector<SeriesSpec> series, QWidget *parent = nullptr);
    ~MetricChart() override;

    [[nodiscard]] const std::vector<SeriesSpec> &series() const;
    /// Adds one point a series; NaN is a gap. @param time seconds since the epoch (CLOCK_REALTIME).
    void append(double time, std::span<const double> values);
    void clear();

    /// Length of time shown while live; kept when zoomed until the view returns to live.
    void setWindow(std::chrono::seconds window);
    [[nodiscard]] std::chrono::seconds window() const;
    /// False while the user looks at the past (zoomed or panned).
    [[nodiscard]] bool isLive() const;
    void returnToLive();

    /// Adds the line or changes it; a line that is being dragged keeps its place.
    void setLimit(const LimitLine &line);
    void removeLimit(LimitKey key);
    /// Shows `value` as the pending place of the line (what has been dropped but not applied); nullopt: none.
    void setPendingLimit(LimitKey key, std::optional<double> value);

    void setMarkers(const std::vector<ChartMarker> &markers);
    /// A note across the graph ("Frozen", "Link to the host lost"); empty removes it.
    void setNote(const QString &note);
    /// Upper end of the value axis that is always shown (100 for percentages); 0: what the data needs.
    void setLeastTop(double top);

    /// Gives the time axis to somebody else, who shows the same times: setShownRange() says which, and what the user
    /// does to it is only told by shownRangeChanged(). The labels of the axis are that one's, too.
    /// @param left, right pixels between this widget's edges and the plot.
    void steer(int left, int right);
    /// Times shown, in seconds since the epoch; leaves live.
    void setShownRange(double from, double to);
    /// The crosshair stands there, and the legend has the values of then, or none where no point is near; nullopt: it
    /// is gone.
    void setCursorTime(std::optional<double> time);

    /// What the graph shows, in words, for a screen reader.
    [[nodiscard]] QString summary() const;
    /// Times and values of what is on screen, RFC 4180.
    [[nodiscard]] QString csv() const;

    /// Writes what is on screen; the suffix of the name says how: .png, .svg, otherwise CSV. @return false if it
    /// failed.
    bool save(const QString &fileName);

    /// Pixel of a value on the vertical axis and back, in this widget's coordinates.
    [[nodiscard]] double pixelOf(double value) const;
    [[nodiscard]] double valueAt(double y) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// While a line moves: value in the chart's unit.
    void limitDragged(gantry::LimitKey key, double value);
    /// The line was dropped or confirmed with Enter.
    void limitDropped(gantry::LimitKey key, double value);
    /// Esc: the line is back where it was.
    void limitDragCancelled(gantry::LimitKey key);
    /// A marker was clicked: sequence number of its event.
    void markerActivated(quint64 sequence);
    /// The view went live or left it.
    void liveChanged(bool live);
    /// The user zoomed or panned.
    void shownRangeChanged(double from, double to);
    /// The mouse is at that time, in seconds since the epoch; NaN: it has left.
    void cursorMoved(double time);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    bool focusNextPrevChild(bool next) override;

private:
    void saveAs(const QString &filter);
    void showValues();

    class Private;
    std::unique_ptr<Private> d;
};

} // namespace gantry
