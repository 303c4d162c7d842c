// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/host_session.h"

#include <QTabWidget>

#include "app/console/alert_controller.h"
#include "app/console/node_pages.h"
#include "app/console/node_selector.h"
#include "app/console/status_line.h"
#include "app/console/store_controller.h"
#include "engine/proto/calls.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/jobs_panel.h"
#include "widgets/pages/node_tree_panel.h"
#include "widgets/pages/table_panel.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <utility>

namespace gantry::console {

namespace {

HostFacts::State stateOf(LinkState state)
{
    switch (state) {
    case LinkState::Idle:
        return HostFacts::State::NotConnected;
    case LinkState::Connecting:
        return HostFacts::State::Connecting;
    case LinkState::Live:
        return HostFacts::State::Live;
    case LinkState::Lost:
        break;
    }
    return HostFacts::State::Lost;
}

} // namespace

HostSession::HostSession(HostClient &client, const QString &name, const QString &group, const Settings &settings,
                         Shared shared)
    : QObject(shared.window)
    , m_client(client)
    , m_shared(shared)
    , m_facts{.name = name, .group = group}
    , m_flow(std::make_unique<VerbFlow>(client, shared.silenced, shared.window))
    , m_store(std::make_unique<StoreController>(client, shared.window))
    , m_verbs(std::make_unique<Verbs>(client, m_tree, *m_flow, *m_store, shared.window))
    , m_limits(new LimitController(client, *m_flow, this))
    , m_tabs(std::make_unique<QTabWidget>())
    , m_pages(new NodePages(client, m_tree, *m_limits, *m_store, m_tabs.get()))
    , m_alerts(std::make_unique<AlertsPanel>())
    , m_jobs(std::make_unique<JobsPanel>())
{
    m_tabs->setDocumentMode(true);
    m_facts.state = stateOf(client.state());
    m_key = shared.hosts.add(&m_tree, m_facts);
    m_alertController =
        new AlertController(client, m_tree, *m_alerts, shared.tray, m_key, settings.notifications, this);
    m_selector = new NodeSelector(client, m_tree, m_key, shared.treePanel, this);
    connectClient();
    connectPages();
    connectPanels();
    m_pages->restore(settings);
    for (const auto &[table, panel] :
         {std::pair(QStringLiteral("alerts"), m_alerts->table()), std::pair(QStringLiteral("jobs"), m_jobs->table())}) {
        if (const auto it = settings.tableHeaders.find(table); it != settings.tableHeaders.end())
            panel->restoreState(*it);
    }
    onStateChanged();
}

HostSession::~HostSession()
{
    // The client outlives the session: nothing of it may arrive while the members go.
    disconnect(&m_client, nullptr, this, nullptr);
    m_shared.hosts.remove(m_key);
}

QString HostSession::name() const
{
    return m_facts.name.isEmpty() ? text::utf8(m_info.host_name()) : m_facts.name;
}

void HostSession::connectClient()
{
    connect(&m_client, &HostClient::stateChanged, this, &HostSession::onStateChanged);
    connect(&m_client, &HostClient::pulse, this, [this] {
        const bool wasStale = m_tree.isStale();
        tellFacts();
        if (m_tree.isStale() != wasStale) {
            applyRights();
            Q_EMIT linkChanged();
        }
    });
    connect(&m_client, &HostClient::inventoryUpdated, this, [this](const InventoryUpdatePtr &update) {
        applyInventory(*update);
        // A host can be chosen before it has told of its nodes.
        if (const NodeRef current = m_shared.treePanel.current();
            current.host == m_key && m_pages->node() != current.node && m_tree.node(current.node) != nullptr) {
            m_pages->setNode(current.node);
            Q_EMIT linkChanged();
        }
        m_pages->updateFacts();
        Q_EMIT changed();
    });
    connect(&m_client, &HostClient::frameArrived, this, [this](const FramePtr &frame) {
        m_tree.apply(*frame);
        Q_EMIT changed();
    });
    connect(&m_client, &HostClient::jobsUpdated, this, [this](const JobUpdatePtr &update) {
        m_jobs->apply(*update);
        m_pages->applyJobs(*update);
    });
}

void HostSession::applyInventory(const v1::InventoryUpdate &update)
{
    const NodeRef current = m_shared.treePanel.current();
    v1::ContainerDetail container;
    if (const v1::Node *node = current.host == m_key ? m_tree.node(current.node) : nullptr;
        node && node->has_container())
        container = node->container();
    m_tree.apply(update);
    // A container that was started or stopped is another node, but for the user it is the same thing.
    if (!container.id().empty() && !m_tree.node(current.node)) {
        if (const NodeId again = m_tree.idOfContainer(container))
            (void)m_selector->select(again);
    }
}

void HostSession::connectPages()
{
    const auto selectPath = [this](const QString &path) { m_selector->select(path); };
    connect(m_pages, &NodePages::jumpToPath, this, selectPath);
    connect(m_pages, &NodePages::message, this, &HostSession::message);
    connect(m_pages, &NodePages::jumpToNode, this, &HostSession::jumpRequested);
    connect(m_pages, &NodePages::signalRequested, m_verbs.get(), &Verbs::signalProcesses);
    connect(m_pages, &NodePages::moveRequested, m_verbs.get(), &Verbs::moveProcesses);
    connect(m_pages, &NodePages::checkpointRequested, m_verbs.get(), &Verbs::checkpointProcess);
    connect(m_pages, &NodePages::restoreRequested, m_verbs.get(), &Verbs::restoreCheckpoint);
    connect(m_pages, &NodePages::copyRequested, m_verbs.get(), &Verbs::copyCheckpoint);
    connect(m_pages, &NodePages::inspectRequested, m_verbs.get(), &Verbs::inspectCheckpoint);
    connect(m_pages, &NodePages::compareRequested, m_verbs.get(), &Verbs::compareCheckpoints);
    connect(m_pages, &NodePages::removeCheckpointsRequested, m_verbs.get(), &Verbs::removeCheckpoints);
    connect(m_pages, &NodePages::exportCheckpointsRequested, m_verbs.get(), &Verbs::exportCheckpoints);
    connect(m_pages, &NodePages::importCheckpointsRequested, m_verbs.get(), &Verbs::importCheckpoints);
    connect(m_pages, &NodePages::describeCheckpointRequested, m_verbs.get(), &Verbs::describeCheckpoint);
    connect(m_pages, &NodePages::pinCheckpointsRequested, m_verbs.get(), &Verbs::pinCheckpoints);
    connect(m_pages, &NodePages::cancelJobRequested, this, &HostSession::cancelJob);
    connect(m_verbs.get(), &Verbs::checkpointRestored, m_pages, &NodePages::noteRestored);
    connect(m_verbs.get(), &Verbs::checkpointsMarked, m_limits, &LimitController::noteCheckpoints);
    connect(m_limits, &LimitController::checkpointsPutBack, m_pages, &NodePages::refresh);
    connect(m_verbs.get(), &Verbs::checkpointsChanged, m_pages, &NodePages::refresh);
    connect(m_verbs.get(), &Verbs::created, this, selectPath);
    connect(m_verbs.get(), &Verbs::controllersChanged, m_limits, &LimitController::noteControllers);
    connect(m_store.get(), &StoreController::opened, m_pages, &NodePages::refresh);
    connect(m_store.get(), &StoreController::message, this, &HostSession::message);
    connect(m_store.get(), &StoreController::failed, this, &HostSession::failed);
    connect(m_flow.get(), &VerbFlow::message, this, &HostSession::message);
    connect(m_flow.get(), &VerbFlow::failed, this, &HostSession::failed);
    connect(m_limits, &LimitController::undoChanged, this, &HostSession::changed);
    connect(m_selector, &NodeSelector::failed, this, &HostSession::selectFailed);
}

void HostSession::connectPanels()
{
    connect(m_alerts.get(), &AlertsPanel::openCountChanged, this, &HostSession::countsChanged);
    connect(m_jobs.get(), &JobsPanel::activeCountChanged, this, &HostSession::countsChanged);
    connect(m_jobs.get(), &JobsPanel::cancelRequested, this, &HostSession::cancelJob);
    connect(m_alertController, &AlertController::jumpRequested, this, &HostSession::jumpRequested);
    connect(m_alertController, &AlertController::failed, this, &HostSession::failed);
    connect(m_alertController, &AlertController::raiseRequested, this, &HostSession::raiseRequested);
}

void HostSession::cancelJob(quint64 id)
{
    v1::CancelJobRequest request;
    request.set_job_id(id);
    m_client.call(method::kCancelJob, request, this, [this](const Result<v1::CancelJobReply> &reply) {
        if (!reply)
            Q_EMIT failed(text::errorSentence(reply.error()));
    });
}

QString HostSession::readOnlyReason() const
{
    if (QString sentence = linkSentence(m_client); !sentence.isEmpty())
        return sentence;
    if (m_lookOnly)
        return tr("You chose to look only: see the menu Host.");
    const std::string &missing = m_client.hello()->read_only_reason();
    return missing.empty() ? QString() : tr("You may only look at this host. Missing: %1").arg(text::utf8(missing));
}

QString HostSession::missing(const char *call) const
{
    const std::string_view name = std::string_view(call).substr(std::string_view("/gantry.v1.").size());
    if (!m_facts.missing.contains(text::utf8(name)))
        return {};
    const QString older =
        tr("%1 runs gantryd %2, which is older and cannot do this.").arg(this->name(), m_facts.version);
    return m_destination.startsWith(QLatin1String("ssh:"))
               ? tr("%1 “gantryctl host install %2” brings this version there.").arg(older, m_destination)
               : tr("%1 Install this version there.").arg(older);
}

void HostSession::setLookOnly(bool lookOnly)
{
    m_lookOnly = lookOnly;
    applyRights();
}

void HostSession::setGrouping(NodeTreeModel::Grouping grouping)
{
    m_client.setIncludeNamespaces(grouping == NodeTreeModel::Grouping::Namespaces);
}

void HostSession::rename(const QString &name, const QString &group)
{
    m_facts.name = name;
    m_facts.group = group;
    tellFacts();
    setNamed(m_named);
}

void HostSession::setNamed(bool named)
{
    m_named = named;
    const QString shown = m_named ? name() : QString();
    m_flow->setHostName(shown);
    m_alertController->setHostName(shown);
}

void HostSession::applyRights()
{
    const QString reason = readOnlyReason();
    m_pages->setReadOnlyReason(reason);
    m_store->setReadOnlyReason(reason);
    m_alerts->setReadOnlyReason(reason);
    m_jobs->setReadOnlyReason(reason);
    Q_EMIT changed();
}

void HostSession::tellFacts()
{
    m_facts.state = m_client.isSilent() ? HostFacts::State::Lost : stateOf(m_client.state());
    m_tree.setStale(m_facts.state == HostFacts::State::Lost || m_facts.state == HostFacts::State::NotConnected);
    m_facts.reason = linkSentence(m_client);
    m_facts.latency = m_client.latency();
    m_facts.version.clear();
    m_facts.missing.clear();
    if (const HelloPtr &hello = m_client.hello()) {
        m_facts.version = text::utf8(hello->engine_version());
        for (const std::string &call : missingCalls(*hello))
            m_facts.missing << text::utf8(call);
    }
    m_shared.hosts.setFacts(m_key, m_facts);
}

void HostSession::onStateChanged()
{
    const bool live = m_client.state() == LinkState::Live;
    tellFacts();
    applyRights();
    Q_EMIT linkChanged();
    if (!live)
        return;
    setGrouping(m_tree.grouping());
    m_client.call(method::kHostInfo, v1::HostInfoRequest(), this, [this](const Result<v1::HostInfo> &info) {
        if (!info)
            return;
        m_info = *info;
        m_pages->setHost(*info);
        setNamed(m_named);
        Q_EMIT linkChanged();
        Q_EMIT changed();
    });
}

} // namespace gantry::console
