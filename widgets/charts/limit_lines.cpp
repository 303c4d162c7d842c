// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/limit_lines.h"

#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include "widgets/charts/qcp.h"

#include <algorithm>
#include <cmath>

namespace gantry {

namespace {

constexpr double kReach = 6;       // pixels from a line that still take hold of it
constexpr double kNearData = 4;    // a limit up to this many times the data stays in view
constexpr double kTopMargin = 1.1; // room above the highest limit

QString changeText(MetricUnit unit, std::optional<double> from, double to)
{
    const QString after = text::number(unit, to);
    if (!from)
        return LimitLines::tr("%1 → %2", "limit: old, new").arg(text::unlimited(), after);
    const QString before = text::number(unit, *from);
    if (*from <= 0)
        return LimitLines::tr("%1 → %2", "limit: old, new").arg(before, after);
    return LimitLines::tr("%1 → %2 (%3)", "limit: old, new, change in percent")
        .arg(before, after, text::percentChange(*from, to));
}

} // namespace

LimitLines::LimitLines(QCustomPlot *plot, MetricUnit unit, QObject *parent)
    : QObject(parent), m_plot(plot), m_unit(unit)
{}

std::optional<std::size_t> LimitLines::find(LimitKey key) const
{
    const auto it = std::ranges::find(m_specs, key, &LimitLine::key);
    return it == m_specs.end() ? std::nullopt : std::optional(static_cast<std::size_t>(it - m_specs.begin()));
}

void LimitLines::set(const LimitLine &spec)
{
    if (const auto i = find(spec.key)) {
        m_specs[*i] = spec;
        return;
    }
    Items items;
    items.line = new QCPItemStraightLine(m_plot);
    items.line->setLayer(QStringLiteral("overlay"));
    items.line->setSelectable(false);
    items.label = new QCPItemText(m_plot);
    items.label->setLayer(QStringLiteral("overlay"));
    items.label->setSelectable(false);
    items.label->setPositionAlignment(Qt::AlignRight | Qt::AlignVCenter);
    items.label->setPadding(QMargins(6, 2, 6, 2));
    items.label->setClipToAxisRect(false);
    items.label->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    items.label->position->setTypeY(QCPItemPosition::ptAbsolute);
    m_specs.push_back(spec);
    m_items.push_back(items);
}

void LimitLines::remove(LimitKey key)
{
    const auto i = find(key);
    if (!i)
        return;
    if (m_moving)
        cancel();
    chooseNone();
    m_plot->removeItem(m_items[*i].line);
    m_plot->removeItem(m_items[*i].label);
    m_items.erase(m_items.begin() + static_cast<std::ptrdiff_t>(*i));
    m_specs.erase(m_specs.begin() + static_cast<std::ptrdiff_t>(*i));
}

void LimitLines::setPending(LimitKey key, std::optional<double> value)
{
    if (const auto i = find(key))
        m_items[*i].pending = value;
}

double LimitLines::shown(std::size_t i) const
{
    const double top = m_plot->yAxis->range().upper;
    if (m_moving == i && m_movingValue)
        return std::min(*m_movingValue, top);
    return std::min(m_items[i].pending.value_or(m_specs[i].value.value_or(top)), top);
}

double LimitLines::pixel(std::size_t i) const
{
    return m_plot->yAxis->coordToPixel(shown(i));
}

double LimitLines::topFor(double dataTop) const
{
    double top = dataTop;
    for (std::size_t i = 0; i < m_specs.size(); ++i) {
        for (const auto &value : {m_specs[i].value, m_items[i].pending}) {
            if (value && (dataTop <= 0 || *value <= dataTop * kNearData))
                top = std::max(top, *value * kTopMargin);
        }
    }
    return top;
}

QString LimitLines::labelText(std::size_t i) const
{
    const LimitLine &spec = m_specs[i];
    const std::optional<double> fresh = m_moving == i ? m_movingValue : m_items[i].pending;
    const QString value = fresh ? changeText(m_unit, spec.value, *fresh)
                                : (spec.value ? text::number(m_unit, *spec.value) : text::unlimited());
    const bool above = !fresh && spec.value && *spec.value > m_plot->yAxis->range().upper;
    if (above)
        return tr("%1 %2 ↑", "limit above the shown range: name, value").arg(spec.label, value);
    return tr("%1 %2", "limit: name, value").arg(spec.label, value);
}

void LimitLines::layout(const QPalette &palette)
{
    // Labels of lines that are close to each other move apart, the higher line keeps its place.
    std::vector<std::size_t> order(m_specs.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::stable_sort(order, {}, [this](std::size_t i) { return pixel(i); });
    const double height = QFontMetricsF(m_plot->font()).height() + 6;
    double free = m_plot->axisRect()->top() + height / 2;
    for (const std::size_t i : order) {
        const bool soft = m_specs[i].role == LimitRole::Soft;
        const bool active = m_moving == i || m_chosen == i;
        const QColor color = soft ? theme::softLimit(palette) : theme::hardLimit(palette);
        QPen pen(color, active ? 3 : 1.6, soft ? Qt::DashLine : Qt::SolidLine);
        pen.setCosmetic(true);
        Items &items = m_items[i];
        items.line->setPen(pen);
        const double value = shown(i);
        items.line->point1->setCoords(0, value);
        items.line->point2->setCoords(1, value);
        const double y = std::max(pixel(i), free);
        free = y + height;
        items.label->position->setCoords(0.995, y);
        items.label->setText(labelText(i));
        items.label->setColor(color);
        QColor back = palette.color(QPalette::Base);
        items.label->setBrush(back);
        items.label->setPen(QPen(color, active ? 2 : 1));
        QFont font = m_plot->font();
        font.setBold(m_moving == i || items.pending.has_value());
        items.label->setFont(font);
    }
}

std::optional<LimitKey> LimitLines::lineAt(const QPointF &point) const
{
    std::optional<LimitKey> best;
    double reach = kReach;
    if (!m_plot->axisRect()->rect().adjusted(0, -static_cast<int>(kReach), 0, 0).contains(point.toPoint()))
        return std::nullopt;
    for (std::size_t i = 0; i < m_specs.size(); ++i) {
        const QPointF label = m_items[i].label->position->pixelPosition();
        const bool onLabel = m_items[i].label->selectTest(point, false) == 0 && point.x() > label.x() - 400;
        const double distance = onLabel ? 0 : std::abs(pixel(i) - point.y());
        if (distance <= reach) {
            reach = distance;
            best = m_specs[i].key;
        }
    }
    return best;
}

bool LimitLines::grab(const QPointF &point)
{
    const auto key = lineAt(point);
    const auto i = key ? find(*key) : std::nullopt;
    if (!i || !m_specs[*i].draggable)
        return false;
    m_moving = i;
    m_movingValue.reset();
    return true;
}

double LimitLines::stepSize() const
{
    const double raw = m_plot->yAxis->range().size() / 400;
    if (m_unit == MetricUnit::Byte) {
        constexpr double kPage = 4096; // limits are counted in pages
        return std::max(kPage, std::exp2(std::floor(std::log2(std::max(raw, 1.0)))));
    }
    return std::max(1.0, std::floor(raw));
}

double LimitLines::bounded(std::size_t i, double value) const
{
    const double step = stepSize();
    const double rounded = std::round(value / step) * step;
    const LimitLine &spec = m_specs[i];
    const double most = spec.most > 0 ? spec.most : rounded;
    return std::clamp(rounded, std::min(spec.least, most), std::max(spec.least, most));
}

void LimitLines::moveTo(std::size_t i, double value)
{
    m_moving = i;
    m_movingValue = bounded(i, value);
    Q_EMIT dragged(m_specs[i].key, *m_movingValue);
}

void LimitLines::dragTo(double pixelY)
{
    if (m_moving)
        moveTo(*m_moving, m_plot->yAxis->pixelToCoord(std::max(pixelY, double(m_plot->axisRect()->top()))));
}

void LimitLines::drop()
{
    if (!m_moving)
        return;
    const std::size_t i = *std::exchange(m_moving, std::nullopt);
    const auto value = std::exchange(m_movingValue, std::nullopt);
    if (!value || value == m_specs[i].value) {
        Q_EMIT cancelled(m_specs[i].key);
        return;
    }
    m_items[i].pending = value;
    Q_EMIT dropped(m_specs[i].key, *value);
}

void LimitLines::cancel()
{
    if (!m_moving)
        return;
    const std::size_t i = *std::exchange(m_moving, std::nullopt);
    m_movingValue.reset();
    m_items[i].pending.reset();
    Q_EMIT cancelled(m_specs[i].key);
}

bool LimitLines::chooseNext(bool forward)
{
    if (isMoving())
        cancel();
    const auto count = static_cast<int>(m_specs.size());
    int at = m_chosen ? static_cast<int>(*m_chosen) + (forward ? 1 : -1) : (forward ? 0 : count - 1);
    m_chosen.reset();
    for (; at >= 0 && at < count; at += forward ? 1 : -1) {
        if (m_specs[static_cast<std::size_t>(at)].draggable) {
            m_chosen = static_cast<std::size_t>(at);
            return true;
        }
    }
    return false;
}

void LimitLines::chooseNone()
{
    m_chosen.reset();
}

void LimitLines::step(int steps)
{
    if (!m_chosen)
        return;
    const std::size_t i = *m_chosen;
    // A visible distance a key press: four steps of the mouse.
    const double from = m_moving == i && m_movingValue ? *m_movingValue : shown(i);
    moveTo(i, from + steps * 4 * stepSize());
}

} // namespace gantry
