// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_tree_model.h"

#include "widgets/models/alert_model.h"
#include "widgets/models/node_tree_data.h"
#include "widgets/models/node_tree_rows.h"
#include "widgets/text/format.h"

#include <limits>

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
    d->recountBadges();
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
    if (!d->store.root().children.empty())
        d->removeRun(&d->store.root(), 0, d->store.root().children.size() - 1);
    Private::Records all;
    d->store.forEach([&all](NodeRecord &record) {
        record.parent = nullptr;
        record.children.clear();
        record.row = -1;
        all.push_back(&record);
    });
    d->place(all);
    d->recountBadges();
    Q_EMIT structureChanged();
}

NodeTreeModel::Grouping NodeTreeModel::grouping() const
{
    return d->grouping;
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

double NodeTreeModel::sortNumber(const QModelIndex &index) const
{
    return index.isValid() ? nodeSortNumber(*Private::recordAt(index), index.column())
                           : std::numeric_limits<double>::quiet_NaN();
}

QModelIndex NodeTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || parent.column() > 0)
        return {};
    const NodeRecord &record = parent.isValid() ? *Private::recordAt(parent) : d->store.root();
    const auto at = static_cast<std::size_t>(row);
    return at < record.children.size() ? createIndex(row, column, record.children[at]) : QModelIndex();
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
    return static_cast<int>(record.children.size());
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
    return index.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
}

} // namespace gantry
