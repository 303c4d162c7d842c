// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/checkpoints_page.h"

#include "widgets/pages/table_panel.h"
#include "widgets/pages/table_tools.h"
#include "widgets/text/format.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

CheckpointsPage::CheckpointsPage(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Checkpoints"), &m_model, this))
    , m_inspect(new QPushButton(tr("Inspect…", "button"), this))
    , m_compare(new QPushButton(tr("Compare…", "button"), this))
    , m_restore(new QPushButton(tr("Restore…", "button"), this))
    , m_remove(new QPushButton(tr("Remove…", "button"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addWidget(m_table);
    m_table->bar()->addWidget(m_inspect);
    m_table->bar()->addWidget(m_compare);
    m_table->bar()->addWidget(m_restore);
    m_table->bar()->addWidget(m_remove);
    m_table->setEmptyText(tr("Nothing was saved on this host yet: Checkpoint… in the menu Node, or on the page "
                             "Processes, saves what runs."));
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
    connect(m_inspect, &QPushButton::clicked, this,
            [this] { Q_EMIT inspectRequested(text::utf8(selected().front().id())); });
    connect(m_compare, &QPushButton::clicked, this, &CheckpointsPage::compare);
    connect(m_restore, &QPushButton::clicked, this, [this] { Q_EMIT restoreRequested(selected().front()); });
    connect(m_remove, &QPushButton::clicked, this, [this] { Q_EMIT removeRequested(selected()); });
    connect(m_table, &TablePanel::activated, this, [this] {
        if (m_inspect->isEnabled())
            m_inspect->click();
    });
    connect(m_table, &TablePanel::menuRequested, this, [this](const QPoint &position) {
        QMenu menu(this);
        for (QPushButton *button : {m_inspect, m_compare, m_restore, m_remove}) {
            QAction *action = menu.addAction(button->text(), button, &QPushButton::click);
            action->setEnabled(button->isEnabled());
        }
        menu.exec(position);
    });
    updateActions();
}

void CheckpointsPage::setList(const v1::ListCheckpointsReply &reply)
{
    m_model.setList(reply);
    QStringList damages;
    for (const std::string &damage : reply.damages())
        damages << text::utf8(damage);
    m_table->setNotice(damages.isEmpty() ? QString() : tr("The store is damaged: %1").arg(damages.join(u"; ")));
    updateActions();
}

void CheckpointsPage::setFailure(const QString &sentence)
{
    m_table->setNotice(sentence);
}

void CheckpointsPage::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    updateActions();
}

std::vector<v1::CheckpointInfo> CheckpointsPage::selected() const
{
    std::vector<v1::CheckpointInfo> out;
    for (const int row : m_table->selectedRows())
        out.push_back(m_model.rowAt(row));
    return out;
}

void CheckpointsPage::compare()
{
    std::vector<v1::CheckpointInfo> two = selected();
    std::ranges::sort(two, {}, [](const v1::CheckpointInfo &one) { return one.realtime_usec(); });
    Q_EMIT compareRequested(text::utf8(two.front().id()), text::utf8(two.back().id()));
}

void CheckpointsPage::updateActions()
{
    const std::size_t count = m_table->selectedRows().size();
    offerButton(*m_inspect, {}, count == 1, tr("Select one checkpoint first."));
    offerButton(*m_compare, {}, count == 2, tr("Select two checkpoints first."));
    offerButton(*m_restore, m_readOnlyReason, count == 1, tr("Select one checkpoint first."));
    offerButton(*m_remove, m_readOnlyReason, count > 0, tr("Select a checkpoint first."));
}

} // namespace gantry
