// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/metric_chart.h"

#include "widgets/charts/accessible_chart.h"
#include "widgets/charts/metric_chart_view.h"
#include "widgets/charts/values_dialog.h"
#include "widgets/text/format.h"

#include <QContextMenuEvent>
#include <QFileDialog>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QSaveFile>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace gantry {

MetricChart::MetricChart(const QString &title, MetricUnit unit, std::vector<SeriesSpec> series, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Private>(this, title, unit, std::move(series)))
{
    hearAsChart(*this);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(title);
    d->plot->installEventFilter(this);
    connect(d->limits, &LimitLines::dragged, this, [this](LimitKey key, double value) {
        d->scheduleReplot();
        Q_EMIT limitDragged(key, value);
    });
    connect(d->limits, &LimitLines::dropped, this, [this](LimitKey key, double value) {
        d->scheduleReplot();
        Q_EMIT limitDropped(key, value);
    });
    connect(d->limits, &LimitLines::cancelled, this, [this](LimitKey key) {
        d->scheduleReplot();
        Q_EMIT limitDragCancelled(key);
    });
    d->restyle();
}

MetricChart::~MetricChart() = default;

const std::vector<SeriesSpec> &MetricChart::series() const
{
    return d->series;
}

void MetricChart::append(double time, std::span<const double> values)
{
    if (d->append(time, values))
        d->scheduleReplot();
}

void MetricChart::clear()
{
    d->clear();
    d->scheduleReplot();
}

void MetricChart::setWindow(std::chrono::seconds window)
{
    d->window = window;
    returnToLive();
}

std::chrono::seconds MetricChart::window() const
{
    return d->window;
}

bool MetricChart::isLive() const
{
    return d->live;
}

void MetricChart::returnToLive()
{
    d->setLive(true);
    d->scheduleReplot();
}

void MetricChart::setLimit(const LimitLine &line)
{
    d->limits->set(line);
    d->scheduleReplot();
}

void MetricChart::removeLimit(LimitKey key)
{
    d->limits->remove(key);
    d->scheduleReplot();
}

void MetricChart::setPendingLimit(LimitKey key, std::optional<double> value)
{
    d->limits->setPending(key, value);
    d->scheduleReplot();
}

void MetricChart::setMarkers(const std::vector<ChartMarker> &markers)
{
    d->setMarkers(markers);
    d->scheduleReplot();
}

void MetricChart::setNote(const QString &note)
{
    d->setNote(note);
    d->scheduleReplot();
}

void MetricChart::setLeastTop(double top)
{
    d->leastTop = top;
    d->scheduleReplot();
}

void MetricChart::steer(int left, int right)
{
    d->steer(left - 1, right - 1); // the frame of the focus
    d->scheduleReplot();
}

void MetricChart::setShownRange(double from, double to)
{
    d->setShownRange(from, to);
    d->scheduleReplot();
}

void MetricChart::setCursorTime(std::optional<double> time)
{
    d->setCursorTime(time);
}

double MetricChart::pixelOf(double value) const
{
    return d->plot->mapTo(this, QPointF(0, d->plot->yAxis->coordToPixel(value))).y();
}

double MetricChart::valueAt(double y) const
{
    return d->plot->yAxis->pixelToCoord(d->plot->mapFrom(this, QPointF(0, y)).y());
}

QString MetricChart::summary() const
{
    QStringList parts;
    for (std::size_t i = 0; i < d->series.size(); ++i) {
        const auto values = d->ring.values(i);
        if (d->series[i].rare && (values.empty() || std::isnan(values.back())))
            continue;
        const QString now = values.empty() ? text::absent() : text::number(d->unit, values.back());
        parts << tr("%1: %2", "series, newest value").arg(d->series[i].label, now);
    }
    for (const LimitLine &line : d->limits->specs())
        parts << tr("%1 at %2", "limit, value")
                     .arg(line.label, line.value ? text::number(d->unit, *line.value) : text::unlimited());
    return parts.join(QStringLiteral("; "));
}

QString MetricChart::csv() const
{
    const QCPRange shown = d->plot->xAxis->range();
    QString out = QStringLiteral("time");
    for (const SeriesSpec &spec : d->series) {
        const MetricInfo *info = metricInfo(spec.metric);
        out += QStringLiteral(",") + (info == nullptr ? spec.label : text::utf8(info->name));
    }
    out += QStringLiteral("\r\n");
    const auto times = d->ring.times();
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (!shown.contains(times[i]))
            continue;
        out += QDateTime::fromMSecsSinceEpoch(std::llround(times[i] * 1'000)).toString(Qt::ISODateWithMs);
        for (std::size_t s = 0; s < d->series.size(); ++s) {
            const double value = d->ring.values(s)[i];
            out += std::isnan(value) ? QStringLiteral(",") : QStringLiteral(",%1").arg(value, 0, 'g', 15);
        }
        out += QStringLiteral("\r\n");
    }
    return out;
}

QSize MetricChart::sizeHint() const
{
    return {420, 220};
}

QSize MetricChart::minimumSizeHint() const
{
    return {220, 90}; // three rows and the strip of a pending change fit 800 pixels
}

bool MetricChart::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != d->plot)
        return QWidget::eventFilter(watched, event);
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        return d->press(*static_cast<QMouseEvent *>(event));
    case QEvent::MouseMove:
        return d->move(*static_cast<QMouseEvent *>(event));
    case QEvent::MouseButtonRelease:
        return d->release(*static_cast<QMouseEvent *>(event));
    case QEvent::MouseButtonDblClick:
        returnToLive();
        return true;
    case QEvent::Wheel:
        d->setLive(false);
        return false;
    case QEvent::Leave:
        d->hideCrosshair();
        return false;
    case QEvent::Resize:
        d->scheduleReplot();
        return false;
    case QEvent::ToolTip:
        return d->showMarkerTip(*static_cast<QHelpEvent *>(event));
    default:
        return false;
    }
}

void MetricChart::keyPressEvent(QKeyEvent *event)
{
    if (!d->key(*event))
        QWidget::keyPressEvent(event);
}

void MetricChart::paintEvent(QPaintEvent *event)
{
    QWidget::paintEvent(event);
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setPen(palette().color(QPalette::Highlight));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void MetricChart::focusOutEvent(QFocusEvent *event)
{
    d->limits->chooseNone();
    d->scheduleReplot();
    QWidget::focusOutEvent(event);
}

bool MetricChart::focusNextPrevChild(bool next)
{
    if (hasFocus() && d->limits->chooseNext(next)) {
        d->scheduleReplot();
        return true;
    }
    return QWidget::focusNextPrevChild(next);
}

void MetricChart::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        d->restyle();
    QWidget::changeEvent(event);
}

void MetricChart::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    d->scheduleReplot();
}

void MetricChart::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Back to &live"), this, &MetricChart::returnToLive)->setEnabled(!isLive());
    menu->addAction(tr("Show as &table…"), this, &MetricChart::showValues);
    menu->addSeparator();
    menu->addAction(tr("Save as &picture…"), this, [this] { saveAs(tr("Pictures (*.png)")); });
    menu->addAction(tr("Save as &drawing…"), this, [this] { saveAs(tr("Drawings (*.svg)")); });
    menu->addAction(tr("Save &values…"), this, [this] { saveAs(tr("Comma-separated values (*.csv)")); });
    menu->popup(event->globalPos());
}

void MetricChart::saveAs(const QString &filter)
{
    auto *dialog = new QFileDialog(this, tr("Save the graph"), QString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    const QString suffix = filter.mid(filter.lastIndexOf(QLatin1Char('.')) + 1).chopped(1);
    dialog->setDefaultSuffix(suffix);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &name) {
        if (!save(name))
            d->setNote(tr("%1 could not be written.").arg(name));
        d->scheduleReplot();
    });
    dialog->open();
}

void MetricChart::showValues()
{
    const QCPRange shown = d->plot->xAxis->range();
    const auto times = d->ring.times();
    const auto first = std::ranges::lower_bound(times, shown.lower) - times.begin();
    const auto last = std::ranges::upper_bound(times, shown.upper) - times.begin();
    const auto part = [first, last](std::span<const double> all) {
        return std::vector<double>(all.begin() + first, all.begin() + last);
    };
    std::vector<ValuesModel::Series> series;
    series.reserve(d->series.size());
    for (std::size_t i = 0; i < d->series.size(); ++i)
        series.push_back({d->series[i].label, part(d->ring.values(i))});
    auto *dialog = new ValuesDialog(accessibleName(), new ValuesModel(d->unit, part(times), std::move(series)), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

bool MetricChart::save(const QString &fileName)
{
    if (fileName.endsWith(QStringLiteral(".png")))
        return grab().save(fileName, "PNG");
    if (fileName.endsWith(QStringLiteral(".svg")))
        return d->saveSvg(fileName);
    QSaveFile file(fileName);
    return file.open(QIODevice::WriteOnly) && file.write(csv().toUtf8()) >= 0 && file.commit();
}

} // namespace gantry
