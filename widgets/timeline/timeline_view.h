// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractScrollArea>

#include "widgets/timeline/timeline_painter.h"
#include "widgets/timeline/timeline_scene.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gantry {

/// Checkpoints on a time axis, a row for each branch, with what forks off drawn and "Now" at its end.
///
/// Wheel zooms, drag pans, double click on nothing returns to live. A mark is chosen with the mouse (Ctrl: more) or
/// with the arrow keys: left and right along the branch, up and down between branches, Home and End; Shift chooses
/// more. Marks that stand too near to each other are one with their number, which a double click opens. Thread: GUI.
class TimelineView final : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit TimelineView(QWidget *parent = nullptr);

    void setMarks(std::vector<TimelineMark> marks);
    [[nodiscard]] const TimelineScene &scene() const { return m_scene; }
    /// The time it is, in seconds since the epoch; moves the axis while live.
    void setNow(double now);
    /// What runs now: its branch goes on to "Now".
    void setHeads(TimelineHeads heads);
    void setEmptyText(const QString &text);
    /// The name of a subject is shown even where there is only one.
    void setNamed(bool named);
    /// Pixels left of the axis.
    void setLeftEdge(int pixels);
    [[nodiscard]] int leftEdge() const { return m_leftEdge; }
    /// Pixels between the right end of the axis and the edge of this widget.
    [[nodiscard]] int rightEdge() const;

    /// Length of time shown while live; nullopt: from the oldest mark on.
    void setWindow(std::optional<std::chrono::seconds> window);
    [[nodiscard]] bool isLive() const { return m_live; }
    void returnToLive();
    /// Times shown, in seconds since the epoch, kept within what there is; leaves live.
    void setRange(double from, double to);
    [[nodiscard]] double from() const { return m_scene.from(); }
    [[nodiscard]] double to() const { return m_scene.to(); }
    /// Where the mouse is on another graph of the same time; nullopt: nowhere.
    void setCursorTime(std::optional<double> time);
    /// Brings the mark into view.
    void showMark(const std::string &id);

    /// Ids of the selected marks, oldest first; a mark that goes is not selected any more.
    [[nodiscard]] std::vector<std::string> selection() const;
    void setSelection(const std::vector<std::string> &ids);
    /// Where the keyboard is; empty: nowhere.
    [[nodiscard]] const std::string &current() const { return m_look.current; }

    /// Words about a mark, for tool tip and screen reader.
    [[nodiscard]] static QString describe(const TimelineMark &mark);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void selectionChanged();
    /// Enter or double click on a mark.
    void activated();
    void menuRequested(const QPoint &globalPosition);
    void rangeChanged(double from, double to);
    void liveChanged(bool live);
    /// The mouse is at that time, in seconds since the epoch; NaN: it has left.
    void cursorMoved(double time);
    void edgesChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    bool viewportEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void layOut();
    void follow();
    void setLive(bool live);
    void applyRange(double from, double to);
    [[nodiscard]] double oldest() const;
    void choose(std::size_t mark, bool more);
    void choose(const TimelineCluster &cluster, Qt::KeyboardModifiers modifiers);
    void clearSelection();
    [[nodiscard]] bool moveBy(const QKeyEvent &event);
    void zoom(double factor, double around);
    void pan(double share);
    [[nodiscard]] QString tipOf(const TimelineCluster &cluster) const;
    void updateDescription();

    TimelineScene m_scene;
    TimelineLook m_look;
    int m_leftEdge = 64;
    bool m_live = true;
    std::optional<std::chrono::seconds> m_window;
    std::optional<QPointF> m_pressed; ///< where the left button went down on nothing
    double m_pressedFrom = 0;
    double m_pressedTo = 0;
    bool m_panned = false;
};

} // namespace gantry
