// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/causes.h"
#include "engine/checkpoint/tree_look.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

struct FileFinding
{
    Cause cause = Cause::UnsupportedFile;
    std::string object; ///< without the process
    std::string value;
};

/// What CRIU would say of one open file. Source: criu/files.c, sk-unix.c, sk-inet.c, files-reg.c of criu-dev.
/// @param inside inodes of everything open in the tree.
[[nodiscard]] std::vector<FileFinding> checkFile(const OpenFile &file, const TaskLook &task, const TreeLook &look,
                                                 const std::set<std::uint64_t> &inside);

/// "fd 14 -> anon_inode:[io_uring]".
[[nodiscard]] std::string fileName(const OpenFile &file);
/// "pid 812 (node)".
[[nodiscard]] std::string taskName(const TaskLook &task);

[[nodiscard]] bool isTerminal(const OpenFile &file);
/// /dev/ptmx: the end of a pseudo terminal that keeps it alive.
[[nodiscard]] bool isTerminalMaster(const OpenFile &file);
[[nodiscard]] bool isNetworkFilesystem(std::string_view type);

} // namespace gantry::checkpoint
