// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/delegates/usage_bar_delegate.h"

#include "widgets/delegates/item_frame.h"
#include "widgets/models/roles.h"
#include "widgets/models/usage.h"
#include "widgets/style/theme.h"

#include <QPainter>

namespace gantry {

namespace {

constexpr int kMargin = 6;
constexpr int kBarHeight = 8;
constexpr int kBarWidth = 64;

void paintBar(QPainter &painter, const QRectF &bar, const Usage &usage, const QStyleOptionViewItem &option)
{
    const bool selected = isSelected(option);
    const v1::Severity severity = usage.severity();
    const QColor frame = selected ? itemTextColor(option) : theme::muted(option.palette);
    QColor fill = selected                        ? itemTextColor(option)
                  : severity == v1::SEVERITY_NONE ? theme::series(0, option.palette)
                                                  : theme::severity(severity, option.palette);
    painter.setPen(QPen(frame, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(bar, 2, 2);
    QRectF filled = bar.adjusted(1, 1, -1, -1);
    filled.setWidth(filled.width() * usage.fraction());
    painter.fillRect(filled, fill);
    if (severity != v1::SEVERITY_NONE) {
        // Stripes tell "near the limit" without colour: thin for the soft limit, dense for the hard one.
        const bool critical = severity == v1::SEVERITY_CRITICAL;
        painter.fillRect(filled, QBrush(option.palette.color(selected ? QPalette::Highlight : QPalette::Base),
                                        critical ? Qt::DiagCrossPattern : Qt::BDiagPattern));
    }
    if (usage.soft.hasValue() && usage.hard.hasValue() && usage.soft.integer <= usage.hard.integer &&
        usage.hard.integer > 0) {
        const double share = static_cast<double>(usage.soft.integer) / static_cast<double>(usage.hard.integer);
        const double x = bar.left() + bar.width() * share;
        painter.setPen(QPen(selected ? itemTextColor(option) : option.palette.color(QPalette::Text), 1.6));
        painter.drawLine(QPointF(x, bar.top() - 2.5), QPointF(x, bar.bottom() + 2.5));
    }
}

} // namespace

void UsageBarDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem item(option);
    initStyleOption(&item, index);
    const auto usage = index.data(UsageRole).value<Usage>();
    if (usage.fraction() < 0) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    painter->save();
    paintItemBackground(*painter, item);
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF cell = QRectF(item.rect).adjusted(kMargin, 0, -kMargin, 0);
    const double width = std::min<double>(kBarWidth, cell.width() * 0.5);
    const QRectF bar(cell.left() + 0.5, cell.center().y() - kBarHeight / 2.0, width, kBarHeight);
    paintBar(*painter, bar, usage, item);
    const QColor faded = qvariant_cast<QColor>(index.data(Qt::ForegroundRole));
    painter->setPen(faded.isValid() && !isSelected(item) ? faded : itemTextColor(item));
    painter->setFont(item.font);
    painter->drawText(cell.adjusted(width + kMargin, 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                      item.text);
    painter->restore();
}

QSize UsageBarDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.rwidth() += kBarWidth + 2 * kMargin;
    // It is in every row of the tree: its height is the rows'.
    size.setHeight(std::max(size.height(), option.fontMetrics.height() + kMargin));
    return size;
}

} // namespace gantry
