// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/host_tree_view.h"

#include "gantry/v1/alerts.pb.h"
#include "widgets/style/theme.h"

#include <QDrag>
#include <QDragMoveEvent>
#include <QHeaderView>
#include <QMimeData>
#include <QPainter>
#include <QToolTip>

namespace gantry {

namespace {

constexpr auto kFormat = "application/x-gantry-container";
constexpr int kExpandMillis = 700;
constexpr int kMark = 16;

v1::Severity signOf(DropVerdict::Kind kind)
{
    switch (kind) {
    case DropVerdict::Kind::Refused:
        return v1::SEVERITY_CRITICAL;
    case DropVerdict::Kind::Warned:
        return v1::SEVERITY_WARNING;
    case DropVerdict::Kind::Asking:
    case DropVerdict::Kind::Allowed:
        break;
    }
    return v1::SEVERITY_NONE;
}

} // namespace

HostTreeView::HostTreeView(QWidget *parent) : QTreeView(parent)
{
    m_expand.setSingleShot(true);
    m_expand.setInterval(kExpandMillis);
    connect(&m_expand, &QTimer::timeout, this, [this] {
        if (m_dragging && m_under.isValid())
            expand(m_under);
    });
}

void HostTreeView::dataChanged(const QModelIndex &, const QModelIndex &, const QList<int> &)
{
    viewport()->update();
}

void HostTreeView::setDragNames(std::function<QStringList()> names)
{
    m_dragNames = std::move(names);
    setDragEnabled(true);
    setAcceptDrops(true);
    setDropIndicatorShown(false); // hosts are marked, not places between rows
    setAutoScroll(true);
}

void HostTreeView::setVerdict(HostKey host, const DropVerdict &verdict)
{
    if (!m_dragging)
        return;
    m_verdicts[host] = verdict;
    viewport()->update();
    if (host == m_hovered)
        Q_EMIT hovered(verdict.reason);
}

HostKey HostTreeView::hostAt(const QPoint &position) const
{
    const auto *hosts = qobject_cast<const HostsTreeModel *>(model());
    return hosts == nullptr ? HostKey() : hosts->hostOf(indexAt(position));
}

DropVerdict HostTreeView::verdictOf(HostKey host) const
{
    const auto at = m_verdicts.find(host);
    return at == m_verdicts.end() ? DropVerdict() : at->second;
}

QPixmap HostTreeView::badge(const QStringList &names) const
{
    const QString words =
        names.size() == 1 ? names.front() : tr("%n containers", nullptr, static_cast<int>(names.size()));
    constexpr int kMargin = 6;
    const QSize size(fontMetrics().horizontalAdvance(words) + kMark + 3 * kMargin,
                     fontMetrics().height() + 2 * kMargin);
    const qreal ratio = devicePixelRatioF();
    QPixmap out(size * ratio);
    out.setDevicePixelRatio(ratio);
    out.fill(Qt::transparent);
    QPainter painter(&out);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(palette().color(QPalette::Highlight));
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRoundedRect(QRectF(0.5, 0.5, size.width() - 1.0, size.height() - 1.0), kMargin, kMargin);
    theme::icon(u"container", palette()).paint(&painter, kMargin, (size.height() - kMark) / 2, kMark, kMark);
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(QRect(kMark + 2 * kMargin, 0, size.width(), size.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     words);
    return out;
}

void HostTreeView::startDrag(Qt::DropActions)
{
    const QStringList names = m_dragNames ? m_dragNames() : QStringList();
    if (names.isEmpty())
        return;
    auto *content = new QMimeData;
    content->setData(QLatin1String(kFormat), names.join(u'\n').toUtf8());
    content->setText(names.join(u'\n'));
    auto *drag = new QDrag(this);
    drag->setMimeData(content);
    drag->setPixmap(badge(names));
    m_dragging = true;
    m_verdicts.clear();
    Q_EMIT dragBegan();
    drag->exec(Qt::MoveAction);
    m_dragging = false;
    m_expand.stop();
    m_under = QModelIndex();
    hover({}, {});
    viewport()->update();
}

void HostTreeView::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->source() == this && event->mimeData()->hasFormat(QLatin1String(kFormat)))
        event->acceptProposedAction();
}

void HostTreeView::hover(HostKey host, const QPoint &position)
{
    const DropVerdict verdict = host ? verdictOf(host) : DropVerdict();
    if (host != m_hovered) {
        m_hovered = host;
        viewport()->update();
        Q_EMIT hovered(host ? verdict.reason : QString());
    }
    if (host && !verdict.reason.isEmpty())
        QToolTip::showText(viewport()->mapToGlobal(position) + QPoint(kMark, kMark), verdict.reason, viewport());
    else
        QToolTip::hideText();
}

void HostTreeView::dragMoveEvent(QDragMoveEvent *event)
{
    QTreeView::dragMoveEvent(event); // edges scroll
    const QPoint position = event->position().toPoint();
    if (const QModelIndex under = indexAt(position).siblingAtColumn(NodeTreeModel::Name); under != m_under) {
        m_under = under;
        m_expand.start();
    }
    const HostKey host = hostAt(position);
    hover(host, position);
    if (host && verdictOf(host).kind != DropVerdict::Kind::Refused)
        event->acceptProposedAction();
    else
        event->ignore();
}

void HostTreeView::dragLeaveEvent(QDragLeaveEvent *event)
{
    QTreeView::dragLeaveEvent(event);
    hover({}, {});
}

void HostTreeView::dropEvent(QDropEvent *event)
{
    const HostKey host = hostAt(event->position().toPoint());
    if (event->source() != this || !host || verdictOf(host).kind == DropVerdict::Kind::Refused) {
        event->ignore();
        return;
    }
    event->acceptProposedAction();
    stopAutoScroll();
    setState(NoState);
    // When the drag is over.
    QMetaObject::invokeMethod(
        this, [this, host] { Q_EMIT dropped(host); }, Qt::QueuedConnection);
}

void HostTreeView::drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QTreeView::drawRow(painter, option, index);
    const auto *hosts = qobject_cast<const HostsTreeModel *>(model());
    const NodeRef ref = m_dragging && hosts != nullptr ? hosts->refOf(index) : NodeRef();
    if (!ref.host || ref.node != NodeId::host())
        return;
    const DropVerdict verdict = verdictOf(ref.host);
    if (ref.host == m_hovered) {
        QColor tint = palette().color(QPalette::Highlight);
        painter->setPen(QPen(tint, 2));
        constexpr int kTint = 50;
        tint.setAlpha(kTint);
        painter->setBrush(tint);
        painter->drawRect(option.rect.adjusted(1, 1, -2, -2));
    }
    const int section = NodeTreeModel::Name;
    const int right = header()->sectionViewportPosition(section) + header()->sectionSize(section);
    const QRect mark(right - kMark - 4, option.rect.center().y() - kMark / 2, kMark, kMark);
    if (verdict.kind == DropVerdict::Kind::Allowed)
        theme::icon(u"check", palette()).paint(painter, mark);
    else if (verdict.kind != DropVerdict::Kind::Asking)
        theme::severityIcon(signOf(verdict.kind), palette()).paint(painter, mark);
}

} // namespace gantry
