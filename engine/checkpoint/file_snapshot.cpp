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
Result<LockedEntry> writeNote(const std::string &stateFolder, const std::string &folder, const std::string &name)
{
    LockedEntry note = GANTRY_TRY(LockedEntry::create(stateFolder, kNotePrefix, LockedEntry::Kind::File));
    const std::string text = strCat(folder, '\0', name);
    Result<> written = writeAll(note.fd(), std::as_bytes(std::span(text)), note.path());
    if (written && ::fsync(note.fd()) != 0)
        written = failErrno("fsync", note.path());
    if (!written) {
        note.remove();
        return std::unexpected(std::move(written).error());
    }
    return note;
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
        LockedEntry note = GANTRY_TRY(writeNote(stateFolder, beside ? above : folder, name));
        const auto made = create(source.get(), beside ? parent->get() : source.get(), name);
        if (made)
            return Snapshot(beside ? *std::move(parent) : std::move(source), name, std::move(note));
        note.remove();
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
    m_note.remove();
}

void removeLeftSnapshots(const std::string &stateFolder)
{
    for (LockedEntry &note : LockedEntry::takeLeft(stateFolder, kNotePrefix, LockedEntry::Kind::File)) {
        const std::string text = readFile(note.path()).value_or("");
        const std::size_t zero = text.find('\0');
        const std::string name = zero == std::string::npos ? std::string() : text.substr(zero + 1);
        const auto dir = openPlain(AT_FDCWD, text.substr(0, zero), O_RDONLY | O_DIRECTORY);
        const auto gone = dir && name.starts_with(kNamePrefix) ? destroy(dir->get(), name) : Result<>();
        if (gone)
            note.remove();
        else
            log::warning(log::Area::Control, "a snapshot stays: ", gone.error().message());
    }
}

} // namespace gantry::checkpoint
