// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/delegates/state_delegate.h"

#include "gantry/v1/inventory.pb.h"
#include "widgets/models/roles.h"
#include "widgets/style/theme.h"

#include <QApplication>
#include <QPainter>

namespace gantry {

namespace {

bool isFrozen(const QModelIndex &index)
{
    const int state = index.data(StateRole).toInt();
    return state == v1::FREEZER_STATE_FROZEN || state == v1::FREEZER_STATE_FROZEN_BY_ANCESTOR ||
           state == v1::FREEZER_STATE_FREEZING;
}

} // namespace

void StateDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyleOptionViewItem item(option);
    initStyleOption(&item, index);
    if (isFrozen(index)) {
        QPalette tinted = item.palette;
        tinted.setColor(QPalette::Text, theme::frozen(item.palette));
        item.icon = theme::icon(u"freeze", tinted);
        item.features |= QStyleOptionViewItem::HasDecoration;
        item.decorationSize = QSize(14, 14);
    }
    const QStyle *style = item.widget == nullptr ? QApplication::style() : item.widget->style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);
}

QSize StateDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.rwidth() += 18;
    return size;
}

} // namespace gantry
