// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/csv.h"

#include <QAbstractItemModel>
#include <QHeaderView>

namespace gantry::text {

namespace {

QString field(QString text)
{
    static const QString kFormulaStarts = QStringLiteral("=+-@\t");
    if (!text.isEmpty() && kFormulaStarts.contains(text.front())) {
        bool isNumber = false;
        (void)text.toDouble(&isNumber);
        if (!isNumber)
            text.prepend(QLatin1Char('\''));
    }
    const bool needsQuotes = text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')) ||
                             text.contains(QLatin1Char('\n')) || text.contains(QLatin1Char('\r'));
    if (!needsQuotes)
        return text;
    text.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return QStringLiteral("\"%1\"").arg(text);
}

void appendLine(QString &out, const QStringList &fields)
{
    out += fields.join(QLatin1Char(','));
    out += QStringLiteral("\r\n");
}

void appendRows(QString &out, const QAbstractItemModel &model, const QList<int> &columns, const QModelIndex &top)
{
    // Iterative: a tree may be thousands of levels deep.
    std::vector<QModelIndex> open;
    const auto push = [&](const QModelIndex &parent) {
        for (int row = model.rowCount(parent); row-- > 0;)
            open.push_back(model.index(row, 0, parent));
    };
    push(top);
    while (!open.empty()) {
        const QModelIndex index = open.back();
        open.pop_back();
        QStringList fields;
        for (const int column : columns)
            fields << field(index.siblingAtColumn(column).data(Qt::DisplayRole).toString());
        appendLine(out, fields);
        push(index);
    }
}

} // namespace

QList<int> shownColumns(const QHeaderView &header)
{
    QList<int> columns;
    for (int visual = 0; visual < header.count(); ++visual) {
        const int logical = header.logicalIndex(visual);
        if (!header.isSectionHidden(logical))
            columns << logical;
    }
    return columns;
}

QString csv(const QAbstractItemModel &model, const QList<int> &columns)
{
    QString out;
    QStringList titles;
    for (const int column : columns)
        titles << field(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    appendLine(out, titles);
    appendRows(out, model, columns, {});
    return out;
}

} // namespace gantry::text
