// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/tree.h"

#include <algorithm>
#include <utility>

namespace gantry::inventory {

using cgroup::CgroupPath;

TreeEntry *CgroupTree::find(const CgroupPath &path) const
{
    const auto found = m_byPath.find(path.text());
    return found != m_byPath.end() ? found->second.get() : nullptr;
}

TreeEntry *CgroupTree::find(unsigned slot, std::uint64_t inode) const
{
    const auto &inodes = m_byInode.at(slot);
    const auto found = inodes.find(inode);
    return found != inodes.end() ? found->second : nullptr;
}

std::vector<TreeEntry *> CgroupTree::subtree(TreeEntry &top) const
{
    // Breadth first and without recursion: a tree can be thousands of levels deep.
    std::vector<TreeEntry *> out{&top};
    for (std::size_t i = 0; i < out.size(); ++i) {
        for (const auto &[name, child] : out[i]->children)
            out.push_back(child);
    }
    return out;
}

std::vector<TreeEntry *> CgroupTree::all() const
{
    TreeEntry *root = find(CgroupPath());
    return root != nullptr ? subtree(*root) : std::vector<TreeEntry *>{};
}

void CgroupTree::setInode(TreeEntry &entry, unsigned slot, std::uint64_t inode)
{
    std::uint64_t &current = entry.cgroup.inodes.at(slot);
    if (current != 0)
        m_byInode.at(slot).erase(current);
    if (inode != 0)
        m_byInode.at(slot).emplace(inode, &entry);
    current = inode;
    entry.stateKnown = false;
    touch(entry);
}

TreeEntry &CgroupTree::create(unsigned slot, const CgroupPath &path, std::uint64_t inode, TreeEntry *parent)
{
    auto made = std::make_unique<TreeEntry>();
    TreeEntry &entry = *made;
    entry.cgroup.id = NodeId::cgroup(slot, inode);
    entry.cgroup.path = path;
    entry.parent = parent;
    if (parent != nullptr) {
        entry.depth = parent->depth + 1;
        parent->children.emplace(path.name(), &entry);
    }
    m_byPath.emplace(entry.cgroup.path.text(), std::move(made));
    setInode(entry, slot, inode);
    return entry;
}

void CgroupTree::replace(TreeEntry &entry, unsigned slot, std::uint64_t inode)
{
    m_removed.push_back({entry.cgroup.id, entry.cgroup.path});
    entry.cgroup.id = NodeId::cgroup(slot, inode);
    entry.left = 0;
    entry.container = {};
    setInode(entry, slot, inode);
    // All below hang from another node now.
    for (TreeEntry *below : subtree(entry))
        touch(*below);
}

void CgroupTree::join(unsigned slot, const CgroupPath &path, std::uint64_t inode)
{
    TreeEntry *entry = find(path);
    if (entry != nullptr && entry->cgroup.inodes.at(slot) == inode)
        return;
    TreeEntry *parent = path.isRoot() ? nullptr : find(path.parent());
    if (!path.isRoot() && (parent == nullptr || !parent->cgroup.in(slot)))
        return;
    if (entry != nullptr && entry->cgroup.in(slot)) {
        // The old directory went unseen, and all that was below it.
        for (const auto &[name, child] : std::map(entry->children))
            leave(slot, child->cgroup.path);
    }
    if (entry == nullptr)
        create(slot, path, inode, parent);
    else if (entry->cgroup.in(slot) || (entry->left >> slot & 1u) != 0)
        replace(*entry, slot, inode);
    else
        setInode(*entry, slot, inode);
}

void CgroupTree::leave(unsigned slot, const CgroupPath &path)
{
    TreeEntry *top = find(path);
    if (top == nullptr || !top->cgroup.in(slot))
        return;
    const std::vector<TreeEntry *> entries = subtree(*top);
    for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
        TreeEntry &entry = **it;
        if (!entry.cgroup.in(slot))
            continue;
        setInode(entry, slot, 0);
        entry.left |= 1u << slot;
        if (std::ranges::all_of(entry.cgroup.inodes, [](std::uint64_t i) { return i == 0; }))
            drop(entry);
    }
}

void CgroupTree::drop(TreeEntry &entry)
{
    m_removed.push_back({entry.cgroup.id, entry.cgroup.path});
    m_changed.erase(&entry);
    if (entry.parent != nullptr)
        entry.parent->children.erase(entry.parent->children.find(entry.cgroup.path.name()));
    m_byPath.erase(m_byPath.find(entry.cgroup.path.text()));
}

void CgroupTree::reconcile(unsigned slot, const CgroupPath &from, std::span<const cgroup::WalkEntry> walk)
{
    if (walk.empty()) {
        leave(slot, from);
        return;
    }
    std::unordered_set<std::string> seen;
    std::vector<CgroupPath> paths{from};
    join(slot, from, walk.front().inode);
    seen.insert(from.text());
    for (std::size_t i = 1; i < walk.size(); ++i) {
        const auto path = paths.at(walk[i].parent).listedChild(walk[i].name);
        // Never the case for what readdir gave; an unusable name keeps its place so that indices fit.
        paths.push_back(path.value_or(CgroupPath()));
        if (!path)
            continue;
        join(slot, *path, walk[i].inode);
        seen.insert(path->text());
    }
    TreeEntry *top = find(from);
    if (top == nullptr)
        return;
    std::vector<CgroupPath> gone;
    for (const TreeEntry *entry : subtree(*top)) {
        if (entry->cgroup.in(slot) && !seen.contains(entry->cgroup.path.text()))
            gone.push_back(entry->cgroup.path);
    }
    for (const CgroupPath &path : gone)
        leave(slot, path);
}

CgroupTree::Changes CgroupTree::takeChanges()
{
    Changes out;
    out.changed.assign(m_changed.begin(), m_changed.end());
    std::ranges::sort(out.changed, {}, &TreeEntry::depth);
    out.removed = std::exchange(m_removed, {});
    m_changed.clear();
    return out;
}

} // namespace gantry::inventory
