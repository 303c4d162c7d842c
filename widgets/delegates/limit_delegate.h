// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace gantry {

/// Editor of a limit: shows by an example which units the row takes, tells as you type what the kernel would get, and
/// keeps what was typed while the table is refreshed below it. The index's IdRole is a LimitKey. Thread: GUI.
class LimitDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option,
                                        const QModelIndex &index) const override;
    void setEditorData(QWidget *editor, const QModelIndex &index) const override;
};

} // namespace gantry
