// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPalette>
#include <QStyleOptionViewItem>

class QPainter;

namespace gantry {

/// What the delegates have in common: the item's background as the style draws it, and the palette to draw with.

/// Draws selection, hover and alternate background of the item, without its text.
void paintItemBackground(QPainter &painter, const QStyleOptionViewItem &option);
/// Colour of text on the item as it is now (selected or not).
[[nodiscard]] QColor itemTextColor(const QStyleOptionViewItem &option);
/// Selected items are drawn in the highlighted text colour alone.
[[nodiscard]] bool isSelected(const QStyleOptionViewItem &option);

} // namespace gantry
