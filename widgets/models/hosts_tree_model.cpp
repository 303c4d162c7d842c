// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/hosts_tree_model.h"

#include "widgets/models/node_tree_data.h"
#include "widgets/models/node_tree_rows.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QGuiApplication>

#include <algorithm>
#include <utility>

namespace gantry {

using Tree = NodeTreeModel;

/// A row that is not of a host's own tree. Its address has a mark in the indexes, by which they are told from records.
struct HostsTreeModel::Top
{
    bool isGroup = false;
};

struct HostsTreeModel::Group : Top
{
    QString name;
    std::vector<Top *> rows;
};

struct HostsTreeModel::Host : Top
{
    HostKey key;
    HostFacts facts;
    NodeTreeModel *tree = nullptr;
    Group *group = nullptr;     ///< set while it is a row in one
    bool shown = false;         ///< it is a row
    NodeRecord *root = nullptr; ///< the host's node, whose rows are below this row; nullptr: none are
    std::vector<QMetaObject::Connection> connections;

    [[nodiscard]] QString title() const
    {
        if (!facts.name.isEmpty())
            return facts.name;
        return root != nullptr ? root->title : HostsTreeModel::tr("This host");
    }
    [[nodiscard]] bool isStale() const { return facts.state != HostFacts::State::Live; }
};

namespace {

constexpr quintptr kTopMark = 1;

QString stateText(HostFacts::State state)
{
    switch (state) {
    case HostFacts::State::NotConnected:
        return HostsTreeModel::tr("not connected");
    case HostFacts::State::Connecting:
        return HostsTreeModel::tr("connecting");
    case HostFacts::State::Lost:
        return HostsTreeModel::tr("lost");
    case HostFacts::State::Live:
        break;
    }
    return {};
}

QString hostTip(const HostFacts &facts)
{
    QStringList lines;
    if (facts.state == HostFacts::State::NotConnected && facts.reason.isEmpty())
        lines << HostsTreeModel::tr("Double click to connect.");
    if (!facts.reason.isEmpty())
        lines << facts.reason;
    if (!facts.version.isEmpty())
        lines << HostsTreeModel::tr("Version: %1").arg(facts.version);
    if (!facts.missing.isEmpty())
        lines << HostsTreeModel::tr("It is older than this program, and does not have: %1")
                     .arg(facts.missing.join(QStringLiteral(", ")));
    if (facts.latency)
        lines << HostsTreeModel::tr("Latency: %1")
                     .arg(text::duration(Micros(static_cast<std::uint64_t>(facts.latency->count()))));
    return lines.join(u'\n');
}

} // namespace

HostsTreeModel::HostsTreeModel(QObject *parent) : QAbstractItemModel(parent) {}

HostsTreeModel::~HostsTreeModel()
{
    for (const auto &host : m_hosts) {
        for (const QMetaObject::Connection &connection : host->connections)
            disconnect(connection);
    }
}

HostKey HostsTreeModel::add(NodeTreeModel *tree, const HostFacts &facts)
{
    auto &host = *m_hosts.emplace_back(std::make_unique<Host>());
    host.key = HostKey{++m_lastKey};
    host.facts = facts;
    host.tree = tree;
    tree->setGrouping(m_grouping);
    tree->setLabelKey(m_labelKey);
    tree->setFilter(m_typed);
    if (m_sortColumn >= 0)
        tree->sort(m_sortColumn, m_sortOrder);
    follow(host);
    arrange(host);
    Q_EMIT structureChanged();
    return host.key;
}

void HostsTreeModel::remove(HostKey key)
{
    Host *host = find(key);
    if (host == nullptr)
        return;
    for (const QMetaObject::Connection &connection : host->connections)
        disconnect(connection);
    hide(*host);
    std::erase_if(m_hosts, [host](const auto &other) { return other.get() == host; });
    Q_EMIT structureChanged();
}

void HostsTreeModel::setFacts(HostKey key, const HostFacts &facts)
{
    Host *host = find(key);
    if (host == nullptr || host->facts == facts)
        return;
    const bool moves = host->facts.name != facts.name || host->facts.group != facts.group;
    if (moves)
        hide(*host);
    host->facts = facts;
    arrange(*host);
    if (host->shown)
        announce(host);
}

std::vector<HostKey> HostsTreeModel::hosts() const
{
    std::vector<HostKey> out;
    for (int row = 0; row < rowCount(); ++row)
        std::ranges::copy(hostsOf(index(row, 0)), std::back_inserter(out));
    return out;
}

NodeTreeModel *HostsTreeModel::treeOf(HostKey key) const
{
    const Host *host = find(key);
    return host == nullptr ? nullptr : host->tree;
}

HostFacts HostsTreeModel::factsOf(HostKey key) const
{
    const Host *host = find(key);
    return host == nullptr ? HostFacts() : host->facts;
}

void HostsTreeModel::setGrouping(NodeTreeModel::Grouping grouping)
{
    m_grouping = grouping;
    for (const auto &host : m_hosts)
        host->tree->setGrouping(grouping);
}

void HostsTreeModel::setLabelKey(const QString &key)
{
    m_labelKey = key;
    for (const auto &host : m_hosts)
        host->tree->setLabelKey(key);
}

QStringList HostsTreeModel::labelKeys() const
{
    QStringList keys;
    for (const auto &host : m_hosts)
        keys << host->tree->labelKeys();
    keys.sort();
    keys.removeDuplicates();
    return keys;
}

void HostsTreeModel::setFilter(const QString &typed)
{
    m_typed = typed;
    for (const auto &host : m_hosts) {
        host->tree->setFilter(typed);
        arrange(*host);
    }
}

QString HostsTreeModel::filterProblem() const
{
    return FilterExpression(m_typed).problem();
}

bool HostsTreeModel::isTop(const QModelIndex &index)
{
    return (index.internalId() & kTopMark) != 0;
}

HostsTreeModel::Top *HostsTreeModel::topAt(const QModelIndex &index)
{
    return reinterpret_cast<Top *>(index.internalId() & ~kTopMark); // NOLINT(performance-no-int-to-ptr)
}

QModelIndex HostsTreeModel::indexFor(const Top *top, int column) const
{
    const Group *const group = top->isGroup ? nullptr : static_cast<const Host *>(top)->group;
    const std::vector<Top *> &rows = group == nullptr ? m_rows : group->rows;
    const auto at = std::ranges::find(rows, top);
    return at == rows.end()
               ? QModelIndex()
               : createIndex(static_cast<int>(at - rows.begin()), column, reinterpret_cast<quintptr>(top) | kTopMark);
}

QModelIndex HostsTreeModel::forRecord(NodeRecord *record, int column) const
{
    return createIndex(record->row, column, record);
}

QModelIndex HostsTreeModel::fromTree(const Host &host, const QModelIndex &index) const
{
    NodeRecord *const record = Tree::Private::recordAt(index);
    return record == host.root ? indexFor(&host, index.column()) : forRecord(record, index.column());
}

HostsTreeModel::Host *HostsTreeModel::find(HostKey key) const
{
    const auto at = std::ranges::find_if(m_hosts, [key](const auto &host) { return host->key == key; });
    return at == m_hosts.end() ? nullptr : at->get();
}

HostsTreeModel::Host *HostsTreeModel::hostAt(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    if (isTop(index))
        return topAt(index)->isGroup ? nullptr : static_cast<Host *>(topAt(index));
    const NodeRecord *record = Tree::Private::recordAt(index);
    while (record->node.kind() != v1::NODE_KIND_HOST && record->parent != nullptr)
        record = record->parent;
    const auto at = std::ranges::find_if(m_hosts, [record](const auto &host) { return host->root == record; });
    return at == m_hosts.end() ? nullptr : at->get();
}

HostKey HostsTreeModel::hostOf(const QModelIndex &index) const
{
    const Host *host = hostAt(index);
    return host == nullptr ? HostKey() : host->key;
}

NodeRef HostsTreeModel::refOf(const QModelIndex &index) const
{
    const Host *host = hostAt(index);
    if (host == nullptr)
        return {};
    return {host->key, isTop(index) ? NodeId::host() : Tree::Private::recordAt(index)->id()};
}

QModelIndex HostsTreeModel::indexOf(NodeRef ref, int column) const
{
    const Host *host = find(ref.host);
    if (host == nullptr || !host->shown)
        return {};
    if (ref.node == NodeId::host())
        return indexFor(host, column);
    const QModelIndex index = host->root == nullptr ? QModelIndex() : host->tree->indexOf(ref.node, column);
    return index.isValid() ? fromTree(*host, index) : QModelIndex();
}

std::vector<HostKey> HostsTreeModel::hostsOf(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    if (!isTop(index) || !topAt(index)->isGroup)
        return {hostOf(index)};
    std::vector<HostKey> out;
    for (const Top *row : static_cast<const Group *>(topAt(index))->rows)
        out.push_back(static_cast<const Host *>(row)->key);
    return out;
}

QModelIndex HostsTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (column < 0 || column >= Tree::ColumnCount || row < 0 || row >= rowCount(parent))
        return {};
    const auto at = static_cast<std::size_t>(row);
    if (parent.isValid() && !isTop(parent))
        return forRecord(Tree::Private::recordAt(parent)->children[at], column);
    if (!parent.isValid() || topAt(parent)->isGroup) {
        const std::vector<Top *> &rows = parent.isValid() ? static_cast<Group *>(topAt(parent))->rows : m_rows;
        return createIndex(row, column, reinterpret_cast<quintptr>(rows[at]) | kTopMark);
    }
    return forRecord(static_cast<Host *>(topAt(parent))->root->children[at], column);
}

QModelIndex HostsTreeModel::parent(const QModelIndex &child) const
{
    if (!child.isValid())
        return {};
    if (isTop(child)) {
        const Top *top = topAt(child);
        const Group *group = top->isGroup ? nullptr : static_cast<const Host *>(top)->group;
        return group == nullptr ? QModelIndex() : indexFor(group);
    }
    NodeRecord *const above = Tree::Private::recordAt(child)->parent;
    const auto host = std::ranges::find_if(m_hosts, [above](const auto &each) { return each->root == above; });
    return host == m_hosts.end() ? forRecord(above, 0) : indexFor(host->get());
}

int HostsTreeModel::rowCount(const QModelIndex &parent) const
{
    if (parent.column() > 0)
        return 0;
    if (!parent.isValid())
        return static_cast<int>(m_rows.size());
    if (!isTop(parent))
        return Tree::Private::recordAt(parent)->shownCount;
    if (topAt(parent)->isGroup)
        return static_cast<int>(static_cast<const Group *>(topAt(parent))->rows.size());
    const NodeRecord *const root = static_cast<const Host *>(topAt(parent))->root;
    return root == nullptr ? 0 : root->shownCount;
}

int HostsTreeModel::columnCount(const QModelIndex &) const
{
    return Tree::ColumnCount;
}

bool HostsTreeModel::hasChildren(const QModelIndex &parent) const
{
    return rowCount(parent) > 0;
}

QVariant HostsTreeModel::groupData(const Group &group, int column, int role) const
{
    if (column != Tree::Name)
        return {};
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
    case SortRole:
    case FilterTextRole:
        return group.name;
    case Qt::DecorationRole:
        return theme::icon(u"group", QGuiApplication::palette());
    default:
        return {};
    }
}

QVariant HostsTreeModel::hostData(const Host &host, int column, int role) const
{
    if (column == Tree::Name && role == Qt::DisplayRole) // the column of states may be out of sight
        return host.isStale() ? tr("%1 – %2", "host, not connected").arg(host.title(), stateText(host.facts.state))
                              : host.title();
    if (column == Tree::Name && (role == SortRole || role == FilterTextRole))
        return host.title();
    if (column == Tree::Name && role == Qt::ToolTipRole)
        return hostTip(host.facts);
    if (column == Tree::State && host.isStale()) {
        if (role == Qt::DisplayRole)
            return stateText(host.facts.state);
        if (role == Qt::ToolTipRole)
            return hostTip(host.facts);
    }
    if (role == Qt::AccessibleTextRole && (column == Tree::Name || column == Tree::State))
        return Tree::tr("%1: %2", "column: value")
            .arg(nodeHeader(column, Qt::DisplayRole).toString(), hostData(host, column, Qt::DisplayRole).toString());
    if (role == Qt::ForegroundRole && host.isStale())
        return theme::muted(QGuiApplication::palette());
    if (host.root != nullptr)
        return nodeData(*host.root, column, role, host.tree->isStale());
    switch (role) {
    case Qt::DecorationRole:
        return column == Tree::Name ? QVariant(theme::icon(u"host", QGuiApplication::palette())) : QVariant();
    case KindRole:
        return static_cast<int>(v1::NODE_KIND_HOST);
    case IdRole:
        return static_cast<quint64>(NodeId::host().v);
    default:
        return {};
    }
}

QVariant HostsTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    if (!isTop(index))
        return nodeData(*Tree::Private::recordAt(index), index.column(), role, hostAt(index)->tree->isStale());
    return topAt(index)->isGroup ? groupData(*static_cast<const Group *>(topAt(index)), index.column(), role)
                                 : hostData(*static_cast<const Host *>(topAt(index)), index.column(), role);
}

QVariant HostsTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return orientation == Qt::Horizontal ? nodeHeader(section, role) : QVariant();
}

Qt::ItemFlags HostsTreeModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    // As in NodeTreeModel; a host may get rows at any time.
    const bool isLeaf = !isTop(index) && !hasChildren(index);
    // What can be dragged, and where it may go, the view knows.
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemIsDropEnabled |
           (isLeaf ? Qt::ItemNeverHasChildren : Qt::NoItemFlags);
}

void HostsTreeModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column;
    m_sortOrder = order;
    for (const auto &host : m_hosts)
        host->tree->sort(column, order);
}

/// Puts a row where its name belongs.
void HostsTreeModel::insert(std::vector<Top *> &rows, Top *top, Group *parent)
{
    const auto key = [](const Top *row) {
        return std::pair(!row->isGroup, row->isGroup ? static_cast<const Group *>(row)->name
                                                     : static_cast<const Host *>(row)->facts.name);
    };
    const auto before = [&key](const Top *left, const Top *right) {
        const auto leftKey = key(left);
        const auto rightKey = key(right);
        if (leftKey.first != rightKey.first)
            return leftKey.first < rightKey.first;
        return leftKey.second.compare(rightKey.second, Qt::CaseInsensitive) < 0;
    };
    const auto at = std::ranges::upper_bound(rows, top, before);
    const auto row = static_cast<int>(at - rows.begin());
    beginInsertRows(parent == nullptr ? QModelIndex() : indexFor(parent), row, row);
    rows.insert(at, top);
    endInsertRows();
}

void HostsTreeModel::take(std::vector<Top *> &rows, Top *top, Group *parent)
{
    const auto at = std::ranges::find(rows, top);
    const auto row = static_cast<int>(at - rows.begin());
    beginRemoveRows(parent == nullptr ? QModelIndex() : indexFor(parent), row, row);
    rows.erase(at);
    endRemoveRows();
}

void HostsTreeModel::show(Host &host)
{
    if (!host.facts.group.isEmpty()) {
        const auto at =
            std::ranges::find_if(m_groups, [&host](const auto &group) { return group->name == host.facts.group; });
        if (at == m_groups.end()) {
            auto group = std::make_unique<Group>();
            group->isGroup = true;
            group->name = host.facts.group;
            host.group = group.get();
            m_groups.push_back(std::move(group));
            insert(m_rows, host.group, nullptr);
        } else {
            host.group = at->get();
        }
    }
    host.shown = true;
    insert(host.group == nullptr ? m_rows : host.group->rows, &host, host.group);
}

void HostsTreeModel::hide(Host &host)
{
    if (!host.shown)
        return;
    take(host.group == nullptr ? m_rows : host.group->rows, &host, host.group);
    host.shown = false;
    host.root = nullptr;
    Group *const group = std::exchange(host.group, nullptr);
    if (group == nullptr || !group->rows.empty())
        return;
    take(m_rows, group, nullptr);
    std::erase_if(m_groups, [group](const auto &other) { return other.get() == group; });
}

/// Shows or hides it as the filter wants, with what its tree has.
void HostsTreeModel::arrange(Host &host)
{
    const bool wanted =
        host.tree->rowCount() > 0 || FilterExpression(m_typed).matches(host.title() + u'\n' + host.facts.group);
    if (!wanted)
        return hide(host);
    if (!host.shown)
        show(host);
    attach(host);
}

void HostsTreeModel::announce(const Top *top)
{
    Q_EMIT dataChanged(indexFor(top), indexFor(top, Tree::ColumnCount - 1));
}

/// The rows of its tree become rows below it.
void HostsTreeModel::attach(Host &host)
{
    const QModelIndex first = host.tree->index(0, 0);
    if (!host.shown || host.root != nullptr || !first.isValid())
        return;
    NodeRecord *const root = Tree::Private::recordAt(first);
    if (root->node.kind() != v1::NODE_KIND_HOST)
        return;
    if (root->shownCount > 0)
        beginInsertRows(indexFor(&host), 0, root->shownCount - 1);
    host.root = root;
    if (root->shownCount > 0)
        endInsertRows();
    announce(&host);
}

void HostsTreeModel::detach(Host &host)
{
    if (host.root == nullptr)
        return;
    const int rows = host.root->shownCount;
    if (rows > 0)
        beginRemoveRows(indexFor(&host), 0, rows - 1);
    host.root = nullptr;
    if (rows > 0)
        endRemoveRows();
    announce(&host);
}

/// After the rows of some parents were put in another order.
void HostsTreeModel::moveRows()
{
    QModelIndexList from;
    QModelIndexList to;
    for (const QModelIndex &index : persistentIndexList()) {
        if (isTop(index))
            continue;
        if (const QModelIndex now = forRecord(Tree::Private::recordAt(index), index.column()); now != index) {
            from << index;
            to << now;
        }
    }
    changePersistentIndexList(from, to);
}

void HostsTreeModel::follow(Host &host)
{
    const auto on = [&host, this](auto signal, auto slot) {
        host.connections.push_back(connect(host.tree, signal, this, slot));
    };
    // What happens below a row that is no row here needs no word.
    const auto isRow = [&host](const QModelIndex &parent) { return parent.isValid() && host.root != nullptr; };
    on(&QAbstractItemModel::rowsAboutToBeInserted, [=, &host, this](const QModelIndex &parent, int first, int last) {
        if (isRow(parent))
            beginInsertRows(fromTree(host, parent), first, last);
    });
    on(&QAbstractItemModel::rowsInserted, [=, &host, this](const QModelIndex &parent) {
        if (isRow(parent))
            endInsertRows();
        else
            arrange(host);
    });
    on(&QAbstractItemModel::rowsAboutToBeRemoved, [=, &host, this](const QModelIndex &parent, int first, int last) {
        if (isRow(parent))
            beginRemoveRows(fromTree(host, parent), first, last);
        else
            detach(host);
    });
    on(&QAbstractItemModel::rowsRemoved, [=, &host, this](const QModelIndex &parent) {
        if (isRow(parent))
            endRemoveRows();
        else if (!parent.isValid())
            arrange(host);
    });
    on(&QAbstractItemModel::dataChanged, [=, &host, this](const QModelIndex &first, const QModelIndex &last) {
        if (host.root != nullptr)
            Q_EMIT dataChanged(fromTree(host, first), fromTree(host, last));
    });
    on(&QAbstractItemModel::layoutAboutToBeChanged, [this] { Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint); });
    on(&QAbstractItemModel::layoutChanged, [this] {
        moveRows();
        Q_EMIT layoutChanged({}, VerticalSortHint);
    });
    on(&QAbstractItemModel::modelAboutToBeReset, [&host, this] { detach(host); });
    on(&NodeTreeModel::structureChanged, [this] { Q_EMIT structureChanged(); });
}

} // namespace gantry
