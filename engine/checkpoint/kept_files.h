// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/opened_checkpoint.h"
#include "engine/repository/store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>
#include <time.h>

/// Files that are part of a checkpoint of a process tree: streams "files/index" (kept_files.proto) and "files/content".
namespace gantry::checkpoint {

inline constexpr const char *kIndexStream = "files/index";
inline constexpr const char *kContentStream = "files/content";
/// In Manifest::values of checkpoints that have files: how many, and their size in bytes.
inline constexpr const char *kFilesKey = "files";
inline constexpr const char *kFilesBytesKey = "files_bytes";

struct Extent
{
    std::uint64_t offset = 0; ///< bytes
    std::uint64_t length = 0;

    bool operator==(const Extent &) const = default;
};

/// A file, folder, link or node as it was.
struct KeptEntry
{
    std::size_t root = 0; ///< of KeptFiles::roots
    std::string path;     ///< below the root; empty: the root itself
    mode_t mode = 0;
    uid_t uid = 0;
    gid_t gid = 0;
    std::uint64_t size = 0; ///< bytes
    timespec modified{};
    timespec accessed{};
    std::string link;
    dev_t device = 0;
    std::vector<std::pair<std::string, std::string>> attributes; ///< extended ones, by name
    std::vector<Extent> extents;                                 ///< what is not zeros
    std::string digest;                                          ///< of a regular file: see ContentDigest
    std::optional<std::size_t> sameAs; ///< entry of the same root that is the same file under another name

    /// Bytes of it in the stream of contents.
    [[nodiscard]] std::uint64_t contentBytes() const;
};

/// True if they are the same but for content and times.
[[nodiscard]] bool looksAlike(const KeptEntry &a, const KeptEntry &b);

struct KeptRoot
{
    std::string path;      ///< absolute
    bool declared = false; ///< an admin named it; otherwise it was open for writing

    bool operator==(const KeptRoot &) const = default;
};

struct KeptFiles
{
    std::vector<KeptRoot> roots;
    std::vector<KeptEntry> entries; ///< by root, folders before what is in them

    [[nodiscard]] std::string pathOf(const KeptEntry &entry) const;
    /// True if this absolute path is one of the roots, or below one.
    [[nodiscard]] bool covers(std::string_view path) const;
    /// Of its content, also where that is kept under another name.
    [[nodiscard]] const std::string &digestOf(const KeptEntry &entry) const;
    /// The entry of the root itself; null: it has none.
    [[nodiscard]] const KeptEntry *entryOf(std::size_t root) const;
};

[[nodiscard]] std::string encode(const KeptFiles &files);
/// @errors EBADMSG for what is no index, or names a place outside of its roots; ENOTSUP: a newer Gantry wrote it.
[[nodiscard]] Result<KeptFiles> parseKeptFiles(std::string_view bytes);

/// Of a checkpoint; none where it has none. @errors as parseKeptFiles(); of the store. Thread: any; blocks.
[[nodiscard]] Result<KeptFiles> readKeptFiles(const repository::Store &store, const repository::CheckpointId &id);
[[nodiscard]] Result<KeptFiles> readKeptFiles(repository::OpenedCheckpoint &checkpoint);

} // namespace gantry::checkpoint
