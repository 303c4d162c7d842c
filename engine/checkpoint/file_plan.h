// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/checkpoint/kept_files.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gantry::checkpoint {

/// What of the file system is to be part of a checkpoint.
struct FilesWish
{
    std::vector<std::string> declared; ///< files and folders, absolute; of any size
    /// Also the files that the tree writes in their midst: open for writing, or mapped to be written, and regular. Not
    /// those that are only written at their end, as logs are: what a log says of the time that is gone back over is
    /// worth keeping.
    bool written = false;
    /// Of those, in bytes, the smallest first: while they are copied the tree stands still.
    std::uint64_t mostWritten = std::uint64_t{256} << 20;
};

/// How the content of a file gets out of the reach of who writes it while the tree stands still.
enum class TakenBy : std::uint8_t {
    Clone,    ///< the file system shares its blocks: FICLONE of ioctl(2); btrfs, xfs
    Snapshot, ///< of a btrfs subvolume
    Copy
};

struct PlannedRoot
{
    KeptRoot root;
    bool folder = false;
    TakenBy by = TakenBy::Copy;
    std::uint64_t files = 0; ///< everything in it
    std::uint64_t bytes = 0; ///< what they take on disk
};

struct FilesPlan
{
    std::vector<PlannedRoot> roots;
    std::vector<std::string> notes; ///< what is not part of it and why, what takes its time: a sentence each

    /// What has to be copied while the tree stands still.
    [[nodiscard]] std::uint64_t copiedBytes() const;
};

/// A regular file that processes write in its midst.
struct WrittenFile
{
    std::string path; ///< under which we find it; empty: we do not
    std::string name; ///< as the process has it
    std::uint64_t size = 0;
};
/// Looks at descriptors and shared mappings; about 10 us an open file. Thread: any.
[[nodiscard]] std::vector<WrittenFile> writtenFiles(std::span<const std::int32_t> pids);

/// Looks at what is to be saved, without stopping anything. @param stateFolder which may not be part of it.
/// @errors ENOENT, ELOOP and the like for a declared one, which is named; EXDEV: another file system is mounted in it;
/// EINVAL: not absolute, "/", or no place for files; ECANCELED. Thread: any; blocks.
[[nodiscard]] Result<FilesPlan> planFiles(const FilesWish &wish, std::span<const std::int32_t> pids,
                                          const std::string &stateFolder, const std::stop_token &stop);

/// Those of `found` that are to be part of it: within the bound, and not in what is declared. What is not is told.
[[nodiscard]] std::vector<WrittenFile> chosenFiles(const FilesWish &wish, std::vector<WrittenFile> found,
                                                   std::span<const KeptRoot> declared, std::vector<std::string> &notes);

/// True for an open regular file or folder of a disk, or of memory: not for those of the kernel, nor for devices.
[[nodiscard]] bool isOfDisk(int fd);

/// @errors EXDEV naming what is mounted below this folder, in our mount namespace.
[[nodiscard]] Result<> checkNothingMounted(const std::string &folder, std::string_view op);

} // namespace gantry::checkpoint
