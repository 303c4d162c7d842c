// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/timeline_page.h"

#include "widgets/charts/metric_chart.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/overview_charts.h"
#include "widgets/pages/overview_page.h"
#include "widgets/pages/store_banner.h"
#include "widgets/pages/table_tools.h"
#include "widgets/style/table_style.h"
#include "widgets/text/checkpoint_text.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QButtonGroup>
#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gantry {

namespace {

constexpr std::size_t kCharts = 2;                             ///< memory and CPU: the first ones of the overview
constexpr std::array kWindows{600, 7'200, 86'400, 604'800, 0}; ///< seconds; 0: all
constexpr int kClockMs = 1'000;
constexpr int kRoomForOne = 230; ///< pixels from which a graph is of use below the marks
constexpr int kRoomForTwo = 340;

double now()
{
    return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1e3;
}

TimelineMark markOf(const v1::CheckpointInfo &info)
{
    return {info.id(),
            info.parent(),
            info.subject(),
            info.realtime_usec(),
            info.logical_bytes(),
            timelineTrigger(info.trigger()),
            info.pinned(),
            text::utf8(info.name()),
            text::utf8(info.note())};
}

} // namespace

TimelinePage::TimelinePage(QWidget *parent)
    : QWidget(parent)
    , m_actions(new CheckpointActions(this))
    , m_view(new TimelineView(this))
    , m_charts(makeCharts(this))
    , m_feed(m_charts)
    , m_tree(new QTreeView(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_stack(new QStackedWidget(this))
    , m_checkpoint(new QToolButton(this))
    , m_asTree(new QToolButton(this))
    , m_store(new StoreBanner(StoreBanner::Shows::LockedOnly, this))
    , m_notice(new QLabel(this))
    , m_detail(new QLabel(this))
    , m_progress(new QWidget(this))
    , m_progressText(new QLabel(m_progress))
    , m_cancel(new QPushButton(tr("Cancel", "a job"), m_progress))
    , m_hover(std::numeric_limits<double>::quiet_NaN())
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->setSpacing(4);
    buildBars();
    buildProgress();
    buildAxis();
    buildTree();
    layout->addWidget(m_stack, 1);
    m_clock.setInterval(kClockMs);
    connect(&m_clock, &QTimer::timeout, this, [this] { m_view->setNow(now()); });
    showSelected();
}

std::vector<MetricChart *> TimelinePage::makeCharts(QWidget *parent)
{
    std::vector<MetricChart *> out;
    for (const ChartSpec &spec : chartSpecs()) {
        if (out.size() == kCharts)
            break;
        out.push_back(new MetricChart(OverviewPage::tr(spec.title), spec.unit, spec.series, parent));
        out.back()->setLeastTop(spec.leastTop);
    }
    return out;
}

void TimelinePage::buildBars()
{
    auto *bar = new QHBoxLayout;
    bar->addWidget(m_actions);
    m_checkpoint->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_checkpoint->hide();
    bar->addWidget(m_checkpoint);
    bar->addStretch(1);
    static_cast<QVBoxLayout *>(layout())->addLayout(bar);
    m_asTree->setText(tr("Tree", "the checkpoints as a tree"));
    m_asTree->setToolTip(tr("The same as a tree"));
    m_asTree->setCheckable(true);
    connect(m_asTree, &QToolButton::toggled, this, &TimelinePage::setTreeShown);

    layout()->addWidget(m_store);
    connect(m_store, &StoreBanner::lockedChanged, this, &TimelinePage::showEmptyText);
    m_notice->setWordWrap(true);
    m_notice->hide();
    layout()->addWidget(m_notice);

    auto *second = new QHBoxLayout;
    m_detail->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_detail->setTextFormat(Qt::PlainText);
    second->addWidget(m_detail, 1);
    const std::array labels{tr("10 min"), tr("2 h"), tr("1 day"), tr("1 week"), tr("All", "of the time")};
    auto *windows = new QButtonGroup(this);
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
        auto *button = new QToolButton(this);
        button->setText(labels.at(i));
        button->setAccessibleName(tr("Show %1", "length of time").arg(labels.at(i)));
        button->setCheckable(true);
        button->setAutoRaise(true);
        button->setChecked(kWindows.at(i) == 0);
        windows->addButton(button, kWindows.at(i));
        second->addWidget(button);
    }
    second->addWidget(m_asTree);
    connect(windows, &QButtonGroup::idClicked, this, [this](int seconds) {
        m_view->setWindow(seconds == 0 ? std::nullopt : std::optional(std::chrono::seconds(seconds)));
    });
    // None is pressed while the user looks elsewhere.
    connect(m_view, &TimelineView::liveChanged, this, [windows](bool live) {
        windows->setExclusive(false);
        if (!live && windows->checkedButton() != nullptr)
            windows->checkedButton()->setChecked(false);
        windows->setExclusive(true);
    });
    static_cast<QVBoxLayout *>(layout())->addLayout(second);
}

void TimelinePage::buildProgress()
{
    auto *row = new QHBoxLayout(m_progress);
    row->setContentsMargins(0, 0, 0, 0);
    auto *bar = new QProgressBar(m_progress);
    bar->setRange(0, 0); // how long a phase lasts nobody knows
    bar->setTextVisible(false);
    bar->setMaximumWidth(120);
    bar->setAccessibleName(tr("It runs"));
    row->addWidget(bar);
    m_progressText->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(m_progressText, 1);
    row->addWidget(m_cancel);
    connect(m_cancel, &QPushButton::clicked, this, [this] { Q_EMIT cancelRequested(m_cancelJob); });
    m_progress->hide();
    layout()->addWidget(m_progress);
}

void TimelinePage::buildAxis()
{
    m_splitter->addWidget(m_view);
    m_splitter->setChildrenCollapsible(false);
    connect(m_splitter, &QSplitter::splitterMoved, this, [this] { m_sizesAreChosen = true; });
    m_view->setLeftEdge(fontMetrics().horizontalAdvance(QStringLiteral("1000 MiB")) + 14);
    for (MetricChart *chart : m_charts) {
        m_splitter->addWidget(chart);
        connect(chart, &MetricChart::shownRangeChanged, m_view, &TimelineView::setRange);
        connect(chart, &MetricChart::liveChanged, this, [this](bool live) {
            if (live)
                m_view->returnToLive();
        });
        connect(chart, &MetricChart::cursorMoved, this, [this](double time) {
            m_hover = time;
            showCursor();
        });
    }
    m_stack->addWidget(m_splitter);
    connect(m_view, &TimelineView::rangeChanged, this, [this](double from, double to) {
        for (MetricChart *chart : m_charts)
            chart->setShownRange(from, to);
    });
    connect(m_view, &TimelineView::edgesChanged, this, &TimelinePage::alignCharts);
    connect(m_view, &TimelineView::cursorMoved, this, [this](double time) {
        m_hover = time;
        showCursor();
    });
    connect(m_view, &TimelineView::selectionChanged, this, &TimelinePage::onViewSelection);
    connect(m_view, &TimelineView::activated, m_actions, &CheckpointActions::activate);
    connect(m_view, &TimelineView::menuRequested, m_actions, &CheckpointActions::openMenu);
    alignCharts();
    for (MetricChart *chart : m_charts)
        chart->setShownRange(m_view->from(), m_view->to());
}

void TimelinePage::buildTree()
{
    TableStyle::applyTo(*m_tree);
    m_tree->setModel(&m_treeModel);
    m_tree->setAccessibleName(tr("Checkpoints as a tree"));
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_tree->setUniformRowHeights(true);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    QHeaderView *header = m_tree->header();
    const int unit = fontMetrics().horizontalAdvance(QLatin1Char('0'));
    header->resizeSection(CheckpointModel::Time, unit * 30);
    header->resizeSection(CheckpointModel::Name, unit * 18);
    for (const int number : {CheckpointModel::Size, CheckpointModel::Fresh})
        header->resizeSection(number, unit * 12);
    header->resizeSection(CheckpointModel::Trigger, unit * 18);
    for (const int column :
         {CheckpointModel::Subject, CheckpointModel::Processes, CheckpointModel::Stored, CheckpointModel::Id})
        header->hideSection(column);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(header, &QWidget::customContextMenuRequested, this,
            [header](const QPoint &position) { openColumnMenu(*header, position); });
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TimelinePage::onTreeSelection);
    connect(m_tree, &QTreeView::activated, this, [this](const QModelIndex &index) {
        if (!m_treeModel.idOf(index).empty())
            m_actions->activate();
    });
    connect(m_tree, &QWidget::customContextMenuRequested, this,
            [this](const QPoint &position) { m_actions->openMenu(m_tree->viewport()->mapToGlobal(position)); });
    m_stack->addWidget(m_tree);
}

void TimelinePage::setTreeShown(bool shown)
{
    m_asTree->setChecked(shown);
    m_stack->setCurrentIndex(shown ? 1 : 0);
    if (shown && !m_rows.empty())
        selectInTree();
}

QByteArray TimelinePage::saveTreeState() const
{
    return m_tree->header()->saveState();
}

void TimelinePage::restoreTreeState(const QByteArray &state)
{
    if (!state.isEmpty())
        m_tree->header()->restoreState(state);
}

void TimelinePage::restart(const QString &name)
{
    m_feed.restart();
    m_rows.clear();
    m_list.Clear();
    m_view->setSelection({});
    m_view->setNamed(m_isHost);
    m_name = name;
    showEmptyText();
    showList();
    m_view->returnToLive();
    showProgress();
}

void TimelinePage::showEmptyText()
{
    m_view->setEmptyText(m_store->isLocked() ? StoreBanner::emptyText()
                         : m_isHost          ? tr("Nothing was saved on %1 yet.").arg(m_name)
                                             : tr("%1 was not saved yet: Checkpoint… does it.").arg(m_name));
}

void TimelinePage::setNode(const QString &name, const QStringList &subjects)
{
    m_isHost = false;
    m_subjects.clear();
    for (const QString &subject : subjects)
        m_subjects.insert(subject.toStdString());
    m_checkpoint->setVisible(m_checkpoint->defaultAction() != nullptr);
    restart(name);
}

void TimelinePage::setHost(const QString &name)
{
    m_isHost = true;
    m_subjects.clear();
    m_checkpoint->hide();
    restart(name);
}

bool TimelinePage::isMine(const std::string &subject) const
{
    return m_isHost || m_subjects.contains(subject);
}

void TimelinePage::setRunning(std::set<std::string> subjects)
{
    if (subjects == m_running)
        return;
    m_running = std::move(subjects);
    showHeads();
}

void TimelinePage::setList(const v1::ListCheckpointsReply &reply)
{
    const QString damages = CheckpointsPage::damageText(reply);
    m_notice->setText(damages);
    m_notice->setVisible(!damages.isEmpty());
    if (reply.SerializeAsString() == m_list.SerializeAsString())
        return;
    m_list = reply;
    for (const v1::ListCheckpointsReply::Head &head : reply.heads())
        m_restored.erase(head.subject()); // the engine knows it now
    showList();
}

void TimelinePage::setFailure(const QString &sentence)
{
    m_notice->setText(sentence);
    m_notice->setVisible(!sentence.isEmpty());
}

void TimelinePage::showList()
{
    m_rows.clear();
    std::vector<TimelineMark> marks;
    for (const v1::CheckpointInfo &info : m_list.checkpoints()) {
        if (!isMine(info.subject()))
            continue;
        m_rows.push_back(info);
        marks.push_back(markOf(info));
    }
    m_view->setMarks(std::move(marks));
    showHeads();
    fitCharts();
    showSelected();
}

void TimelinePage::showHeads()
{
    TimelineHeads heads;
    std::set<std::string> running = m_running;
    std::map<std::string, std::string> told;
    for (const v1::ListCheckpointsReply::Head &head : m_list.heads()) {
        running.insert(head.subject());
        told[head.subject()] = head.checkpoint();
    }
    for (const std::string &subject : running) {
        std::string head = told[subject];
        if (const auto restored = m_restored.find(subject); restored != m_restored.end()) {
            head = restored->second.first;
            std::int64_t newest = restored->second.second;
            for (const v1::CheckpointInfo &row : m_rows) {
                // What was saved since then was saved of this life.
                if (row.subject() == subject && row.realtime_usec() > newest) {
                    newest = row.realtime_usec();
                    head = row.id();
                }
            }
        }
        if (isMine(subject))
            heads.emplace(subject, head);
    }
    m_view->setHeads(std::move(heads));
    // A new subtree is open; what the user closed stays so.
    const bool isFirst = m_treeModel.rowCount() == 0;
    m_selecting = true;
    m_treeModel.setList(m_view->scene(), m_rows);
    m_selecting = false;
    if (isFirst)
        m_tree->expandAll();
}

void TimelinePage::noteRestored(const v1::CheckpointInfo &checkpoint)
{
    m_restored[checkpoint.subject()] = {checkpoint.id(), std::llround(now() * 1e6)};
    showHeads();
}

void TimelinePage::onViewSelection()
{
    if (m_stack->currentIndex() == 1)
        selectInTree();
    showSelected();
}

void TimelinePage::selectInTree()
{
    if (m_selecting)
        return;
    m_selecting = true;
    QItemSelection selection;
    for (const std::string &id : m_view->selection()) {
        const QModelIndex index = m_treeModel.indexOf(id);
        selection.select(index, index);
    }
    m_tree->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (const QModelIndex current = m_treeModel.indexOf(m_view->current()); current.isValid()) {
        m_tree->selectionModel()->setCurrentIndex(current, QItemSelectionModel::NoUpdate);
        m_tree->scrollTo(current);
    }
    m_selecting = false;
}

void TimelinePage::onTreeSelection()
{
    if (m_selecting)
        return;
    m_selecting = true;
    std::vector<std::string> ids;
    for (const QModelIndex &index : m_tree->selectionModel()->selectedRows()) {
        if (std::string id = m_treeModel.idOf(index); !id.empty())
            ids.push_back(std::move(id));
    }
    m_view->setSelection(ids);
    m_selecting = false;
    showSelected();
}

void TimelinePage::showSelected()
{
    std::vector<v1::CheckpointInfo> selected;
    for (const std::string &id : m_view->selection())
        selected.push_back(m_rows[m_view->scene().indexOf(id)]);
    QString words;
    if (selected.size() == 1) {
        words = TimelineView::describe(markOf(selected.front())).replace(u'\n', QStringLiteral(" · "));
        if (!selected.front().group().empty())
            words += QStringLiteral(" · ") + text::groupSentence(selected.front());
    } else if (!selected.empty()) {
        words = tr("%n checkpoint(s) selected", nullptr, static_cast<int>(selected.size()));
    }
    m_detail->setToolTip(words);
    m_detail->setText(m_detail->fontMetrics().elidedText(words, Qt::ElideRight, std::max(80, m_detail->width())));
    m_actions->setSelected(std::move(selected));
    showCursor();
}

void TimelinePage::showCursor()
{
    std::optional<double> time;
    if (!std::isnan(m_hover)) {
        time = m_hover;
    } else if (const auto selected = m_view->selection(); selected.size() == 1) {
        time = m_view->scene().timeOf(m_view->scene().indexOf(selected.front()));
    }
    m_view->setCursorTime(time);
    for (MetricChart *chart : m_charts)
        chart->setCursorTime(time);
}

void TimelinePage::applyJobs(const v1::JobUpdate &update)
{
    m_jobs.apply(update);
    showProgress();
}

void TimelinePage::showProgress()
{
    QStringList lines;
    m_cancelJob = 0;
    for (const v1::Job &job : m_jobs.rows()) {
        const bool isOurs = job.verb() == "checkpoint" || job.verb().starts_with("restore");
        if (!isOurs || !JobModel::isActive(job) || !isMine(job.subject()))
            continue;
        lines << tr("%1, %2: %3", "what is done, with what, how far")
                     .arg(text::jobVerb(job.verb()), text::utf8(job.subject()), JobModel::stateText(job));
        if (job.cancellable())
            m_cancelJob = job.id();
    }
    m_progressText->setText(lines.join(QStringLiteral("; ")));
    m_progressText->setToolTip(lines.join(u'\n'));
    // With several at once nobody knows which one is meant: the list of jobs does.
    m_cancel->setVisible(lines.size() == 1 && m_cancelJob != 0);
    m_progress->setVisible(!lines.isEmpty());
}

void TimelinePage::setReadOnlyReason(const QString &reason)
{
    m_actions->setReadOnlyReason(reason);
    m_cancel->setEnabled(reason.isEmpty());
    m_cancel->setToolTip(reason);
}

void TimelinePage::setCheckpointAction(QAction *action)
{
    m_checkpoint->setDefaultAction(action);
    m_checkpoint->setVisible(!m_isHost);
}

void TimelinePage::setScheduleAction(QAction *action)
{
    m_checkpoint->addAction(action);
    m_checkpoint->setPopupMode(QToolButton::MenuButtonPopup);
}

void TimelinePage::alignCharts()
{
    for (MetricChart *chart : m_charts)
        chart->steer(m_view->leftEdge(), m_view->rightEdge());
}

void TimelinePage::fitCharts()
{
    const int room = m_stack->height();
    for (std::size_t i = 0; i < m_charts.size(); ++i)
        m_charts[i]->setVisible(room >= (i == 0 ? kRoomForOne : kRoomForTwo));
    if (m_sizesAreChosen)
        return;
    // As much as all branches need, but the graphs keep theirs.
    const int marks = std::clamp(m_view->sizeHint().height(), room * 2 / 5, room * 3 / 5);
    m_splitter->setSizes({marks, (room - marks) / 2, (room - marks) / 2});
}

void TimelinePage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitCharts();
    showSelected();
}

void TimelinePage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_view->setNow(now());
    m_clock.start();
    fitCharts();
}

void TimelinePage::hideEvent(QHideEvent *event)
{
    m_clock.stop();
    QWidget::hideEvent(event);
}

} // namespace gantry
