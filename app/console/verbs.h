// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/node_facts.h"
#include "app/console/undo_stack.h"
#include "app/console/verb_flow.h"
#include "widgets/models/hosts_tree_model.h"

namespace gantry {
class TransferDialog;
}

namespace gantry::console {

class ForkController;
class GroupController;
class StoreController;
class TransferRun;
struct TransferEnd;

/// The verbs on nodes and processes, each through a VerbFlow. Thread: GUI.
class Verbs : public QObject
{
    Q_OBJECT
public:
    Verbs(HostClient &client, NodeTreeModel &tree, VerbFlow &flow, StoreController &store, QWidget *window);

    /// Checkpoints can be restored on other hosts of the window, too. @param forks must outlive this. @param host this.
    void setForks(ForkController &forks, HostKey host);

    /// What was saved together can be restored together. @param groups must outlive this. After setForks().
    void setGroups(GroupController &groups) { m_groups = &groups; }

    void freeze(const std::vector<NodeFacts> &nodes);
    void thaw(const std::vector<NodeFacts> &nodes);
    void kill(const std::vector<NodeFacts> &nodes);
    /// Asks for the signal, then sends it to every process of the nodes.
    void signalNodes(const std::vector<NodeFacts> &nodes);
    void signalProcesses(const std::vector<v1::Process> &processes);
    /// Asks for the target, then moves.
    void moveProcesses(const std::vector<v1::Process> &processes);
    /// The same for every process that is in the cgroup itself.
    void moveProcessesOf(const NodeFacts &node);
    void createBelow(const NodeFacts &parent);
    void remove(const std::vector<NodeFacts> &nodes);
    /// Start, stop, restart or remove by the containers' own runtimes; the nodes have containers.
    void actOnContainers(const std::vector<NodeFacts> &nodes, v1::ContainerActionRequest::Action action);
    /// v2: asks which controllers the cgroups below have, then sets them.
    void setControllers(const NodeFacts &node);
    /// v2: asks how much memory is to be taken back, then reclaims it.
    void reclaim(const NodeFacts &node);
    /// Shows whether it can be checkpointed; stops nothing.
    void check(const NodeFacts &node);
    /// Asks for a name, then saves it.
    void checkpoint(const NodeFacts &node);
    /// The same for a process and all below it.
    void checkpointProcess(const v1::Process &process);
    /// Asks how often it is to be saved by itself, and shows how that goes.
    void schedule(const NodeFacts &node);
    /// Says what would end, then goes back to it.
    void restoreCheckpoint(const v1::CheckpointInfo &checkpoint);
    /// Asks for host, name and number, then restores it as new containers. (verbs_copies.cpp)
    void copyCheckpoint(const v1::CheckpointInfo &checkpoint);
    /// Shows what is in a checkpoint, beside the window. @param id of it, or the unique beginning of one.
    void inspectCheckpoint(const QString &id);
    /// Shows what `after` has otherwise than `before`.
    void compareCheckpoints(const QString &before, const QString &after);
    void removeCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints);
    /// Asks for name and note.
    void describeCheckpoint(const v1::CheckpointInfo &checkpoint);
    void pinCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints, bool pinned);
    /// Asks for a file of this machine, then writes them into it, or takes what is in it. (verbs_transfer.cpp)
    void exportCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints);
    void importCheckpoints();

Q_SIGNALS:
    /// The controllers of a cgroup were changed.
    void controllersChanged(const gantry::v1::SetControllersReply &reply);
    /// One was made, restored or removed.
    void checkpointsChanged();
    void checkpointRestored(const gantry::v1::CheckpointInfo &checkpoint);
    /// Name, note or pin of some were changed, and can be put back.
    void checkpointsMarked(const gantry::console::CheckpointEdit &edit);
    /// A cgroup was made: the window may select it when it appears.
    void created(const QString &path);

private:
    void collectCheckpoints();
    void exportTo(const std::vector<v1::CheckpointInfo> &checkpoints, const QString &file, bool podmans);
    void importFrom(const QString &file);
    void follow(TransferRun &run, TransferDialog &dialog, std::function<QString(const TransferEnd &)> doneText);
    void removeSchedule(const QString &id);
    void restoreAsAsked(const v1::CheckpointInfo &checkpoint, const v1::RestoreCheckpointRequest &request);
    void copyAsAsked(const v1::CheckpointInfo &checkpoint, const v1::CopyCheckpointRequest &request);
    /// Tells what did not become of it.
    void tellCopies(const v1::CopyCheckpointReply &reply);
    void markCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints,
                         const std::vector<v1::UpdateCheckpointRequest> &requests);
    void askCheckpoint(const v1::Target &target, const QString &name, const QString &word);
    void openControllers(const NodeFacts &node, const v1::ReadFilesReply &files);
    void changeFreezer(const std::vector<NodeFacts> &nodes, bool freeze);
    /// Lists the processes of `nodes`, then gives them to `use`.
    void withProcesses(const std::vector<NodeFacts> &nodes, bool recursive,
                       std::function<void(const std::vector<v1::Process> &)> use);

    HostClient &m_client;
    NodeTreeModel &m_tree;
    VerbFlow &m_flow;
    StoreController &m_store;
    QWidget *m_window;
    ForkController *m_forks = nullptr; ///< null: there are no other hosts
    GroupController *m_groups = nullptr; ///< the same
    HostKey m_host;
};

} // namespace gantry::console
