// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>

#include "widgets/models/filter_expression.h"

namespace gantry {

class NodeTreeModel;

/// Filters and sorts a NodeTreeModel: a match keeps its ancestors visible; sorting follows SortRole and happens at most
/// once a tick, and not at all when the order still holds. Thread: GUI.
class NodeFilterProxy final : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit NodeFilterProxy(QObject *parent = nullptr);

    /// The source must be a NodeTreeModel and outlive the proxy.
    void setTree(NodeTreeModel *tree);
    [[nodiscard]] NodeTreeModel *tree() const;

    /// Filter as typed (see FilterExpression); matches name, path, id, pid and runtime.
    void setFilter(const QString &typed);
    /// Why the regular expression typed is not one; empty when all is well.
    [[nodiscard]] QString filterProblem() const;

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    void resort();
    [[nodiscard]] bool isSorted() const;

    NodeTreeModel *m_tree = nullptr;
    FilterExpression m_filter;
};

} // namespace gantry
