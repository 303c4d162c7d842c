// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_tree_model.h"

#include "widgets/models/alert_model.h"
#include "widgets/models/node_tree_data.h"
#include "widgets/models/node_tree_rows.h"
#include "widgets/text/format.h"

namespace gantry {

namespace {

bool takeCell(const v1::Frame::Column &column, const MetricInfo &info, int row, Cell &cell)
{
    Cell fresh;
    fresh.state = static_cast<v1::CellState>(column.states()[static_cast<std::size_t>(row)]);
    if (fresh.hasValue()) {
        if (info.integral && row < column.integers_size())
            fresh.integer = column.integers(row);
        else if (!info.integral && row < column.reals_size())
            fresh.real = column.reals(row);
        else
            fresh.state = v1::CELL_STATE_UNREADABLE; // a column that is too short is the peer's mistake
    }
    const bool changed = !(fresh == cell);
    cell = fresh;
    return changed;
}

} // namespace

NodeTreeModel::NodeTreeModel(QObject *parent) : QAbstractItemModel(parent), d(std::make_unique<Private>(this)) {}
NodeTreeModel::~NodeTreeModel() = default;

void NodeTreeModel::apply(const v1::InventoryUpdate &update)
{
    const auto orphans = d->forget(update);
    const auto affected = d->take(update, orphans);
    // Rows are about to move: what is dirty is announced by the positions of now.
    d->announceDirty();
    d->place(affected);
    d->arrange();
    d->recountBadges();
    d->sortRows();
    Q_EMIT structureChanged();
}

void NodeTreeModel::apply(const v1::Frame &frame)
{
    const int rows = frame.node_ids_size();
    Private::Records records(static_cast<std::size_t>(rows));
    std::vector<char> changed(static_cast<std::size_t>(rows));
    for (int row = 0; row < rows; ++row)
        records[static_cast<std::size_t>(row)] = d->store.find(NodeId{frame.node_ids(row)});
    for (const v1::Frame::Column &column : frame.columns()) {
        const auto metric = metricByNumber(column.metric());
        const int slot = metric ? treeSlot(*metric) : -1;
        if (slot < 0 || column.states().size() < static_cast<std::size_t>(rows))
            continue;
        const MetricInfo &info = *metricInfo(*metric);
        for (int row = 0; row < rows; ++row) {
            const auto i = static_cast<std::size_t>(row);
            if (records[i] != nullptr && takeCell(column, info, row, records[i]->cells[static_cast<std::size_t>(slot)]))
                changed[i] = 1;
        }
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (changed[i] == 0)
            continue;
        d->markDirty(records[i]);
        if (records[i]->mirror != nullptr)
            d->markDirty(records[i]->mirror);
    }
    d->announceDirty();
    d->sortRows();
    Q_EMIT ticked();
}

void NodeTreeModel::apply(const v1::AlertUpdate &update)
{
    if (update.snapshot())
        d->alerts.clear();
    for (const std::uint64_t id : update.removed())
        d->alerts.erase(id);
    for (const v1::Alert &alert : update.alerts()) {
        if (AlertModel::isOpen(alert))
            d->alerts[alert.id()] = alert;
        else
            d->alerts.erase(alert.id());
    }
    d->recountBadges();
    d->sortRows();
}

void NodeTreeModel::clear()
{
    beginResetModel();
    d->store.clear();
    d->alerts.clear();
    d->badged.clear();
    d->dirtyParents.clear();
    d->stale = false;
    endResetModel();
    Q_EMIT structureChanged();
}

void NodeTreeModel::setGrouping(Grouping grouping)
{
    if (grouping == d->grouping)
        return;
    d->grouping = grouping;
    d->placeAll();
}

void NodeTreeModel::setLabelKey(const QString &key)
{
    if (key == labelKey())
        return;
    d->labelKey = key.toStdString();
    if (d->grouping == Grouping::Labels)
        d->placeAll();
}

QString NodeTreeModel::labelKey() const
{
    return text::utf8(d->labelKey);
}

QStringList NodeTreeModel::labelKeys() const
{
    QStringList keys;
    d->store.forEach([&keys](const NodeRecord &record) {
        for (const auto &[key, value] : record.node.container().labels())
            keys << text::utf8(key);
    });
    keys.sort();
    keys.removeDuplicates();
    return keys;
}

NodeTreeModel::Grouping NodeTreeModel::grouping() const
{
    return d->grouping;
}

void NodeTreeModel::setFilter(const QString &typed)
{
    d->filter = FilterExpression(typed);
    d->store.forEach([](NodeRecord &record) { record.matches.reset(); });
    d->arrange();
    d->sortRows();
}

QString NodeTreeModel::filterProblem() const
{
    return d->filter.problem();
}

void NodeTreeModel::sort(int column, Qt::SortOrder order)
{
    d->sortColumn = column;
    d->sortOrder = order;
    d->needsSort(&d->store.root());
    d->store.forEach([this](NodeRecord &record) { d->needsSort(&record); });
    d->sortRows();
}

void NodeTreeModel::setStale(bool stale)
{
    if (stale == d->stale)
        return;
    d->stale = stale;
    d->store.forEach([this](NodeRecord &record) { d->markDirty(&record); });
    d->announceDirty();
}

bool NodeTreeModel::isStale() const
{
    return d->stale;
}

const v1::Node *NodeTreeModel::node(NodeId id) const
{
    const NodeRecord *record = d->store.find(id);
    return record == nullptr ? nullptr : &record->node;
}

NodeId NodeTreeModel::idOf(const QModelIndex &index) const
{
    return index.isValid() && index.model() == this ? Private::recordAt(index)->id() : NodeId{};
}

QModelIndex NodeTreeModel::indexOf(NodeId id, int column) const
{
    NodeRecord *record = d->store.find(id);
    return d->isReachable(record) ? d->indexFor(record, column) : QModelIndex();
}

NodeId NodeTreeModel::cgroupOf(NodeId id) const
{
    const NodeRecord *record = d->store.find(id);
    return record != nullptr && record->values->node.has_cgroup() ? record->values->id() : NodeId{};
}

QString NodeTreeModel::pathOf(NodeId id) const
{
    const v1::Node *cgroup = node(cgroupOf(id));
    return cgroup == nullptr ? QString() : text::utf8(cgroup->cgroup().path());
}

NodeId NodeTreeModel::idOfPath(const QString &path) const
{
    return d->store.idOfPath(path.toStdString());
}

NodeId NodeTreeModel::idOfContainer(const v1::ContainerDetail &same) const
{
    NodeId found;
    if (same.id().empty())
        return found;
    d->store.forEach([&](const NodeRecord &record) {
        const v1::ContainerDetail &container = record.node.container();
        if (record.node.has_container() && container.id() == same.id() && container.runtime() == same.runtime() &&
            container.has_user_uid() == same.has_user_uid() && container.user_uid() == same.user_uid())
            found = record.id();
    });
    return found;
}

bool NodeTreeModel::hasCgroupsBelow(NodeId id) const
{
    const v1::Node *cgroup = node(cgroupOf(id));
    return cgroup != nullptr && d->store.hasCgroupBelow(cgroup->cgroup().path());
}

Cell NodeTreeModel::value(NodeId id, Metric metric) const
{
    const NodeRecord *record = d->store.find(id);
    return record == nullptr ? Cell{} : record->cell(metric);
}

v1::FreezerState NodeTreeModel::freezerState(NodeId id) const
{
    const NodeRecord *record = d->store.find(id);
    return record == nullptr ? v1::FREEZER_STATE_ABSENT : record->freezer();
}

QStringList NodeTreeModel::cgroupPaths() const
{
    QStringList paths;
    d->store.forEach([&paths](const NodeRecord &record) {
        if (record.node.has_cgroup())
            paths << text::utf8(record.node.cgroup().path());
    });
    paths.sort();
    return paths;
}

int NodeTreeModel::nodeCount() const
{
    return static_cast<int>(d->store.size());
}

QModelIndex NodeTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || parent.column() > 0)
        return {};
    const NodeRecord &record = parent.isValid() ? *Private::recordAt(parent) : d->store.root();
    return row < record.shownCount ? createIndex(row, column, record.children[static_cast<std::size_t>(row)])
                                   : QModelIndex();
}

QModelIndex NodeTreeModel::parent(const QModelIndex &child) const
{
    return child.isValid() ? d->indexFor(Private::recordAt(child)->parent) : QModelIndex();
}

int NodeTreeModel::rowCount(const QModelIndex &parent) const
{
    if (parent.column() > 0)
        return 0;
    const NodeRecord &record = parent.isValid() ? *Private::recordAt(parent) : d->store.root();
    return record.shownCount;
}

int NodeTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

bool NodeTreeModel::hasChildren(const QModelIndex &parent) const
{
    return rowCount(parent) > 0;
}

QVariant NodeTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    return nodeData(*Private::recordAt(index), index.column(), role, d->stale);
}

QVariant NodeTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? nodeHeader(section, role) : QVariant();
}

Qt::ItemFlags NodeTreeModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    // Else QTreeView::expandAll() keeps a persistent index of every leaf, each of which a sort has to move.
    const Qt::ItemFlags leaf = hasChildren(index) ? Qt::NoItemFlags : Qt::ItemNeverHasChildren;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | leaf;
}

} // namespace gantry
