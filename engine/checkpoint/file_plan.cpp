// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_plan.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/file_snapshot.h"
#include "engine/checkpoint/file_walk.h"
#include "engine/checkpoint/tree_look.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

/// Not measured beforehand: what the notes say of the time is by it.
constexpr std::uint64_t kBytesPerSecond = std::uint64_t{512} << 20;
constexpr std::uint64_t kWorthTelling = std::uint64_t{256} << 20;
/// File systems whose files are the kernel's. Source: statfs(2).
constexpr std::array<long, 12> kKernels{
    PROC_SUPER_MAGIC, SYSFS_MAGIC,  CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,  TRACEFS_MAGIC,
    SECURITYFS_MAGIC, BPF_FS_MAGIC, DEVPTS_SUPER_MAGIC, PSTOREFS_MAGIC,      EFIVARFS_MAGIC, 0x19800202 /* mqueue */};
constexpr std::string_view kDeleted = " (deleted)";

bool isKernels(int fd)
{
    struct statfs info
    {};
    return ::fstatfs(fd, &info) == 0 && std::ranges::find(kKernels, static_cast<long>(info.f_type)) != kKernels.end();
}

std::string linkAt(int dir, const std::string &name)
{
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(dir, name.c_str(), target.data(), target.size());
    return length < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(length));
}

using Found = std::map<std::pair<dev_t, ino_t>, WrittenFile>;

/// True if we find the very same file under its name.
bool isOurs(const std::string &name, const struct stat &info)
{
    const auto file = openPlain(AT_FDCWD, name, O_PATH);
    struct stat ours
    {};
    return file && ::fstat(file->get(), &ours) == 0 && ours.st_dev == info.st_dev && ours.st_ino == info.st_ino &&
           !isKernels(file->get());
}

void add(Found &found, const std::string &name, const struct stat &info)
{
    const auto [at, fresh] = found.try_emplace({info.st_dev, info.st_ino});
    if (!fresh)
        return;
    at->second = {isOurs(name, info) ? name : std::string(), name, static_cast<std::uint64_t>(info.st_size)};
}

/// Flags and position. Source: proc_pid_fdinfo(5).
bool isLog(int infos, const std::string &fd, std::uint64_t size)
{
    TextBuffer buffer;
    const auto text = buffer.readAt(infos, fd);
    std::string_view rest = text ? *text : std::string_view();
    std::uint64_t position = 0;
    std::uint64_t flags = 0;
    while (auto line = takeLine(rest)) {
        const std::string_view key = takeToken(*line);
        const std::string value(trim(*line));
        if (key == "pos:")
            position = parseU64(value).value_or(0);
        else if (key == "flags:")
            flags = std::strtoull(value.c_str(), nullptr, 8);
    }
    return (flags & O_APPEND) != 0 || ((flags & O_ACCMODE) == O_WRONLY && position == size);
}

void addDescriptors(Found &found, const std::string &process)
{
    const auto folder = openAt(AT_FDCWD, process + "/fd", O_RDONLY | O_DIRECTORY);
    const auto infos = openAt(AT_FDCWD, process + "/fdinfo", O_RDONLY | O_DIRECTORY);
    const auto stream = folder ? openStream(folder->get()) : Result<DirStream>(std::unexpected(folder.error()));
    if (!stream || !infos)
        return; // it has ended
    while (const dirent *one = ::readdir(stream->get())) {
        const std::string fd(static_cast<const char *>(one->d_name));
        struct stat link
        {};
        // The link's own rights tell what it is open for.
        if (::fstatat(folder->get(), fd.c_str(), &link, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(link.st_mode) ||
            (link.st_mode & S_IWUSR) == 0)
            continue;
        struct stat info
        {};
        if (::fstatat(folder->get(), fd.c_str(), &info, 0) != 0 || !S_ISREG(info.st_mode) || info.st_nlink == 0)
            continue;
        const std::string name = linkAt(folder->get(), fd);
        if (name.starts_with('/') && !name.ends_with(kDeleted) &&
            !isLog(infos->get(), fd, static_cast<std::uint64_t>(info.st_size)))
            add(found, name, info);
    }
}

/// "RANGE rw-s OFFSET DEVICE INODE PATH". Source: proc_pid_maps(5).
void addMappings(Found &found, const std::string &process)
{
    const auto maps = readFile(process + "/maps");
    std::string_view rest = maps ? std::string_view(*maps) : std::string_view();
    while (auto line = takeLine(rest)) {
        const std::string range(takeToken(*line));
        const std::string_view rights = takeToken(*line);
        if (rights.size() < 4 || rights[1] != 'w' || rights[3] != 's')
            continue;
        for (int skipped = 0; skipped < 3; ++skipped)
            (void)takeToken(*line);
        const std::string_view shown = trim(*line);
        if (!shown.starts_with('/') || shown.ends_with(kDeleted))
            continue;
        struct stat info
        {};
        const std::string link = strCat(process, "/map_files/", range);
        if (::stat(link.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 0)
            add(found, linkAt(AT_FDCWD, link), info);
    }
}

/// Whether the file system can share a file's blocks: tried with a file that has no name.
bool canClone(int folder, const std::string &file)
{
    const auto from = openToRead(folder, file);
    const auto to = openAt(folder, ".", O_TMPFILE | O_RDWR, 0600);
    return from && to && ::ioctl(to->get(), FICLONE, from->get()) == 0;
}

Result<std::string> plainPath(const std::string &declared)
{
    if (!declared.starts_with('/'))
        return fail(EINVAL, "checkpoint", printable(declared), "not an absolute path");
    std::array<char, PATH_MAX> real{};
    if (::realpath(declared.c_str(), real.data()) == nullptr)
        return failErrno("checkpoint", printable(declared));
    const std::string out(real.data());
    const UniqueFd file = GANTRY_TRY(openPlain(AT_FDCWD, out, O_PATH));
    if (out == "/" || !isOfDisk(file.get()))
        return fail(EINVAL, "checkpoint", printable(out), "neither a folder nor a regular file of a disk",
                    "Name the folder of its data");
    return out;
}

/// What it has in it, and how that can be taken.
Result<PlannedRoot> plannedRoot(KeptRoot root, const std::stop_token &stop)
{
    const Spot spot = GANTRY_TRY(spotOf(root.path));
    PlannedRoot out{.root = std::move(root)};
    std::optional<bool> clones;
    std::size_t number = 0;
    const Walk::Visit visit = [&](const KeptEntry &entry, int dir, const std::string &name) -> Result<> {
        out.folder = out.folder || (entry.path.empty() && S_ISDIR(entry.mode));
        ++out.files;
        struct stat info
        {};
        if (!S_ISREG(entry.mode) || entry.sameAs || ::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
            return {};
        out.bytes += diskBytes(info);
        if (!clones && info.st_size > 0)
            clones = canClone(dir, name);
        return {};
    };
    GANTRY_CHECK(Walk(0, number, visit, stop).run(spot.folder.get(), spot.name, out.root.path));
    out.by = clones.value_or(false) ? TakenBy::Clone : TakenBy::Copy;
    if (out.folder) {
        GANTRY_CHECK(checkNothingMounted(out.root.path, "checkpoint"));
        if (canSnapshot(out.root.path))
            out.by = TakenBy::Snapshot;
    }
    return out;
}

std::string sizeText(std::uint64_t bytes)
{
    return strCat((bytes + (std::uint64_t{1} << 20) - 1) >> 20, " MiB");
}

} // namespace

std::uint64_t FilesPlan::copiedBytes() const
{
    std::uint64_t out = 0;
    for (const PlannedRoot &root : roots)
        out += root.by == TakenBy::Copy ? root.bytes : 0;
    return out;
}

std::vector<WrittenFile> writtenFiles(std::span<const std::int32_t> pids)
{
    Found found;
    for (const std::int32_t pid : pids) {
        const std::string process = strCat("/proc/", pid);
        addDescriptors(found, process);
        addMappings(found, process);
    }
    std::vector<WrittenFile> out;
    for (auto &[inode, file] : found)
        out.push_back(std::move(file));
    return out;
}

std::vector<WrittenFile> chosenFiles(const FilesWish &wish, std::vector<WrittenFile> found,
                                     std::span<const KeptRoot> declared, std::vector<std::string> &notes)
{
    std::vector<WrittenFile> out;
    if (!wish.written)
        return out;
    std::ranges::sort(found, {}, [](const WrittenFile &file) { return std::pair(file.size, file.name); });
    std::uint64_t bytes = 0;
    for (WrittenFile &file : found) {
        const bool covered =
            std::ranges::any_of(declared, [&file](const KeptRoot &root) { return isPathWithin(file.path, root.path); });
        if (covered)
            continue;
        if (file.path.empty()) {
            notes.push_back(strCat(printable(file.name), " is written, but is not found under this name from outside: "
                                                         "it is not part of the checkpoint"));
        } else if (bytes + file.size > wish.mostWritten) {
            notes.push_back(strCat(printable(file.path), " (", sizeText(file.size),
                                   ") is written, and with it the files "
                                   "would be more than ",
                                   sizeText(wish.mostWritten),
                                   ": it is not part of the "
                                   "checkpoint, unless it is named; it would stand still for about ",
                                   file.size * 1'000 / kBytesPerSecond,
                                   " ms longer where the file system cannot share "
                                   "blocks"));
        } else {
            bytes += file.size;
            out.push_back(std::move(file));
        }
    }
    return out;
}

bool isOfDisk(int fd)
{
    struct stat info
    {};
    return ::fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) && !isKernels(fd);
}

Result<> checkNothingMounted(const std::string &folder, std::string_view op)
{
    const auto text = readFile("/proc/self/mountinfo");
    for (const MountLook &mount : GANTRY_TRY(parseMounts(text ? std::string_view(*text) : std::string_view()))) {
        if (mount.mountPoint != folder && isPathWithin(mount.mountPoint, folder))
            return fail(EXDEV, op, printable(folder),
                        strCat("another file system is mounted in it: ", printable(mount.mountPoint)),
                        "Name the folders beside it, one by one");
    }
    return {};
}

Result<FilesPlan> planFiles(const FilesWish &wish, std::span<const std::int32_t> pids, const std::string &stateFolder,
                            const std::stop_token &stop)
{
    std::vector<KeptRoot> roots;
    for (const std::string &declared : wish.declared) {
        std::string path = GANTRY_TRY(plainPath(declared));
        if (isPathWithin(stateFolder, path))
            return fail(EINVAL, "checkpoint", printable(path), "the checkpoints themselves are in it");
        roots.push_back({std::move(path), true});
    }
    std::ranges::sort(roots, {}, &KeptRoot::path);
    std::vector<KeptRoot> apart; // what is in another one is saved with that
    for (KeptRoot &root : roots) {
        if (std::ranges::none_of(apart, [&](const KeptRoot &one) { return isPathWithin(root.path, one.path); }))
            apart.push_back(std::move(root));
    }
    FilesPlan out;
    for (const WrittenFile &file : chosenFiles(wish, wish.written ? writtenFiles(pids) : std::vector<WrittenFile>(),
                                               apart, out.notes))
        apart.push_back({file.path, false});
    for (KeptRoot &root : apart) {
        auto planned = plannedRoot(std::move(root), stop);
        if (planned)
            out.roots.push_back(*std::move(planned));
        else if (root.declared || planned.error().posix() == ECANCELED) // the others may come and go
            return std::unexpected(std::move(planned).error());
    }
    if (const std::uint64_t copied = out.copiedBytes(); copied > kWorthTelling)
        out.notes.push_back(strCat(sizeText(copied),
                                   " of files have to be copied while it stands still, which takes about ",
                                   copied * 1'000 / kBytesPerSecond, " ms at 512 MiB/s"));
    return out;
}

} // namespace gantry::checkpoint
