// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/image_tree.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gantry::checkpoint {

/// Shared memory behind a memfd, by CRIU's id of its inode.
struct SavedMemfd
{
    std::string name;
    std::uint64_t size = 0; ///< in bytes
    std::uint64_t shared = 0;
};
using SavedMemfds = std::map<std::uint64_t, SavedMemfd>;

/// "file", "unix", by the number that CRIU gives a kind; the number itself for one that is not known.
[[nodiscard]] std::string fileKind(std::uint32_t type);

/// Entries of memfd.img. @errors EBADMSG, so for all here.
[[nodiscard]] Result<SavedMemfds> parseMemfds(std::string_view image);

/// A file of files.img, and, where it is a memfd, which memory it is.
struct ParsedFiles
{
    std::map<std::uint32_t, SavedFile> files;
    std::map<std::uint32_t, std::uint64_t> memory; ///< file -> SavedMemfd::shared
};
[[nodiscard]] Result<ParsedFiles> parseFiles(std::string_view image, const SavedMemfds &memfds);

/// Entries of remap-fpath.img: marks the files that had no name any more.
[[nodiscard]] Result<> markDeleted(std::string_view image, std::map<std::uint32_t, SavedFile> &files);

} // namespace gantry::checkpoint
