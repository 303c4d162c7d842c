// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "app/console/limit_controller.h"
#include "app/console/node_facts.h"
#include "app/console/page_names.h"
#include "app/console/settings.h"

#include <optional>

QT_FORWARD_DECLARE_CLASS(QAction)
QT_FORWARD_DECLARE_CLASS(QTabWidget)

namespace gantry {
class CheckpointActions;
class CheckpointsPage;
class ContainerPage;
class EventsPage;
class FactsView;
class FilesPage;
class LimitsPage;
class NamespacesPage;
class NodeTreeModel;
class OomdPage;
class OverviewPage;
class ProcessesPage;
class TablePanel;
class TimelinePage;
} // namespace gantry

namespace gantry::console {

class StoreController;

/// The pages of the selected node and what feeds them: history and frames for the graphs, lists asked for while their
/// page is on screen. Thread: GUI.
class NodePages : public QObject
{
    Q_OBJECT
public:
    /// The pages become tabs of `tabs`.
    NodePages(HostClient &client, const NodeTreeModel &tree, LimitController &limits, StoreController &store,
              QTabWidget *tabs);

    void setNode(NodeId id);
    /// 0 while the tree did not know the node that was set.
    [[nodiscard]] NodeId node() const { return m_facts.id; }
    /// What the host told of itself.
    void setHost(const v1::HostInfo &host);
    /// The inventory changed: the node may have new facts.
    void updateFacts();
    void setReadOnlyReason(const QString &reason);
    /// The action that saves the selected node: it gets a button where its checkpoints are.
    void setCheckpointAction(QAction *action);
    void setScheduleAction(QAction *action);
    void applyJobs(const v1::JobUpdate &update);
    /// A checkpoint was restored here: the present goes on from it.
    void noteRestored(const v1::CheckpointInfo &checkpoint);
    /// Asks for everything on screen again.
    void refresh();

    /// Some pages are there for containers or for the host only: one is shown as soon as such a node is selected.
    void showPage(Page page);
    void restore(const Settings &settings);
    void save(Settings &settings) const;

Q_SIGNALS:
    void jumpToPath(const QString &cgroupPath);
    void jumpToNode(gantry::NodeId id);
    /// A line for the status bar.
    void message(const QString &text);
    void signalRequested(const std::vector<gantry::v1::Process> &processes);
    void moveRequested(const std::vector<gantry::v1::Process> &processes);
    void checkpointRequested(const gantry::v1::Process &process);
    void restoreRequested(const gantry::v1::CheckpointInfo &checkpoint);
    void copyRequested(const gantry::v1::CheckpointInfo &checkpoint);
    void inspectRequested(const QString &checkpoint);
    void compareRequested(const QString &before, const QString &after);
    void describeCheckpointRequested(const gantry::v1::CheckpointInfo &checkpoint);
    void pinCheckpointsRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints, bool pinned);
    void exportCheckpointsRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints);
    void importCheckpointsRequested();
    void removeCheckpointsRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints);
    void cancelJobRequested(quint64 jobId);

private:
    void connectClient();
    void connectPages();
    void connectActions(const CheckpointActions &actions);
    void applyFrame(const v1::Frame &frame);
    void applyEvents(const v1::EventBatch &batch);
    void askHistory();
    void askLimits();
    void askProcesses();
    void askNamespaces();
    void askFiles();
    void askOomd();
    void askHost();
    void askCheckpoints();
    void askLog();
    void showContainer();
    /// Whose checkpoints the timeline has.
    void showTimeline();
    /// Which of the subjects of checkpoints run.
    void showRunning(const v1::ListCheckpointsReply &list);
    void showHost();
    void poll();
    void updateNote();
    /// Shows and hides the tabs of the pages that not every node has.
    void offerPages();
    [[nodiscard]] bool fits(Page page) const;
    [[nodiscard]] v1::Target target() const;
    [[nodiscard]] QMap<QString, TablePanel *> tables() const;
    /// Calls and hands the answer to `use` if the node is still the same when it comes.
    template <class Request, class Reply>
    void ask(const Method<Request, Reply> &method, const Request &request,
             std::function<void(const Result<Reply> &)> use)
    {
        m_client.call(method, request, this,
                      [this, node = m_facts.id, use = std::move(use)](const Result<Reply> &reply) {
                          if (node == m_facts.id)
                              use(reply);
                      });
    }

    HostClient &m_client;
    const NodeTreeModel &m_tree;
    StoreController &m_store;
    QTabWidget *m_tabs;
    ContainerPage *m_container;
    OverviewPage *m_overview;
    ProcessesPage *m_processes;
    LimitsPage *m_limits;
    NamespacesPage *m_namespaces;
    EventsPage *m_events;
    FilesPage *m_files;
    FactsView *m_runtimes;
    OomdPage *m_oomd;
    FactsView *m_abilities;
    CheckpointsPage *m_checkpoints;
    TimelinePage *m_timeline;
    QTimer m_poll;
    QTimer m_oomdPoll;
    NodeFacts m_facts;
    v1::HostInfo m_host;
    std::optional<Page> m_wanted; ///< to be shown once a node is selected that has it
    bool m_logIsAsked = false;    ///< and has not been answered
    bool m_offering = false;      ///< tabs come and go, so that the current one changes without the user
    NodeId m_sampled;             ///< whose metrics the graphs show: the host itself or a cgroup
};

} // namespace gantry::console
