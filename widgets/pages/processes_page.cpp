// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/processes_page.h"

#include "widgets/pages/table_panel.h"
#include "widgets/pages/table_tools.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace gantry {

ProcessesPage::ProcessesPage(QWidget *parent)
    : QWidget(parent)
    , m_table(new TablePanel(tr("Processes"), &m_model, this))
    , m_signal(new QPushButton(theme::icon(u"signal", palette()), tr("&Signal…"), this))
    , m_move(new QPushButton(theme::icon(u"move", palette()), tr("&Move…"), this))
    , m_checkpoint(new QPushButton(theme::icon(u"checkpoint", palette()), tr("Checkpoint…"), this))
    , m_recursive(new QCheckBox(tr("With cgroups &below"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->addWidget(m_table);
    m_recursive->setChecked(true);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_recursive, m_signal, m_move, m_checkpoint})
        m_table->bar()->addWidget(widget);
    m_table->setEmptyText(tr("No processes here."));
    m_table->view()->sortByColumn(ProcessModel::Cpu, Qt::DescendingOrder);
    QHeaderView *header = m_table->view()->horizontalHeader();
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    header->resizeSection(ProcessModel::Pid, unit * 12);
    header->resizeSection(ProcessModel::Comm, unit * 20);
    header->resizeSection(ProcessModel::Cgroup, unit * 30);
    connect(m_table, &TablePanel::selectionChanged, this, &ProcessesPage::updateActions);
    connect(m_table, &TablePanel::menuRequested, this, &ProcessesPage::openMenu);
    connect(m_signal, &QPushButton::clicked, this, [this] { Q_EMIT signalRequested(selected()); });
    connect(m_move, &QPushButton::clicked, this, [this] { Q_EMIT moveRequested(selected()); });
    connect(m_checkpoint, &QPushButton::clicked, this, [this] { Q_EMIT checkpointRequested(selected().front()); });
    connect(m_recursive, &QCheckBox::toggled, this, &ProcessesPage::recursiveChanged);
    updateActions();
}

void ProcessesPage::clear()
{
    m_model.clear();
    m_table->setNotice({});
}

void ProcessesPage::setProcesses(const v1::ProcessList &list)
{
    m_model.setProcesses(list);
    const int hidden = static_cast<int>(list.total()) - list.processes_size();
    m_table->setNotice(hidden > 0 ? tr("%n more process(es) are not listed.", nullptr, hidden) : QString());
    updateActions();
}

void ProcessesPage::setFailure(const v1::Failure &failure)
{
    m_table->setNotice(text::errorSentence(failure));
}

void ProcessesPage::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    updateActions();
}

bool ProcessesPage::isRecursive() const
{
    return m_recursive->isChecked();
}

std::vector<v1::Process> ProcessesPage::selected() const
{
    std::vector<v1::Process> out;
    for (const int row : m_table->selectedRows())
        out.push_back(m_model.rowAt(row).process);
    return out;
}

void ProcessesPage::updateActions()
{
    const std::size_t count = m_table->selectedRows().size();
    offerButton(*m_signal, m_readOnlyReason, count > 0, tr("Select processes first."));
    offerButton(*m_move, m_readOnlyReason, count > 0, tr("Select processes first."));
    offerButton(*m_checkpoint, m_readOnlyReason, count == 1, tr("Select one process: those that it started are saved with it."));
}

void ProcessesPage::openMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (QPushButton *button : {m_signal, m_move, m_checkpoint})
        menu->addAction(button->icon(), button->text(), button, &QPushButton::click)->setEnabled(button->isEnabled());
    if (const int row = m_table->currentRow(); row >= 0) {
        const QString path = text::utf8(m_model.rowAt(row).process.cgroup_path());
        menu->addSeparator();
        menu->addAction(theme::icon(u"cgroup", palette()), tr("Show its &cgroup in the tree"), this,
                        [this, path] { Q_EMIT jumpRequested(path); })
            ->setEnabled(!path.isEmpty());
    }
    menu->popup(position);
}

} // namespace gantry
