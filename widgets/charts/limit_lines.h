// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "widgets/charts/chart_types.h"

#include <optional>
#include <vector>

class QCPItemStraightLine;
class QCPItemText;
class QCustomPlot;
class QPalette;
class QPointF;

namespace gantry {

/// The limits of a MetricChart as horizontal lines: a dashed one is soft, a solid one hard. A line whose limit is "max"
/// or above the axis waits at the top edge. One line at a time is moved, by mouse or by keys. Thread: GUI.
class LimitLines final : public QObject
{
    Q_OBJECT
public:
    /// The plot must outlive this.
    LimitLines(QCustomPlot *plot, MetricUnit unit, QObject *parent);

    void set(const LimitLine &spec);
    void remove(LimitKey key);
    void setPending(LimitKey key, std::optional<double> value);
    [[nodiscard]] const std::vector<LimitLine> &specs() const { return m_specs; }

    /// Upper end the value axis needs so that the limits near the data are in view. @param dataTop greatest value
    /// shown.
    [[nodiscard]] double topFor(double dataTop) const;
    /// Puts lines and labels where they belong; call after the axis range or the palette changed.
    void layout(const QPalette &palette);

    /// Line within reach of a point (widget coordinates of the plot), if any.
    [[nodiscard]] std::optional<LimitKey> lineAt(const QPointF &point) const;
    /// Takes hold of the line at a point. @return false if there is none that can be dragged.
    [[nodiscard]] bool grab(const QPointF &point);
    void dragTo(double pixelY);
    /// Ends the drag: emits dropped(), or cancelled() where the value is what it was.
    void drop();
    void cancel();
    [[nodiscard]] bool isMoving() const { return m_moving.has_value(); }

    /// Chooses the next (or previous) line that can be moved, for the keyboard. @return false at the end: none is
    /// chosen.
    [[nodiscard]] bool chooseNext(bool forward);
    void chooseNone();
    [[nodiscard]] bool hasChosen() const { return m_chosen.has_value(); }
    /// Moves the chosen line by `steps`.
    void step(int steps);

Q_SIGNALS:
    void dragged(gantry::LimitKey key, double value);
    void dropped(gantry::LimitKey key, double value);
    void cancelled(gantry::LimitKey key);

private:
    struct Items
    {
        QCPItemStraightLine *line = nullptr;
        QCPItemText *label = nullptr;
        std::optional<double> pending;
    };

    [[nodiscard]] std::optional<std::size_t> find(LimitKey key) const;
    [[nodiscard]] double shown(std::size_t i) const;
    [[nodiscard]] double pixel(std::size_t i) const;
    [[nodiscard]] QString labelText(std::size_t i) const;
    [[nodiscard]] double stepSize() const;
    [[nodiscard]] double bounded(std::size_t i, double value) const;
    void moveTo(std::size_t i, double value);

    QCustomPlot *m_plot;
    MetricUnit m_unit;
    std::vector<LimitLine> m_specs;
    std::vector<Items> m_items;
    std::optional<std::size_t> m_moving;
    std::optional<std::size_t> m_chosen;
    std::optional<double> m_movingValue;
};

} // namespace gantry
