// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/snapshot.h"

#include <algorithm>
#include <utility>

namespace gantry::inventory {

namespace {

constexpr std::size_t kShortestPrefix = 4;

bool sameBesidesGeneration(const Node &a, const Node &b)
{
    return a.parent == b.parent && a.depth == b.depth && a.name == b.name && a.detail == b.detail;
}

} // namespace

NodePtr Snapshot::find(NodeId id) const
{
    const auto found = std::ranges::lower_bound(m_nodes, id, {}, &Node::id);
    return found != m_nodes.end() && (*found)->id == id ? *found : nullptr;
}

NodePtr Snapshot::findCgroup(const cgroup::CgroupPath &path) const
{
    const auto found = std::ranges::find_if(m_nodes, [&path](const NodePtr &node) {
        const CgroupNode *cgroup = node->cgroup();
        return cgroup != nullptr && cgroup->cgroup.path == path;
    });
    return found != m_nodes.end() ? *found : nullptr;
}

Result<NodePtr> Snapshot::findContainer(std::string_view text) const
{
    std::vector<NodePtr> whole;
    std::vector<NodePtr> prefix;
    for (const NodePtr &node : m_nodes) {
        const ContainerNode *container = node->container();
        if (container == nullptr)
            continue;
        if (node->name == text || (!text.empty() && container->id == text))
            whole.push_back(node);
        else if (text.size() >= kShortestPrefix && container->id.starts_with(text))
            prefix.push_back(node);
    }
    const std::vector<NodePtr> &meant = whole.empty() ? prefix : whole;
    if (meant.empty())
        return fail(ENOENT, "find", text, "no container has this name or id");
    if (meant.size() > 1)
        return fail(ENOTUNIQ, "find", text, "several containers have this name or id prefix", "give the whole id");
    return meant.front();
}

Delta Snapshot::deltaSince(std::uint64_t generation) const
{
    Delta out;
    out.generation = m_generation;
    out.snapshot = generation == 0 || generation < m_oldest || generation > m_generation;
    for (const NodePtr &node : m_nodes) {
        if (out.snapshot || node->generation > generation)
            out.upserted.push_back(node);
    }
    std::ranges::stable_sort(out.upserted, {}, &Node::depth);
    if (out.snapshot)
        return out;

    std::vector<Tombstone> gone;
    for (const Tombstone &stone : m_tombstones) {
        if (stone.generation > generation && find(stone.id) == nullptr)
            gone.push_back(stone);
    }
    std::ranges::stable_sort(gone, std::ranges::greater{}, &Tombstone::depth);
    for (const Tombstone &stone : gone)
        out.removed.push_back(stone.id);
    return out;
}

void SnapshotBuilder::upsert(Node node)
{
    const NodeId id = node.id;
    m_removes.erase(id);
    const NodePtr published = m_last->find(id);
    if (published != nullptr && sameBesidesGeneration(*published, node)) {
        m_upserts.erase(id);
        return;
    }
    m_upserts[id] = std::make_shared<Node>(std::move(node));
}

void SnapshotBuilder::remove(NodeId id)
{
    m_upserts.erase(id);
    if (NodePtr published = m_last->find(id))
        m_removes[id] = std::move(published);
}

SnapshotPtr SnapshotBuilder::publish()
{
    if (!changed())
        return m_last;
    auto next = std::make_shared<Snapshot>();
    next->m_generation = m_last->m_generation + 1;
    next->m_oldest = m_last->m_oldest;

    std::vector<NodePtr> upserts;
    upserts.reserve(m_upserts.size());
    for (auto &[id, node] : m_upserts) {
        node->generation = next->m_generation;
        upserts.push_back(std::move(node));
    }
    std::ranges::sort(upserts, {}, &Node::id);
    next->m_nodes.reserve(m_last->m_nodes.size() + upserts.size());
    auto added = upserts.begin();
    for (const NodePtr &node : m_last->m_nodes) {
        while (added != upserts.end() && (*added)->id < node->id)
            next->m_nodes.push_back(*added++);
        if (!m_removes.contains(node->id) && !m_upserts.contains(node->id))
            next->m_nodes.push_back(node);
    }
    next->m_nodes.insert(next->m_nodes.end(), added, upserts.end());

    next->m_tombstones = m_last->m_tombstones;
    const std::size_t total = next->m_tombstones.size() + m_removes.size();
    if (total > kTombstones) {
        // Whole generations are forgotten, the oldest first.
        auto kept = next->m_tombstones.begin() +
                    static_cast<std::ptrdiff_t>(std::min(total - kTombstones, next->m_tombstones.size()));
        if (kept != next->m_tombstones.begin())
            next->m_oldest = std::prev(kept)->generation;
        kept = std::ranges::upper_bound(next->m_tombstones, next->m_oldest, {}, &Snapshot::Tombstone::generation);
        next->m_tombstones.erase(next->m_tombstones.begin(), kept);
    }
    for (const auto &[id, node] : m_removes)
        next->m_tombstones.push_back({id, node->depth, next->m_generation});

    m_upserts.clear();
    m_removes.clear();
    m_last = std::move(next);
    return m_last;
}

} // namespace gantry::inventory
