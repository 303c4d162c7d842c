// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/node_store.h"
#include "widgets/models/node_tree_model.h"

namespace gantry {

/// The rows of a NodeTreeModel: takes nodes out of the store's tree and puts them in, announcing whole runs.
class NodeTreeModel::Private
{
public:
    using Records = std::vector<NodeRecord *>;
    using Groups = std::vector<std::pair<NodeRecord *, Records>>;

    explicit Private(NodeTreeModel *model) : q(model) {}

    [[nodiscard]] bool isReachable(const NodeRecord *record) const;
    [[nodiscard]] QModelIndex indexFor(NodeRecord *record, int column = 0) const;
    [[nodiscard]] static NodeRecord *recordAt(const QModelIndex &index);

    Records forget(const v1::InventoryUpdate &update);
    Records take(const v1::InventoryUpdate &update, Records affected);
    void place(const Records &affected);
    void detach(const Records &records);
    void attach(const Records &records, const std::unordered_map<NodeRecord *, NodeRecord *> &places);
    void removeRun(NodeRecord *parent, std::size_t first, std::size_t last);
    void append(NodeRecord *parent, const Records &children);

    void markDirty(NodeRecord *record);
    void announceDirty();
    void recountBadges();

    NodeTreeModel *q;
    NodeStore store;
    Grouping grouping = Grouping::Cgroups;
    bool stale = false;
    std::vector<NodeRecord *> dirtyParents;
    std::unordered_map<std::uint64_t, v1::Alert> alerts;
    std::vector<NodeId> badged;
};

} // namespace gantry
