// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_store.h"

#include "engine/base/strings.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QStringList>

#include <algorithm>

namespace gantry {

namespace {

constexpr Cell kAbsent{};

QString titleOf(const v1::Node &node)
{
    if (node.has_namespace_())
        return text::utf8(node.name());
    if (node.has_cgroup() && node.cgroup().path() == "/")
        return NodeTreeModel::tr("cgroup root");
    return text::utf8(node.name());
}

QString filterTextOf(const v1::Node &node)
{
    QStringList texts{text::utf8(node.name())};
    if (node.has_cgroup()) {
        texts << text::utf8(node.cgroup().path());
    } else if (node.has_container()) {
        const v1::ContainerDetail &container = node.container();
        texts << text::utf8(container.id()) << text::utf8(container.runtime()) << text::utf8(container.image())
              << text::utf8(container.cgroup_path()) << text::utf8(container.pod_name());
        for (const auto &[key, value] : container.labels())
            texts << text::utf8(key + '=' + value);
        if (container.init_pid() != 0)
            texts << QString::number(container.init_pid());
    } else if (node.has_namespace_()) {
        texts << QString::number(node.namespace_().inode()) << QString::number(node.namespace_().first_pid())
              << text::utf8(node.namespace_().first_comm());
    }
    return texts.join(QLatin1Char('\n'));
}

/// Id of a row that stands for a group: of no kind, so that no node of the host has it.
NodeId groupId(NodeTreeModel::Grouping kind, const std::string &key)
{
    return NodeId::make(NodeKind::None, static_cast<unsigned>(kind) + 1, stableHash(key));
}

/// One pod of one runtime of one user.
std::string podKey(const v1::ContainerDetail &container)
{
    const std::string user = container.has_user_uid() ? std::to_string(container.user_uid()) : std::string();
    return container.runtime() + '/' + user + '/' + container.pod_id();
}

bool groupsAllContainers(NodeTreeModel::Grouping grouping)
{
    using enum NodeTreeModel::Grouping;
    return grouping == Runtimes || grouping == Pods || grouping == Labels || grouping == Slices || grouping == Users;
}

} // namespace

std::optional<NodeTreeModel::Grouping> groupKind(NodeId id)
{
    if (!id || id.kind() != NodeKind::None || id.space() == 0)
        return std::nullopt;
    return static_cast<NodeTreeModel::Grouping>(id.space() - 1);
}

int treeSlot(Metric metric)
{
    static const auto kSlots = [] {
        std::array<int, kMetricCount> slots{};
        slots.fill(-1);
        for (std::size_t i = 0; i < kTreeMetrics.size(); ++i)
            slots.at(static_cast<std::size_t>(kTreeMetrics.at(i))) = static_cast<int>(i);
        return slots;
    }();
    return kSlots.at(static_cast<std::size_t>(metric));
}

const Cell &NodeRecord::cell(Metric metric) const
{
    const int slot = treeSlot(metric);
    return slot < 0 ? kAbsent : values->cells.at(static_cast<std::size_t>(slot));
}

v1::FreezerState NodeRecord::freezer() const
{
    // The frame is younger than the node, but idle cgroups are in few frames.
    if (const Cell &state = cell(Metric::FreezerState); state.hasValue())
        return static_cast<v1::FreezerState>(state.integer);
    return values->node.has_cgroup() ? values->node.cgroup().freezer() : v1::FREEZER_STATE_ABSENT;
}

NodeStore::NodeStore()
{
    m_root.values = &m_root;
}

NodeRecord *NodeStore::find(NodeId id) const
{
    const auto it = m_records.find(id);
    return it == m_records.end() ? nullptr : it->second.get();
}

NodeId NodeStore::idOfPath(const std::string &path) const
{
    const auto it = m_byPath.find(path);
    return it == m_byPath.end() ? NodeId{} : it->second;
}

bool NodeStore::hasCgroupBelow(const std::string &path) const
{
    const std::string prefix = path.ends_with('/') ? path : path + '/';
    const auto it = m_byPath.upper_bound(prefix);
    return it != m_byPath.end() && it->first.starts_with(prefix);
}

NodeRecord &NodeStore::put(const v1::Node &node, bool &relinks)
{
    auto &slot = m_records[NodeId{node.id()}];
    const bool isNew = slot == nullptr;
    if (isNew) {
        slot = std::make_unique<NodeRecord>();
        slot->values = slot.get();
    }
    const std::uint64_t oldContainer = slot->node.has_cgroup() ? slot->node.cgroup().container_id() : 0;
    const std::uint64_t newContainer = node.has_cgroup() ? node.cgroup().container_id() : 0;
    const bool slices = slot->node.cgroup().ownership().slice() != node.cgroup().ownership().slice();
    relinks = relinks || node.has_container() || oldContainer != newContainer || node.has_host() || slices;
    if (node.has_cgroup())
        m_byPath[node.cgroup().path()] = NodeId{node.id()};
    slot->node = node;
    slot->title = titleOf(node);
    slot->filterText = filterTextOf(node);
    slot->matches.reset();
    return *slot;
}

void NodeStore::erase(NodeId id)
{
    NodeRecord *record = find(id);
    if (record == nullptr)
        return;
    if (record->mirror != nullptr)
        record->mirror->values = record->mirror;
    if (record->values != record)
        record->values->mirror = nullptr;
    // A re-created path belongs to its new cgroup already.
    if (record->node.has_cgroup() && idOfPath(record->node.cgroup().path()) == id)
        m_byPath.erase(record->node.cgroup().path());
    m_records.erase(id);
}

void NodeStore::clear()
{
    m_root.children.clear();
    m_root.shownCount = 0;
    m_records.clear();
    m_byPath.clear();
}

void NodeStore::linkContainers()
{
    forEach([this](NodeRecord &record) {
        if (!record.node.has_container())
            return;
        if (record.values != &record)
            record.values->mirror = nullptr;
        NodeRecord *cgroup = find(NodeId{record.node.container().cgroup_id()});
        record.values = cgroup == nullptr ? &record : cgroup;
        if (cgroup != nullptr)
            cgroup->mirror = &record;
    });
}

NodeRecord *NodeStore::hostRecord() const
{
    return find(NodeId::host());
}

NodeRecord *NodeStore::known(std::uint64_t id, NodeRecord *fallback) const
{
    NodeRecord *record = find(NodeId{id});
    return record == nullptr ? fallback : record;
}

NodeRecord *NodeStore::containerAbove(const NodeRecord *cgroup) const
{
    // Bounded by the number of nodes: a peer could send a circle.
    for (std::size_t steps = 0; cgroup != nullptr && steps <= m_records.size(); ++steps) {
        if (cgroup->mirror != nullptr)
            return cgroup->mirror;
        cgroup = find(NodeId{cgroup->node.parent_id()});
    }
    return nullptr;
}

NodeRecord *NodeStore::containerPlace(const NodeRecord &record) const
{
    NodeRecord *host = hostRecord();
    if (record.values == &record)
        return host;
    NodeRecord *above = containerAbove(find(NodeId{record.values->node.parent_id()}));
    return above == nullptr || above == &record ? host : above;
}

NodeRecord *NodeStore::cgroupPlaceInContainers(const NodeRecord &record) const
{
    if (record.mirror != nullptr || containerAbove(&record) == nullptr)
        return nullptr;
    NodeRecord *above = find(NodeId{record.node.parent_id()});
    return above != nullptr && above->mirror != nullptr ? above->mirror : above;
}

NodeRecord *NodeStore::groupRow(NodeTreeModel::Grouping kind, const std::string &key, const QString &title)
{
    const NodeId id = groupId(kind, key);
    NodeRecord *row = find(id);
    if (row == nullptr || row->title != title) {
        if (row != nullptr)
            m_retitled.push_back(row);
        v1::Node node;
        node.set_id(id.v);
        node.set_kind(v1::NODE_KIND_UNSPECIFIED);
        node.set_name(title.toStdString());
        bool relinks = false;
        row = &put(node, relinks);
    }
    return row;
}

NodeRecord *NodeStore::groupOf(const NodeRecord &record, NodeTreeModel::Grouping grouping, const std::string &labelKey)
{
    using enum NodeTreeModel::Grouping;
    const v1::ContainerDetail &container = record.node.container();
    const auto pod = [&] {
        const std::string key = podKey(container);
        const auto name = m_podNames.find(key);
        return groupRow(Pods, key, text::utf8(name == m_podNames.end() ? container.pod_id() : name->second));
    };
    switch (grouping) {
    case Containers:
        // Of those inside another container that one is the place.
        return container.pod_id().empty() || containerPlace(record) != hostRecord() ? nullptr : pod();
    case Runtimes:
        return groupRow(Runtimes, container.runtime(), text::utf8(container.runtime()));
    case Pods:
        return container.pod_id().empty() ? groupRow(Pods, {}, NodeTreeModel::tr("without a pod")) : pod();
    case Labels: {
        const auto label = container.labels().find(labelKey);
        if (label == container.labels().end())
            return groupRow(Labels, {}, NodeTreeModel::tr("without this label"));
        return groupRow(Labels, '=' + label->second,
                        label->second.empty() ? NodeTreeModel::tr("empty", "value of a label")
                                              : text::utf8(label->second));
    }
    case Slices: {
        const std::string &slice = record.values->node.cgroup().ownership().slice();
        return groupRow(Slices, slice, slice.empty() ? NodeTreeModel::tr("in no slice") : text::utf8(slice));
    }
    case Users:
        return container.has_user_uid()
                   ? groupRow(Users, std::to_string(container.user_uid()),
                              NodeTreeModel::tr("uid %1").arg(container.user_uid()))
                   : groupRow(Users, {}, NodeTreeModel::tr("the system", "owner of containers"));
    default:
        return nullptr;
    }
}

std::vector<NodeRecord *> NodeStore::groupContainers(NodeTreeModel::Grouping grouping, const std::string &labelKey)
{
    m_retitled.clear();
    m_podNames.clear();
    std::vector<NodeRecord *> containers;
    forEach([&containers](NodeRecord &record) {
        record.members = 0;
        record.group = nullptr;
        if (record.node.has_container())
            containers.push_back(&record);
    });
    // Not every container tells the name of its pod.
    for (const NodeRecord *record : containers) {
        const v1::ContainerDetail &container = record->node.container();
        if (const std::string &name = container.pod_name(); !container.pod_id().empty() && !name.empty()) {
            std::string &known = m_podNames[podKey(container)];
            known = std::max(known, name);
        }
    }
    for (NodeRecord *record : containers) {
        record->group = groupOf(*record, grouping, labelKey);
        if (record->group != nullptr)
            ++record->group->members;
    }
    return m_retitled;
}

std::vector<NodeRecord *> NodeStore::unusedGroups() const
{
    std::vector<NodeRecord *> unused;
    forEach([&unused](NodeRecord &record) {
        if (groupKind(record.id()) && record.parent == nullptr && record.children.empty())
            unused.push_back(&record);
    });
    return unused;
}

NodeRecord *NodeStore::kindRow(const NodeRecord &record)
{
    const v1::NamespaceType type = record.node.namespace_().type();
    const NodeId id = NodeId::nameSpace(static_cast<unsigned>(type), 0);
    if (NodeRecord *row = find(id))
        return row;
    v1::Node node;
    node.set_id(id.v);
    node.set_kind(v1::NODE_KIND_UNSPECIFIED);
    node.set_name(text::namespaceType(type).toStdString());
    bool relinks = false;
    return &put(node, relinks);
}

NodeRecord *NodeStore::placeOf(const NodeRecord &record, NodeTreeModel::Grouping grouping)
{
    if (record.node.kind() == v1::NODE_KIND_HOST)
        return &m_root;
    NodeRecord *const host = hostRecord();
    NodeRecord *const top = host == nullptr ? &m_root : host;
    if (groupKind(record.id()))
        return record.members > 0 ? top : nullptr;
    const bool isKindRow = record.node.kind() == v1::NODE_KIND_UNSPECIFIED && record.id().kind() == NodeKind::Namespace;
    switch (grouping) {
    case NodeTreeModel::Grouping::Cgroups:
        if (record.node.has_cgroup())
            return known(record.node.parent_id(), top);
        // A container without a cgroup of its own would be nowhere else in this tree.
        return record.node.has_container() && record.values == &record ? known(record.node.parent_id(), top) : nullptr;
    case NodeTreeModel::Grouping::Containers:
        if (record.node.has_cgroup())
            return cgroupPlaceInContainers(record);
        if (record.node.has_container())
            return record.group != nullptr ? record.group : containerPlace(record);
        return nullptr;
    case NodeTreeModel::Grouping::Namespaces:
        if (record.node.has_namespace_())
            return kindRow(record);
        return isKindRow ? top : nullptr;
    default:
        break;
    }
    if (!groupsAllContainers(grouping))
        return nullptr;
    return record.node.has_cgroup() ? cgroupPlaceInContainers(record) : record.group;
}

} // namespace gantry
