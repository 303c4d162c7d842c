// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/node_tree_model.h"

#include <chrono>
#include <compare>

namespace gantry {

struct NodeRecord;

/// Which of the console's hosts; the numbers mean nothing and none is used twice.
struct HostKey
{
    int v = 0; ///< 0: none

    auto operator<=>(const HostKey &) const = default;
    [[nodiscard]] explicit operator bool() const { return v != 0; }
};

/// A node of one of the hosts.
struct NodeRef
{
    HostKey host;
    NodeId node;

    bool operator==(const NodeRef &) const = default;
    [[nodiscard]] explicit operator bool() const { return host && node; }
};

/// What the tree shows of a host besides its nodes.
struct HostFacts
{
    enum class State {
        NotConnected, ///< nobody asked for it yet, or it was disconnected by hand
        Connecting,
        Live,
        Lost, ///< its rows are the last known
    };
    QString name{};  ///< what the admin calls it, until it says its own
    QString group{}; ///< empty: none
    State state = State::NotConnected;
    QString reason{};                                   ///< why it is not live, for the tool tip
    std::optional<std::chrono::microseconds> latency{}; ///< of a call and its answer
    QString version{};                                  ///< of its engine
    QStringList missing{};                              ///< calls that it does not have, "Checkpoint/Create"

    bool operator==(const HostFacts &) const = default;
};

/// The trees of all hosts in one: group of hosts > host > what the host's NodeTreeModel shows below its host node. A
/// host is a row from the first, connected or not. Grouping, filter and order are those of every tree. Groups come
/// first; groups and hosts are in the order of their names, whatever the nodes are sorted by. Thread: GUI.
class HostsTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
public:
    explicit HostsTreeModel(QObject *parent = nullptr);
    ~HostsTreeModel() override;

    /// @param tree must outlive its row.
    HostKey add(NodeTreeModel *tree, const HostFacts &facts);
    void remove(HostKey host);
    void setFacts(HostKey host, const HostFacts &facts);
    /// In the order shown.
    [[nodiscard]] std::vector<HostKey> hosts() const;
    /// nullptr for a host that is none (any more).
    [[nodiscard]] NodeTreeModel *treeOf(HostKey host) const;
    [[nodiscard]] HostFacts factsOf(HostKey host) const;

    /// As in NodeTreeModel, for all hosts, those to come included.
    void setGrouping(NodeTreeModel::Grouping grouping);
    [[nodiscard]] NodeTreeModel::Grouping grouping() const { return m_grouping; }
    void setLabelKey(const QString &key);
    [[nodiscard]] QString labelKey() const { return m_labelKey; }
    [[nodiscard]] QStringList labelKeys() const;
    /// A host without a match is no row, unless its name or group has what was typed.
    void setFilter(const QString &typed);
    [[nodiscard]] QString filterProblem() const;

    /// The host of a row; none for a group's.
    [[nodiscard]] HostKey hostOf(const QModelIndex &index) const;
    /// The node of a row: NodeId::host() for a host's, connected or not; none for a group's.
    [[nodiscard]] NodeRef refOf(const QModelIndex &index) const;
    /// Invalid for a node that is no row now.
    [[nodiscard]] QModelIndex indexOf(NodeRef ref, int column = NodeTreeModel::Name) const;
    /// Hosts of a row: those of a group, the one of anything else.
    [[nodiscard]] std::vector<HostKey> hostsOf(const QModelIndex &index) const;

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] bool hasChildren(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    /// Nodes or hosts came or went.
    void structureChanged();

private:
    struct Top;
    struct Host;
    struct Group;

    [[nodiscard]] static bool isTop(const QModelIndex &index);
    [[nodiscard]] static Top *topAt(const QModelIndex &index);
    [[nodiscard]] QModelIndex indexFor(const Top *top, int column = NodeTreeModel::Name) const;
    /// The row of the composed tree that a row of a host's own is.
    [[nodiscard]] QModelIndex fromTree(const Host &host, const QModelIndex &index) const;
    [[nodiscard]] QModelIndex forRecord(NodeRecord *record, int column) const;
    [[nodiscard]] Host *find(HostKey key) const;
    [[nodiscard]] Host *hostAt(const QModelIndex &index) const;
    [[nodiscard]] QVariant hostData(const Host &host, int column, int role) const;
    [[nodiscard]] QVariant groupData(const Group &group, int column, int role) const;

    void insert(std::vector<Top *> &rows, Top *top, Group *parent);
    void take(std::vector<Top *> &rows, Top *top, Group *parent);
    void show(Host &host);
    void hide(Host &host);
    void arrange(Host &host);
    void announce(const Top *top);
    void follow(Host &host);
    void attach(Host &host);
    void detach(Host &host);
    void moveRows();

    std::vector<std::unique_ptr<Host>> m_hosts;   ///< in the order of add()
    std::vector<std::unique_ptr<Group>> m_groups; ///< those that have a host
    std::vector<Top *> m_rows;                    ///< of the first level
    NodeTreeModel::Grouping m_grouping = NodeTreeModel::Grouping::Cgroups;
    QString m_labelKey;
    QString m_typed;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    int m_lastKey = 0;
};

} // namespace gantry
