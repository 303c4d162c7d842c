// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "app/console/limit_controller.h"
#include "app/console/node_facts.h"
#include "app/console/page_names.h"
#include "app/console/settings.h"

#include <optional>

QT_FORWARD_DECLARE_CLASS(QTabWidget)

namespace gantry {
class EventsPage;
class FilesPage;
class LimitsPage;
class NamespacesPage;
class NodeTreeModel;
class OomdPage;
class OverviewPage;
class ProcessesPage;
class TablePanel;
} // namespace gantry

namespace gantry::console {

/// The pages of the selected node and what feeds them: history and frames for the graphs, lists asked for while their
/// page is on screen. Thread: GUI.
class NodePages : public QObject
{
    Q_OBJECT
public:
    /// The pages become tabs of `tabs`.
    NodePages(HostClient &client, const NodeTreeModel &tree, LimitController &limits, QTabWidget *tabs);

    void setNode(NodeId id);
    void setReadOnlyReason(const QString &reason);
    /// Asks for everything on screen again.
    void refresh();

    /// The page of systemd-oomd is there for the host only: it is shown if the next node is the host.
    void showPage(Page page);
    void restore(const Settings &settings);
    void save(Settings &settings) const;

Q_SIGNALS:
    void jumpToPath(const QString &cgroupPath);
    void jumpToNode(gantry::NodeId id);
    void signalRequested(const std::vector<gantry::v1::Process> &processes);
    void moveRequested(const std::vector<gantry::v1::Process> &processes);

private:
    void connectClient();
    void connectPages();
    void applyFrame(const v1::Frame &frame);
    void applyEvents(const v1::EventBatch &batch);
    void askHistory();
    void askLimits();
    void askProcesses();
    void askNamespaces();
    void askFiles();
    void askOomd();
    void poll();
    void updateNote();
    void offerOomd();
    [[nodiscard]] v1::Target target() const;
    [[nodiscard]] QMap<QString, TablePanel *> tables() const;
    /// Calls and hands the answer to `use` if the node is still the same when it comes.
    template <class Request, class Reply>
    void ask(const Method<Request, Reply> &method, const Request &request,
             std::function<void(const Result<Reply> &)> use);

    HostClient &m_client;
    const NodeTreeModel &m_tree;
    QTabWidget *m_tabs;
    OverviewPage *m_overview;
    ProcessesPage *m_processes;
    LimitsPage *m_limits;
    NamespacesPage *m_namespaces;
    EventsPage *m_events;
    FilesPage *m_files;
    OomdPage *m_oomd;
    QTimer m_poll;
    QTimer m_oomdPoll;
    NodeFacts m_facts;
    bool m_wantsOomd = false; ///< its page is to be shown once the host is selected
    NodeId m_sampled;         ///< whose metrics the graphs show: the host itself or a cgroup
};

} // namespace gantry::console
