// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/node_pages.h"

#include <QTabWidget>

#include "app/console/store_controller.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/container_page.h"
#include "widgets/pages/events_page.h"
#include "widgets/pages/facts_view.h"
#include "widgets/pages/files_page.h"
#include "widgets/pages/limits_page.h"
#include "widgets/pages/log_view.h"
#include "widgets/pages/namespaces_page.h"
#include "widgets/pages/oomd_page.h"
#include "widgets/pages/overview_page.h"
#include "widgets/pages/processes_page.h"
#include "widgets/pages/table_panel.h"
#include "widgets/pages/timeline_page.h"
#include "widgets/style/theme.h"
#include "widgets/text/container_text.h"
#include "widgets/text/event_text.h"
#include "widgets/text/format.h"
#include "widgets/text/host_text.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gantry::console {

namespace {
/// How often lists without a stream are asked for while they are on screen.
constexpr std::chrono::milliseconds kPollInterval{2'000};
/// systemd-oomd itself looks less often than lists change.
constexpr std::chrono::milliseconds kOomdInterval{5'000};

/// Lines of a log that are asked for.
constexpr std::uint32_t kLogLines = 200;

/// What costs the host something is not asked for where nobody looks.
bool isOnScreen(const QWidget &page)
{
    return page.isVisible() && !page.window()->isMinimized();
}

} // namespace

NodePages::NodePages(HostClient &client, const NodeTreeModel &tree, LimitController &limits, StoreController &store,
                     QTabWidget *tabs)
    : QObject(tabs)
    , m_client(client)
    , m_tree(tree)
    , m_store(store)
    , m_tabs(tabs)
    , m_container(new ContainerPage(tabs))
    , m_overview(new OverviewPage(tabs))
    , m_processes(new ProcessesPage(tabs))
    , m_limits(new LimitsPage(tabs))
    , m_namespaces(new NamespacesPage(tabs))
    , m_events(new EventsPage(tabs))
    , m_files(new FilesPage(tabs))
    , m_runtimes(new FactsView(tr("Container runtimes"), tabs))
    , m_oomd(new OomdPage(tabs))
    , m_abilities(new FactsView(tr("What works on this host"), tabs))
    , m_checkpoints(new CheckpointsPage(tabs))
    , m_timeline(new TimelinePage(tabs))
{
    tabs->addTab(m_container, tr("Container"));
    tabs->addTab(m_overview, tr("&Overview"));
    tabs->addTab(m_processes, tr("&Processes"));
    tabs->addTab(m_limits, tr("&Limits"));
    tabs->addTab(m_namespaces, tr("Namespa&ces"));
    tabs->addTab(m_events, tr("Even&ts"));
    tabs->addTab(m_checkpoints, tr("Checkpoints"));
    tabs->addTab(m_timeline, tr("Timeline"));
    tabs->addTab(m_files, tr("&Files"));
    tabs->addTab(m_runtimes, tr("Runtimes"));
    tabs->addTab(m_oomd, tr("s&ystemd-oomd"));
    tabs->addTab(m_abilities, tr("What works"));
    tabs->setCurrentIndex(static_cast<int>(Page::Overview));
    offerPages();
    limits.serve(m_overview);
    limits.serve(m_limits);
    store.serve(*m_checkpoints->store());
    store.serve(*m_timeline->store());
    connect(&limits, &LimitController::limitsChanged, this, [this](const v1::SetLimitsReply &reply) {
        m_limits->noteChanged(reply);
        askLimits();
    });
    connectClient();
    connectPages();
    connect(tabs, &QTabWidget::currentChanged, this, [this] {
        if (!m_offering)
            m_wanted.reset(); // the user chose another one
    });
    connect(tabs, &QTabWidget::currentChanged, this, &NodePages::poll);
    connect(tabs, &QTabWidget::currentChanged, this, &NodePages::askOomd);
    connect(&m_poll, &QTimer::timeout, this, &NodePages::poll);
    connect(&m_oomdPoll, &QTimer::timeout, this, &NodePages::askOomd);
    m_poll.start(kPollInterval);
    m_oomdPoll.start(kOomdInterval);
}

void NodePages::connectClient()
{
    connect(&m_client, &HostClient::frameArrived, this, [this](const FramePtr &frame) { applyFrame(*frame); });
    connect(&m_client, &HostClient::eventsArrived, this, [this](const EventBatchPtr &batch) { applyEvents(*batch); });
    connect(&m_client, &HostClient::pulse, this, &NodePages::updateNote); // it may be silent, or no longer
    connect(&m_client, &HostClient::stateChanged, this, [this](LinkState state) {
        updateNote();
        if (state == LinkState::Live) {
            m_events->clear();
            setNode(m_facts.id);
        }
    });
}

void NodePages::connectPages()
{
    connect(m_overview, &OverviewPage::eventActivated, this, [this](quint64 sequence) {
        showPage(Page::Events);
        m_events->selectEvent(sequence);
    });
    connect(m_processes, &ProcessesPage::recursiveChanged, this, &NodePages::askProcesses);
    connect(m_processes, &ProcessesPage::signalRequested, this, &NodePages::signalRequested);
    connect(m_processes, &ProcessesPage::moveRequested, this, &NodePages::moveRequested);
    connect(m_processes, &ProcessesPage::checkpointRequested, this, &NodePages::checkpointRequested);
    connectActions(*m_checkpoints->actions());
    connect(m_checkpoints, &CheckpointsPage::importRequested, this, &NodePages::importCheckpointsRequested);
    connectActions(*m_timeline->actions());
    connect(m_timeline, &TimelinePage::cancelRequested, this, &NodePages::cancelJobRequested);
    connect(m_processes, &ProcessesPage::jumpRequested, this, &NodePages::jumpToPath);
    connect(m_limits, &LimitsPage::jumpRequested, this, &NodePages::jumpToPath);
    connect(m_events, &EventsPage::jumpRequested, this, &NodePages::jumpToPath);
    connect(m_container, &ContainerPage::jumpRequested, this, &NodePages::jumpToPath);
    connect(m_container, &ContainerPage::copied, this, &NodePages::message);
    connect(m_oomd, &OomdPage::jumpRequested, this, &NodePages::jumpToPath);
    connect(m_namespaces, &NamespacesPage::jumpRequested, this, &NodePages::jumpToNode);
}

void NodePages::connectActions(const CheckpointActions &actions)
{
    connect(&actions, &CheckpointActions::inspectRequested, this, &NodePages::inspectRequested);
    connect(&actions, &CheckpointActions::compareRequested, this, &NodePages::compareRequested);
    connect(&actions, &CheckpointActions::restoreRequested, this, &NodePages::restoreRequested);
    connect(&actions, &CheckpointActions::copyRequested, this, &NodePages::copyRequested);
    connect(&actions, &CheckpointActions::describeRequested, this, &NodePages::describeCheckpointRequested);
    connect(&actions, &CheckpointActions::pinRequested, this, &NodePages::pinCheckpointsRequested);
    connect(&actions, &CheckpointActions::exportRequested, this, &NodePages::exportCheckpointsRequested);
    connect(&actions, &CheckpointActions::removeRequested, this, &NodePages::removeCheckpointsRequested);
}

void NodePages::setNode(NodeId id)
{
    m_facts = factsOf(m_tree, id);
    m_sampled = m_facts.kind == v1::NODE_KIND_HOST ? m_facts.id : m_facts.cgroup;
    m_overview->setNode(m_sampled, m_facts.name, m_facts.path);
    m_limits->clear();
    m_processes->clear();
    m_events->setCgroupPath(m_facts.path);
    m_files->clear(m_facts.cgroup ? QString() : tr("%1 has no cgroup of its own.").arg(m_facts.name));
    m_container->log()->clear();
    showContainer();
    showTimeline();
    offerPages();
    m_client.setDetailNodes(m_sampled ? std::vector{m_sampled.v} : std::vector<std::uint64_t>{});
    updateNote();
    askHistory();
    refresh();
}

void NodePages::setReadOnlyReason(const QString &reason)
{
    m_overview->setReadOnlyReason(reason);
    m_processes->setReadOnlyReason(reason);
    m_checkpoints->setReadOnlyReason(reason);
    m_timeline->setReadOnlyReason(reason);
    m_limits->setReadOnlyReason(reason);
}

void NodePages::setScheduleAction(QAction *action)
{
    m_timeline->setScheduleAction(action);
}

void NodePages::setCheckpointAction(QAction *action)
{
    m_timeline->setCheckpointAction(action);
}

void NodePages::applyJobs(const v1::JobUpdate &update)
{
    m_timeline->applyJobs(update);
}

void NodePages::noteRestored(const v1::CheckpointInfo &checkpoint)
{
    m_timeline->noteRestored(checkpoint);
}

void NodePages::refresh()
{
    askLimits();
    poll();
    askOomd();
}

bool NodePages::fits(Page page) const
{
    switch (page) {
    case Page::Container:
        return static_cast<bool>(m_facts.container);
    case Page::Runtimes:
    case Page::Oomd:
    case Page::Abilities:
    case Page::Checkpoints:
        return m_facts.kind == v1::NODE_KIND_HOST;
    case Page::Timeline:
        // The root cgroup holds the whole host: see there.
        return m_facts.kind == v1::NODE_KIND_HOST || m_facts.container || (m_facts.cgroup && !m_facts.isRoot());
    default:
        return true;
    }
}

void NodePages::offerPages()
{
    m_offering = true;
    const auto current = static_cast<Page>(m_tabs->currentIndex());
    // Who goes from container to container over something else wants to see the same of each. What was only just
    // selected may not be known as one yet.
    const auto isRemembered = [](Page page) { return page == Page::Container || page == Page::Timeline; };
    if (!fits(current) && isRemembered(current))
        m_wanted = current;
    if (!fits(current))
        m_tabs->setCurrentIndex(static_cast<int>(Page::Overview));
    for (const Page page : {Page::Container, Page::Runtimes, Page::Oomd, Page::Abilities, Page::Checkpoints,
                            Page::Timeline})
        m_tabs->setTabVisible(static_cast<int>(page), fits(page));
    // Nothing is selected yet while the console starts.
    if (m_facts.id && m_wanted) {
        const Page wanted = *m_wanted;
        if (fits(wanted) || !isRemembered(wanted))
            m_wanted.reset();
        if (fits(wanted))
            m_tabs->setCurrentIndex(static_cast<int>(wanted));
    }
    m_offering = false;
}

void NodePages::showPage(Page page)
{
    m_wanted.reset();
    if (fits(page))
        m_tabs->setCurrentIndex(static_cast<int>(page));
    else
        m_wanted = page;
}

void NodePages::setHost(const v1::HostInfo &host)
{
    m_host = host;
    showContainer();
    showHost();
}

void NodePages::updateFacts()
{
    if (!m_facts.id)
        return;
    const NodeId container = m_facts.container;
    const NodeFacts now = factsOf(m_tree, m_facts.id);
    m_facts.container = now.container;
    m_facts.containerName = now.containerName;
    if (m_facts.container != container) {
        showTimeline();
        offerPages();
    }
    showContainer();
}

void NodePages::showContainer()
{
    const v1::Node *node = m_tree.node(m_facts.container);
    if (node && node->has_container())
        m_container->setContainer(*node, m_host, m_tree.pathOf(m_facts.container));
}

void NodePages::showHost()
{
    m_runtimes->setFacts(text::runtimeFacts(m_host, theme::muted(m_runtimes->palette())));
    m_abilities->setFacts(text::hostAbilities(m_host, theme::muted(m_abilities->palette())));
}

QMap<QString, TablePanel *> NodePages::tables() const
{
    return {{QStringLiteral("processes"), m_processes->table()},
            {QStringLiteral("limits"), m_limits->table()},
            {QStringLiteral("namespaces"), m_namespaces->table()},
            {QStringLiteral("events"), m_events->table()},
            {QStringLiteral("files"), m_files->table()},
            {QStringLiteral("checkpoints"), m_checkpoints->table()},
            {QStringLiteral("oomd"), m_oomd->watchedTable()},
            {QStringLiteral("oomdCandidates"), m_oomd->candidateTable()}};
}

void NodePages::restore(const Settings &settings)
{
    m_overview->setWindowSeconds(settings.chartSeconds);
    for (const auto &[name, table] : tables().asKeyValueRange()) {
        if (const auto it = settings.tableHeaders.find(name); it != settings.tableHeaders.end())
            table->restoreState(*it);
    }
    m_timeline->restoreTreeState(settings.tableHeaders.value(QStringLiteral("timeline")));
    const auto page = pageNames().indexOf(settings.page);
    showPage(page < 0 ? Page::Overview : static_cast<Page>(page));
}

void NodePages::save(Settings &settings) const
{
    settings.chartSeconds = m_overview->windowSeconds();
    for (const auto &[name, table] : tables().asKeyValueRange())
        settings.tableHeaders.insert(name, table->saveState());
    settings.tableHeaders.insert(QStringLiteral("timeline"), m_timeline->saveTreeState());
    settings.page = pageNames().value(m_tabs->currentIndex());
}

void NodePages::applyFrame(const v1::Frame &frame)
{
    if (!m_sampled)
        return;
    const auto &details = frame.details();
    const auto own = std::ranges::find(details, m_sampled.v, &v1::NodeMetrics::node_id);
    if (own != details.end())
        m_overview->apply(*own, frame.realtime_usec());
    else
        m_overview->applyGap(frame.realtime_usec());
    if (own != details.end())
        m_timeline->apply(*own, frame.realtime_usec());
    else
        m_timeline->applyGap(frame.realtime_usec());
    updateNote();
}

void NodePages::applyEvents(const v1::EventBatch &batch)
{
    m_events->addEvents(batch);
    m_overview->addEvents(batch);
    bool limitsChanged = false;
    for (const v1::Event &event : batch.events()) {
        if (event.kind() != v1::EVENT_KIND_LIMIT_CHANGED || text::utf8(event.cgroup_path()) != m_facts.path)
            continue;
        limitsChanged = true;
        // An actor is somebody who came through Gantry; everybody else wrote behind its back.
        if (event.actor().empty())
            m_limits->markChangedOutside(text::utf8(event.key()), text::eventActor(event));
    }
    if (limitsChanged)
        askLimits();
}

v1::Target NodePages::target() const
{
    v1::Target target;
    target.set_node_id(m_facts.cgroup ? m_facts.cgroup.v : m_facts.id.v);
    return target;
}

void NodePages::askHistory()
{
    if (!m_sampled)
        return;
    v1::HistoryRequest request;
    request.set_node_id(m_sampled.v);
    for (const Metric metric : kRingMetrics)
        request.add_metrics(static_cast<std::uint32_t>(metric));
    ask<v1::HistoryRequest, v1::HistoryReply>(method::kHistory, request, [this](const auto &reply) {
        // Without a past the graphs start now: no failure worth a word.
        if (!reply)
            return;
        m_overview->setHistory(*reply);
        m_timeline->setHistory(*reply);
    });
}

void NodePages::askLimits()
{
    if (!m_facts.cgroup)
        return;
    v1::ListLimitsRequest request;
    *request.mutable_target() = target();
    ask<v1::ListLimitsRequest, v1::ListLimitsReply>(method::kListLimits, request, [this](const auto &reply) {
        if (!reply) {
            m_limits->setFailure(toMessage(reply.error()));
            return;
        }
        m_limits->setLimits(*reply);
        // The graphs of the host are not those of its root cgroup, which has no limits anyway.
        if (m_sampled == m_facts.cgroup)
            m_overview->setLimits(*reply);
    });
}

void NodePages::askProcesses()
{
    if (!m_facts.id || m_facts.kind == v1::NODE_KIND_UNSPECIFIED) // a row of a group is nothing the engine knows
        return;
    v1::ListProcessesRequest request;
    *request.mutable_target() = target();
    request.set_recursive(m_processes->isRecursive());
    ask<v1::ListProcessesRequest, v1::ProcessList>(method::kListProcesses, request, [this](const auto &reply) {
        if (reply)
            m_processes->setProcesses(*reply);
        else
            m_processes->setFailure(toMessage(reply.error()));
    });
}

void NodePages::askNamespaces()
{
    if (!m_facts.id || m_facts.kind == v1::NODE_KIND_UNSPECIFIED)
        return;
    v1::ListNamespacesRequest request;
    // Of the host: all there are.
    if (m_facts.kind != v1::NODE_KIND_HOST)
        *request.mutable_target() = target();
    ask<v1::ListNamespacesRequest, v1::NamespaceList>(method::kListNamespaces, request, [this](const auto &reply) {
        if (reply)
            m_namespaces->setNamespaces(*reply);
        else
            m_namespaces->setFailure(toMessage(reply.error()));
    });
}

void NodePages::askFiles()
{
    if (!m_facts.cgroup || !isOnScreen(*m_files))
        return;
    v1::ReadFilesRequest request;
    *request.mutable_target() = target();
    ask<v1::ReadFilesRequest, v1::ReadFilesReply>(method::kReadFiles, request, [this](const auto &reply) {
        if (reply)
            m_files->setFiles(*reply);
        else
            m_files->setFailure(toMessage(reply.error()));
    });
}

void NodePages::askOomd()
{
    if (m_client.state() != LinkState::Live || !isOnScreen(*m_oomd))
        return;
    ask<v1::OomdRequest, v1::OomdState>(method::kOomd, v1::OomdRequest(), [this](const auto &reply) {
        if (reply)
            m_oomd->setState(*reply);
        else
            m_oomd->setFailure(toMessage(reply.error()));
    });
}

void NodePages::askHost()
{
    ask<v1::HostInfoRequest, v1::HostInfo>(method::kHostInfo, v1::HostInfoRequest(), [this](const auto &reply) {
        if (reply)
            setHost(*reply);
    });
}

void NodePages::askLog()
{
    // A runtime may take its time: one question at a time.
    if (!m_facts.container || !isOnScreen(*m_container) || m_logIsAsked)
        return;
    v1::TailLogRequest request;
    request.mutable_target()->set_node_id(m_facts.container.v);
    request.set_lines(kLogLines);
    m_logIsAsked = true;
    m_client.call(method::kTailLog, request, this,
                  [this, asked = m_facts.container](const Result<v1::LogTail> &reply) {
                      m_logIsAsked = false;
                      if (asked != m_facts.container)
                          askLog();
                      else if (reply)
                          m_container->log()->setLog(*reply);
                      else
                          m_container->log()->setFailure(toMessage(reply.error()));
                  });
}

void NodePages::poll()
{
    if (m_client.state() != LinkState::Live)
        return;
    switch (static_cast<Page>(m_tabs->currentIndex())) {
    case Page::Container:
        showContainer(); // the ages
        askLog();
        break;
    case Page::Processes:
        askProcesses();
        break;
    case Page::Namespaces:
        askNamespaces();
        break;
    case Page::Overview:
    case Page::Limits:
        // Limits of ancestors and usage change without an event for this node.
        askLimits();
        break;
    case Page::Files:
        askFiles();
        break;
    case Page::Runtimes:
    case Page::Abilities:
        askHost();
        break;
    case Page::Checkpoints:
    case Page::Timeline:
        askCheckpoints();
        break;
    case Page::Events:
    case Page::Oomd:
        break;
    }
}

void NodePages::updateNote()
{
    const bool isLive = m_client.state() == LinkState::Live && !m_client.isSilent();
    if (!isLive && m_client.hello()) // else nothing was ever known, and the banner says why
        m_overview->setNote(tr("The link to the host is lost: these are the last known values."));
    else if (m_facts.kind == v1::NODE_KIND_NAMESPACE)
        m_overview->setNote(tr("The kernel measures cgroups, not namespaces: see the processes."));
    else if (m_facts.id && !m_sampled)
        m_overview->setNote(tr("There is no cgroup of its own to measure."));
    else if (const auto state = m_tree.freezerState(m_facts.cgroup); state == v1::FREEZER_STATE_FROZEN)
        m_overview->setNote(tr("Frozen: nothing runs here until it is thawed."));
    else if (state == v1::FREEZER_STATE_FROZEN_BY_ANCESTOR)
        m_overview->setNote(tr("Frozen by an ancestor: nothing runs here until that one is thawed."));
    else
        m_overview->setNote({});
}

} // namespace gantry::console
