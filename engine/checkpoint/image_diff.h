// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/image_store.h"
#include "engine/checkpoint/kept_files.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::checkpoint {

enum class Change : std::uint8_t { Gone, New, Changed };

/// What two checkpoints have differently. Processes are the same if they have the same pid, descriptors the same number
/// in the same process, internet sockets the same addresses, unix sockets the same name or inode.
struct Difference
{
    Change change = Change::Changed;
    std::int32_t pid = 0; ///< 0: of no one process
    std::string comm;
    std::string object; ///< "fd 5", "tcp 127.0.0.1:80"; empty for the process itself
    std::string before; ///< what differs alone, "threads=2 state=running"; empty for what is new
    std::string after;  ///< empty for what is gone
};

/// A regular file that is open, mapped or run; or anything that both checkpoints could have with its content.
struct FileDifference
{
    Change change = Change::Changed;
    std::string path;
    std::optional<std::uint64_t> before; ///< bytes
    std::optional<std::uint64_t> after;
    bool byContent = false; ///< both are part of their checkpoints: contents, owners and rights were compared
};

/// A mapping, or shared memory; its pages are those that were saved.
struct AreaDifference
{
    Change change = Change::Changed;
    std::int32_t pid = 0; ///< 0: shared memory, whoever maps it
    std::string comm;
    std::uint64_t start = 0; ///< of shared memory 0
    std::uint64_t end = 0;
    std::string what; ///< as SavedArea::what
    std::uint64_t pagesBefore = 0;
    std::uint64_t pagesAfter = 0;
    std::uint64_t changed = 0; ///< in both, with other content
    std::uint64_t fresh = 0;   ///< in the second alone
    std::uint64_t gone = 0;    ///< in the first alone
};

struct PageTotals
{
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::uint64_t changed = 0;
    std::uint64_t fresh = 0; ///< those of processes that are new among them
    std::uint64_t gone = 0;
};

struct TreeDiff
{
    std::vector<Difference> processes;
    std::vector<Difference> descriptors;
    std::vector<Difference> sockets;
    std::vector<FileDifference> files;
    std::vector<AreaDifference> areas; ///< of processes that both have; most pages first
    PageTotals pages;
};

/// Everything but memory.
[[nodiscard]] TreeDiff diffTrees(const SavedTree &before, const SavedTree &after);

/// Puts what differs of files that are part of the checkpoints in place of what the images say of these.
void diffKept(const KeptFiles &before, const KeptFiles &after, std::vector<FileDifference> &out);

/// Pages that stand at the same addresses: what differs, told by sink(address, count, change) in the order of addresses
/// within each kind. @param store either of the two. Contents are compared by what the store has of them, and are not
/// read.
/// @errors as OpenedCheckpoint::digests(); ECANCELED.
[[nodiscard]] Result<>
diffPages(const repository::OpenedCheckpoint &store, const std::vector<StoredPages> &before,
          const std::vector<StoredPages> &after, const std::stop_token &stop,
          const std::function<void(std::uint64_t address, std::uint64_t count, Change change)> &sink);

/// All of it; both are of one store. @errors as readTree(), storedPages(), diffPages(). Thread: any; blocks.
[[nodiscard]] Result<TreeDiff> diff(repository::OpenedCheckpoint &before, repository::OpenedCheckpoint &after,
                                    const std::stop_token &stop);

} // namespace gantry::checkpoint
