// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/node.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::inventory {

/// What brings a reader of one generation to another. Apply `upserted` first, then `removed`.
struct Delta
{
    std::uint64_t generation = 0;
    bool snapshot = false;         ///< forget every node known before
    std::vector<NodePtr> upserted; ///< parents first
    std::vector<NodeId> removed;   ///< children first; never an id that is in the tree
};

/// The whole tree at one moment. Immutable. Thread: any.
class Snapshot
{
public:
    /// Grows by one with each published change; 0: nothing yet.
    [[nodiscard]] std::uint64_t generation() const { return m_generation; }
    /// Sorted by id.
    [[nodiscard]] const std::vector<NodePtr> &nodes() const { return m_nodes; }
    /// nullptr if it is not in the tree (any more).
    [[nodiscard]] NodePtr find(NodeId id) const;
    /// The cgroup at this path, nullptr if there is none. Looks at every node: about 10 ns each.
    [[nodiscard]] NodePtr findCgroup(const cgroup::CgroupPath &path) const;
    /// The container of this name, id, or unambiguous id prefix of at least 4 characters.
    /// @errors ENOENT; ENOTUNIQ when several are meant.
    [[nodiscard]] Result<NodePtr> findContainer(std::string_view text) const;
    /// From what a reader has (0: nothing) to this. The full tree where that is too long ago.
    [[nodiscard]] Delta deltaSince(std::uint64_t generation) const;

private:
    friend class SnapshotBuilder;
    struct Tombstone
    {
        NodeId id;
        std::uint32_t depth;
        std::uint64_t generation;
    };
    std::uint64_t m_generation = 0;
    std::uint64_t m_oldest = 0; ///< removals after this generation are all in m_tombstones
    std::vector<NodePtr> m_nodes;
    std::vector<Tombstone> m_tombstones; ///< by generation
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

/// Collects changes and makes the next snapshot of them. Thread: the loop's.
class SnapshotBuilder
{
public:
    /// Removals kept for slow readers; those of the newest generation are kept whatever their number.
    static constexpr std::size_t kTombstones = 8192;

    SnapshotBuilder() : m_last(std::make_shared<const Snapshot>()) {}

    /// Adds or replaces a node; its generation is set here. Nothing happens if it is equal to the published one.
    void upsert(Node node);
    void remove(NodeId id);
    [[nodiscard]] bool changed() const { return !m_upserts.empty() || !m_removes.empty(); }
    /// The next generation, or the last snapshot if nothing changed.
    [[nodiscard]] SnapshotPtr publish();
    [[nodiscard]] const SnapshotPtr &last() const { return m_last; }

private:
    SnapshotPtr m_last;
    std::unordered_map<NodeId, std::shared_ptr<Node>> m_upserts;
    std::unordered_map<NodeId, NodePtr> m_removes; ///< as published
};

} // namespace gantry::inventory
