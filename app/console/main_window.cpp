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
#include <QPointer>
#include <QSaveFile>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/console/alert_controller.h"
#include "app/console/breadcrumb.h"
#include "app/console/bulk_migrations.h"
#include "app/console/checkpoint_help.h"
#include "app/console/confirmation_menu.h"
#include "app/console/fork_controller.h"
#include "app/console/group_controller.h"
#include "app/console/host_session.h"
#include "app/console/node_pages.h"
#include "app/console/node_selector.h"
#include "app/console/status_line.h"
#include "app/console/tray_icon.h"
#include "app/console/v2_facts.h"
#include "widgets/dialogs/palette_dialog.h"
#include "widgets/dialogs/shortcuts_dialog.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/jobs_panel.h"
#include "widgets/pages/node_tree_panel.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"
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
    , m_initial(settings)
    , m_silenced(settings.silencedConfirmations)
    , m_tray(new TrayIcon(this))
    , m_actions(new Actions(this))
    , m_migrations(new MigrationController([this] { return migrationPeers(); }, this))
    , m_bulkMigrations(new BulkMigrations(*m_migrations))
    , m_forks(new ForkController(*m_migrations))
    , m_groups(new GroupController(*m_migrations))
    , m_status(new StatusLine(statusBar()))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("Gantry"));
    setWindowIcon(theme::icon(u"gantry", palette()));
    connect(m_migrations, &MigrationController::message, m_status, &StatusLine::showMessage);
    connect(m_migrations, &MigrationController::failed, this, &MainWindow::showFailure);
    connect(m_tray, &TrayIcon::raiseRequested, this, [this](HostKey host) {
        if (host && host != m_current->key())
            select(NodeRef{host, NodeId::host()});
        raiseAlerts();
    });
    connectForks();
    connectGroups();
    buildCentre();
    buildDocks();
    buildBars();
    connectDrag();
    m_current = &add(client, {}, {});
    connectTree();
    restore();
    makeCurrent(*m_current);
}

MainWindow::~MainWindow()
{
    // It looks at the sessions, and waits for its threads.
    delete m_migrations;
    // Rows go with their hosts: nothing of that concerns a window that goes itself.
    disconnect(m_treePanel, nullptr, this, nullptr);
    for (const auto &session : m_sessions)
        disconnect(session.get(), nullptr, this, nullptr);
    m_sessions.clear();
}

void MainWindow::buildCentre()
{
    m_treePanel = new NodeTreePanel(&m_hosts, this);
    m_banner = new QLabel(this);
    m_banner->setWordWrap(true);
    m_banner->setMargin(8);
    m_banner->setObjectName(QStringLiteral("linkBanner"));

    auto *left = new QWidget(this);
    auto *leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 0, 0);
    leftColumn->addWidget(m_treePanel);
    leftColumn->addWidget(m_banner); // below: above it would move the rows between two clicks

    m_breadcrumb = new Breadcrumb(this);
    m_pages = new QStackedWidget(this);
    auto *right = new QWidget(this);
    auto *rightColumn = new QVBoxLayout(right);
    rightColumn->setContentsMargins(0, 0, 0, 0);
    rightColumn->setSpacing(0);
    rightColumn->addWidget(m_breadcrumb);
    rightColumn->addWidget(m_pages);

    m_splitter = new QSplitter(this);
    m_splitter->addWidget(left);
    m_splitter->addWidget(right);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({2 * width(), 3 * width()}); // in this proportion
    setCentralWidget(m_splitter);
}

void MainWindow::connectDrag()
{
    HostTreeView *view = m_treePanel->view();
    const auto dragged = [this] {
        return action(ActionId::Migrate)->isEnabled() ? containersOf(selectedFacts()) : QStringList();
    };
    view->setDragNames(dragged);
    connect(view, &HostTreeView::dragBegan, this,
            [this, dragged] { m_migrations->judgeAll(m_current->key(), dragged()); });
    connect(m_migrations, &MigrationController::judged, view, &HostTreeView::setVerdict);
    connect(view, &HostTreeView::hovered, m_status, &StatusLine::showMessage);
    connect(view, &HostTreeView::dropped, this, [this, dragged](HostKey host) { migrate(dragged(), host); });
}

void MainWindow::buildDocks()
{
    m_alerts = new QStackedWidget(this);
    m_jobs = new QStackedWidget(this);
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
    m_actions->fill(menuBar(), new ConfirmationMenu(m_silenced, this));
    auto *bar = addToolBar(tr("Actions"));
    bar->setObjectName(QStringLiteral("actions"));
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_actions->fill(bar);
    connect(m_actions, &Actions::triggered, this, &MainWindow::trigger);
}

void MainWindow::connectTree()
{
    connect(m_treePanel, &NodeTreePanel::currentNodeChanged, this, &MainWindow::onCurrentNode);
    connect(m_treePanel, &NodeTreePanel::selectionChanged, this, &MainWindow::updateActions);
    connect(m_treePanel, &NodeTreePanel::menuRequested, this, [this](const QPoint &position) {
        QMenu menu(this);
        m_actions->fillNodeMenu(&menu);
        if (m_treePanel->currentNode() == NodeId::host()) {
            menu.addSeparator();
            menu.addAction(action(ActionId::Evacuate));
        }
        menu.exec(position);
    });
    connect(m_treePanel, &NodeTreePanel::groupingChanged, this, [this](NodeTreeModel::Grouping grouping) {
        for (const auto &session : m_sessions)
            session->setGrouping(grouping);
    });
    connect(m_treePanel, &NodeTreePanel::connectRequested, this, [this](HostKey host) {
        if (const HostSession *session = sessionOf(host))
            session->client().start();
    });
    connect(m_breadcrumb, &Breadcrumb::pathActivated, this,
            [this](const QString &path) { m_current->selector().select(path); });
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
    action(ActionId::ReadOnly)->setChecked(m_initial.readOnly);
    action(ActionId::Notifications)->setChecked(m_initial.notifications);
    m_current->setLookOnly(m_initial.readOnly);
    m_current->selector().selectHostByDefault();
    if (m_initial.selectedPath.startsWith(u'/')) // else a host's that is still to be added
        select(m_initial.selectedPath);
}

Settings MainWindow::settings() const
{
    Settings out = m_initial;
    out.geometry = saveGeometry();
    out.windowState = saveState();
    out.splitter = m_splitter->saveState();
    out.treeHeader = m_treePanel->saveHeader();
    out.expandedPaths = m_treePanel->expandedPaths();
    out.selectedPath = tree().pathOf(m_treePanel->currentNode());
    if (const QString host = m_hosts.factsOf(m_current->key()).name; !host.isEmpty() && !out.selectedPath.isEmpty())
        out.selectedPath.prepend(host + u':');
    out.grouping = groupingNames().value(static_cast<int>(m_hosts.grouping()));
    out.labelKey = m_hosts.labelKey();
    out.silencedConfirmations = m_silenced;
    out.readOnly = action(ActionId::ReadOnly)->isChecked();
    out.notifications = action(ActionId::Notifications)->isChecked();
    out.tableHeaders.insert(QStringLiteral("alerts"), m_current->alerts().table()->saveState());
    out.tableHeaders.insert(QStringLiteral("jobs"), m_current->jobs().table()->saveState());
    m_current->pages().save(out);
    return out;
}

const NodeTreeModel &MainWindow::tree() const
{
    return m_current->tree();
}

void MainWindow::select(const QString &target)
{
    for (const auto &session : m_sessions) {
        const QString prefix = m_hosts.factsOf(session->key()).name + u':';
        if (prefix.size() > 1 && target.startsWith(prefix)) {
            session->selector().select(target.sliced(prefix.size()));
            return;
        }
    }
    m_current->selector().select(target);
}

bool MainWindow::select(NodeRef ref)
{
    const HostSession *session = sessionOf(ref.host);
    return session != nullptr && session->selector().select(ref.node);
}

QString MainWindow::waitingFor() const
{
    for (const auto &session : m_sessions) {
        if (const QString &target = session->selector().waitingFor(); !target.isEmpty())
            return target;
    }
    return {};
}

void MainWindow::showPage(Page page)
{
    m_current->pages().showPage(page);
}

QString MainWindow::missingPage(const QString &name) const
{
    const QStringList all = pageNames();
    QStringList offered;
    for (int page = 0; page < all.size(); ++page) {
        if (m_current->tabs().isTabVisible(page))
            offered.append(all[page]);
    }
    const NodeId node = m_treePanel->currentNode();
    if (name.isEmpty() || !node || !waitingFor().isEmpty() || offered.contains(name))
        return {};
    return tr("%1 has no page “%2”; it has %3.")
        .arg(factsOf(tree(), node).name, name, offered.join(QStringLiteral(", ")));
}

QString MainWindow::readOnlyReason() const
{
    const QString reason = m_current->readOnlyReason();
    return reason.isEmpty() && m_treePanel->selectedHosts().size() > 1
               ? tr("Several hosts are selected: choose nodes of one.")
               : reason;
}

void MainWindow::onCurrentNode(NodeRef ref)
{
    if (ref)
        m_history.visit(ref);
    if (HostSession *session = sessionOf(ref.host); session != nullptr && session != m_current)
        makeCurrent(*session);
    m_current->pages().setNode(ref.node);
    showPath();
    updateActions();
}

std::vector<NodeFacts> MainWindow::selectedFacts() const
{
    std::vector<NodeFacts> out;
    for (const NodeId id : m_treePanel->selectedNodes()) {
        out.push_back(factsOf(tree(), id));
        addV2Facts(out.back(), tree(), m_current->info());
    }
    return out;
}

void MainWindow::updateActions()
{
    if (m_current == nullptr)
        return;
    m_status->setNodeCount(tree().nodeCount());
    m_actions->update(selectedFacts(), readOnlyReason(), [session = QPointer(m_current)](const char *call) {
        return session ? session->missing(call) : QString();
    });
    updateHostActions();
    m_actions->setReason(ActionId::Undo, m_current->limits().nextUndo() ? QString() : tr("There is nothing to undo."));
    m_actions->setReason(ActionId::Redo, m_current->limits().nextRedo() ? QString() : tr("There is nothing to redo."));
    m_actions->setReason(ActionId::Back, m_history.canGoBack() ? QString() : tr("This is the first node."));
    m_actions->setReason(ActionId::Forward, m_history.canGoForward() ? QString() : tr("This is the last node."));
}

void MainWindow::trigger(ActionId id)
{
    switch (id) {
    case ActionId::AddHost:
        Q_EMIT addHostRequested();
        break;
    case ActionId::EditHost:
        Q_EMIT changeHostRequested(m_current->key());
        break;
    case ActionId::RemoveHost:
        Q_EMIT removeHostRequested(m_current->key());
        break;
    case ActionId::ConnectHost:
        m_current->client().start();
        break;
    case ActionId::DisconnectHost:
        m_current->client().stop();
        break;
    case ActionId::Evacuate:
        evacuate();
        break;
    case ActionId::Undo:
        m_current->limits().undo();
        break;
    case ActionId::Redo:
        m_current->limits().redo();
        break;
    case ActionId::Refresh:
        m_current->pages().refresh();
        break;
    case ActionId::SaveTable:
        saveTree();
        break;
    case ActionId::ReadOnly:
        for (const auto &session : m_sessions)
            session->setLookOnly(action(id)->isChecked());
        showLink();
        break;
    case ActionId::Notifications:
        for (const auto &session : m_sessions)
            session->alertController().setNotify(action(id)->isChecked());
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
    Verbs &verbs = m_current->verbs();
    switch (id) {
    case ActionId::Freeze:
        std::ranges::all_of(nodes, &NodeFacts::isFrozen) ? verbs.thaw(nodes) : verbs.freeze(nodes);
        break;
    case ActionId::Kill:
        verbs.kill(nodes);
        break;
    case ActionId::Signal:
        verbs.signalNodes(nodes);
        break;
    case ActionId::MoveProcesses:
        verbs.moveProcessesOf(nodes.front());
        break;
    case ActionId::SetLimits:
        showPage(Page::Limits);
        break;
    case ActionId::NewCgroup:
        verbs.createBelow(nodes.front());
        break;
    case ActionId::RemoveCgroup:
        verbs.remove(nodes);
        break;
    case ActionId::Start:
        verbs.actOnContainers(nodes, v1::ContainerActionRequest::ACTION_START);
        break;
    case ActionId::Stop:
        verbs.actOnContainers(nodes, v1::ContainerActionRequest::ACTION_STOP);
        break;
    case ActionId::Restart:
        verbs.actOnContainers(nodes, v1::ContainerActionRequest::ACTION_RESTART);
        break;
    case ActionId::RemoveContainer:
        verbs.actOnContainers(nodes, v1::ContainerActionRequest::ACTION_REMOVE);
        break;
    case ActionId::Controllers:
        verbs.setControllers(nodes.front());
        break;
    case ActionId::Reclaim:
        verbs.reclaim(nodes.front());
        break;
    case ActionId::Check:
        verbs.check(nodes.front());
        break;
    case ActionId::Checkpoint:
        checkpoint(nodes);
        break;
    case ActionId::Migrate:
        migrate(containersOf(nodes), {});
        break;
    case ActionId::Schedule:
        verbs.schedule(nodes.front());
        break;
    case ActionId::CopyPath:
        copyPaths(nodes);
        break;
    case ActionId::Jump:
        jumpTo({m_current->key(),
                nodes.front().kind == v1::NODE_KIND_CONTAINER ? nodes.front().cgroup : nodes.front().container});
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

void MainWindow::jumpTo(NodeRef ref)
{
    if (!select(ref))
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
