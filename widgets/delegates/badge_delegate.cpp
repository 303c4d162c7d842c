// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/delegates/badge_delegate.h"

#include "widgets/delegates/item_frame.h"
#include "widgets/models/roles.h"
#include "widgets/models/usage.h"
#include "widgets/style/theme.h"

#include <QPainter>

namespace gantry {

namespace {

constexpr double kSign = 12;
constexpr double kMargin = 6;

v1::Severity severityOf(const QModelIndex &index)
{
    const QVariant value = index.data(SeverityRole);
    return value.isValid() ? static_cast<v1::Severity>(value.toInt()) : v1::SEVERITY_NONE;
}

} // namespace

void BadgeDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem item(option);
    initStyleOption(&item, index);
    painter->save();
    paintItemBackground(*painter, item);
    const QRectF cell = QRectF(item.rect).adjusted(kMargin, 0, -kMargin, 0);
    const v1::Severity severity = severityOf(index);
    if (!item.text.isEmpty()) {
        const QRectF sign(cell.left(), cell.center().y() - kSign / 2, kSign, kSign);
        QPalette palette = item.palette;
        if (isSelected(item)) {
            // The colours for a dark ground stand out from the selection.
            palette.setColor(QPalette::Base, palette.color(QPalette::Highlight));
            palette.setColor(QPalette::Text, palette.color(QPalette::HighlightedText));
        }
        theme::paintSeverity(*painter, sign, severity, palette);
        const bool loud = severity == v1::SEVERITY_WARNING || severity == v1::SEVERITY_CRITICAL;
        QFont font = item.font;
        font.setBold(loud);
        painter->setFont(font);
        const QColor faded = qvariant_cast<QColor>(index.data(Qt::ForegroundRole));
        painter->setPen(isSelected(item)  ? itemTextColor(item)
                        : faded.isValid() ? faded
                                          : theme::severity(severity, item.palette));
        const QRectF rest = cell.adjusted(kSign + kMargin, 0, 0, 0);
        painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(item.text, Qt::ElideRight, static_cast<int>(rest.width())));
    }
    painter->restore();
}

QSize BadgeDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.rwidth() += static_cast<int>(kSign + 2 * kMargin);
    return size;
}

} // namespace gantry
