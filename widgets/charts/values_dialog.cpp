// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/values_dialog.h"

#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/models/column_header.h"
#include "widgets/style/table_style.h"
#include "widgets/text/format.h"

#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>

#include <cmath>

namespace gantry {

ValuesModel::ValuesModel(MetricUnit unit, std::vector<double> times, std::vector<Series> series, QObject *parent)
    : QAbstractTableModel(parent), m_unit(unit), m_times(std::move(times)), m_series(std::move(series))
{}

int ValuesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_times.size());
}

int ValuesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_series.size()) + 1;
}

QVariant ValuesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return cellAlignment(index.column() > 0);
    if (role != Qt::DisplayRole)
        return {};
    const std::size_t at = m_times.size() - 1 - static_cast<std::size_t>(index.row());
    if (index.column() == 0)
        return text::dateTime(std::llround(m_times[at] * 1e6));
    return text::number(m_unit, m_series[static_cast<std::size_t>(index.column()) - 1].values[at]);
}

QVariant ValuesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    if (role == Qt::TextAlignmentRole)
        return cellAlignment(section > 0);
    if (role != Qt::DisplayRole)
        return {};
    return section == 0 ? tr("Time") : m_series[static_cast<std::size_t>(section) - 1].label;
}

ValuesDialog::ValuesDialog(const QString &title, ValuesModel *model, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Values: %1", "title of a graph").arg(title));
    model->setParent(this);
    auto *view = new QTableView(this);
    TableStyle::applyTo(*view);
    view->setModel(model);
    view->setAccessibleName(windowTitle());
    view->setAlternatingRowColors(true);
    view->setShowGrid(false);
    view->setTabKeyNavigation(false);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->verticalHeader()->hide();
    view->horizontalHeader()->setStretchLastSection(true);
    view->horizontalHeader()->resizeSection(0, fontMetrics().horizontalAdvance(QLatin1Char('0')) * 22);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(view, 1);
    addCloseButton(*this);
    resize(560, 420);
}

} // namespace gantry
