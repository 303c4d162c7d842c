// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>

#include "app/console/actions.h"
#include "app/console/navigation_history.h"
#include "app/console/page_names.h"
#include "app/console/settings.h"
#include "app/console/verbs.h"
#include "gantry/v1/host.pb.h"
#include "widgets/models/node_tree_model.h"

QT_FORWARD_DECLARE_CLASS(QDockWidget)
QT_FORWARD_DECLARE_CLASS(QLabel)
QT_FORWARD_DECLARE_CLASS(QSplitter)
QT_FORWARD_DECLARE_CLASS(QTabWidget)

namespace gantry {
class AlertsPanel;
class JobsPanel;
class NodeTreePanel;
} // namespace gantry

namespace gantry::console {

class AlertController;
class Breadcrumb;
class LimitController;
class NodePages;
class NodeSelector;
class StatusLine;
class StoreController;

/// The console's window on one host: tree left, pages of the selected node right, alerts and jobs below. Thread: GUI.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    /// @param client not started yet, must outlive the window.
    MainWindow(HostClient &client, const Settings &settings, QWidget *parent = nullptr);
    ~MainWindow() override;
    MainWindow(const MainWindow &) = delete;
    MainWindow &operator=(const MainWindow &) = delete;
    MainWindow(MainWindow &&) = delete;
    MainWindow &operator=(MainWindow &&) = delete;

    /// How the window looks now, for the next start.
    [[nodiscard]] Settings settings() const;
    /// Selects a node by cgroup path, container name or id, or "pid:N", as soon as it is known.
    void select(const QString &target);
    /// What select() still waits for; empty: nothing.
    [[nodiscard]] QString waitingFor() const;
    void showPage(Page page);
    /// What to tell whoever wants this page of the node that is shown. Empty: it has that page, or the node that
    /// select() wants is still to come. @param name of pageNames(); empty: none is wanted.
    [[nodiscard]] QString missingPage(const QString &name) const;

    [[nodiscard]] const NodeTreeModel &tree() const { return m_tree; }
    [[nodiscard]] NodeTreePanel *treePanel() const { return m_treePanel; }
    [[nodiscard]] QAction *action(ActionId id) const { return m_actions->action(id); }

Q_SIGNALS:
    /// What select() wanted does not exist.
    void selectFailed(const QString &sentence);
    /// A sentence about something that failed was shown.
    void failureShown(const QString &sentences);

protected:
    void changeEvent(QEvent *event) override;

private:
    void buildCentre();
    void buildDocks();
    void buildBars();
    void connectClient();
    void connectPanels();
    void restore();
    void setGrouping(NodeTreeModel::Grouping grouping);

    void applyInventory(const v1::InventoryUpdate &update);
    void onStateChanged();
    void applyRights();
    void onCurrentNode(NodeId id);
    void trigger(ActionId id);
    void triggerNodeAction(ActionId id, const std::vector<NodeFacts> &nodes);
    void updateActions();
    void saveTree();
    void cancelJob(quint64 id);
    void copyPaths(const std::vector<NodeFacts> &nodes);
    void jumpTo(NodeId id);
    void showFailure(const QString &sentences);
    [[nodiscard]] std::vector<NodeFacts> selectedFacts() const;
    [[nodiscard]] QString readOnlyReason() const;

    HostClient &m_client;
    const Settings m_initial;
    v1::HostInfo m_host; ///< of the last link
    NodeTreeModel m_tree;
    NavigationHistory m_history;
    VerbFlow *m_flow;
    StoreController *m_store;
    Verbs *m_verbs;
    LimitController *m_limits;
    Actions *m_actions;
    StatusLine *m_status;
    QSplitter *m_splitter = nullptr;
    QTabWidget *m_tabs = nullptr;
    NodeTreePanel *m_treePanel = nullptr;
    NodeSelector *m_selector = nullptr;
    QLabel *m_banner = nullptr;
    Breadcrumb *m_breadcrumb = nullptr;
    NodePages *m_pages = nullptr;
    AlertsPanel *m_alerts = nullptr;
    AlertController *m_alertController = nullptr;
    JobsPanel *m_jobs = nullptr;
    QDockWidget *m_alertsDock = nullptr;
    QDockWidget *m_jobsDock = nullptr;
};

} // namespace gantry::console
