// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_tree_data.h"
#include "widgets/models/node_tree_rows.h"

#include <algorithm>
#include <cmath>
#include <ranges>
#include <utility>

namespace gantry {

namespace {

using Records = std::vector<NodeRecord *>;

/// Smaller first; a value that is not there is smaller than any.
bool numberLess(double left, double right)
{
    return std::isnan(left) ? !std::isnan(right) : left < right;
}

/// What holds a pod together is not what one looks for.
bool comesLast(const NodeRecord *record)
{
    return record->node.container().infrastructure();
}

bool titleLess(const QString *left, const QString *right)
{
    return left->compare(*right, Qt::CaseInsensitive) < 0;
}

/// Rows sorted by a key that is fetched once a row; equal ones stay as they are. Empty where the order holds already.
template <class KeyOf, class Less>
Records sortedBy(std::span<NodeRecord *const> rows, Qt::SortOrder order, KeyOf keyOf, Less less)
{
    std::vector<std::pair<decltype(keyOf(*rows.front())), NodeRecord *>> keyed;
    keyed.reserve(rows.size());
    for (NodeRecord *row : rows)
        keyed.emplace_back(keyOf(*row), row);
    const auto before = [&](const auto &left, const auto &right) {
        if (comesLast(left.second) != comesLast(right.second))
            return comesLast(right.second);
        return order == Qt::AscendingOrder ? less(left.first, right.first) : less(right.first, left.first);
    };
    Records sorted;
    if (std::ranges::is_sorted(keyed, before))
        return sorted;
    std::ranges::stable_sort(keyed, before);
    std::ranges::copy(keyed | std::views::values, std::back_inserter(sorted));
    return sorted;
}

} // namespace

Records NodeTreeModel::Private::topDown()
{
    Records order{&store.root()};
    order.reserve(store.size() + 1);
    for (std::size_t i = 0; i < order.size(); ++i)
        order.insert(order.end(), order[i]->children.begin(), order[i]->children.end());
    return order;
}

bool NodeTreeModel::Private::matches(NodeRecord &record) const
{
    if (!record.matches)
        record.matches = filter.matches(record.filterText);
    return *record.matches;
}

void NodeTreeModel::Private::arrange()
{
    const Records order = topDown();
    for (NodeRecord *record : order)
        record->wanted = matches(*record);
    for (NodeRecord *record : order | std::views::reverse) {
        if (record->wanted && record->parent != nullptr)
            record->parent->wanted = true;
    }
    // From the top: what is below a hidden row needs no word. From the bottom: a shown row brings its rows with it.
    for (NodeRecord *record : order) {
        record->known = record->parent == nullptr || (record->parent->known && record->isShown());
        hideUnwanted(record, record->known);
    }
    for (NodeRecord *record : order | std::views::reverse)
        showWanted(record, record->known);
}

void NodeTreeModel::Private::hideUnwanted(NodeRecord *parent, bool announced)
{
    const auto child = [parent](int row) { return parent->children.begin() + row; };
    for (int last = parent->shownCount - 1; last >= 0; --last) {
        if ((*child(last))->wanted)
            continue;
        int first = last;
        while (first > 0 && !(*child(first - 1))->wanted)
            --first;
        if (announced)
            q->beginRemoveRows(indexFor(parent), first, last);
        const int oldCount = std::exchange(parent->shownCount, parent->shownCount - (last - first + 1));
        std::rotate(child(first), child(last + 1), child(oldCount));
        renumber(*parent, first, oldCount);
        if (announced)
            q->endRemoveRows();
        last = first;
    }
}

void NodeTreeModel::Private::showWanted(NodeRecord *parent, bool announced)
{
    const auto isWanted = [](const NodeRecord *record) { return record->wanted; };
    const std::ranges::subrange hidden(parent->children.begin() + parent->shownCount, parent->children.end());
    const auto count = static_cast<int>(std::ranges::count_if(hidden, isWanted));
    if (count == 0)
        return;
    std::ranges::stable_partition(hidden, isWanted);
    renumber(*parent, parent->shownCount, static_cast<int>(parent->children.size()));
    if (announced)
        q->beginInsertRows(indexFor(parent), parent->shownCount, parent->shownCount + count - 1);
    parent->shownCount += count;
    if (announced)
        q->endInsertRows();
    needsSort(parent);
}

void NodeTreeModel::Private::needsSort(NodeRecord *parent)
{
    if (!std::exchange(parent->unsorted, true))
        unsortedParents.push_back(parent);
}

Records NodeTreeModel::Private::sortedRows(const NodeRecord &parent) const
{
    const auto rows = std::span(parent.children).first(static_cast<std::size_t>(parent.shownCount));
    if (sortColumn < 0 || rows.size() < 2)
        return {};
    if (sortColumn == Name)
        return sortedBy(rows, sortOrder, [](const NodeRecord &record) { return &record.title; }, titleLess);
    const auto number = [this](const NodeRecord &record) { return nodeSortNumber(record, sortColumn); };
    return sortedBy(rows, sortOrder, number, numberLess);
}

void NodeTreeModel::Private::sortRows()
{
    std::vector<std::pair<NodeRecord *, Records>> changes;
    for (NodeRecord *parent : std::exchange(unsortedParents, {})) {
        parent->unsorted = false;
        if (Records rows = sortedRows(*parent); !rows.empty())
            changes.emplace_back(parent, std::move(rows));
    }
    if (changes.empty())
        return;
    Q_EMIT q->layoutAboutToBeChanged({}, VerticalSortHint);
    for (const auto &[parent, rows] : changes) {
        std::ranges::copy(rows, parent->children.begin());
        renumber(*parent, 0, parent->shownCount);
    }
    QModelIndexList from;
    QModelIndexList to;
    for (const QModelIndex &index : q->persistentIndexList()) {
        if (const QModelIndex now = indexFor(recordAt(index), index.column()); now != index) {
            from << index;
            to << now;
        }
    }
    q->changePersistentIndexList(from, to);
    Q_EMIT q->layoutChanged({}, VerticalSortHint);
}

} // namespace gantry
