// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_snapshot.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/file_walk.h"

#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kNotePrefix = "snapshot.";
constexpr const char *kNamePrefix = ".gantry-snapshot-";

Result<> create(int source, int dir, const std::string &name)
{
    btrfs_ioctl_vol_args_v2 arguments{};
    arguments.fd = source;
    arguments.flags = BTRFS_SUBVOL_RDONLY;
    std::strncpy(arguments.name, name.c_str(), BTRFS_SUBVOL_NAME_MAX);
    if (::ioctl(dir, BTRFS_IOC_SNAP_CREATE_V2, &arguments) != 0)
        return failErrno("snapshot", name);
    return {};
}

Result<> destroy(int dir, const std::string &name)
{
    btrfs_ioctl_vol_args arguments{};
    std::strncpy(arguments.name, name.c_str(), BTRFS_PATH_NAME_MAX);
    if (::ioctl(dir, BTRFS_IOC_SNAP_DESTROY, &arguments) != 0 && errno != ENOENT)
        return failErrno("remove snapshot", name);
    return {};
}

/// A locked file of the state folder that tells where the snapshot is.
Result<UniqueFd> writeNote(std::string &path, const std::string &folder, const std::string &name)
{
    UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
    if (!file)
        return failErrno("mkostemp", path);
    const std::string text = strCat(folder, '\0', name);
    Result<> written = ::flock(file.get(), LOCK_EX) == 0 ? writeAll(file.get(), std::as_bytes(std::span(text)), path)
                                                         : failErrno("flock", path);
    if (written && ::fsync(file.get()) != 0)
        written = failErrno("fsync", path);
    if (!written) {
        ::unlink(path.c_str());
        return std::unexpected(std::move(written).error());
    }
    return file;
}

/// Subvolumes have folders of their own number.
bool hasSubvolumes(int dir)
{
    btrfs_ioctl_get_subvol_rootref_args arguments{};
    return ::ioctl(dir, BTRFS_IOC_GET_SUBVOL_ROOTREF, &arguments) != 0 || arguments.num_items > 0;
}

} // namespace

bool canSnapshot(const std::string &folder)
{
    const auto dir = openPlain(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
    struct stat info
    {};
    struct statfs filesystem
    {};
    return dir && ::fstatfs(dir->get(), &filesystem) == 0 && filesystem.f_type == BTRFS_SUPER_MAGIC &&
           ::fstat(dir->get(), &info) == 0 && info.st_ino == BTRFS_FIRST_FREE_OBJECTID && !hasSubvolumes(dir->get());
}

Result<Snapshot> Snapshot::make(const std::string &folder, const std::string &stateFolder)
{
    UniqueFd source = GANTRY_TRY(openPlain(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
    const std::string name =
        strCat(kNamePrefix, ::getpid(), "-", repository::CheckpointId::random().text().substr(0, 8));
    const std::string above = std::filesystem::path(folder).parent_path().string();
    auto parent = openPlain(AT_FDCWD, above, O_RDONLY | O_DIRECTORY);
    Error failure;
    for (const bool beside : {true, false}) {
        if (beside && !parent)
            continue;
        std::string note = strCat(stateFolder, "/", kNotePrefix, "XXXXXX");
        UniqueFd lock = GANTRY_TRY(writeNote(note, beside ? above : folder, name));
        const auto made = create(source.get(), beside ? parent->get() : source.get(), name);
        if (made)
            return Snapshot(beside ? *std::move(parent) : std::move(source), name, std::move(lock), std::move(note));
        ::unlink(note.c_str());
        failure = made.error();
    }
    failure.subject = printable(folder);
    return std::unexpected(std::move(failure));
}

Snapshot::~Snapshot()
{
    if (!m_dir)
        return;
    if (auto gone = destroy(m_dir.get(), m_name); !gone) {
        log::warning(log::Area::Control, "a snapshot stays: ", gone.error().message());
        return; // its note stays, too
    }
    ::unlink(m_note.c_str());
}

void removeLeftSnapshots(const std::string &stateFolder)
{
    std::error_code ignored;
    for (const auto &entry : std::filesystem::directory_iterator(stateFolder, ignored)) {
        const std::string path = entry.path().string();
        if (!entry.path().filename().string().starts_with(kNotePrefix))
            continue;
        const auto note = openAt(AT_FDCWD, path, O_RDONLY);
        if (!note || ::flock(note->get(), LOCK_EX | LOCK_NB) != 0)
            continue;
        const std::string text = readFile(path).value_or("");
        const std::size_t zero = text.find('\0');
        const std::string name = zero == std::string::npos ? std::string() : text.substr(zero + 1);
        const auto dir = openPlain(AT_FDCWD, text.substr(0, zero), O_RDONLY | O_DIRECTORY);
        const auto gone = dir && name.starts_with(kNamePrefix) ? destroy(dir->get(), name) : Result<>();
        if (gone)
            ::unlink(path.c_str());
        else
            log::warning(log::Area::Control, "a snapshot stays: ", gone.error().message());
    }
}

} // namespace gantry::checkpoint
