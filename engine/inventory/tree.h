// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"
#include "engine/cgroup/watcher.h"
#include "engine/inventory/cgroup_state.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gantry::inventory {

/// One cgroup of the joined tree.
struct TreeEntry
{
    cgroup::Cgroup cgroup;
    TreeEntry *parent = nullptr;                              ///< nullptr for the root
    std::map<std::string, TreeEntry *, std::less<>> children; ///< by name
    std::uint32_t depth = 0;                                  ///< 0 for the root
    std::uint32_t left = 0;                                   ///< bit n: it was removed from hierarchy n
    // Kept here for the owner of the tree.
    NodeId container;        ///< whose cgroup it is
    CgroupState state;       ///< as it was read last
    bool stateKnown = false; ///< false: to be read (again)
};

/// The cgroups of all hierarchies joined by path: pure data, fed with what was seen. Thread: one.
///
/// A path gets its id from the hierarchy and inode it is first seen with and keeps it while it appears in further
/// hierarchies. When its directory in any hierarchy is replaced (another inode, or gone and back), it is another
/// cgroup: the node ends and a new one begins, made of that hierarchy and inode.
class CgroupTree
{
public:
    CgroupTree() = default;
    CgroupTree(const CgroupTree &) = delete;
    CgroupTree &operator=(const CgroupTree &) = delete;
    CgroupTree(CgroupTree &&) = delete;
    CgroupTree &operator=(CgroupTree &&) = delete;
    ~CgroupTree() = default;

    /// A node that is gone.
    struct Removed
    {
        NodeId id;
        cgroup::CgroupPath path;
    };
    struct Changes
    {
        std::vector<TreeEntry *> changed; ///< new or with another parent or memberships; parents first
        std::vector<Removed> removed;
    };

    /// A directory is there. Its parent must be known in that hierarchy, else (it has gone meanwhile) nothing happens.
    void join(unsigned slot, const cgroup::CgroupPath &path, std::uint64_t inode);
    /// A directory is gone, and with it all below.
    void leave(unsigned slot, const cgroup::CgroupPath &path);
    /// What a walk of this hierarchy from `from` on found, its first entry being `from` itself: joins what is new,
    /// removes what is missing.
    void reconcile(unsigned slot, const cgroup::CgroupPath &from, std::span<const cgroup::WalkEntry> walk);

    /// nullptr if there is none.
    [[nodiscard]] TreeEntry *find(const cgroup::CgroupPath &path) const;
    [[nodiscard]] TreeEntry *find(unsigned slot, std::uint64_t inode) const;
    [[nodiscard]] std::size_t size() const { return m_byPath.size(); }
    /// The entry and all below, parents first.
    [[nodiscard]] std::vector<TreeEntry *> subtree(TreeEntry &top) const;
    /// Every entry, parents first.
    [[nodiscard]] std::vector<TreeEntry *> all() const;

    /// Something else about it changed: it will be among the changes.
    void touch(TreeEntry &entry) { m_changed.insert(&entry); }
    [[nodiscard]] bool hasChanges() const { return !m_changed.empty() || !m_removed.empty(); }
    /// Changes since the last call.
    [[nodiscard]] Changes takeChanges();

private:
    TreeEntry &create(unsigned slot, const cgroup::CgroupPath &path, std::uint64_t inode, TreeEntry *parent);
    void replace(TreeEntry &entry, unsigned slot, std::uint64_t inode);
    void setInode(TreeEntry &entry, unsigned slot, std::uint64_t inode);
    void drop(TreeEntry &entry);

    /// Keyed by the text of the entry's own path.
    std::unordered_map<std::string_view, std::unique_ptr<TreeEntry>> m_byPath;
    std::array<std::unordered_map<std::uint64_t, TreeEntry *>, cgroup::kMaxHierarchies> m_byInode;
    std::unordered_set<TreeEntry *> m_changed;
    std::vector<Removed> m_removed;
};

} // namespace gantry::inventory
