// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_mark.h"

#include "widgets/style/theme.h"
#include "widgets/text/labels.h"

#include <QPainter>
#include <QPolygonF>

namespace gantry {

namespace {

/// By TimelineTrigger; the last one has no word of its own.
constexpr std::array<std::string_view, 4> kWords{"manual", "schedule", "before-restore", "suspend"};
/// theme::series() of each.
constexpr std::array kColors{0, 2, 1, 3, 4};

} // namespace

TimelineTrigger timelineTrigger(std::string_view word)
{
    for (std::size_t i = 0; i < kWords.size(); ++i) {
        if (kWords.at(i) == word)
            return kTimelineTriggers.at(i);
    }
    return TimelineTrigger::Other;
}

QString timelineTriggerText(TimelineTrigger trigger)
{
    if (trigger == TimelineTrigger::Other)
        return QCoreApplication::translate("gantry::TimelineView", "otherwise", "why a checkpoint was made");
    return text::checkpointTrigger(kWords.at(static_cast<std::size_t>(trigger)));
}

QColor timelineTriggerColor(TimelineTrigger trigger, const QPalette &palette)
{
    return theme::series(kColors.at(static_cast<std::size_t>(trigger)), palette);
}

void paintTrigger(QPainter &painter, const QRectF &box, TimelineTrigger trigger, const QPalette &palette)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(timelineTriggerColor(trigger, palette));
    const QPointF middle = box.center();
    const double r = box.width() / 2;
    switch (trigger) {
    case TimelineTrigger::Manual:
        painter.drawEllipse(box);
        return;
    case TimelineTrigger::Schedule: {
        const double inset = r * 0.12;
        painter.drawRect(box.adjusted(inset, inset, -inset, -inset));
        return;
    }
    case TimelineTrigger::BeforeRestore:
        painter.drawPolygon(QPolygonF{{middle.x() - r, middle.y()},
                                      {middle.x() + r * 0.8, middle.y() - r},
                                      {middle.x() + r * 0.8, middle.y() + r}});
        return;
    case TimelineTrigger::Suspend: {
        const double bar = r * 0.7;
        painter.drawRect(QRectF(box.left() + r * 0.1, box.top(), bar, box.height()));
        painter.drawRect(QRectF(box.right() - r * 0.1 - bar, box.top(), bar, box.height()));
        return;
    }
    case TimelineTrigger::Other:
        painter.drawPolygon(QPolygonF{{middle.x(), middle.y() - r},
                                      {middle.x() + r, middle.y()},
                                      {middle.x(), middle.y() + r},
                                      {middle.x() - r, middle.y()}});
        return;
    }
}

void paintPin(QPainter &painter, const QRectF &box, const QPalette &palette)
{
    const QColor color = palette.color(QPalette::Text);
    const double head = box.width() * 0.6;
    const double x = box.center().x();
    painter.setPen(QPen(color, 1.2));
    painter.drawLine(QPointF(x, box.top() + head), QPointF(x, box.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QPointF(x, box.top() + head / 2), head / 2, head / 2);
}

} // namespace gantry
