// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/metric_chart_view.h"

#include "widgets/charts/metric_ticker.h"
#include "widgets/charts/time_ticks.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QSvgGenerator>
#include <QToolTip>
#include <QVBoxLayout>

#include <cmath>

namespace gantry {

namespace {

constexpr int kFrameMs = 16;
constexpr double kMarkerReach = 8;
constexpr double kMarkerHeight = 0.04; // of the plot, from below
constexpr double kHeadroom = 1.15;
constexpr double kLeastReach = 5; ///< seconds from a cursor to the point whose values it has
constexpr double kPointReach = 3; ///< the same in pixels

std::size_t markerGraph(v1::Severity severity)
{
    return severity == v1::SEVERITY_CRITICAL ? 2 : severity == v1::SEVERITY_WARNING ? 1 : 0;
}

/// Rich text that is not wrapped within.
QString unbroken(const QString &text)
{
    const QString wordJoiner(QChar(0x2060)); // else "I/O" may be broken
    return text.toHtmlEscaped()
        .replace(QLatin1Char(' '), QStringLiteral("&nbsp;"))
        .replace(QLatin1Char('/'), QLatin1Char('/') + wordJoiner);
}

} // namespace

MetricChart::Private::Private(MetricChart *chart, const QString &title, MetricUnit chartUnit,
                              std::vector<SeriesSpec> specs)
    : q(chart)
    , unit(chartUnit)
    , series(std::move(specs))
    , ring(series.size())
    , plot(new QCustomPlot(chart))
    , limits(new LimitLines(plot, unit, chart))
    , m_title(title)
    , m_legend(new QLabel(chart))
{
    auto *layout = new QVBoxLayout(q);
    layout->setContentsMargins(1, 1, 1, 1); // the frame of the focus
    layout->setSpacing(2);
    layout->addWidget(m_legend);
    layout->addWidget(plot, 1);
    m_legend->setTextFormat(Qt::RichText);
    m_legend->setMinimumWidth(0);
    m_legend->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_legend->setWordWrap(true); // between two series, never within one
    plot->setFocusPolicy(Qt::NoFocus);
    plot->setMinimumSize(20, 20); // without an area it complains about each picture of a window it is hidden in
    plot->setMouseTracking(true);
    // The widget itself is what has a name; the canvas inside is decoration.
    plot->setAccessibleName(title);
    m_frame.setSingleShot(true);
    m_frame.setInterval(kFrameMs);
    QObject::connect(&m_frame, &QTimer::timeout, q, [this] { replot(); });
    buildAxes();
    buildMarkers();
}

void MetricChart::Private::buildAxes()
{
    plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    plot->axisRect()->setRangeDrag(Qt::Horizontal);
    plot->axisRect()->setRangeZoom(Qt::Horizontal);
    plot->axisRect()->setMinimumMargins(QMargins(8, 4, 8, 4));
    plot->setNoAntialiasingOnDrag(true);
    const QSharedPointer<QCPAxisTickerDateTime> time(new QCPAxisTickerDateTime);
    time->setDateTimeFormat(QStringLiteral("HH:mm:ss"));
    time->setTickCount(5);
    plot->xAxis->setTicker(time);
    plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new MetricTicker(unit)));
    plot->yAxis2->setRange(0, 1);
    for (std::size_t i = 0; i < series.size(); ++i)
        plot->addGraph();
    m_crosshair = new QCPItemStraightLine(plot);
    m_crosshair->setLayer(QStringLiteral("overlay"));
    m_crosshair->setVisible(false);
    m_note = new QCPItemText(plot);
    m_note->setLayer(QStringLiteral("overlay"));
    m_note->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_note->position->setCoords(0.5, 0.5);
    m_note->setPadding(QMargins(12, 6, 12, 6));
    m_note->setVisible(false);
}

void MetricChart::Private::buildMarkers()
{
    // Shape as well as colour tells the severity.
    constexpr std::array kShapes{QCPScatterStyle::ssDisc, QCPScatterStyle::ssTriangle, QCPScatterStyle::ssDiamond};
    for (std::size_t i = 0; i < kShapes.size(); ++i) {
        m_markerGraphs.at(i) = plot->addGraph(plot->xAxis, plot->yAxis2);
        m_markerGraphs.at(i)->setLineStyle(QCPGraph::lsNone);
        m_markerGraphs.at(i)->setScatterStyle(QCPScatterStyle(kShapes.at(i), i == 0 ? 6 : 10));
    }
}

bool MetricChart::Private::append(double time, std::span<const double> values)
{
    if (!ring.append(time, values))
        return false;
    const double oldest = ring.times().front();
    for (std::size_t i = 0; i < series.size(); ++i) {
        QCPGraph *graph = plot->graph(static_cast<int>(i));
        graph->addData(time, values[i]);
        graph->data()->removeBefore(oldest);
    }
    m_cursor.reset();
    return true;
}

void MetricChart::Private::clear()
{
    ring.clear();
    for (std::size_t i = 0; i < series.size(); ++i)
        plot->graph(static_cast<int>(i))->data()->clear();
    setMarkers({});
    m_cursor.reset();
    if (!m_steered)
        setLive(true);
}

void MetricChart::Private::setLive(bool on)
{
    if (live == on)
        return;
    live = on;
    Q_EMIT q->liveChanged(on);
}

void MetricChart::Private::setMarkers(const std::vector<ChartMarker> &fresh)
{
    m_markers = fresh;
    for (QCPGraph *graph : m_markerGraphs)
        graph->data()->clear();
    for (const ChartMarker &marker : m_markers)
        m_markerGraphs.at(markerGraph(marker.severity))->addData(marker.time, kMarkerHeight);
}

void MetricChart::Private::setNote(const QString &text)
{
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
}

void MetricChart::Private::restyle()
{
    const QPalette palette = q->palette();
    const QColor lines = theme::line(palette);
    const QColor faint = theme::muted(palette);
    plot->setFont(q->font());
    plot->setBackground(palette.color(QPalette::Base));
    QFont small = q->font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() * 0.88));
    for (QCPAxis *axis : {plot->xAxis, plot->yAxis}) {
        axis->setBasePen(QPen(lines));
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(faint);
        axis->setTickLabelFont(small);
        axis->grid()->setPen(QPen(lines, 1, Qt::DotLine));
        axis->grid()->setZeroLinePen(QPen(lines));
    }
    plot->yAxis->setBasePen(Qt::NoPen);
    for (std::size_t i = 0; i < series.size(); ++i) {
        const QColor color = theme::series(static_cast<int>(i), palette);
        QCPGraph *graph = plot->graph(static_cast<int>(i));
        graph->setPen(QPen(color, 1.6));
        QColor fill = color;
        fill.setAlphaF(0.14F);
        graph->setBrush(series[i].filled ? QBrush(fill) : QBrush(Qt::NoBrush));
    }
    constexpr std::array kSeverities{v1::SEVERITY_NONE, v1::SEVERITY_WARNING, v1::SEVERITY_CRITICAL};
    for (std::size_t i = 0; i < m_markerGraphs.size(); ++i) {
        const QColor color = i == 0 ? faint : theme::severity(kSeverities.at(i), palette);
        m_markerGraphs.at(i)->setPen(QPen(color, 1.5));
        QCPScatterStyle style = m_markerGraphs.at(i)->scatterStyle();
        style.setPen(QPen(color, 1.5));
        style.setBrush(color);
        m_markerGraphs.at(i)->setScatterStyle(style);
    }
    m_crosshair->setPen(QPen(faint, 1, Qt::DashLine));
    m_note->setColor(palette.color(QPalette::Text));
    m_note->setBrush(palette.color(QPalette::Button));
    m_note->setPen(QPen(theme::frozen(palette), 1.5));
    scheduleReplot();
}

void MetricChart::Private::scheduleReplot()
{
    if (q->isVisible() && !m_frame.isActive())
        m_frame.start();
}

void MetricChart::Private::replot()
{
    // Hidden since the frame was asked for, or not laid out yet: there is nothing to paint on.
    if (!q->isVisible() || plot->size().isEmpty())
        return;
    fitRanges();
    // The lines need pixels of the new ranges, and those the layout of the axes: twice only where labels changed size.
    limits->layout(q->palette());
    updateLegend();
    q->setAccessibleDescription(q->summary());
    plot->replot(QCustomPlot::rpQueuedReplot);
}

double MetricChart::Private::dataTop() const
{
    const QCPRange shown = plot->xAxis->range();
    const auto times = ring.times();
    const auto first = static_cast<std::size_t>(std::ranges::lower_bound(times, shown.lower) - times.begin());
    const auto last = static_cast<std::size_t>(std::ranges::upper_bound(times, shown.upper) - times.begin());
    double top = 0;
    for (std::size_t i = 0; i < series.size(); ++i) {
        for (const double value : ring.values(i).subspan(first, last - first))
            top = value > top ? value : top; // false for NaN
    }
    return top;
}

void MetricChart::Private::fitRanges()
{
    if (live && !m_steered) {
        const double end =
            ring.size() == 0 ? static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1'000 : ring.times().back();
        plot->xAxis->setRange(end - static_cast<double>(window.count()), end);
    }
    if (limits->isMoving())
        return; // the ground must not move under a line that is dragged
    const double least = unit == MetricUnit::Byte || unit == MetricUnit::BytePerSecond ? 4096 : 4;
    const double top = std::max({limits->topFor(dataTop()), leastTop, least});
    plot->yAxis->setRange(0, top * kHeadroom);
}

void MetricChart::Private::updateLegend()
{
    const std::size_t at = shownPoint();
    QStringList parts{QStringLiteral("<b>%1</b>").arg(m_title.toHtmlEscaped())};
    for (std::size_t i = 0; i < series.size(); ++i) {
        const double value = at < ring.size() ? ring.values(i)[at] : std::nan("");
        if (series[i].rare && std::isnan(value))
            continue;
        parts << QStringLiteral("<span style='color:%1'>\u25A0</span>&nbsp;%2&nbsp;<b>%3</b>")
                     .arg(theme::series(static_cast<int>(i), q->palette()).name(), unbroken(series[i].label),
                          unbroken(text::number(unit, value)));
    }
    if (m_cursorTime)
        parts << text::dateTime(std::llround(*m_cursorTime * 1e6));
    else if (m_cursor && at < ring.size())
        parts << text::timeOfDay(std::llround(ring.times()[at] * 1e6));
    else if (!live && !m_steered)
        parts << MetricChart::tr("paused: double click for live");
    m_legend->setText(parts.join(QStringLiteral("&nbsp; ")));
}

void MetricChart::Private::steer(int left, int right)
{
    plot->axisRect()->setAutoMargins(QCP::msTop | QCP::msBottom);
    plot->axisRect()->setMargins(QMargins(left, 0, right, 0));
    plot->xAxis->setTickLabels(false);
    plot->xAxis->setTicker(QSharedPointer<QCPAxisTicker>(new TimeTicker(*plot->xAxis)));
    if (!std::exchange(m_steered, true)) {
        QObject::connect(plot->xAxis, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), q,
                         [this](const QCPRange &range) {
                             if (!m_isTold)
                                 Q_EMIT q->shownRangeChanged(range.lower, range.upper);
                         });
    }
}

void MetricChart::Private::setShownRange(double from, double to)
{
    live = false; // somebody else knows whether it is
    m_isTold = true;
    plot->xAxis->setRange(from, to);
    m_isTold = false;
}

void MetricChart::Private::setCursorTime(std::optional<double> time)
{
    if (m_cursorTime == time)
        return;
    m_cursorTime = time;
    m_crosshair->setVisible(time.has_value());
    if (time) {
        m_crosshair->point1->setCoords(*time, 0);
        m_crosshair->point2->setCoords(*time, 1);
    }
    scheduleReplot();
}

std::size_t MetricChart::Private::shownPoint() const
{
    if (!m_cursorTime)
        return m_cursor.value_or(ring.size() == 0 ? 0 : ring.size() - 1);
    if (ring.size() == 0)
        return 0;
    // A point far away says nothing of then.
    const double reach = std::max(kLeastReach, kPointReach * plot->xAxis->range().size() / plot->axisRect()->width());
    const std::size_t at = ring.nearest(*m_cursorTime);
    return std::abs(ring.times()[at] - *m_cursorTime) <= reach ? at : ring.size();
}

void MetricChart::Private::setCrosshair(double pixelX)
{
    if (m_steered) {
        Q_EMIT q->cursorMoved(plot->xAxis->pixelToCoord(pixelX));
        return;
    }
    if (ring.size() == 0)
        return;
    const std::size_t at = ring.nearest(plot->xAxis->pixelToCoord(pixelX));
    m_cursor = at;
    const double time = ring.times()[at];
    m_crosshair->point1->setCoords(time, 0);
    m_crosshair->point2->setCoords(time, 1);
    m_crosshair->setVisible(true);
    scheduleReplot();
}

void MetricChart::Private::hideCrosshair()
{
    if (m_steered) {
        Q_EMIT q->cursorMoved(std::nan(""));
        return;
    }
    m_cursor.reset();
    m_crosshair->setVisible(false);
    scheduleReplot();
}

const ChartMarker *MetricChart::Private::markerAt(const QPointF &point) const
{
    const double y = plot->yAxis2->coordToPixel(kMarkerHeight);
    const ChartMarker *best = nullptr;
    double reach = kMarkerReach;
    for (const ChartMarker &marker : m_markers) {
        const double distance = std::hypot(plot->xAxis->coordToPixel(marker.time) - point.x(), y - point.y());
        if (distance <= reach) {
            reach = distance;
            best = &marker;
        }
    }
    return best;
}

bool MetricChart::Private::press(const QMouseEvent &event)
{
    q->setFocus(Qt::MouseFocusReason);
    if (event.button() != Qt::LeftButton)
        return false;
    m_pressed = event.position();
    return limits->grab(event.position());
}

bool MetricChart::Private::move(const QMouseEvent &event)
{
    if (limits->isMoving()) {
        limits->dragTo(event.position().y());
        return true;
    }
    if (m_pressed && (event.position() - *m_pressed).manhattanLength() > 3)
        setLive(false);
    const bool onLine = limits->lineAt(event.position()).has_value();
    plot->setCursor(onLine ? Qt::SizeVerCursor : markerAt(event.position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setCrosshair(event.position().x());
    return false;
}

bool MetricChart::Private::release(const QMouseEvent &event)
{
    if (limits->isMoving()) {
        limits->drop();
        m_pressed.reset();
        return true;
    }
    const bool isClick = m_pressed && (event.position() - *m_pressed).manhattanLength() <= 3;
    m_pressed.reset();
    if (isClick) {
        if (const ChartMarker *marker = markerAt(event.position()))
            Q_EMIT q->markerActivated(marker->sequence);
    }
    return false;
}

bool MetricChart::Private::key(const QKeyEvent &event)
{
    const int fast = event.modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
    switch (event.key()) {
    case Qt::Key_Escape:
        if (!limits->isMoving())
            return false;
        limits->cancel();
        return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (!limits->hasChosen())
            return false;
        limits->step(event.key() == Qt::Key_Up ? fast : -fast);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!limits->isMoving())
            return false;
        limits->drop();
        return true;
    case Qt::Key_Left:
    case Qt::Key_Right: {
        setLive(false);
        const double share = plot->xAxis->range().size() / 10;
        plot->xAxis->moveRange(event.key() == Qt::Key_Left ? -share : share);
        break;
    }
    case Qt::Key_Plus:
    case Qt::Key_Minus:
        setLive(false);
        plot->xAxis->scaleRange(event.key() == Qt::Key_Plus ? 0.8 : 1.25);
        break;
    case Qt::Key_Home:
        setLive(true);
        break;
    default:
        return false;
    }
    scheduleReplot();
    return true;
}

bool MetricChart::Private::showMarkerTip(const QHelpEvent &event)
{
    const ChartMarker *marker = markerAt(event.pos());
    if (marker == nullptr)
        return false;
    QToolTip::showText(event.globalPos(),
                       MetricChart::tr("%1: %2", "time: what happened")
                           .arg(text::timeOfDay(std::llround(marker->time * 1e6)), marker->text),
                       plot);
    return true;
}

bool MetricChart::Private::saveSvg(const QString &fileName) const
{
    QSvgGenerator generator;
    generator.setFileName(fileName);
    generator.setSize(plot->size());
    generator.setViewBox(plot->rect());
    generator.setTitle(m_title);
    QCPPainter painter;
    if (!painter.begin(&generator))
        return false;
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot->toPainter(&painter, plot->width(), plot->height());
    return painter.end();
}

} // namespace gantry
