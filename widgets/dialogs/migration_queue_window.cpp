// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/migration_queue_window.h"

#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/migration_progress.h"
#include "widgets/style/table_style.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {

enum QueueColumn { ContainerColumn, ToColumn, StateColumn, SentColumn, StillColumn, ResultColumn };

QString stateText(MigrationQueueWindow::State state)
{
    using enum MigrationQueueWindow::State;
    switch (state) {
    case Waiting:
        return MigrationQueueWindow::tr("waits");
    case AtWork:
        return MigrationQueueWindow::tr("begins");
    case Stopping:
        return MigrationQueueWindow::tr("is being given up");
    case Done:
        return MigrationQueueWindow::tr("moved");
    case Failed:
        return MigrationQueueWindow::tr("failed");
    case Unknown:
        return MigrationQueueWindow::tr("not known");
    case GivenUp:
        return MigrationQueueWindow::tr("given up");
    case Stays:
        return MigrationQueueWindow::tr("left out");
    case Back:
        return MigrationQueueWindow::tr("rolled back");
    }
    return {};
}

QIcon signOf(MigrationQueueWindow::State state, const QPalette &palette)
{
    using enum MigrationQueueWindow::State;
    if (state == Done)
        return theme::icon(u"check", palette);
    if (state == Failed)
        return theme::severityIcon(v1::SEVERITY_CRITICAL, palette);
    if (state == Unknown || state == Stays)
        return theme::severityIcon(v1::SEVERITY_WARNING, palette);
    return {};
}

} // namespace

MigrationQueueWindow::MigrationQueueWindow(const QString &source, const std::vector<Row> &rows, QWidget *parent)
    : QDialog(parent), m_source(source), m_table(new QTreeWidget(this)), m_summary(paragraph({}, this))
{
    setWindowTitle(tr("Migrations from %1", "host").arg(source));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    m_table->setHeaderLabels(
        {tr("Container"), tr("Goes to"), tr("State"), tr("Sent"), tr("Stood still"), tr("Result")});
    m_table->setRootIsDecorated(false);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAccessibleName(tr("Migrations"));
    TableStyle::applyTo(*m_table);
    for (const Row &row : rows) {
        auto *item = new QTreeWidgetItem(m_table, {row.container, row.host});
        for (const int column : {SentColumn, StillColumn})
            item->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
        item->setText(ResultColumn, row.reason);
        item->setToolTip(ResultColumn, row.reason);
        m_states.push_back(row.host.isEmpty() ? State::Stays : State::Waiting);
    }
    layout->addWidget(m_summary);
    layout->addWidget(m_table, 1);
    QDialogButtonBox &buttons = addCloseButton(*this);
    const auto add = [&](const QString &words) {
        QPushButton *button = buttons.addButton(words, QDialogButtonBox::ActionRole);
        button->setAutoDefault(false); // Enter closes: the others are to be meant
        return button;
    };
    m_giveUp = add(tr("&Give up"));
    m_giveUp->setToolTip(tr("Those that are chosen stay on %1, unless they were handed over.").arg(source));
    m_giveUpAll = add(tr("Give up the r&est"));
    m_giveUpAll->setToolTip(tr("Those that wait are not begun, and those at work stay on %1.").arg(source));
    m_retry = add(tr("&Try again"));
    m_retry->setToolTip(tr("Those that failed or were given up; where some are chosen, of these alone."));
    m_rollBack = add(tr("&Roll back"));
    m_rollBack->setToolTip(tr("Those that are chosen go back to %1, as they are then.").arg(source));
    m_rollBackAll = add(tr("Roll &all back"));
    m_rollBackAll->setToolTip(tr("All that were moved go back to %1, as they are then.").arg(source));
    buttons.button(QDialogButtonBox::Close)->setDefault(true);
    connect(m_giveUp, &QPushButton::clicked, this, [this] {
        Q_EMIT giveUpRequested(rowsIn({State::Waiting, State::AtWork}, true));
    });
    connect(m_giveUpAll, &QPushButton::clicked, this, [this] {
        Q_EMIT giveUpRequested(rowsIn({State::Waiting, State::AtWork}, false));
    });
    connect(m_retry, &QPushButton::clicked, this, [this] {
        const auto chosen = rowsIn({State::Failed, State::GivenUp}, true);
        Q_EMIT retryRequested(chosen.empty() ? rowsIn({State::Failed, State::GivenUp}, false) : chosen);
    });
    connect(m_rollBack, &QPushButton::clicked, this, [this] { Q_EMIT rollBackRequested(rowsIn({State::Done}, true)); });
    connect(m_rollBackAll, &QPushButton::clicked, this,
            [this] { Q_EMIT rollBackRequested(rowsIn({State::Done}, false)); });
    connect(m_table, &QTreeWidget::itemSelectionChanged, this, &MigrationQueueWindow::showState);
    constexpr int kAir = 6;
    for (std::size_t row = 0; row < m_states.size(); ++row) {
        setState(row, m_states[row]);
        m_table
            ->topLevelItem(static_cast<int>(row)) // one without a sign is as high as the others
            ->setSizeHint(StateColumn, QSize(0, fontMetrics().height() + kAir));
    }
    const int unit = fontMetrics().averageCharWidth();
    for (const auto &[column, width] :
         {std::pair(ContainerColumn, 20), {ToColumn, 16}, {StateColumn, 40}, {SentColumn, 12}, {StillColumn, 12}})
        m_table->setColumnWidth(column, unit * width);
    resize(unit * 150, fontMetrics().height() * 20);
}

std::vector<std::size_t> MigrationQueueWindow::rowsIn(std::initializer_list<State> states, bool selected) const
{
    std::vector<std::size_t> out;
    for (std::size_t row = 0; row < m_states.size(); ++row) {
        const bool fits = std::ranges::find(states, m_states[row]) != states.end();
        if (fits && (!selected || m_table->topLevelItem(static_cast<int>(row))->isSelected()))
            out.push_back(row);
    }
    return out;
}

void MigrationQueueWindow::setState(std::size_t row, State state)
{
    m_states.at(row) = state;
    QTreeWidgetItem *item = m_table->topLevelItem(static_cast<int>(row));
    item->setText(StateColumn, stateText(state));
    item->setIcon(StateColumn, signOf(state, palette()));
    if (state == State::Waiting || state == State::AtWork) {
        for (const int column : {SentColumn, StillColumn, ResultColumn})
            item->setText(column, {});
    }
    showState();
}

void MigrationQueueWindow::setPhase(std::size_t row, const v1::MigrationPhase &phase)
{
    QTreeWidgetItem *item = m_table->topLevelItem(static_cast<int>(row));
    if (m_states.at(row) == State::AtWork)
        item->setText(StateColumn, MigrationProgress::phaseText(text::utf8(phase.name())));
    if (phase.bytes() > 0)
        item->setText(SentColumn, text::bytes(phase.bytes()));
}

void MigrationQueueWindow::setDone(std::size_t row, const v1::MigrationDone &done)
{
    setState(row, State::Done);
    constexpr std::uint64_t kMilli = 1'000;
    QTreeWidgetItem *item = m_table->topLevelItem(static_cast<int>(row));
    item->setText(SentColumn, text::bytes(done.bytes()));
    item->setText(StillColumn, tr("%1 ms").arg(done.downtime_usec() / kMilli));
    QStringList notes;
    for (const std::string &note : done.notes())
        notes << text::utf8(note);
    item->setText(ResultColumn, notes.join(QStringLiteral("; ")));
    item->setToolTip(ResultColumn, notes.join(u'\n'));
}

void MigrationQueueWindow::setFailed(std::size_t row, const QString &sentences, State state)
{
    setState(row, state);
    QTreeWidgetItem *item = m_table->topLevelItem(static_cast<int>(row));
    item->setText(ResultColumn, sentences);
    item->setToolTip(ResultColumn, sentences);
}

void MigrationQueueWindow::showState()
{
    const auto count = [this](State state) { return std::ranges::count(m_states, state); };
    const auto open = count(State::Waiting) + count(State::AtWork) + count(State::Stopping);
    QStringList parts{tr("%1 of %2 moved").arg(count(State::Done)).arg(m_states.size())};
    const auto add = [&](State state, const QString &words) {
        if (const auto many = count(state); many > 0)
            parts << QStringLiteral("%1 %2").arg(many).arg(words);
    };
    add(State::AtWork, tr("under way", "after a number"));
    add(State::Waiting, tr("waiting", "after a number"));
    add(State::Stopping, tr("being given up", "after a number"));
    add(State::Failed, tr("failed", "after a number"));
    add(State::Unknown, tr("not known where", "after a number"));
    add(State::GivenUp, tr("given up", "after a number"));
    add(State::Stays, tr("left out", "after a number"));
    add(State::Back, tr("rolled back", "after a number"));
    m_summary->setText(parts.join(QStringLiteral(", ")) + u'.');
    m_giveUp->setEnabled(!rowsIn({State::Waiting, State::AtWork}, true).empty());
    m_giveUpAll->setEnabled(!rowsIn({State::Waiting, State::AtWork}, false).empty());
    m_retry->setEnabled(!rowsIn({State::Failed, State::GivenUp}, false).empty());
    m_rollBack->setEnabled(!rowsIn({State::Done}, true).empty());
    m_rollBackAll->setEnabled(open == 0 && !rowsIn({State::Done}, false).empty());
}

QString MigrationQueueWindow::words(std::size_t row) const
{
    const QTreeWidgetItem *item = m_table->topLevelItem(static_cast<int>(row));
    QStringList out;
    for (int column = 0; column < item->columnCount(); ++column)
        out << item->text(column);
    return out.join(u' ');
}

QString MigrationQueueWindow::summary() const
{
    return m_summary->text();
}

} // namespace gantry
