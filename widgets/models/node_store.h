// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "engine/base/ids.h"
#include "engine/base/metric.h"
#include "gantry/v1/inventory.pb.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/models/usage.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry {

/// A node with its newest values, and its place in the tree as grouped now.
struct NodeRecord
{
    v1::Node node;
    std::array<Cell, kTreeMetrics.size()> cells; ///< by position in kTreeMetrics
    QString title;                               ///< what column Name shows
    QString filterText;                          ///< what the filter looks into
    Badge badge;                                 ///< open alerts here and below

    NodeRecord *parent = nullptr;       ///< nullptr while it has no place in the grouping
    std::vector<NodeRecord *> children; ///< the rows in their order, then those the filter hides
    int shownCount = 0;                 ///< how many of the children are rows
    int row = -1;                       ///< position among the parent's children
    NodeRecord *values = nullptr;       ///< whose cells the row shows: its own, or those of a container's cgroup
    NodeRecord *mirror = nullptr;       ///< the container whose row shows these cells as well
    std::optional<bool> matches;        ///< the filter, by itself; nothing while not looked at
    NodeRecord *group = nullptr;        ///< of a container: the row of what it has in common with others
    int members = 0;                    ///< of such a row: containers in it
    bool wanted = false;                ///< matches, or one below does; true for every row
    bool known = false;                 ///< views have this row; valid only within Private::arrange()
    bool unsorted = false;              ///< rows below came or changed since they were sorted
    int dirtyFirst = 0;                 ///< children whose values changed in this tick
    int dirtyLast = -1;

    [[nodiscard]] NodeId id() const { return NodeId{node.id()}; }
    /// A row, provided that its parent is one.
    [[nodiscard]] bool isShown() const { return parent != nullptr && row < parent->shownCount; }
    [[nodiscard]] const Cell &cell(Metric metric) const;
    [[nodiscard]] v1::FreezerState freezer() const;
};

/// What a row that stands for a group of containers has in common; nothing for another row.
[[nodiscard]] std::optional<NodeTreeModel::Grouping> groupKind(NodeId id);

/// Position of a metric in NodeRecord::cells, -1 for one the tree does not show.
[[nodiscard]] int treeSlot(Metric metric);

/// Every node of the host by id, and where each belongs in a grouping. Knows nothing of Qt's models. Thread: GUI.
class NodeStore
{
public:
    NodeStore();

    [[nodiscard]] NodeRecord *find(NodeId id) const;
    /// Cgroup of that path; 0 if unknown.
    [[nodiscard]] NodeId idOfPath(const std::string &path) const;
    /// Whether some cgroup lies below that path, whatever is shown.
    [[nodiscard]] bool hasCgroupBelow(const std::string &path) const;
    [[nodiscard]] NodeRecord &root() { return m_root; }
    [[nodiscard]] const NodeRecord &root() const { return m_root; }
    [[nodiscard]] std::size_t size() const { return m_records.size(); }
    template <class Visit> void forEach(Visit visit) const
    {
        for (const auto &[id, record] : m_records)
            visit(*record);
    }

    /// Makes or changes the record of a node.
    /// @param relinks set when the change can move other nodes (a container came, or changed its cgroup).
    NodeRecord &put(const v1::Node &node, bool &relinks);
    /// Forgets a record that is no row any more and has no children.
    void erase(NodeId id);
    void clear();

    /// Ties containers to the cgroups whose values they show. Call after put() and erase().
    void linkContainers();
    /// Finds the group of every container in this grouping, and makes the rows of groups that are missing. Linear in
    /// the nodes where the grouping has such rows.
    /// @return rows that have another title now.
    std::vector<NodeRecord *> groupContainers(NodeTreeModel::Grouping grouping, const std::string &labelKey);
    /// Rows of groups that have no place and nothing in them, for forgetting.
    [[nodiscard]] std::vector<NodeRecord *> unusedGroups() const;
    /// The row parent a record should have; nullptr: it is no row in this grouping. Makes the row of a namespace kind
    /// where it is missing; that has no place itself then.
    /// Call groupContainers() before, once for all.
    [[nodiscard]] NodeRecord *placeOf(const NodeRecord &record, NodeTreeModel::Grouping grouping);

private:
    [[nodiscard]] NodeRecord *hostRecord() const;
    [[nodiscard]] NodeRecord *known(std::uint64_t id, NodeRecord *fallback) const;
    [[nodiscard]] NodeRecord *containerPlace(const NodeRecord &record) const;
    [[nodiscard]] NodeRecord *cgroupPlaceInContainers(const NodeRecord &record) const;
    [[nodiscard]] NodeRecord *containerAbove(const NodeRecord *cgroup) const;
    [[nodiscard]] NodeRecord *groupRow(NodeTreeModel::Grouping kind, const std::string &key, const QString &title);
    [[nodiscard]] NodeRecord *groupOf(const NodeRecord &record, NodeTreeModel::Grouping grouping,
                                      const std::string &labelKey);
    [[nodiscard]] NodeRecord *kindRow(const NodeRecord &record);

    NodeRecord m_root;
    std::unordered_map<NodeId, std::unique_ptr<NodeRecord>> m_records;
    std::map<std::string, std::string> m_podNames; ///< while containers are grouped
    std::vector<NodeRecord *> m_retitled;
    std::map<std::string, NodeId> m_byPath; ///< in order: what lies below a path follows it
};

} // namespace gantry
