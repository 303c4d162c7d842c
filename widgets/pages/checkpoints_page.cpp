// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/checkpoints_page.h"

#include "widgets/pages/store_banner.h"
#include "widgets/pages/table_panel.h"
#include "widgets/pages/table_tools.h"
#include "widgets/text/format.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

CheckpointsPage::CheckpointsPage(QWidget *parent)
    : QWidget(parent)
    , m_actions(new CheckpointActions(this))
    , m_store(new StoreBanner(StoreBanner::Shows::Always, this))
    , m_table(new TablePanel(tr("Checkpoints"), &m_model, this))
    , m_import(new QPushButton(tr("Import…", "button"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addWidget(m_actions, 0, Qt::AlignLeft); // beside the filter they would leave it no room
    layout->addWidget(m_store);
    layout->addWidget(m_table);
    m_import->setMinimumWidth(fontMetrics().horizontalAdvance(m_import->text()) + 16);
    m_table->bar()->addWidget(m_import);
    connect(m_import, &QPushButton::clicked, this, &CheckpointsPage::importRequested);
    connect(m_store, &StoreBanner::lockedChanged, this, &CheckpointsPage::setLocked);
    setLocked(false);
    QTableView *view = m_table->view();
    view->sortByColumn(CheckpointModel::Time, Qt::DescendingOrder);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    view->horizontalHeader()->resizeSection(CheckpointModel::Time, unit * 21);
    view->horizontalHeader()->resizeSection(CheckpointModel::Subject, unit * 30);
    view->horizontalHeader()->resizeSection(CheckpointModel::Name, unit * 20);
    for (const int number : {CheckpointModel::Processes, CheckpointModel::Size, CheckpointModel::Fresh,
                             CheckpointModel::Stored, CheckpointModel::Trigger})
        view->horizontalHeader()->resizeSection(number, unit * 12);
    connect(m_table, &TablePanel::selectionChanged, this, &CheckpointsPage::updateActions);
    connect(m_table, &TablePanel::activated, m_actions, &CheckpointActions::activate);
    connect(m_table, &TablePanel::menuRequested, m_actions, &CheckpointActions::openMenu);
    updateActions();
}

void CheckpointsPage::setList(const v1::ListCheckpointsReply &reply)
{
    m_model.setList(reply);
    m_table->setNotice(damageText(reply));
    updateActions();
}

QString CheckpointsPage::damageText(const v1::ListCheckpointsReply &reply)
{
    QStringList damages;
    for (const std::string &damage : reply.damages())
        damages << text::utf8(damage);
    return damages.isEmpty() ? QString() : tr("The store is damaged: %1").arg(damages.join(u"; "));
}

void CheckpointsPage::setFailure(const QString &sentence)
{
    m_table->setNotice(sentence);
}

void CheckpointsPage::setReadOnlyReason(const QString &reason)
{
    m_actions->setReadOnlyReason(reason);
    m_readOnly = reason;
    offerImport();
}

void CheckpointsPage::offerImport()
{
    offerButton(*m_import, m_readOnly, !m_store->isLocked(), tr("The store is locked."));
    if (m_import->isEnabled())
        m_import->setToolTip(tr("Take checkpoints from a file of Gantry's, or of podman's"));
}

void CheckpointsPage::setLocked(bool locked)
{
    m_table->setEmptyText(locked
                              ? StoreBanner::emptyText()
                              : tr("Nothing was saved on this host yet: Checkpoint… in the menu Node, or on the page "
                                   "Processes, saves what runs."));
    offerImport();
}

void CheckpointsPage::updateActions()
{
    std::vector<v1::CheckpointInfo> selected;
    for (const int row : m_table->selectedRows())
        selected.push_back(m_model.rowAt(row));
    m_actions->setSelected(std::move(selected));
}

} // namespace gantry
