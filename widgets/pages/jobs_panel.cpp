// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/jobs_panel.h"

#include "widgets/delegates/badge_delegate.h"
#include "widgets/pages/table_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

JobsPanel::JobsPanel(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Jobs"), &m_model, this))
    , m_cancel(new QPushButton(tr("Cancel &job"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addWidget(m_table);
    m_table->bar()->addWidget(m_cancel);
    m_table->setEmptyText(tr("Nothing has been done yet."));
    QTableView *view = m_table->view();
    view->setItemDelegateForColumn(JobModel::State, new BadgeDelegate(view));
    view->sortByColumn(JobModel::Started, Qt::DescendingOrder);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    view->horizontalHeader()->resizeSection(JobModel::Started, unit * 21);
    view->horizontalHeader()->resizeSection(JobModel::Verb, unit * 18);
    view->horizontalHeader()->resizeSection(JobModel::Subject, unit * 28);
    view->horizontalHeader()->resizeSection(JobModel::Result, unit * 50);
    connect(m_table, &TablePanel::selectionChanged, this, &JobsPanel::updateActions);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        for (const int row : m_table->selectedRows())
            Q_EMIT cancelRequested(m_model.rowAt(row).id());
    });
    updateActions();
}

void JobsPanel::apply(const v1::JobUpdate &update)
{
    const int before = m_model.activeCount();
    m_model.apply(update);
    updateActions();
    if (const int now = m_model.activeCount(); now != before)
        Q_EMIT activeCountChanged(now);
}

void JobsPanel::selectJob(quint64 id)
{
    if (const int row = m_model.rowOf(id); row >= 0)
        m_table->selectSourceRow(row);
}

void JobsPanel::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    updateActions();
}

void JobsPanel::updateActions()
{
    const std::vector<int> rows = m_table->selectedRows();
    const bool all = std::ranges::all_of(rows, [this](int row) { return m_model.rowAt(row).cancellable(); });
    m_cancel->setEnabled(!rows.empty() && all && m_readOnlyReason.isEmpty());
    m_cancel->setToolTip(!m_readOnlyReason.isEmpty() ? m_readOnlyReason
                         : rows.empty()              ? tr("Select a job first.")
                         : all                       ? QString()
                                                     : tr("A selected job has ended or cannot be stopped any more."));
}

} // namespace gantry
