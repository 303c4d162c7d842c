// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_painter.h"

#include "widgets/charts/time_ticks.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/timeline/timeline_view.h"

#include <QDateTime>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace gantry {

namespace {

constexpr double kGap = 6;
constexpr double kSmaller = 0.88;

QFont smaller(QFont font)
{
    font.setPointSizeF(std::max(7.0, font.pointSizeF() * kSmaller));
    return font;
}

double lineHeight(const QFont &font)
{
    return std::ceil(QFontMetricsF(smaller(font)).height()) + 4;
}

} // namespace

TimelinePainter::TimelinePainter(QPainter &painter, const TimelineScene &scene, const TimelineLook &look)
    : m_painter(painter)
    , m_scene(scene)
    , m_look(look)
    , m_metrics(look.font)
    , m_small(smaller(look.font))
    , m_smallMetrics(m_small)
{}

double TimelinePainter::footHeight(const QFont &font)
{
    return 2 * lineHeight(font);
}

double TimelinePainter::headHeight(const QFont &font)
{
    return lineHeight(font);
}

void TimelinePainter::paint()
{
    m_painter.setRenderHint(QPainter::Antialiasing);
    m_painter.setFont(m_small);
    paintAxis();
    m_painter.save();
    m_painter.setClipRect(m_scene.plot().adjusted(0, 0, 1, 0));
    const std::vector<std::size_t> shown = m_scene.shownBranches();
    std::vector<std::vector<TimelineCluster>> clusters;
    clusters.reserve(shown.size());
    for (const std::size_t branch : shown) {
        clusters.push_back(m_scene.clustersOf(branch));
        const Branch &shownBranch = m_scene.layout().branches[branch];
        if (shownBranch.from != kNone) {
            m_painter.setPen(linePen(isPresent(shownBranch), false));
            paintFork(m_scene.placeOf(shownBranch.from), m_scene.placeOf(shownBranch.marks.front()));
        }
        paintBranchLines(branch, clusters.back());
    }
    for (const TimelineNow &present : m_scene.presents())
        paintWayToNow(present);
    m_painter.restore();
    paintNow();
    paintGroupNames();
    m_painter.setClipRect(m_scene.plot().adjusted(-8, 0, 8, 0));
    for (const auto &row : clusters) {
        for (std::size_t i = 0; i < row.size(); ++i)
            paintCluster(row[i],
                         (i + 1 < row.size() ? row[i + 1].place.x() : m_scene.plot().right()) - row[i].place.x());
    }
    m_painter.setClipping(false);
    if (m_scene.marks().empty()) {
        m_painter.setFont(m_look.font);
        m_painter.setPen(theme::muted(m_look.palette));
        m_painter.drawText(m_scene.plot(), Qt::AlignCenter | Qt::TextWordWrap, m_look.emptyText);
        m_painter.setFont(m_small);
    }
    paintLegend();
}

void TimelinePainter::paintAxis()
{
    const QRectF &plot = m_scene.plot();
    m_painter.setPen(QPen(theme::line(m_look.palette), 1));
    m_painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    const double height = lineHeight(m_look.font);
    for (const TimeTick &tick : timeTicks(m_scene.from(), m_scene.to(), timeTicksIn(plot.width()))) {
        const double x = m_scene.xOf(tick.time);
        m_painter.setPen(QPen(theme::line(m_look.palette), 1, Qt::DotLine));
        m_painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        m_painter.setPen(theme::muted(m_look.palette));
        const double width = m_smallMetrics.horizontalAdvance(tick.label);
        if (x - width / 2 >= plot.left() + 2 && x + width / 2 <= plot.right() + kGap)
            m_painter.drawText(QRectF(x - width, plot.bottom(), 2 * width, height), Qt::AlignCenter, tick.label);
    }
    // The ticks have no date until a day begins.
    m_painter.setPen(theme::muted(m_look.palette));
    m_painter.drawText(QRectF(0, plot.bottom(), plot.left() - kGap, height), Qt::AlignRight | Qt::AlignVCenter,
                       text::dateTime(std::llround(m_scene.from() * 1e6)).left(10));
    if (m_look.cursor) {
        const double x = m_scene.xOf(*m_look.cursor);
        if (x >= plot.left() && x <= plot.right()) {
            m_painter.setPen(QPen(theme::muted(m_look.palette), 1, Qt::DashLine));
            m_painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        }
    }
}

void TimelinePainter::paintNow()
{
    const QRectF &plot = m_scene.plot();
    const double x = m_scene.xOf(m_look.now);
    if (x < plot.left() || x > plot.right())
        return;
    const QColor color = m_look.palette.color(QPalette::Highlight);
    m_painter.setPen(QPen(color, 1.2));
    m_painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    const QString now = TimelineView::tr("Now", "where the user is on the time axis");
    const double width = m_smallMetrics.horizontalAdvance(now) + 2 * kGap;
    const double left = std::min(x - width / 2, plot.right() + kGap - width);
    const QRectF flag(left, plot.top() - lineHeight(m_look.font) + 1, width, lineHeight(m_look.font) - 2);
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(color);
    m_painter.drawRoundedRect(flag, 3, 3);
    m_painter.setPen(m_look.palette.color(QPalette::HighlightedText));
    m_painter.drawText(flag, Qt::AlignCenter, now);
}

void TimelinePainter::paintGroupNames()
{
    if (!m_scene.hasGroupNames())
        return;
    const QRectF &plot = m_scene.plot();
    const auto &groups = m_scene.layout().groups;
    m_painter.save();
    m_painter.setClipRect(QRectF(0, plot.top(), plot.right(), plot.height()));
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const double y = m_scene.yOfGroup(i);
        if (y > plot.bottom() || y + TimelineScene::kGroupHeight < plot.top())
            continue;
        m_painter.setPen(QPen(theme::line(m_look.palette), 1));
        if (i > 0)
            m_painter.drawLine(QPointF(0, y), QPointF(plot.right(), y));
        m_painter.setPen(m_look.palette.color(QPalette::Text));
        const QString name =
            m_smallMetrics.elidedText(text::utf8(groups[i].subject), Qt::ElideMiddle, plot.right() - 2 * kGap);
        m_painter.drawText(QRectF(kGap, y, plot.right() - 2 * kGap, TimelineScene::kGroupHeight),
                           Qt::AlignLeft | Qt::AlignVCenter, name);
    }
    m_painter.restore();
}

bool TimelinePainter::isPresent(const Branch &branch) const
{
    const auto &presents = m_scene.presents();
    const auto present = std::ranges::lower_bound(presents, branch.subject, {}, &TimelineNow::group);
    return present != presents.end() && present->group == branch.subject && branch.marks.back() == present->from;
}

QPen TimelinePainter::linePen(bool isPresent, bool presumed) const
{
    QPen pen(isPresent ? m_look.palette.color(QPalette::Text) : theme::muted(m_look.palette), isPresent ? 2 : 1.4);
    if (presumed)
        pen.setStyle(Qt::DashLine);
    return pen;
}

void TimelinePainter::paintBranchLines(std::size_t branch, const std::vector<TimelineCluster> &clusters)
{
    const bool present = isPresent(m_scene.layout().branches[branch]);
    for (std::size_t i = 1; i < clusters.size(); ++i) {
        const std::size_t mark = m_scene.markOf(clusters[i], 0);
        m_painter.setPen(linePen(present, m_scene.layout().marks[mark].presumed));
        m_painter.drawLine(clusters[i - 1].place, clusters[i].place);
    }
}

void TimelinePainter::paintFork(const QPointF &from, const QPointF &to)
{
    const double bend = std::clamp((to.x() - from.x()) / 2, 2.0, 18.0);
    QPainterPath path(from);
    path.cubicTo({from.x() + bend / 2, from.y()}, {from.x() + bend / 2, to.y()}, {from.x() + bend, to.y()});
    path.lineTo(to);
    m_painter.setBrush(Qt::NoBrush);
    m_painter.drawPath(path);
}

void TimelinePainter::paintWayToNow(const TimelineNow &present)
{
    const QPointF from = m_scene.placeOf(present.from);
    const QPointF to(m_scene.xOf(m_look.now), m_scene.yOf(present.row));
    if (to.x() <= from.x())
        return;
    m_painter.setPen(linePen(true, present.presumed));
    if (from.y() == to.y())
        m_painter.drawLine(from, to);
    else
        paintFork(from, to);
    m_painter.setPen(QPen(m_look.palette.color(QPalette::Highlight), 2));
    m_painter.setBrush(m_look.palette.color(QPalette::Base));
    m_painter.drawEllipse(to, 5, 5);
}

void TimelinePainter::paintCluster(const TimelineCluster &cluster, double room)
{
    const QRectF &plot = m_scene.plot();
    if (cluster.place.x() < plot.left() - 1 || cluster.place.x() > plot.right() + 1)
        return;
    bool isSelected = false;
    bool isCurrent = false;
    bool isPinned = false;
    for (std::size_t i = 0; i < cluster.count; ++i) {
        const TimelineMark &mark = m_scene.marks()[m_scene.markOf(cluster, i)];
        isSelected = isSelected || m_look.selected.contains(mark.id);
        isCurrent = isCurrent || (!m_look.current.empty() && mark.id == m_look.current);
        isPinned = isPinned || mark.pinned;
    }
    const double r = cluster.radius;
    if (isSelected || (isCurrent && m_look.focused)) {
        const QColor color = m_look.palette.color(QPalette::Highlight);
        m_painter.setPen(QPen(color, isCurrent && m_look.focused ? 2.4 : 1.4));
        QColor fill = color;
        fill.setAlphaF(isSelected ? 0.28F : 0.0F);
        m_painter.setBrush(fill);
        m_painter.drawEllipse(cluster.place, r + 4, r + 4);
    }
    if (cluster.count > 1) {
        paintCount(cluster);
    } else {
        const TimelineMark &mark = m_scene.marks()[m_scene.markOf(cluster, 0)];
        paintTrigger(m_painter, QRectF(cluster.place.x() - r, cluster.place.y() - r, 2 * r, 2 * r), mark.trigger,
                     m_look.palette);
        paintName(cluster, room);
    }
    if (isPinned)
        paintPin(m_painter, QRectF(cluster.place.x() - 5, cluster.place.y() - r - 11, 10, 11), m_look.palette);
}

void TimelinePainter::paintCount(const TimelineCluster &cluster)
{
    const QString count = text::count(cluster.count);
    const double width = std::max(2 * cluster.radius, m_smallMetrics.horizontalAdvance(count) + 8);
    const QRectF box(cluster.place.x() - width / 2, cluster.place.y() - cluster.radius, width, 2 * cluster.radius);
    m_painter.setPen(QPen(m_look.palette.color(QPalette::Text), 1.2));
    m_painter.setBrush(m_look.palette.color(QPalette::Button));
    m_painter.drawRoundedRect(box, cluster.radius, cluster.radius);
    m_painter.setPen(m_look.palette.color(QPalette::ButtonText));
    m_painter.drawText(box, Qt::AlignCenter, count);
}

void TimelinePainter::paintName(const TimelineCluster &cluster, double room)
{
    const TimelineMark &mark = m_scene.marks()[m_scene.markOf(cluster, 0)];
    constexpr double kLeastRoom = 28; // less is three letters and an ellipsis
    if (mark.name.isEmpty() || room < kLeastRoom)
        return;
    const QRectF box(cluster.place.x() - cluster.radius, cluster.place.y() + cluster.radius + 1, room - 4,
                     m_smallMetrics.height());
    const QString name = m_smallMetrics.elidedText(mark.name, Qt::ElideRight, box.width());
    // What forks off goes behind the name.
    QColor ground = m_look.palette.color(QPalette::Base);
    ground.setAlphaF(0.8F);
    m_painter.fillRect(QRectF(box.topLeft(), QSizeF(m_smallMetrics.horizontalAdvance(name), box.height())), ground);
    m_painter.setPen(m_look.palette.color(QPalette::Text));
    m_painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, name);
}

void TimelinePainter::paintLegend()
{
    if (m_scene.marks().empty())
        return;
    const double top = m_scene.plot().bottom() + lineHeight(m_look.font);
    const double height = lineHeight(m_look.font);
    double x = m_scene.plot().left();
    const auto add = [&](const QString &words, auto &&sign) {
        const double width = m_smallMetrics.horizontalAdvance(words);
        if (x + 14 + width > m_scene.plot().right())
            return;
        sign(QRectF(x, top + height / 2 - 5, 10, 10));
        m_painter.setPen(theme::muted(m_look.palette));
        m_painter.drawText(QRectF(x + 14, top, width + 2, height), Qt::AlignLeft | Qt::AlignVCenter, words);
        x += 14 + width + 2 * kGap;
    };
    const auto &marks = m_scene.marks();
    for (const TimelineTrigger trigger : kTimelineTriggers) {
        if (std::ranges::find(marks, trigger, &TimelineMark::trigger) != marks.end())
            add(timelineTriggerText(trigger),
                [&](const QRectF &box) { paintTrigger(m_painter, box, trigger, m_look.palette); });
    }
    if (std::ranges::find(marks, true, &TimelineMark::pinned) != marks.end())
        add(TimelineView::tr("pinned"), [&](const QRectF &box) { paintPin(m_painter, box, m_look.palette); });
    const auto &placed = m_scene.layout().marks;
    if (std::ranges::find(placed, true, &PlacedMark::presumed) != placed.end() ||
        std::ranges::find(m_scene.presents(), true, &TimelineNow::presumed) != m_scene.presents().end())
        add(TimelineView::tr("what it went on from is not known"), [&](const QRectF &box) {
            m_painter.setPen(QPen(theme::muted(m_look.palette), 1.4, Qt::DashLine));
            m_painter.drawLine(QPointF(box.left() - 2, box.center().y()), QPointF(box.right() + 2, box.center().y()));
        });
    add(TimelineView::tr("the bigger, the more memory"), [&](const QRectF &box) {
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(theme::muted(m_look.palette));
        m_painter.drawEllipse(QPointF(box.left() + 1, box.center().y()), 2, 2);
        m_painter.drawEllipse(QPointF(box.right() - 3, box.center().y()), 4, 4);
    });
}

} // namespace gantry
