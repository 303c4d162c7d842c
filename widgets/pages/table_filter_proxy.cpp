// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/table_filter_proxy.h"

#include "widgets/models/roles.h"

namespace gantry {

bool isAtOrBelow(const QString &path, const QString &top)
{
    if (top == QStringLiteral("/") || path == top)
        return true;
    return path.startsWith(top) && path.size() > top.size() && path.at(top.size()) == QLatin1Char('/');
}

TableFilterProxy::TableFilterProxy(QObject *parent) : QSortFilterProxyModel(parent)
{
    setSortRole(SortRole);
    setFilterRole(FilterTextRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
}

void TableFilterProxy::setFilter(const QString &typed)
{
    m_filter = FilterExpression(typed);
    invalidateFilter();
}

QString TableFilterProxy::filterProblem() const
{
    return m_filter.problem();
}

void TableFilterProxy::setPathFilter(const QString &path)
{
    if (path == m_path)
        return;
    m_path = path;
    invalidateFilter();
}

bool TableFilterProxy::filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const
{
    const QModelIndex index = sourceModel()->index(sourceRow, 0, sourceParent);
    if (!m_path.isEmpty() && !isAtOrBelow(index.data(PathRole).toString(), m_path))
        return false;
    return m_filter.isEmpty() || m_filter.matches(index.data(FilterTextRole).toString());
}

} // namespace gantry
