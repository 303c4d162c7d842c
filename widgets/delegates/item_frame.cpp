// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/delegates/item_frame.h"

#include <QApplication>
#include <QPainter>
#include <QStyle>

namespace gantry {

void paintItemBackground(QPainter &painter, const QStyleOptionViewItem &option)
{
    QStyleOptionViewItem empty(option);
    empty.text.clear();
    empty.icon = QIcon();
    empty.features &= ~(QStyleOptionViewItem::HasDisplay | QStyleOptionViewItem::HasDecoration);
    const QStyle *style = option.widget == nullptr ? QApplication::style() : option.widget->style();
    style->drawControl(QStyle::CE_ItemViewItem, &empty, &painter, option.widget);
}

bool isSelected(const QStyleOptionViewItem &option)
{
    return option.state.testFlag(QStyle::State_Selected);
}

QColor itemTextColor(const QStyleOptionViewItem &option)
{
    const auto group = option.state.testFlag(QStyle::State_Active) ? QPalette::Active : QPalette::Inactive;
    return option.palette.color(group, isSelected(option) ? QPalette::HighlightedText : QPalette::Text);
}

} // namespace gantry
