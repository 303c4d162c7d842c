// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/delegates/few_lines_delegate.h"

namespace gantry {

QString FewLinesDelegate::displayText(const QVariant &value, const QLocale &locale) const
{
    const QString text = value.toString();
    const auto lines = text.count(u'\n') + 1;
    if (lines <= kMostLines)
        return QStyledItemDelegate::displayText(value, locale);
    // The last line is the note, so that one line more never makes the row higher.
    const QString shown = text.section(u'\n', 0, kMostLines - 2);
    const auto hidden = static_cast<int>(lines) - (kMostLines - 1);
    return QStyledItemDelegate::displayText(shown + u'\n' + tr("… %n more line(s)", nullptr, hidden), locale);
}

QSize FewLinesDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    constexpr int kAir = 10; // as the rows of one line have in every table
    return QStyledItemDelegate::sizeHint(option, index) + QSize(0, kAir);
}

} // namespace gantry
