// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gantry::cgroup {

/// Something happened in a hierarchy.
struct TreeEvent
{
    enum class Kind : std::uint8_t {
        Changed,  ///< a directory entry of `parentInode` was made or removed (or both): look at `name`
        Written,  ///< a file was written: by a process, or by the kernel itself (memory.events, cgroup.events)
        Overflow, ///< events were lost: walk again
    };
    Kind kind = Kind::Overflow;
    unsigned hierarchy = 0;
    std::uint64_t parentInode = 0; ///< inode (cgroup id) of the directory
    std::string name;              ///< entry: directory name for Changed, file name for Written
    std::int32_t pid = 0;          ///< who; a kworker for the kernel's own writes
    bool byKernel = false;         ///< the writer is a kernel thread
};

/// One fanotify file-system mark on each cgroup mount. Source: fanotify(7), research section 1.2.
/// Kernel: kernel-made events are reported only for files whose inode is cached: call keepCached() for new cgroups.
/// Thread: the loop's; the callback runs there.
class TreeWatcher
{
public:
    /// @errors EPERM without CAP_SYS_ADMIN, ENOSYS, EMFILE: the caller walks periodically instead and says so.
    [[nodiscard]] static Result<std::unique_ptr<TreeWatcher>> create(EventLoop &loop, HierarchiesPtr hierarchies,
                                                                     std::function<void(const TreeEvent &)> callback);
    virtual ~TreeWatcher() = default;
    TreeWatcher(const TreeWatcher &) = delete;
    TreeWatcher &operator=(const TreeWatcher &) = delete;
    TreeWatcher(TreeWatcher &&) = delete;
    TreeWatcher &operator=(TreeWatcher &&) = delete;

protected:
    TreeWatcher() = default;
};

/// Stats the event files (cgroup.events, memory.events, pids.events) of a cgroup so that the kernel reports on them.
void keepCached(const Hierarchies &hierarchies, const Cgroup &cgroup);

/// One directory found by walk().
struct WalkEntry
{
    std::size_t parent; ///< index in the result; the root is its own parent
    std::string name;
    std::uint64_t inode;
};
/// Every cgroup of a hierarchy, parents first; the first entry is the root. Descends only where st_nlink says there are
/// children (2 us a cgroup). Directories that vanish meanwhile are left out; unreadable ones are listed without
/// children.
[[nodiscard]] Result<std::vector<WalkEntry>> walk(const Hierarchy &hierarchy);
/// The same below one cgroup (its entry first), for a directory that has just appeared.
[[nodiscard]] Result<std::vector<WalkEntry>> walk(const Hierarchy &hierarchy, const CgroupPath &from);

} // namespace gantry::cgroup
