// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_view.h"

#include "widgets/charts/accessible_chart.h"
#include "widgets/text/format.h"

#include <QContextMenuEvent>
#include <QDateTime>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace gantry {

namespace {

constexpr double kLeastRange = 5;    ///< seconds: closer there is nothing to see
constexpr double kLeastWhole = 60;   ///< of what was saved only now
constexpr double kUsual = 600;       ///< where nothing was saved
constexpr double kReachBack = 7'200; ///< graphs go back that far, marks or not
constexpr double kBefore = 0.03;     ///< of the range, left of the oldest mark
constexpr double kZoomStep = 0.8;
constexpr int kRightPadPixels = 12; ///< half of the sign at the end of the axis

} // namespace

TimelineView::TimelineView(QWidget *parent) : QAbstractScrollArea(parent)
{
    hearAsChart(*this);
    setAccessibleName(tr("Timeline"));
    setWhatsThis(
        tr("<p>Each mark is a checkpoint, each row a branch. Left and right go along the branch, up and down to "
           "the next one, Home and End to its ends; Shift selects more. Enter looks inside, F2 names.</p>"
           "<p>Wheel, + and - zoom; dragging, Ctrl+Left and Ctrl+Right pan; Esc or a double click on nothing "
           "returns to now.</p>"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalScrollBar()->setSingleStep(static_cast<int>(TimelineScene::kRowHeight));
    viewport()->setMouseTracking(true);
    m_look.now = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1e3;
    follow();
    updateDescription();
}

void TimelineView::setMarks(std::vector<TimelineMark> marks)
{
    if (!m_scene.setMarks(std::move(marks)))
        return;
    const std::size_t before = m_look.selected.size();
    std::erase_if(m_look.selected, [this](const std::string &id) { return m_scene.indexOf(id) == kNone; });
    if (m_scene.indexOf(m_look.current) == kNone)
        m_look.current.clear();
    layOut();
    if (m_live)
        follow();
    updateDescription();
    viewport()->update();
    if (m_look.selected.size() != before)
        Q_EMIT selectionChanged();
}

void TimelineView::setNow(double now)
{
    m_look.now = now;
    if (m_live)
        follow();
    viewport()->update();
}

void TimelineView::setHeads(TimelineHeads heads)
{
    if (!m_scene.setHeads(std::move(heads)))
        return;
    layOut();
    viewport()->update();
}

void TimelineView::setEmptyText(const QString &text)
{
    m_look.emptyText = text;
    viewport()->update();
}

void TimelineView::setNamed(bool named)
{
    m_scene.setNamed(named);
    layOut();
    viewport()->update();
}

void TimelineView::setLeftEdge(int pixels)
{
    m_leftEdge = pixels;
    layOut();
    Q_EMIT edgesChanged();
}

int TimelineView::rightEdge() const
{
    return width() - viewport()->geometry().left() - static_cast<int>(m_scene.plot().right());
}

double TimelineView::oldest() const
{
    double out = m_look.now - kReachBack;
    for (const BranchGroup &group : m_scene.layout().groups) {
        // The branches of a group are in the order of their first marks.
        out = std::min(out, m_scene.timeOf(m_scene.layout().branches[group.branches.front()].marks.front()));
    }
    return out;
}

void TimelineView::setWindow(std::optional<std::chrono::seconds> window)
{
    m_window = window;
    returnToLive();
}

void TimelineView::returnToLive()
{
    setLive(true);
    follow();
}

void TimelineView::setLive(bool live)
{
    if (std::exchange(m_live, live) != live)
        Q_EMIT liveChanged(live);
}

void TimelineView::follow()
{
    double length = kUsual;
    if (m_window) {
        length = static_cast<double>(m_window->count());
    } else if (!m_scene.marks().empty()) {
        double first = m_look.now;
        for (const BranchGroup &group : m_scene.layout().groups)
            first = std::min(first, m_scene.timeOf(m_scene.layout().branches[group.branches.front()].marks.front()));
        length = std::max(kLeastWhole, (m_look.now - first) * (1 + kBefore));
    }
    applyRange(m_look.now - length, m_look.now + length * TimelineScene::kRightPad);
}

void TimelineView::applyRange(double from, double to)
{
    if (from == m_scene.from() && to == m_scene.to())
        return;
    m_scene.setRange(from, to);
    viewport()->update();
    Q_EMIT rangeChanged(from, to);
}

void TimelineView::setRange(double from, double to)
{
    if (!(to > from))
        return;
    setLive(false);
    double end = m_look.now;
    for (const BranchGroup &group : m_scene.layout().groups)
        end = std::max(end, m_scene.timeOf(group.newest));
    const double begin = oldest();
    const double air = (end - begin) * TimelineScene::kRightPad;
    const double length = std::clamp(to - from, kLeastRange, end - begin + 2 * air);
    double first = (from + to - length) / 2;
    first = std::clamp(first, begin - air, end + air - length);
    // Told even where nothing changed: whoever asked may stand elsewhere.
    m_scene.setRange(first, first + length);
    viewport()->update();
    Q_EMIT rangeChanged(first, first + length);
}

void TimelineView::setCursorTime(std::optional<double> time)
{
    if (m_look.cursor == time)
        return;
    m_look.cursor = time;
    viewport()->update();
}

void TimelineView::showMark(const std::string &id)
{
    const std::size_t mark = m_scene.indexOf(id);
    if (mark == kNone)
        return;
    const double time = m_scene.timeOf(mark);
    const double length = to() - from();
    if (time < from() || time > to())
        setRange(time - length / 2, time + length / 2);
    const double y = m_scene.placeOf(mark).y();
    const QRectF &plot = m_scene.plot();
    QScrollBar *bar = verticalScrollBar();
    if (y < plot.top() + TimelineScene::kRowHeight / 2)
        bar->setValue(bar->value() - static_cast<int>(plot.top() + TimelineScene::kRowHeight - y));
    else if (y > plot.bottom() - TimelineScene::kRowHeight / 2)
        bar->setValue(bar->value() + static_cast<int>(y + TimelineScene::kRowHeight - plot.bottom()));
}

std::vector<std::string> TimelineView::selection() const
{
    std::vector<std::string> out(m_look.selected.begin(), m_look.selected.end());
    std::ranges::sort(out, {}, [this](const std::string &id) { return m_scene.marks()[m_scene.indexOf(id)].timeUsec; });
    return out;
}

void TimelineView::setSelection(const std::vector<std::string> &ids)
{
    std::set<std::string> fresh;
    for (const std::string &id : ids) {
        if (m_scene.indexOf(id) != kNone)
            fresh.insert(id);
    }
    if (fresh == m_look.selected)
        return;
    m_look.selected = std::move(fresh);
    if (!m_look.selected.contains(m_look.current))
        m_look.current = m_look.selected.empty() ? std::string() : selection().back();
    if (!m_look.current.empty())
        showMark(m_look.current);
    updateDescription();
    viewport()->update();
    Q_EMIT selectionChanged();
}

void TimelineView::clearSelection()
{
    m_look.current.clear();
    setSelection({});
}

void TimelineView::choose(std::size_t mark, bool more)
{
    const std::string &id = m_scene.marks()[mark].id;
    m_look.current = id;
    if (!more)
        m_look.selected.clear();
    m_look.selected.insert(id);
    showMark(id);
    updateDescription();
    viewport()->update();
    Q_EMIT selectionChanged();
}

void TimelineView::choose(const TimelineCluster &cluster, Qt::KeyboardModifiers modifiers)
{
    const std::size_t mark = m_scene.markOf(cluster, cluster.count - 1);
    const std::string &id = m_scene.marks()[mark].id;
    if (!modifiers.testFlag(Qt::ControlModifier) || !m_look.selected.contains(id)) {
        choose(mark, modifiers.testFlag(Qt::ControlModifier));
        return;
    }
    std::vector<std::string> rest = selection();
    std::erase(rest, id);
    setSelection(rest);
}

QString TimelineView::describe(const TimelineMark &mark)
{
    QStringList lines{tr("%1, %2", "when saved, how big").arg(text::dateTime(mark.timeUsec), text::bytes(mark.bytes))};
    if (!mark.name.isEmpty())
        lines.prepend(mark.name);
    lines << tr("Made %1", "by hand, by a schedule").arg(timelineTriggerText(mark.trigger));
    if (mark.pinned)
        lines << tr("Pinned: retention leaves it alone");
    if (!mark.note.isEmpty())
        lines << mark.note;
    return lines.join(u'\n');
}

QString TimelineView::tipOf(const TimelineCluster &cluster) const
{
    const auto at = [&](std::size_t i) -> const TimelineMark & { return m_scene.marks()[m_scene.markOf(cluster, i)]; };
    if (cluster.count == 1)
        return describe(at(0));
    return tr("%n checkpoint(s)", nullptr, static_cast<int>(cluster.count)) + u'\n' +
           tr("from %1 to %2", "times")
               .arg(text::dateTime(at(0).timeUsec), text::dateTime(at(cluster.count - 1).timeUsec)) +
           u'\n' + tr("Double click to see them one by one.");
}

void TimelineView::updateDescription()
{
    const int count = static_cast<int>(m_scene.marks().size());
    QStringList parts{count == 0 ? tr("Nothing is saved.") : tr("%n checkpoint(s)", nullptr, count)};
    if (count > 0)
        parts << tr("%n branch(es)", nullptr, static_cast<int>(m_scene.layout().branches.size()));
    if (const std::size_t mark = m_scene.indexOf(m_look.current); mark != kNone)
        parts << describe(m_scene.marks()[mark]).replace(u'\n', QStringLiteral(", "));
    if (m_look.selected.size() > 1)
        parts << tr("%n selected", nullptr, static_cast<int>(m_look.selected.size()));
    setAccessibleDescription(parts.join(QStringLiteral("; ")));
}

QSize TimelineView::sizeHint() const
{
    const double chrome = TimelinePainter::headHeight(font()) + TimelinePainter::footHeight(font());
    return {420,
            static_cast<int>(chrome + std::clamp(m_scene.contentHeight(), 2.0 * TimelineScene::kRowHeight, 2'000.0))};
}

QSize TimelineView::minimumSizeHint() const
{
    const double chrome = TimelinePainter::headHeight(font()) + TimelinePainter::footHeight(font());
    return {220, static_cast<int>(chrome + 2 * TimelineScene::kRowHeight)};
}

void TimelineView::layOut()
{
    m_look.palette = palette();
    m_look.font = font();
    const QSizeF size = viewport()->size();
    const double top = TimelinePainter::headHeight(font());
    const double height = std::max(1.0, size.height() - top - TimelinePainter::footHeight(font()));
    const double over = m_scene.contentHeight() - height;
    verticalScrollBar()->setRange(0, over > 0 ? static_cast<int>(std::ceil(over)) : 0);
    verticalScrollBar()->setPageStep(static_cast<int>(height));
    const double width = std::max(1.0, size.width() - m_leftEdge - kRightPadPixels);
    m_scene.setPlot(QRectF(m_leftEdge, top, width, height), verticalScrollBar()->value());
}

void TimelineView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
    m_look.focused = hasFocus();
    TimelinePainter(painter, m_scene, m_look).paint();
    if (hasFocus()) {
        painter.setRenderHint(QPainter::Antialiasing, false);
        painter.setPen(palette().color(QPalette::Highlight));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
    }
}

void TimelineView::resizeEvent(QResizeEvent *)
{
    layOut();
    Q_EMIT edgesChanged();
}

void TimelineView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        layOut();
        viewport()->update();
    }
    QAbstractScrollArea::changeEvent(event);
}

void TimelineView::scrollContentsBy(int, int)
{
    m_scene.setPlot(m_scene.plot(), verticalScrollBar()->value());
    viewport()->update();
}

bool TimelineView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto &help = static_cast<const QHelpEvent &>(*event);
        const TimelineCluster cluster = m_scene.clusterAt(help.pos());
        if (cluster.count > 0)
            QToolTip::showText(help.globalPos(), tipOf(cluster), viewport());
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::Leave)
        Q_EMIT cursorMoved(std::nan(""));
    return QAbstractScrollArea::viewportEvent(event);
}

void TimelineView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton && event->button() != Qt::RightButton)
        return;
    const TimelineCluster cluster = m_scene.clusterAt(event->position());
    if (cluster.count > 0) {
        const bool already = m_look.selected.contains(m_scene.marks()[m_scene.markOf(cluster, cluster.count - 1)].id);
        // The menu is about what is selected, if that is where it was asked for.
        if (event->button() == Qt::LeftButton || !already)
            choose(cluster, event->modifiers());
        return;
    }
    if (event->button() == Qt::LeftButton) {
        m_pressed = event->position();
        m_pressedFrom = from();
        m_pressedTo = to();
        m_panned = false;
    }
}

void TimelineView::mouseMoveEvent(QMouseEvent *event)
{
    if (m_pressed) {
        const double moved = event->position().x() - m_pressed->x();
        m_panned = m_panned || std::abs(moved) > 3;
        if (m_panned) {
            const double seconds = moved / m_scene.plot().width() * (m_pressedTo - m_pressedFrom);
            setRange(m_pressedFrom - seconds, m_pressedTo - seconds);
        }
    }
    viewport()->setCursor(m_scene.clusterAt(event->position()).count > 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    const bool isInside = event->position().x() >= m_scene.plot().left();
    Q_EMIT cursorMoved(isInside ? m_scene.timeAt(event->position().x()) : std::nan(""));
}

void TimelineView::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_pressed)
        return;
    m_pressed.reset();
    if (!m_panned)
        clearSelection();
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const TimelineCluster cluster = m_scene.clusterAt(event->position());
    if (cluster.count == 0) {
        returnToLive();
    } else if (cluster.count == 1) {
        Q_EMIT activated();
    } else {
        const double first = m_scene.timeOf(m_scene.markOf(cluster, 0));
        const double last = m_scene.timeOf(m_scene.markOf(cluster, cluster.count - 1));
        const double air = std::max(1.0, (last - first) / 8);
        setRange(first - air, last + air);
    }
}

void TimelineView::zoom(double factor, double around)
{
    setRange(around - (around - from()) * factor, around + (to() - around) * factor);
}

void TimelineView::pan(double share)
{
    const double by = (to() - from()) * share;
    setRange(from() + by, to() + by);
}

void TimelineView::wheelEvent(QWheelEvent *event)
{
    constexpr double kNotch = 120;
    const QPoint delta = event->angleDelta();
    if (delta.x() != 0 && std::abs(delta.x()) > std::abs(delta.y()))
        pan(-delta.x() / kNotch / 10);
    else if (event->modifiers().testFlag(Qt::ShiftModifier))
        verticalScrollBar()->setValue(verticalScrollBar()->value() - delta.y() / 3);
    else if (delta.y() != 0)
        zoom(std::pow(kZoomStep, delta.y() / kNotch), m_scene.timeAt(event->position().x()));
    event->accept();
}

bool TimelineView::moveBy(const QKeyEvent &event)
{
    using enum TimelineScene::Step;
    static constexpr std::array kKeys{std::pair(Qt::Key_Left, Back),  std::pair(Qt::Key_Right, On),
                                      std::pair(Qt::Key_Up, Up),      std::pair(Qt::Key_Down, Down),
                                      std::pair(Qt::Key_Home, First), std::pair(Qt::Key_End, Last)};
    const auto *key = std::ranges::find(kKeys, event.key(), [](const auto &pair) -> int { return pair.first; });
    if (key == kKeys.end() || m_scene.marks().empty())
        return false;
    const std::size_t mark = m_scene.indexOf(m_look.current);
    if (mark == kNone) {
        // From nowhere every key leads to the newest of the first subject.
        choose(m_scene.layout().groups.front().newest, false);
        return true;
    }
    choose(m_scene.step(mark, key->second), event.modifiers().testFlag(Qt::ShiftModifier));
    return true;
}

void TimelineView::keyPressEvent(QKeyEvent *event)
{
    if (event->modifiers().testFlag(Qt::ControlModifier) &&
        (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        pan(event->key() == Qt::Key_Left ? -0.1 : 0.1);
        return;
    }
    if (moveBy(*event))
        return;
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Minus: {
        const std::size_t mark = m_scene.indexOf(m_look.current);
        const double middle = mark == kNone ? (from() + to()) / 2 : m_scene.timeOf(mark);
        zoom(event->key() == Qt::Key_Plus ? kZoomStep : 1 / kZoomStep, middle);
        return;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!m_look.selected.empty())
            Q_EMIT activated();
        return;
    case Qt::Key_Escape:
        if (m_live && m_look.selected.empty())
            break;
        clearSelection();
        returnToLive();
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void TimelineView::contextMenuEvent(QContextMenuEvent *event)
{
    QPoint position = event->globalPos();
    const std::size_t mark = m_scene.indexOf(m_look.current);
    if (event->reason() == QContextMenuEvent::Keyboard && mark != kNone)
        position = viewport()->mapToGlobal(m_scene.placeOf(mark).toPoint());
    Q_EMIT menuRequested(position);
}

void TimelineView::focusInEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TimelineView::focusOutEvent(QFocusEvent *event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

} // namespace gantry
