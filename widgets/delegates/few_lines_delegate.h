// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace gantry {

/// Paints the first lines of a long text and says how many more there are. Thread: GUI.
class FewLinesDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    static constexpr int kMostLines = 6;

    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QString displayText(const QVariant &value, const QLocale &locale) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace gantry
