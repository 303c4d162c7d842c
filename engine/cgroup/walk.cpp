// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/log.h"
#include "engine/cgroup/watcher.h"

#include <memory>

#include <dirent.h>
#include <sys/stat.h>

namespace gantry::cgroup {

namespace {

using DirStream = std::unique_ptr<DIR, decltype([](DIR *dir) { ::closedir(dir); })>;

/// A directory that has children by its link count.
struct Pending
{
    std::size_t index;
    CgroupPath path;
};

/// Lists the sub-directories of one directory; false if it cannot be read.
bool list(int dir, const Pending &parent, std::vector<WalkEntry> &out, std::vector<Pending> &pending)
{
    UniqueFd readable(::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!readable)
        return false;
    const DirStream stream(::fdopendir(readable.get()));
    if (!stream)
        return false;
    const int fd = readable.release();
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string_view name(entry->d_name);
        struct stat status = {};
        if (entry->d_type != DT_DIR || name == "." || name == ".." ||
            ::fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        out.push_back({parent.index, std::string(name), status.st_ino});
        // Kernel: a directory's link count is 2 and one for each sub-directory.
        if (status.st_nlink > 2)
            if (auto path = parent.path.listedChild(name))
                pending.push_back({out.size() - 1, *std::move(path)});
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
    std::vector<WalkEntry> out;
    std::vector<Pending> pending{{0, from}};
    while (!pending.empty()) {
        const Pending parent = std::move(pending.back());
        pending.pop_back();
        const auto dir = openCgroup(hierarchy, parent.path);
        if (parent.index == 0 && out.empty()) {
            if (!dir)
                return std::unexpected(dir.error());
            out.push_back({0, std::string(from.name()), GANTRY_TRY(inodeOf(dir->get()))});
        }
        if (!dir || !list(dir->get(), parent, out, pending))
            log::debug(log::Area::Cgroup, "walk: ", printable(parent.path.text()), " is gone or unreadable");
    }
    return out;
}

void keepCached(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    for (const Hierarchy &hierarchy : hierarchies.all()) {
        const auto dir = openCgroup(hierarchy, cgroup);
        if (!dir) // not in that hierarchy, or gone
            continue;
        struct stat ignored = {};
        for (const char *file : {"cgroup.events", "memory.events", "pids.events"})
            (void)::fstatat(dir->get(), file, &ignored, 0);
    }
}

} // namespace gantry::cgroup
