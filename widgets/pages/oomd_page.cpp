// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/oomd_page.h"

#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include <cerrno>

namespace gantry {

OomdPage::OomdPage(QWidget *parent)
    : QWidget(parent)
    , m_watchedTable(new TablePanel(tr("Watched cgroups"), &m_watched, this))
    , m_candidateTable(new TablePanel(tr("Candidates"), &m_candidates, this))
    , m_host(new QLabel(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    m_host->setWordWrap(true);
    m_host->hide();
    layout->addWidget(m_host);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_watchedTable);
    splitter->addWidget(m_candidateTable);
    splitter->setChildrenCollapsible(false);
    layout->addWidget(splitter, 1);
    m_watchedTable->setEmptyText(tr("Asking systemd-oomd…"));
    m_candidateTable->setEmptyText(tr("Select a watched cgroup to see what would be killed."));
    m_watchedTable->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    m_watchedTable->view()->sortByColumn(OomdWatchedModel::Cgroup, Qt::AscendingOrder);
    m_candidateTable->view()->sortByColumn(OomdCandidateModel::Rank, Qt::AscendingOrder);
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    const auto widen = [unit](TablePanel *table, int column, int letters) {
        table->view()->horizontalHeader()->resizeSection(column, unit * letters);
    };
    widen(m_watchedTable, OomdWatchedModel::Cgroup, 24);
    widen(m_watchedTable, OomdWatchedModel::Reason, 18);
    widen(m_watchedTable, OomdWatchedModel::LimitPercent, 9);
    widen(m_watchedTable, OomdWatchedModel::NowPercent, 9);
    widen(m_watchedTable, OomdWatchedModel::State, 22);
    widen(m_candidateTable, OomdCandidateModel::Rank, 9);
    widen(m_candidateTable, OomdCandidateModel::Cgroup, 26);
    widen(m_candidateTable, OomdCandidateModel::Scanned, 15);
    widen(m_candidateTable, OomdCandidateModel::Swap, 12);
    widen(m_candidateTable, OomdCandidateModel::Memory, 14);
    widen(m_candidateTable, OomdCandidateModel::Preference, 14);
    connect(m_watchedTable, &TablePanel::selectionChanged, this, &OomdPage::showCandidates);
    connectTable(m_watchedTable, m_watched);
    connectTable(m_candidateTable, m_candidates);
}

void OomdPage::connectTable(TablePanel *table, const QAbstractItemModel &model)
{
    const auto pathAt = [&model](int row) { return model.index(row, 0).data(PathRole).toString(); };
    connect(table, &TablePanel::activated, this, [this, pathAt](int row) { Q_EMIT jumpRequested(pathAt(row)); });
    connect(table, &TablePanel::menuRequested, this, [this, table, pathAt](const QPoint &position) {
        const int row = table->currentRow();
        if (row < 0)
            return;
        auto *menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(theme::icon(u"cgroup", palette()), tr("Show in the &tree"), this,
                        [this, path = pathAt(row)] { Q_EMIT jumpRequested(path); });
        menu->popup(position);
    });
}

void OomdPage::setState(const v1::OomdState &state)
{
    m_watchedTable->setNotice({});
    m_watchedTable->setEmptyText(tr("systemd-oomd runs, but no unit asks to be watched (ManagedOOMMemoryPressure=, "
                                    "ManagedOOMSwap=)."));
    m_watched.setState(state);
    QStringList facts{tr("Swap of the host: %1 used, killing begins above %2.")
                          .arg(text::percent(state.swap_used_percent()), text::percent(state.swap_limit_percent()))};
    if (state.dry_run())
        facts << tr("It only reports: it was started with --dry-run and kills nothing.");
    m_host->setText(facts.join(u' '));
    m_host->show();
    m_candidateTable->show();
    if (m_watchedTable->selectedRows().empty() && m_watched.rowCount() > 0)
        m_watchedTable->selectSourceRow(0);
    showCandidates();
}

void OomdPage::setFailure(const v1::Failure &failure)
{
    m_host->hide();
    m_candidateTable->hide();
    m_watched.setState({});
    showCandidates();
    const bool absent = failure.posix_errno() == ENOENT;
    m_watchedTable->setNotice(absent ? QString() : text::errorSentence(failure));
    const QString reason = failure.detail().empty() ? text::errorSentence(failure) : text::utf8(failure.detail());
    m_watchedTable->setEmptyText(absent ? tr("systemd-oomd does not run on this host: %1.", "why").arg(reason)
                                        : QString());
}

void OomdPage::showCandidates()
{
    const std::vector<int> rows = m_watchedTable->selectedRows();
    m_candidates.setCandidates(rows.empty() ? v1::OomdState::Watched() : m_watched.rowAt(rows.front()));
    m_candidateTable->setEmptyText(rows.empty() ? tr("Select a watched cgroup to see what would be killed.")
                                                : tr("Nothing below it could be killed."));
}

} // namespace gantry
