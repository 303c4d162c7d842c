// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/log.h"
#include "engine/cgroup/files.h"
#include "engine/cgroup/watcher.h"

#include <initializer_list>
#include <memory>

#include <sys/stat.h>

namespace gantry::cgroup {

namespace {

constexpr int kOpenDirectory = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// A directory that has children by its link count. It is opened from its parent, not from the root: in a chain of
/// thousands each path is walked once, and a parent stays open only while it has children to come.
struct Pending
{
    std::size_t index;
    std::shared_ptr<const UniqueFd> parent;
};

/// Lists the sub-directories of one directory; false if it cannot be read.
bool list(UniqueFd dir, std::size_t index, std::vector<WalkEntry> &out, std::vector<Pending> &pending)
{
    const auto stream = openStream(dir.get());
    if (!stream)
        return false;
    const auto shared = std::make_shared<const UniqueFd>(std::move(dir));
    while (const dirent *entry = ::readdir(stream->get())) {
        const std::string_view name(entry->d_name);
        struct stat status = {};
        if (entry->d_type != DT_DIR || name == "." || name == ".." ||
            ::fstatat(shared->get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        out.push_back({index, std::string(name), status.st_ino});
        // Kernel: a directory's link count is 2 and one for each sub-directory.
        if (status.st_nlink > 2)
            pending.push_back({out.size() - 1, shared});
    }
    return true;
}

} // namespace

Result<std::vector<WalkEntry>> walk(const Hierarchy &hierarchy)
{
    return walk(hierarchy, CgroupPath());
}

Result<std::vector<WalkEntry>> walk(const Hierarchy &hierarchy, const CgroupPath &from)
{
    UniqueFd top = GANTRY_TRY(openCgroup(hierarchy, from));
    std::vector<WalkEntry> out{{0, std::string(from.name()), GANTRY_TRY(inodeOf(top.get()))}};
    std::vector<Pending> pending;
    if (!list(std::move(top), 0, out, pending))
        return failErrno("readdir", from.text());
    while (!pending.empty()) {
        const Pending next = std::move(pending.back());
        pending.pop_back();
        UniqueFd dir(::openat(next.parent->get(), out[next.index].name.c_str(), kOpenDirectory));
        if (!dir || !list(std::move(dir), next.index, out, pending))
            log::debug(log::Area::Cgroup, "walk: ", printable(out[next.index].name), " is gone or unreadable");
    }
    return out;
}

void keepCached(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    const auto touch = [&cgroup](const Hierarchy *hierarchy, std::initializer_list<const char *> files) {
        const auto dir = openCgroup(*hierarchy, cgroup);
        if (!dir) // not in that hierarchy, or gone
            return;
        struct stat ignored = {};
        for (const char *file : files)
            (void)::fstatat(dir->get(), file, &ignored, 0);
    };
    // Of the v1 controllers only pids has an event file.
    if (const Hierarchy *v2 = hierarchies.unified())
        touch(v2, {"cgroup.events", "memory.events", "pids.events"});
    if (const Hierarchy *pids = hierarchies.forController("pids"); pids != nullptr && pids->version == Version::V1)
        touch(pids, {"pids.events"});
}

} // namespace gantry::cgroup
