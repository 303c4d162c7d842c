// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSet>

#include "app/console/limit_controller.h"
#include "app/console/node_facts.h"
#include "app/console/settings.h"
#include "app/console/verbs.h"
#include "gantry/v1/host.pb.h"
#include "widgets/models/hosts_tree_model.h"

#include <memory>

QT_FORWARD_DECLARE_CLASS(QTabWidget)

namespace gantry {
class AlertsPanel;
class JobsPanel;
class NodeTreePanel;
} // namespace gantry

namespace gantry::console {

class AlertController;
class NodePages;
class NodeSelector;
class StoreController;
class TrayIcon;

/// One host of the window: its link, its tree, the pages of its nodes, its alerts and jobs, and the verbs on it. What
/// it shows stands in the window while a row of the host is current. Thread: GUI.
class HostSession : public QObject
{
    Q_OBJECT
public:
    /// What all hosts of a window share.
    struct Shared
    {
        QWidget *window;
        HostsTreeModel &hosts;
        NodeTreePanel &treePanel;
        QSet<QString> &silenced; ///< kinds of action that are not asked about
        TrayIcon &tray;
    };

    /// The host gets its row. @param client not started yet, must outlive the session. @param name what the admin calls
    /// the host; empty: it is this one. @param settings for the pages.
    HostSession(HostClient &client, const QString &name, const QString &group, const Settings &settings, Shared shared);
    ~HostSession() override;
    HostSession(const HostSession &) = delete;
    HostSession &operator=(const HostSession &) = delete;
    HostSession(HostSession &&) = delete;
    HostSession &operator=(HostSession &&) = delete;

    [[nodiscard]] HostKey key() const { return m_key; }
    [[nodiscard]] HostClient &client() const { return m_client; }
    [[nodiscard]] const NodeTreeModel &tree() const { return m_tree; }
    /// What the admin calls it; of this one its own name, while that is known.
    [[nodiscard]] QString name() const;
    /// What it told of itself on the last link.
    [[nodiscard]] const v1::HostInfo &info() const { return m_info; }
    [[nodiscard]] QTabWidget &tabs() const { return *m_tabs; }
    [[nodiscard]] NodePages &pages() const { return *m_pages; }
    [[nodiscard]] AlertsPanel &alerts() const { return *m_alerts; }
    [[nodiscard]] JobsPanel &jobs() const { return *m_jobs; }
    [[nodiscard]] AlertController &alertController() const { return *m_alertController; }
    [[nodiscard]] NodeSelector &selector() const { return *m_selector; }
    [[nodiscard]] Verbs &verbs() const { return *m_verbs; }
    [[nodiscard]] LimitController &limits() const { return *m_limits; }

    /// Why nothing may be changed on it, in a sentence; empty: it may.
    [[nodiscard]] QString readOnlyReason() const;
    /// Why its engine does not take a call, in a sentence: it is older. Empty: it does, or has not told.
    /// @param call its path, "/gantry.v1.Checkpoint/Create".
    [[nodiscard]] QString missing(const char *call) const;
    /// The user looks only, on every host.
    void setLookOnly(bool lookOnly);
    void setGrouping(NodeTreeModel::Grouping grouping);
    /// How gantryctl reaches it; empty: it is this machine.
    void setDestination(const QString &destination) { m_destination = destination; }
    [[nodiscard]] const QString &destination() const { return m_destination; }
    /// Another name and group of the admin's.
    void rename(const QString &name, const QString &group);
    /// Whether questions and notifications name the host: where there are several.
    void setNamed(bool named);

Q_SIGNALS:
    /// Its link, its rights, its facts or its nodes are others: what may be done may have changed.
    void changed();
    /// It said of itself what it is, or its link changed.
    void linkChanged();
    /// Number of open alerts or of active jobs.
    void countsChanged();
    void jumpRequested(gantry::NodeId node);
    /// The user wants to see the window, and in it the alerts.
    void raiseRequested();
    /// A line for the status bar.
    void message(const QString &text);
    /// Sentences about what failed.
    void failed(const QString &sentences);
    /// What was to be selected does not exist.
    void selectFailed(const QString &sentence);

private:
    void connectClient();
    void connectPages();
    void connectPanels();
    void applyInventory(const v1::InventoryUpdate &update);
    void onStateChanged();
    void applyRights();
    void tellFacts();
    void cancelJob(quint64 id);

    HostClient &m_client;
    const Shared m_shared;
    HostFacts m_facts;
    v1::HostInfo m_info;
    NodeTreeModel m_tree;
    HostKey m_key;
    QString m_destination;
    bool m_lookOnly = false;
    bool m_named = false;
    std::unique_ptr<VerbFlow> m_flow;
    std::unique_ptr<StoreController> m_store;
    std::unique_ptr<Verbs> m_verbs;
    LimitController *m_limits;
    std::unique_ptr<QTabWidget> m_tabs;
    NodePages *m_pages;
    NodeSelector *m_selector;
    std::unique_ptr<AlertsPanel> m_alerts;
    std::unique_ptr<JobsPanel> m_jobs;
    AlertController *m_alertController;
};

} // namespace gantry::console
