// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::cgroup {

/// A file that holds one number. @errors of reading it; EILSEQ for another text, "max" included.
[[nodiscard]] Result<std::uint64_t> readNumber(TextBuffer &buffer, int dir, const std::string &file);

/// Names of the files in a cgroup's directory, sorted. @errors of openat(2) and readdir(3).
[[nodiscard]] Result<std::vector<std::string>> fileNames(int dir);

/// Names of the cgroups directly below it, sorted. @errors as fileNames().
[[nodiscard]] Result<std::vector<std::string>> childNames(int dir);

/// One file of a cgroup as the kernel has it now.
struct FileText
{
    std::string name;         ///< "memory.stat"
    unsigned hierarchy;       ///< Hierarchy::index
    bool writable;            ///< by its mode
    Result<std::string> text; ///< at most kMostFileText; the error names the file
};
inline constexpr std::size_t kMostFileText = 64 * 1024;

/// Every control and statistics file of a cgroup, by hierarchy, then by name. Left out: files that can only be written
/// (cgroup.kill, memory.reclaim) and lists of processes (cgroup.procs, cgroup.threads, tasks), which can be long.
/// Costs 5 to 15 us a file, some 60 files on v2: on request, never at a cadence. Thread: any.
/// @errors ESTALE, ENOENT: see openCgroup().
[[nodiscard]] Result<std::vector<FileText>> readFiles(const Hierarchies &hierarchies, const Cgroup &cgroup);

} // namespace gantry::cgroup
