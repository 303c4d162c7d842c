// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/text_table.h"

#include "widgets/models/column_header.h"
#include "widgets/models/roles.h"

#include <QStringList>

#include <iterator>
#include <utility>

namespace gantry {

TextTable::TextTable(std::vector<Column> columns, QObject *parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns))
{}

void TextTable::append(std::vector<Row> rows)
{
    if (rows.empty())
        return;
    for (Row &row : rows)
        row.resize(m_columns.size());
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(rows.size()) - 1);
    std::move(rows.begin(), rows.end(), std::back_inserter(m_rows));
    endInsertRows();
}

int TextTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int TextTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant TextTable::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_rows[static_cast<std::size_t>(index.row())];
    const TextCell &cell = row[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return cell.text;
    case Qt::TextAlignmentRole:
        return cellAlignment(m_columns[static_cast<std::size_t>(index.column())].isNumber);
    case SortRole:
        return cell.sort.isValid() ? cell.sort : QVariant(cell.text);
    case FilterTextRole: {
        QStringList texts;
        for (const TextCell &one : row)
            texts << one.text;
        return texts.join(QLatin1Char('\n'));
    }
    default:
        return {};
    }
}

QVariant TextTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const Column &column = m_columns[static_cast<std::size_t>(section)];
    if (role == Qt::TextAlignmentRole)
        return cellAlignment(column.isNumber);
    return role == Qt::DisplayRole ? QVariant(column.title) : QVariant();
}

} // namespace gantry
