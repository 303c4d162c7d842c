// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/main_window.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSaveFile>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/console/alert_controller.h"
#include "app/console/breadcrumb.h"
#include "app/console/checkpoint_help.h"
#include "app/console/confirmation_menu.h"
#include "app/console/limit_controller.h"
#include "app/console/node_pages.h"
#include "app/console/node_selector.h"
#include "app/console/status_line.h"
#include "app/console/store_controller.h"
#include "app/console/v2_facts.h"
#include "widgets/dialogs/palette_dialog.h"
#include "widgets/dialogs/shortcuts_dialog.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/jobs_panel.h"
#include "widgets/pages/node_tree_panel.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

namespace gantry::console {

namespace {

const QStringList &groupingNames()
{
    static const QStringList names{QStringLiteral("cgroups"), QStringLiteral("containers"),
                                   QStringLiteral("namespaces"), QStringLiteral("runtimes"),
                                   QStringLiteral("pods"), QStringLiteral("labels"), QStringLiteral("slices"),
                                   QStringLiteral("users")};
    return names;
}

} // namespace

MainWindow::MainWindow(HostClient &client, const Settings &settings, QWidget *parent)
    : QMainWindow(parent)
    , m_client(client)
    , m_initial(settings)
    , m_flow(new VerbFlow(client, this))
    , m_store(new StoreController(client, this))
    , m_verbs(new Verbs(client, m_tree, *m_flow, *m_store, this))
    , m_limits(new LimitController(client, *m_flow, this))
    , m_actions(new Actions(this))
    , m_status(new StatusLine(statusBar()))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("Gantry"));
    setWindowIcon(theme::icon(u"gantry", palette()));
    buildCentre();
    buildDocks();
    buildBars();
    connectClient();
    connectPanels();
    restore();
    onStateChanged();
}

MainWindow::~MainWindow()
{
    // The client outlives the window: nothing of it may arrive while the members go.
    disconnect(&m_client, nullptr, this, nullptr);
}

void MainWindow::buildCentre()
{
    m_treePanel = new NodeTreePanel(&m_tree, this);
    m_selector = new NodeSelector(m_client, m_tree, *m_treePanel, this);
    m_banner = new QLabel(this);
    m_banner->setWordWrap(true);
    m_banner->setMargin(8);
    m_banner->setObjectName(QStringLiteral("linkBanner"));

    auto *left = new QWidget(this);
    auto *leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 0, 0);
    leftColumn->addWidget(m_banner);
    leftColumn->addWidget(m_treePanel);

    m_breadcrumb = new Breadcrumb(this);
    m_tabs = new QTabWidget(this);
    m_tabs->setDocumentMode(true);
    m_pages = new NodePages(m_client, m_tree, *m_limits, *m_store, m_tabs);
    auto *right = new QWidget(this);
    auto *rightColumn = new QVBoxLayout(right);
    rightColumn->setContentsMargins(0, 0, 0, 0);
    rightColumn->setSpacing(0);
    rightColumn->addWidget(m_breadcrumb);
    rightColumn->addWidget(m_tabs);

    m_splitter = new QSplitter(this);
    m_splitter->addWidget(left);
    m_splitter->addWidget(right);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({2 * width(), 3 * width()}); // in this proportion
    setCentralWidget(m_splitter);
}

void MainWindow::buildDocks()
{
    m_alerts = new AlertsPanel(this);
    m_jobs = new JobsPanel(this);
    const auto addDock = [this](const QString &name, QWidget *panel) {
        auto *dock = new QDockWidget(this);
        dock->setObjectName(name);
        dock->setWidget(panel);
        addDockWidget(Qt::BottomDockWidgetArea, dock);
        return dock;
    };
    m_alertsDock = addDock(QStringLiteral("alerts"), m_alerts);
    m_jobsDock = addDock(QStringLiteral("jobs"), m_jobs);
    m_alertsDock->setWindowTitle(tr("Alerts"));
    m_jobsDock->setWindowTitle(tr("Jobs"));
    tabifyDockWidget(m_alertsDock, m_jobsDock);
    m_alertsDock->raise();
    resizeDocks({m_alertsDock}, {220}, Qt::Vertical);
}

void MainWindow::buildBars()
{
    m_actions->fill(menuBar(), new ConfirmationMenu(*m_flow, this));
    auto *bar = addToolBar(tr("Actions"));
    bar->setObjectName(QStringLiteral("actions"));
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_actions->fill(bar);
    connect(m_actions, &Actions::triggered, this, &MainWindow::trigger);
    m_pages->setCheckpointAction(action(ActionId::Checkpoint));
    m_pages->setScheduleAction(action(ActionId::Schedule));
}

void MainWindow::connectClient()
{
    connect(&m_client, &HostClient::stateChanged, this, &MainWindow::onStateChanged);
    connect(&m_client, &HostClient::inventoryUpdated, this, [this](const InventoryUpdatePtr &update) {
        applyInventory(*update);
        m_status->setNodeCount(m_tree.nodeCount());
        m_pages->updateFacts();
        updateActions();
    });
    connect(&m_client, &HostClient::frameArrived, this, [this](const FramePtr &frame) {
        m_tree.apply(*frame);
        updateActions();
    });
    connect(&m_client, &HostClient::jobsUpdated, this, [this](const JobUpdatePtr &update) {
        m_jobs->apply(*update);
        m_pages->applyJobs(*update);
    });
}

void MainWindow::applyInventory(const v1::InventoryUpdate &update)
{
    const NodeId current = m_treePanel->currentNode();
    v1::ContainerDetail container;
    if (const v1::Node *node = m_tree.node(current); node && node->has_container())
        container = node->container();
    m_tree.apply(update);
    // A container that was started or stopped is another node, but for the user it is the same thing.
    if (current && !m_tree.node(current)) {
        if (const NodeId again = m_tree.idOfContainer(container))
            (void)m_selector->select(again);
    }
}

void MainWindow::connectPanels()
{
    connect(m_treePanel, &NodeTreePanel::currentNodeChanged, this, &MainWindow::onCurrentNode);
    connect(m_treePanel, &NodeTreePanel::selectionChanged, this, &MainWindow::updateActions);
    connect(m_treePanel, &NodeTreePanel::menuRequested, this, [this](const QPoint &position) {
        QMenu menu(this);
        m_actions->fillNodeMenu(&menu);
        menu.exec(position);
    });
    connect(m_treePanel, &NodeTreePanel::groupingChanged, this, &MainWindow::setGrouping);
    connect(m_breadcrumb, &Breadcrumb::pathActivated, this, &MainWindow::select);
    connect(m_selector, &NodeSelector::failed, this, &MainWindow::selectFailed);

    connect(m_pages, &NodePages::jumpToPath, this, &MainWindow::select);
    connect(m_pages, &NodePages::message, m_status, &StatusLine::showMessage);
    connect(m_pages, &NodePages::jumpToNode, this, &MainWindow::jumpTo);
    connect(m_pages, &NodePages::signalRequested, m_verbs, &Verbs::signalProcesses);
    connect(m_pages, &NodePages::moveRequested, m_verbs, &Verbs::moveProcesses);
    connect(m_pages, &NodePages::checkpointRequested, m_verbs, &Verbs::checkpointProcess);
    connect(m_pages, &NodePages::restoreRequested, m_verbs, &Verbs::restoreCheckpoint);
    connect(m_pages, &NodePages::copyRequested, m_verbs, &Verbs::copyCheckpoint);
    connect(m_pages, &NodePages::inspectRequested, m_verbs, &Verbs::inspectCheckpoint);
    connect(m_pages, &NodePages::compareRequested, m_verbs, &Verbs::compareCheckpoints);
    connect(m_pages, &NodePages::removeCheckpointsRequested, m_verbs, &Verbs::removeCheckpoints);
    connect(m_pages, &NodePages::exportCheckpointsRequested, m_verbs, &Verbs::exportCheckpoints);
    connect(m_pages, &NodePages::importCheckpointsRequested, m_verbs, &Verbs::importCheckpoints);
    connect(m_pages, &NodePages::describeCheckpointRequested, m_verbs, &Verbs::describeCheckpoint);
    connect(m_pages, &NodePages::pinCheckpointsRequested, m_verbs, &Verbs::pinCheckpoints);
    connect(m_pages, &NodePages::cancelJobRequested, this, &MainWindow::cancelJob);
    connect(m_verbs, &Verbs::checkpointRestored, m_pages, &NodePages::noteRestored);
    connect(m_verbs, &Verbs::checkpointsMarked, m_limits, &LimitController::noteCheckpoints);
    connect(m_limits, &LimitController::checkpointsPutBack, m_pages, &NodePages::refresh);
    connect(m_verbs, &Verbs::checkpointsChanged, m_pages, &NodePages::refresh);
    connect(m_verbs, &Verbs::created, this, &MainWindow::select);
    connect(m_verbs, &Verbs::controllersChanged, m_limits, &LimitController::noteControllers);
    connect(m_store, &StoreController::opened, m_pages, &NodePages::refresh);
    connect(m_store, &StoreController::message, m_status, &StatusLine::showMessage);
    connect(m_store, &StoreController::failed, this, &MainWindow::showFailure);
    connect(m_flow, &VerbFlow::message, m_status, &StatusLine::showMessage);
    connect(m_flow, &VerbFlow::failed, this, &MainWindow::showFailure);
    connect(m_limits, &LimitController::undoChanged, this, &MainWindow::updateActions);

    connect(m_alerts, &AlertsPanel::openCountChanged, this, [this](int count) {
        m_alertsDock->setWindowTitle(count == 0 ? tr("Alerts") : tr("Alerts (%1)").arg(count));
    });
    connect(m_jobs, &JobsPanel::activeCountChanged, this, [this](int count) {
        m_jobsDock->setWindowTitle(count == 0 ? tr("Jobs") : tr("Jobs (%1 running)").arg(count));
    });
    connect(m_jobs, &JobsPanel::cancelRequested, this, &MainWindow::cancelJob);
    m_alertController = new AlertController(m_client, m_tree, *m_alerts, m_initial.notifications, this);
    connect(m_alertController, &AlertController::jumpRequested, this, &MainWindow::jumpTo);
    connect(m_alertController, &AlertController::failed, this, &MainWindow::showFailure);
    connect(m_alertController, &AlertController::raiseRequested, this, [this] {
        show();
        raise();
        activateWindow();
        m_alertsDock->raise();
    });
}

void MainWindow::cancelJob(quint64 id)
{
    v1::CancelJobRequest request;
    request.set_job_id(id);
    m_client.call(method::kCancelJob, request, this, [this](const Result<v1::CancelJobReply> &reply) {
        if (!reply)
            showFailure(text::errorSentence(reply.error()));
    });
}

void MainWindow::restore()
{
    restoreGeometry(m_initial.geometry);
    restoreState(m_initial.windowState);
    m_splitter->restoreState(m_initial.splitter);
    if (!m_initial.treeHeader.isEmpty())
        m_treePanel->restoreHeader(m_initial.treeHeader);
    m_treePanel->setExpandedPaths(m_initial.expandedPaths.isEmpty() ? QStringList{QStringLiteral("/")}
                                                                    : m_initial.expandedPaths);
    m_treePanel->setLabelKey(m_initial.labelKey);
    const auto grouping = std::max<qsizetype>(0, groupingNames().indexOf(m_initial.grouping));
    m_treePanel->setGrouping(static_cast<NodeTreeModel::Grouping>(grouping));
    m_flow->setSilenced(m_initial.silencedConfirmations);
    action(ActionId::ReadOnly)->setChecked(m_initial.readOnly);
    action(ActionId::Notifications)->setChecked(m_initial.notifications);
    m_pages->restore(m_initial);
    m_selector->select(m_initial.selectedPath);
    for (const auto &[name, table] :
         {std::pair(QStringLiteral("alerts"), m_alerts->table()), std::pair(QStringLiteral("jobs"), m_jobs->table())}) {
        if (const auto it = m_initial.tableHeaders.find(name); it != m_initial.tableHeaders.end())
            table->restoreState(*it);
    }
}

Settings MainWindow::settings() const
{
    Settings out = m_initial;
    out.geometry = saveGeometry();
    out.windowState = saveState();
    out.splitter = m_splitter->saveState();
    out.treeHeader = m_treePanel->saveHeader();
    out.expandedPaths = m_treePanel->expandedPaths();
    out.selectedPath = m_tree.pathOf(m_treePanel->currentNode());
    out.grouping = groupingNames().value(static_cast<int>(m_tree.grouping()));
    out.labelKey = m_tree.labelKey();
    out.silencedConfirmations = m_flow->silenced();
    out.readOnly = action(ActionId::ReadOnly)->isChecked();
    out.notifications = action(ActionId::Notifications)->isChecked();
    out.tableHeaders.insert(QStringLiteral("alerts"), m_alerts->table()->saveState());
    out.tableHeaders.insert(QStringLiteral("jobs"), m_jobs->table()->saveState());
    m_pages->save(out);
    return out;
}

void MainWindow::select(const QString &target)
{
    m_selector->select(target);
}

QString MainWindow::waitingFor() const
{
    return m_selector->waitingFor();
}

void MainWindow::showPage(Page page)
{
    m_pages->showPage(page);
}

QString MainWindow::missingPage(const QString &name) const
{
    const QStringList all = pageNames();
    QStringList offered;
    for (int page = 0; page < all.size(); ++page) {
        if (m_tabs->isTabVisible(page))
            offered.append(all[page]);
    }
    const NodeId node = m_treePanel->currentNode();
    if (name.isEmpty() || !node || !waitingFor().isEmpty() || offered.contains(name))
        return {};
    return tr("%1 has no page “%2”; it has %3.")
        .arg(factsOf(m_tree, node).name, name, offered.join(QStringLiteral(", ")));
}

void MainWindow::setGrouping(NodeTreeModel::Grouping grouping)
{
    m_client.setIncludeNamespaces(grouping == NodeTreeModel::Grouping::Namespaces);
}

QString MainWindow::readOnlyReason() const
{
    if (m_client.state() != LinkState::Live)
        return linkSentence(m_client);
    if (action(ActionId::ReadOnly)->isChecked())
        return tr("You chose to look only: see the menu Host.");
    const std::string &missing = m_client.hello()->read_only_reason();
    return missing.empty() ? QString() : tr("You may only look at this host. Missing: %1").arg(text::utf8(missing));
}

void MainWindow::onStateChanged()
{
    const bool live = m_client.state() == LinkState::Live;
    m_banner->setText(linkSentence(m_client));
    m_banner->setVisible(!live);
    m_status->setLink(m_client);
    m_tree.setStale(m_client.state() == LinkState::Lost);
    applyRights();
    if (!live)
        return;
    setGrouping(m_tree.grouping());
    m_client.call(method::kHostInfo, v1::HostInfoRequest(), this, [this](const Result<v1::HostInfo> &info) {
        if (info) {
            m_host = *info;
            m_status->setHost(*info);
            m_pages->setHost(*info);
            setWindowTitle(tr("%1 – Gantry", "host").arg(text::utf8(info->host_name())));
            updateActions();
        }
    });
}

void MainWindow::applyRights()
{
    const QString reason = readOnlyReason();
    m_status->setReadOnlyReason(m_client.state() == LinkState::Live ? reason : QString());
    m_pages->setReadOnlyReason(reason);
    m_store->setReadOnlyReason(reason);
    m_alerts->setReadOnlyReason(reason);
    updateActions();
}

void MainWindow::onCurrentNode(NodeId id)
{
    if (id)
        m_history.visit(id);
    m_pages->setNode(id);
    const NodeFacts facts = factsOf(m_tree, id);
    m_breadcrumb->show(factsOf(m_tree, NodeId::host()).name, facts.path, facts.name);
    updateActions();
}

std::vector<NodeFacts> MainWindow::selectedFacts() const
{
    std::vector<NodeFacts> out;
    for (const NodeId id : m_treePanel->selectedNodes()) {
        out.push_back(factsOf(m_tree, id));
        addV2Facts(out.back(), m_tree, m_host);
    }
    return out;
}

void MainWindow::updateActions()
{
    m_actions->update(selectedFacts(), readOnlyReason());
    m_actions->setReason(ActionId::Undo, m_limits->nextUndo() ? QString() : tr("There is nothing to undo."));
    m_actions->setReason(ActionId::Redo, m_limits->nextRedo() ? QString() : tr("There is nothing to redo."));
    m_actions->setReason(ActionId::Back, m_history.canGoBack() ? QString() : tr("This is the first node."));
    m_actions->setReason(ActionId::Forward, m_history.canGoForward() ? QString() : tr("This is the last node."));
}

void MainWindow::trigger(ActionId id)
{
    switch (id) {
    case ActionId::Undo:
        m_limits->undo();
        break;
    case ActionId::Redo:
        m_limits->redo();
        break;
    case ActionId::Refresh:
        m_pages->refresh();
        break;
    case ActionId::SaveTable:
        saveTree();
        break;
    case ActionId::ReadOnly:
        applyRights();
        break;
    case ActionId::Notifications:
        m_alertController->setNotify(action(id)->isChecked());
        break;
    case ActionId::Quit:
        qApp->quit();
        break;
    case ActionId::Back:
        jumpTo(m_history.back());
        break;
    case ActionId::Forward:
        jumpTo(m_history.forward());
        break;
    case ActionId::Filter:
        m_treePanel->focusFilter();
        break;
    case ActionId::Palette: {
        auto *palette = new PaletteDialog(m_actions->all(), this);
        palette->setAttribute(Qt::WA_DeleteOnClose);
        palette->open();
        break;
    }
    case ActionId::Shortcuts: {
        auto *keys = new ShortcutsDialog(m_actions->all(), this);
        keys->setAttribute(Qt::WA_DeleteOnClose);
        keys->open();
        break;
    }
    case ActionId::CheckpointHelp:
        showCheckpointHelp(this);
        break;
    default:
        triggerNodeAction(id, selectedFacts());
    }
}

void MainWindow::triggerNodeAction(ActionId id, const std::vector<NodeFacts> &nodes)
{
    if (nodes.empty())
        return;
    switch (id) {
    case ActionId::Freeze:
        std::ranges::all_of(nodes, &NodeFacts::isFrozen) ? m_verbs->thaw(nodes) : m_verbs->freeze(nodes);
        break;
    case ActionId::Kill:
        m_verbs->kill(nodes);
        break;
    case ActionId::Signal:
        m_verbs->signalNodes(nodes);
        break;
    case ActionId::MoveProcesses:
        m_verbs->moveProcessesOf(nodes.front());
        break;
    case ActionId::SetLimits:
        m_pages->showPage(Page::Limits);
        break;
    case ActionId::NewCgroup:
        m_verbs->createBelow(nodes.front());
        break;
    case ActionId::RemoveCgroup:
        m_verbs->remove(nodes);
        break;
    case ActionId::Start:
        m_verbs->actOnContainers(nodes, v1::ContainerActionRequest::ACTION_START);
        break;
    case ActionId::Stop:
        m_verbs->actOnContainers(nodes, v1::ContainerActionRequest::ACTION_STOP);
        break;
    case ActionId::Restart:
        m_verbs->actOnContainers(nodes, v1::ContainerActionRequest::ACTION_RESTART);
        break;
    case ActionId::RemoveContainer:
        m_verbs->actOnContainers(nodes, v1::ContainerActionRequest::ACTION_REMOVE);
        break;
    case ActionId::Controllers:
        m_verbs->setControllers(nodes.front());
        break;
    case ActionId::Reclaim:
        m_verbs->reclaim(nodes.front());
        break;
    case ActionId::Check:
        m_verbs->check(nodes.front());
        break;
    case ActionId::Checkpoint:
        m_verbs->checkpoint(nodes.front());
        break;
    case ActionId::Schedule:
        m_verbs->schedule(nodes.front());
        break;
    case ActionId::CopyPath:
        copyPaths(nodes);
        break;
    case ActionId::Jump:
        jumpTo(nodes.front().kind == v1::NODE_KIND_CONTAINER ? nodes.front().cgroup : nodes.front().container);
        break;
    default:
        break;
    }
}

void MainWindow::copyPaths(const std::vector<NodeFacts> &nodes)
{
    QStringList paths;
    for (const NodeFacts &node : nodes)
        paths.append(node.path);
    QApplication::clipboard()->setText(paths.join(u'\n'));
    m_status->showMessage(tr("%n path(s) copied.", nullptr, static_cast<int>(paths.size())));
}

void MainWindow::jumpTo(NodeId id)
{
    if (!m_selector->select(id))
        m_status->showMessage(tr("That node is gone."));
}

void MainWindow::saveTree()
{
    auto *dialog =
        new QFileDialog(this, tr("Save tree as CSV"), QStringLiteral("gantry-tree.csv"), tr("Tables (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &name) {
        QSaveFile file(name);
        if (!file.open(QIODevice::WriteOnly) || file.write(m_treePanel->csv().toUtf8()) < 0 || !file.commit())
            showFailure(tr("%1 was not saved: %2.").arg(name, file.errorString()));
        else
            m_status->showMessage(tr("Saved as %1.").arg(name));
    });
    dialog->open();
}

void MainWindow::showFailure(const QString &sentences)
{
    Q_EMIT failureShown(sentences);
    auto *box = new QMessageBox(QMessageBox::Warning, tr("Gantry"), sentences, QMessageBox::Ok, this);
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange) {
        m_actions->updateIcons();
        m_status->updateIcons();
    }
    QMainWindow::changeEvent(event);
}

} // namespace gantry::console
