// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_filter_proxy.h"

#include "widgets/models/node_tree_model.h"

#include <cmath>

namespace gantry {

namespace {

bool isLive(int column)
{
    return column > NodeTreeModel::Name;
}

/// Smaller first; a value that is not there is smaller than any.
bool numberLess(double left, double right)
{
    return std::isnan(left) ? !std::isnan(right) : left < right;
}

} // namespace

NodeFilterProxy::NodeFilterProxy(QObject *parent) : QSortFilterProxyModel(parent)
{
    setRecursiveFilteringEnabled(true);
    // A tick changes every row of a live column: Qt would re-sort for each range. resort() does it once.
    setDynamicSortFilter(false);
    setSortRole(SortRole);
    setFilterRole(FilterTextRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
}

void NodeFilterProxy::setTree(NodeTreeModel *tree)
{
    m_tree = tree;
    setSourceModel(tree);
    connect(tree, &NodeTreeModel::ticked, this, [this] {
        if (isLive(sortColumn()))
            resort();
    });
    connect(tree, &NodeTreeModel::structureChanged, this, &NodeFilterProxy::resort);
}

NodeTreeModel *NodeFilterProxy::tree() const
{
    return m_tree;
}

void NodeFilterProxy::setFilter(const QString &typed)
{
    m_filter = FilterExpression(typed);
    invalidateFilter();
    resort();
}

QString NodeFilterProxy::filterProblem() const
{
    return m_filter.problem();
}

bool NodeFilterProxy::filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const
{
    return m_filter.isEmpty() ||
           m_filter.matches(m_tree->index(sourceRow, 0, sourceParent).data(FilterTextRole).toString());
}

bool NodeFilterProxy::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    if (isLive(left.column()))
        return numberLess(m_tree->sortNumber(left), m_tree->sortNumber(right));
    return left.data(SortRole).toString().compare(right.data(SortRole).toString(), Qt::CaseInsensitive) < 0;
}

void NodeFilterProxy::resort()
{
    if (m_tree != nullptr && sortColumn() >= 0 && !isSorted())
        sort(sortColumn(), sortOrder());
}

bool NodeFilterProxy::isSorted() const
{
    std::vector<QModelIndex> open{QModelIndex()};
    while (!open.empty()) {
        const QModelIndex parent = open.back();
        open.pop_back();
        QModelIndex previous;
        for (int row = 0, rows = rowCount(parent); row < rows; ++row) {
            const QModelIndex proxy = index(row, sortColumn(), parent);
            const QModelIndex source = mapToSource(proxy);
            if (row > 0 &&
                (sortOrder() == Qt::AscendingOrder ? lessThan(source, previous) : lessThan(previous, source)))
                return false;
            previous = source;
            if (const QModelIndex first = proxy.siblingAtColumn(0); hasChildren(first))
                open.push_back(first);
        }
    }
    return true;
}

} // namespace gantry
