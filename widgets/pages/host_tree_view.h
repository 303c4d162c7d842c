// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTreeView>

namespace gantry {

/// A tree whose values change with every tick: a range of changed rows costs one repaint of the viewport. QTreeView
/// would look for each range's place among all rows, which is linear in them. Rows all have the same height and no
/// editors. Thread: GUI.
class HostTreeView final : public QTreeView
{
    Q_OBJECT
public:
    using QTreeView::QTreeView;

    void dataChanged(const QModelIndex &topLeft, const QModelIndex &bottomRight, const QList<int> &roles) override;
};

} // namespace gantry
