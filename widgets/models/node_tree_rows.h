// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/filter_expression.h"
#include "widgets/models/node_store.h"
#include "widgets/models/node_tree_model.h"

namespace gantry {

/// The rows of a NodeTreeModel: takes nodes out of the store's tree and puts them in (node_tree_rows.cpp), shows those
/// the filter lets through and keeps them sorted (node_tree_order.cpp). Views are told of whole runs.
///
/// A node that is put in its place is hidden until arrange(); a node that leaves is hidden first. So rows come and go
/// in two functions only, showWanted() and hideUnwanted().
class NodeTreeModel::Private
{
public:
    using Records = std::vector<NodeRecord *>;

    explicit Private(NodeTreeModel *model) : q(model) {}

    [[nodiscard]] bool isReachable(const NodeRecord *record) const;
    [[nodiscard]] QModelIndex indexFor(NodeRecord *record, int column = 0) const;
    [[nodiscard]] static NodeRecord *recordAt(const QModelIndex &index);

    Records forget(const v1::InventoryUpdate &update);
    Records take(const v1::InventoryUpdate &update, Records affected);
    void place(const Records &affected);
    void detach(const Records &records);
    /// Every node anew, after what the places depend on was changed.
    void placeAll();
    /// Rows of groups that nothing is in any more.
    void forgetGroups();
    static void renumber(NodeRecord &parent, int first, int end);

    /// Shows and hides rows so that those are left which match the filter, and their ancestors. Linear in the nodes.
    void arrange();
    /// Sorts the rows below every parent noted by needsSort(): one layoutChanged, and none where the order holds.
    void sortRows();
    void needsSort(NodeRecord *parent);

    void markDirty(NodeRecord *record);
    void announceDirty();
    void recountBadges();

    NodeTreeModel *q;
    NodeStore store;
    Grouping grouping = Grouping::Cgroups;
    std::string labelKey;
    bool stale = false;
    FilterExpression filter;
    int sortColumn = -1;
    Qt::SortOrder sortOrder = Qt::AscendingOrder;
    Records dirtyParents;
    Records unsortedParents;
    std::unordered_map<std::uint64_t, v1::Alert> alerts;
    std::vector<NodeId> badged;

private:
    /// Every node that has a place below the root, parents first.
    [[nodiscard]] Records topDown();
    [[nodiscard]] bool matches(NodeRecord &record) const;
    /// @param announced the parent is known to views.
    void hideUnwanted(NodeRecord *parent, bool announced);
    void showWanted(NodeRecord *parent, bool announced);
    /// The rows below a parent as they should be; empty where they are so already.
    [[nodiscard]] Records sortedRows(const NodeRecord &parent) const;
};

} // namespace gantry
