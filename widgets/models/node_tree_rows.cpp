// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_tree_rows.h"

#include <algorithm>
#include <functional>
#include <unordered_set>
#include <utility>

namespace gantry {

namespace {

/// Records by what they have in common, in the order of first appearance.
template <class KeyOf>
std::vector<std::pair<NodeRecord *, std::vector<NodeRecord *>>> groupBy(const std::vector<NodeRecord *> &records,
                                                                        KeyOf keyOf)
{
    std::vector<std::pair<NodeRecord *, std::vector<NodeRecord *>>> groups;
    std::unordered_map<NodeRecord *, std::size_t> at;
    for (NodeRecord *record : records) {
        NodeRecord *key = keyOf(record);
        if (key == nullptr)
            continue;
        const auto [it, isNew] = at.emplace(key, groups.size());
        if (isNew)
            groups.push_back({key, {}});
        groups[it->second].second.push_back(record);
    }
    return groups;
}

} // namespace

bool NodeTreeModel::Private::isReachable(const NodeRecord *record) const
{
    for (std::size_t steps = 0; record != nullptr && steps <= store.size() + 1; ++steps) {
        if (record == &store.root())
            return true;
        record = record->isShown() ? record->parent : nullptr;
    }
    return false;
}

void NodeTreeModel::Private::renumber(NodeRecord &parent, int first, int end)
{
    for (int row = first; row < end; ++row)
        parent.children.at(static_cast<std::size_t>(row))->row = row;
}

QModelIndex NodeTreeModel::Private::indexFor(NodeRecord *record, int column) const
{
    return record == nullptr || !record->isShown() ? QModelIndex() : q->createIndex(record->row, column, record);
}

NodeRecord *NodeTreeModel::Private::recordAt(const QModelIndex &index)
{
    return static_cast<NodeRecord *>(index.internalPointer());
}

/// Takes the removed nodes out of the tree and the store.
/// @return nodes that lost their parent and need another place.
NodeTreeModel::Private::Records NodeTreeModel::Private::forget(const v1::InventoryUpdate &update)
{
    std::unordered_set<std::uint64_t> gone(update.removed().begin(), update.removed().end());
    if (update.snapshot()) {
        std::unordered_set<std::uint64_t> kept;
        for (const v1::Node &node : update.upserted())
            kept.insert(node.id());
        store.forEach([&](const NodeRecord &record) {
            if (record.node.kind() != v1::NODE_KIND_UNSPECIFIED && !kept.contains(record.node.id()))
                gone.insert(record.node.id());
        });
    }
    Records leaving;
    Records orphans;
    for (const std::uint64_t id : gone) {
        NodeRecord *record = store.find(NodeId{id});
        if (record == nullptr)
            continue;
        leaving.push_back(record);
        for (NodeRecord *child : record->children) {
            if (!gone.contains(child->node.id()))
                orphans.push_back(child);
        }
    }
    Records all = leaving;
    all.insert(all.end(), orphans.begin(), orphans.end());
    detach(all);
    for (NodeRecord *record : leaving) {
        // Children that leave as well have been detached by now.
        store.erase(record->id());
    }
    return orphans;
}

/// Puts the nodes of the update into the store.
/// @return every node whose place may be another one now.
NodeTreeModel::Private::Records NodeTreeModel::Private::take(const v1::InventoryUpdate &update, Records affected)
{
    bool relinks = update.snapshot() || !update.removed().empty();
    for (const v1::Node &node : update.upserted()) {
        if (node.id() == 0)
            continue;
        NodeRecord &record = store.put(node, relinks);
        affected.push_back(&record);
        if (record.parent != nullptr)
            markDirty(&record);
    }
    if (relinks) {
        store.linkContainers();
        affected.clear();
        store.forEach([&affected](NodeRecord &record) { affected.push_back(&record); });
    }
    return affected;
}

void NodeTreeModel::Private::place(const Records &affected)
{
    for (NodeRecord *group : store.groupContainers(grouping, labelKey)) {
        markDirty(group);
        needsSort(group->parent != nullptr ? group->parent : &store.root());
    }
    announceDirty(); // by the positions of now
    std::unordered_map<NodeRecord *, NodeRecord *> places;
    Records leaving;
    const auto consider = [&](NodeRecord *record) {
        NodeRecord *place = store.placeOf(*record, grouping);
        if (place != record->parent && places.emplace(record, place).second && record->parent != nullptr)
            leaving.push_back(record);
        return place;
    };
    for (NodeRecord *record : affected) {
        NodeRecord *place = consider(record);
        if (place != nullptr && place != &store.root() && place->parent == nullptr)
            consider(place); // the row of a group or of a namespace kind that was made on the way
    }
    detach(leaving);
    for (const auto &[record, parent] : places) {
        if (parent == nullptr)
            continue;
        record->parent = parent;
        record->row = static_cast<int>(parent->children.size());
        parent->children.push_back(record);
    }
    forgetGroups();
}

void NodeTreeModel::Private::forgetGroups()
{
    for (NodeRecord *group : store.unusedGroups()) {
        std::erase(dirtyParents, group);
        std::erase(unsortedParents, group);
        store.erase(group->id());
    }
}

void NodeTreeModel::Private::placeAll()
{
    detach(store.root().children);
    Records all;
    store.forEach([&all](NodeRecord &record) {
        record.parent = nullptr;
        record.children.clear();
        record.shownCount = 0;
        record.row = -1;
        all.push_back(&record);
    });
    place(all);
    arrange();
    recountBadges();
    sortRows();
    Q_EMIT q->structureChanged();
}

void NodeTreeModel::Private::detach(const Records &records)
{
    for (NodeRecord *record : records)
        record->wanted = false;
    auto groups = groupBy(records, [](NodeRecord *record) { return record->parent; });
    // The top of what leaves first: what is below is no row any more then, and views need not be told of it.
    std::ranges::stable_partition(groups, [](const auto &group) { return group.first->wanted; });
    for (auto &[parent, children] : groups) {
        hideUnwanted(parent, isReachable(parent));
        for (NodeRecord *child : children) {
            child->parent = nullptr;
            child->row = -1;
        }
        Records &siblings = parent->children;
        std::erase_if(siblings, [](const NodeRecord *sibling) { return sibling->parent == nullptr; });
        renumber(*parent, parent->shownCount, static_cast<int>(siblings.size()));
    }
}

void NodeTreeModel::Private::markDirty(NodeRecord *record)
{
    if (!record->isShown())
        return;
    NodeRecord *parent = record->parent;
    if (parent->dirtyLast < parent->dirtyFirst) {
        dirtyParents.push_back(parent);
        parent->dirtyFirst = record->row;
        parent->dirtyLast = record->row;
        return;
    }
    parent->dirtyFirst = std::min(parent->dirtyFirst, record->row);
    parent->dirtyLast = std::max(parent->dirtyLast, record->row);
}

void NodeTreeModel::Private::announceDirty()
{
    for (NodeRecord *parent : std::exchange(dirtyParents, {})) {
        const int first = std::exchange(parent->dirtyFirst, 0);
        const int last = std::exchange(parent->dirtyLast, -1);
        if (!isReachable(parent) || last < first)
            continue;
        Q_EMIT q->dataChanged(
            q->createIndex(first, 0, parent->children.at(static_cast<std::size_t>(first))),
            q->createIndex(last, ColumnCount - 1, parent->children.at(static_cast<std::size_t>(last))));
        needsSort(parent);
    }
}

void NodeTreeModel::Private::recountBadges()
{
    std::unordered_map<NodeRecord *, Badge> counts;
    for (const auto &[id, alert] : alerts) {
        NodeRecord *record = store.find(NodeId{alert.node_id()});
        if (record != nullptr && record->parent == nullptr && record->mirror != nullptr)
            record = record->mirror;
        for (std::size_t steps = 0; record != nullptr && record != &store.root() && steps <= store.size(); ++steps) {
            Badge &badge = counts[record];
            ++badge.count;
            badge.worst = std::max(badge.worst, alert.severity());
            record = record->parent;
        }
    }
    for (const NodeId id : std::exchange(badged, {})) {
        if (NodeRecord *record = store.find(id))
            counts.try_emplace(record);
    }
    for (const auto &[record, badge] : counts) {
        if (badge.count > 0)
            badged.push_back(record->id());
        if (record->badge == badge)
            continue;
        record->badge = badge;
        markDirty(record);
    }
    announceDirty();
}

} // namespace gantry
