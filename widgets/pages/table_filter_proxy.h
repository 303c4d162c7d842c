// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSortFilterProxyModel>

#include "widgets/models/filter_expression.h"

namespace gantry {

/// Sorts a table by SortRole and filters it by FilterTextRole and, if asked, by cgroup path. Thread: GUI.
class TableFilterProxy final : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit TableFilterProxy(QObject *parent = nullptr);

    /// Filter as typed (see FilterExpression).
    void setFilter(const QString &typed);
    [[nodiscard]] QString filterProblem() const;
    /// Only rows whose PathRole is this cgroup or one below it; empty: all.
    void setPathFilter(const QString &path);

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex &sourceParent) const override;

private:
    FilterExpression m_filter;
    QString m_path;
};

/// True for the path itself and every path below it.
[[nodiscard]] bool isAtOrBelow(const QString &path, const QString &top);

} // namespace gantry
