// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>

#include "app/console/actions.h"
#include "app/console/link/host_client.h"
#include "app/console/migration_controller.h"
#include "app/console/navigation_history.h"
#include "app/console/node_facts.h"
#include "app/console/page_names.h"
#include "app/console/settings.h"
#include "widgets/models/hosts_tree_model.h"

#include <memory>
#include <vector>

QT_FORWARD_DECLARE_CLASS(QDockWidget)
QT_FORWARD_DECLARE_CLASS(QLabel)
QT_FORWARD_DECLARE_CLASS(QSplitter)
QT_FORWARD_DECLARE_CLASS(QStackedWidget)

namespace gantry {
class NodeTreePanel;
} // namespace gantry

namespace gantry::console {

class Breadcrumb;
class BulkMigrations;
class ForkController;
class GroupController;
class HostSession;
class StatusLine;
class TrayIcon;

/// The console's window: tree of the hosts left, pages of the selected node right, alerts and jobs of its host below.
/// There is one host at least. Thread: GUI.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    /// @param client of the first host, which is this one; not started yet, must outlive the window.
    MainWindow(HostClient &client, const Settings &settings, QWidget *parent = nullptr);
    ~MainWindow() override;
    MainWindow(const MainWindow &) = delete;
    MainWindow &operator=(const MainWindow &) = delete;
    MainWindow(MainWindow &&) = delete;
    MainWindow &operator=(MainWindow &&) = delete;

    /// One more host. @param client not started yet, must outlive the window. @param name what the admin calls it; no
    /// two hosts have the same. @param group of hosts that it stands in; empty: none.
    HostKey addHost(HostClient &client, const QString &name, const QString &group, const QString &destination);

    /// Not the first.
    void removeHost(HostKey host);
    void renameHost(HostKey host, const QString &name, const QString &group);

    /// How the window looks now, for the next start.
    [[nodiscard]] Settings settings() const;
    /// Selects a node by cgroup path, container name or id, or "pid:N", as soon as it is known; of the current host, or
    /// of another as "HOST:TARGET", where HOST is what the admin calls it.
    void select(const QString &target);
    /// @return false: there is no such node (any more).
    bool select(NodeRef ref);
    /// What select() still waits for; empty: nothing.
    [[nodiscard]] QString waitingFor() const;
    void showPage(Page page);
    /// What to tell whoever wants this page of the node that is shown. Empty: it has that page, or the node that
    /// select() wants is still to come. @param name of pageNames(); empty: none is wanted.
    [[nodiscard]] QString missingPage(const QString &name) const;

    [[nodiscard]] const HostsTreeModel &hosts() const { return m_hosts; }
    /// Nodes of the current host.
    [[nodiscard]] const NodeTreeModel &tree() const;
    [[nodiscard]] NodeTreePanel *treePanel() const { return m_treePanel; }
    [[nodiscard]] QAction *action(ActionId id) const { return m_actions->action(id); }

Q_SIGNALS:
    void addHostRequested();
    void changeHostRequested(gantry::HostKey host);
    void removeHostRequested(gantry::HostKey host);
    /// What select() wanted does not exist.
    void selectFailed(const QString &sentence);
    /// A sentence about something that failed was shown.
    void failureShown(const QString &sentences);

protected:
    void changeEvent(QEvent *event) override;

private:
    void buildCentre();
    void buildDocks();
    void connectDrag();
    void buildBars();
    void connectTree();
    void raiseAlerts();
    void connectSession(HostSession &session);
    void restore();
    [[nodiscard]] HostSession &add(HostClient &client, const QString &name, const QString &group);

    void makeCurrent(HostSession &session);
    void showLink();
    void showCounts();
    void showPath();
    void onCurrentNode(NodeRef ref);
    void trigger(ActionId id);
    void triggerNodeAction(ActionId id, const std::vector<NodeFacts> &nodes);
    void updateActions();
    void updateHostActions();
    void saveTree();
    void copyPaths(const std::vector<NodeFacts> &nodes);
    void jumpTo(NodeRef ref);
    void showFailure(const QString &sentences);
    [[nodiscard]] HostSession *sessionOf(HostKey host) const;
    [[nodiscard]] std::vector<NodeFacts> selectedFacts() const;
    [[nodiscard]] QString readOnlyReason() const;
    [[nodiscard]] std::vector<MigrationPeer> migrationPeers() const;
    /// What was restored on a host of the window is shown there.
    void connectForks();
    void connectGroups();
    /// One by itself, several together.
    void checkpoint(const std::vector<NodeFacts> &nodes);
    /// Names of those that are these nodes, or have them as their cgroups.
    [[nodiscard]] static QStringList containersOf(const std::vector<NodeFacts> &nodes);
    void migrate(const QStringList &containers, HostKey wanted);
    void evacuate();

    const Settings m_initial;
    QSet<QString> m_silenced; ///< kinds of action that are not asked about
    HostsTreeModel m_hosts;
    NavigationHistory m_history;
    TrayIcon *m_tray;
    Actions *m_actions;
    MigrationController *m_migrations;
    BulkMigrations *m_bulkMigrations;
    ForkController *m_forks;
    GroupController *m_groups;
    StatusLine *m_status;
    QSplitter *m_splitter = nullptr;
    NodeTreePanel *m_treePanel = nullptr;
    QLabel *m_banner = nullptr;
    Breadcrumb *m_breadcrumb = nullptr;
    QStackedWidget *m_pages = nullptr;
    QStackedWidget *m_alerts = nullptr;
    QStackedWidget *m_jobs = nullptr;
    QDockWidget *m_alertsDock = nullptr;
    QDockWidget *m_jobsDock = nullptr;
    std::vector<std::unique_ptr<HostSession>> m_sessions;
    HostSession *m_current = nullptr; ///< null only while the window is made
};

} // namespace gantry::console
