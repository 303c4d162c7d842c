// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/image_tree.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

/// A TCP connection as one of its ends sees it.
struct TcpConnection
{
    int family = 0;                      ///< AF_INET or AF_INET6
    std::array<std::uint32_t, 4> local{}; ///< in the network's order; of IPv4 the first
    std::array<std::uint32_t, 4> peer{};
    std::uint16_t localPort = 0;
    std::uint16_t peerPort = 0;

    /// "127.0.0.1:80 -> 10.0.0.7:50312".
    [[nodiscard]] std::string text() const;
};
/// The TCP sockets of files.img that have another end, whatever their state.
[[nodiscard]] Result<std::vector<TcpConnection>> parseConnections(std::string_view image);

/// Entries of remap-fpath.img: marks the files that had no name any more.
[[nodiscard]] Result<> markDeleted(std::string_view image, std::map<std::uint32_t, SavedFile> &files);

} // namespace gantry::checkpoint
