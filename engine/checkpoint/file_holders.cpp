// SPDX-License-Identifier: GPL-3.0-or-later
// checkReplaced(): who else uses what a restore would replace, and whether there is room.
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/file_return.h"
#include "engine/checkpoint/file_walk.h"
#include "engine/process/process.h"

#include <algorithm>
#include <map>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

using Inodes = std::map<std::pair<dev_t, ino_t>, std::string>;

/// Regular files that are there now, of roots that would be replaced.
Result<Inodes> inodesOf(const std::vector<Replaced> &replaced, const std::stop_token &stop)
{
    Inodes out;
    for (const Replaced &root : replaced) {
        if (root.now != Replaced::Now::Changed)
            continue;
        const Spot spot = GANTRY_TRY(spotOf(root.path));
        const Walk::Visit visit = [&](const KeptEntry &entry, int dir, const std::string &name) -> Result<> {
            struct stat info
            {};
            if (S_ISREG(entry.mode) && ::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0)
                out.try_emplace({info.st_dev, info.st_ino},
                                entry.path.empty() ? root.path : strCat(root.path, "/", entry.path));
            return {};
        };
        std::size_t number = 0;
        GANTRY_CHECK(Walk(0, number, visit, stop).run(spot.folder.get(), spot.name, root.path));
    }
    return out;
}

std::string nameOf(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    return strCat("pid ", pid, stat ? strCat(" (", printable(stat->comm), ")") : std::string());
}

/// Looks at the descriptors of one process. @errors EBUSY where it writes.
Result<> checkHolder(std::int32_t pid, const Inodes &inodes, std::set<std::string> &notes)
{
    const auto folder = openAt(AT_FDCWD, strCat("/proc/", pid, "/fd"), O_RDONLY | O_DIRECTORY);
    const auto stream = folder ? openStream(folder->get()) : Result<DirStream>(std::unexpected(folder.error()));
    if (!stream)
        return {}; // it has ended
    while (const dirent *one = ::readdir(stream->get())) {
        const char *const fd = static_cast<const char *>(one->d_name);
        struct stat info
        {};
        struct stat link
        {};
        if (::fstatat(folder->get(), fd, &info, 0) != 0 || !S_ISREG(info.st_mode))
            continue;
        const auto found = inodes.find({info.st_dev, info.st_ino});
        if (found == inodes.end() || ::fstatat(folder->get(), fd, &link, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if ((link.st_mode & S_IWUSR) != 0)
            return fail(EBUSY, "restore", printable(found->second),
                        strCat(nameOf(pid), " has it open for writing, and is not what is restored"),
                        "End it first, or restore without files");
        notes.insert(
            strCat(nameOf(pid), " has ", printable(found->second), " open, and goes on reading what is replaced"));
    }
    return {};
}

Result<> checkRoom(const KeptFiles &files, const std::vector<Replaced> &replaced)
{
    std::map<dev_t, std::uint64_t> needed;
    std::vector<std::uint64_t> sizes(files.roots.size());
    for (const KeptEntry &entry : files.entries)
        sizes[entry.root] += entry.contentBytes();
    for (std::size_t i = 0; i < replaced.size(); ++i) {
        if (replaced[i].now == Replaced::Now::AsItWas)
            continue;
        const Spot spot = GANTRY_TRY(spotOf(replaced[i].path));
        // A folder that is there may be a file system of its own.
        const auto own = replaced[i].folder && replaced[i].now == Replaced::Now::Changed
                             ? openPlain(spot.folder.get(), spot.name, O_RDONLY | O_DIRECTORY)
                             : std::unexpected(Error());
        const int at = own ? own->get() : spot.folder.get();
        struct stat info
        {};
        struct statvfs room
        {};
        if (::fstat(at, &info) != 0 || ::fstatvfs(at, &room) != 0)
            return failErrno("stat", printable(replaced[i].path));
        const std::uint64_t bytes = needed[info.st_dev] += sizes[i];
        if (const std::uint64_t there = room.f_bfree * room.f_frsize; there < bytes)
            return fail(ENOSPC, "restore", printable(replaced[i].path),
                        strCat("it takes ", bytes, " bytes beside what is there now, and the file system has ", there),
                        "Make room; what is there now is removed only once it runs again");
    }
    return {};
}

} // namespace

Result<std::vector<std::string>> checkReplaced(const KeptFiles &files, const std::vector<Replaced> &replaced,
                                               std::span<const std::int32_t> ending, const std::stop_token &stop)
{
    GANTRY_CHECK(checkRoom(files, replaced));
    const Inodes inodes = GANTRY_TRY(inodesOf(replaced, stop));
    std::set<std::string> notes;
    for (const std::int32_t pid : inodes.empty() ? std::vector<std::int32_t>() : GANTRY_TRY(process::listPids())) {
        if (pid != ::getpid() && std::ranges::find(ending, pid) == ending.end())
            GANTRY_CHECK(checkHolder(pid, inodes, notes));
    }
    return std::vector(notes.begin(), notes.end());
}

} // namespace gantry::checkpoint
