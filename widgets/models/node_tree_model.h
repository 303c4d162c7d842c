// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>

#include "engine/base/ids.h"
#include "engine/base/metric.h"
#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/inventory.pb.h"
#include "gantry/v1/metrics.pb.h"
#include "widgets/models/roles.h"
#include "widgets/models/usage.h"

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace gantry {

/// The tree of one host: nodes by id, with the values of the newest frame and the alerts of every node and those below.
///
/// Nodes are found by id, never by row. A tick announces one dataChanged range a parent; the model resets only when
/// the host changes (clear()), so selection and expansion survive everything else. It filters and sorts by itself: a
/// proxy would keep and move a second row for each of 10 000, at every tick. Thread: GUI.
class NodeTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
public:
    /// Which nodes are rows and whose children they are.
    enum class Grouping {
        Cgroups,    ///< host > cgroups as the kernel nests them
        Containers, ///< host > pods and containers without one > containers > the cgroups inside each
        Namespaces, ///< host > kind of namespace > namespaces
        // host > what they have in common > containers > the cgroups inside each:
        Runtimes,
        Pods,
        Labels, ///< value of the label of setLabelKey()
        Slices, ///< systemd slice of the container's cgroup
        Users,  ///< owner of a rootless container
    };
    enum Column {
        Name,
        Memory,
        Cpu,
        IoRead,
        IoWrite,
        PressureMemory,
        PressureCpu,
        PressureIo,
        Pids,
        State,
        Alerts,
        ColumnCount
    };

    explicit NodeTreeModel(QObject *parent = nullptr);
    ~NodeTreeModel() override;

    /// Applies a snapshot or a delta; a snapshot is diffed against what is there. Unknown parents make a node a child
    /// of the host. Nodes of a kind this version does not know are ignored.
    void apply(const v1::InventoryUpdate &update);
    /// Takes the values of one tick; a node that is not in the frame keeps its values. Emits ticked() at the end.
    void apply(const v1::Frame &frame);
    /// Open alerts (neither resolved nor acknowledged) counted at their node and every ancestor.
    void apply(const v1::AlertUpdate &update);
    /// Another host: forgets everything. The only modelReset there is.
    void clear();

    void setGrouping(Grouping grouping);
    [[nodiscard]] Grouping grouping() const;
    /// The label that Grouping::Labels goes by.
    void setLabelKey(const QString &key);
    [[nodiscard]] QString labelKey() const;
    /// Every label key that some container has, sorted.
    [[nodiscard]] QStringList labelKeys() const;
    /// Filter as typed (see FilterExpression): rows are the nodes whose name, path, id, pid, runtime, image,
    /// pod or label ("key=value") match, and the
    /// ancestors of those. Linear in the number of nodes.
    void setFilter(const QString &typed);
    /// Why the regular expression typed is not one; empty when all is well.
    [[nodiscard]] QString filterProblem() const;
    /// The link to the host is lost: rows stay, greyed, with the last known values; false when it is back.
    void setStale(bool stale);
    [[nodiscard]] bool isStale() const;

    /// The node as the engine sent it; nullptr if unknown. Valid until the next apply() or clear().
    [[nodiscard]] const v1::Node *node(NodeId id) const;
    [[nodiscard]] NodeId idOf(const QModelIndex &index) const;
    /// Invalid for a node that is no row in this grouping or that the filter hides.
    [[nodiscard]] QModelIndex indexOf(NodeId id, int column = Name) const;
    /// The cgroup a verb on this node acts on: itself, or a container's cgroup. 0 where there is none.
    [[nodiscard]] NodeId cgroupOf(NodeId id) const;
    /// Cgroup path of cgroupOf(id); empty where there is none.
    [[nodiscard]] QString pathOf(NodeId id) const;
    /// Node of that cgroup path; 0 if unknown.
    [[nodiscard]] NodeId idOfPath(const QString &path) const;
    /// The container that its runtime calls so; 0 if unknown. Its node is another one each time it starts or stops.
    [[nodiscard]] NodeId idOfContainer(const v1::ContainerDetail &same) const;
    /// Whether cgroups lie below cgroupOf(id), shown or not.
    [[nodiscard]] bool hasCgroupsBelow(NodeId id) const;
    /// Newest known value of a tree metric; ABSENT for one that was never sent.
    [[nodiscard]] Cell value(NodeId id, Metric metric) const;
    [[nodiscard]] v1::FreezerState freezerState(NodeId id) const;
    /// Every cgroup path known, sorted: for completion.
    [[nodiscard]] QStringList cgroupPaths() const;
    /// Number nodes of the host, whatever the grouping shows.
    [[nodiscard]] int nodeCount() const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] bool hasChildren(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    /// Sorts by text in Name, by number elsewhere, now and from then on: at most once a tick, and not at all while the
    /// order holds. A value that is not there is smaller than any.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    /// A frame was applied, announced and sorted in.
    void ticked();
    /// Nodes came or went (any grouping).
    void structureChanged();

private:
    friend class HostsTreeModel; // shows the same records
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace gantry
