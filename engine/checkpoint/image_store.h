// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/image_tree.h"
#include "engine/repository/opened_checkpoint.h"

#include <stop_token>
#include <string>
#include <vector>

namespace gantry::checkpoint {

/// readTree() of a checkpoint of the store. @errors as there and OpenedCheckpoint::read(); ECANCELED. Thread: any;
/// blocks.
[[nodiscard]] Result<SavedTree> readTree(repository::OpenedCheckpoint &checkpoint, const std::stop_token &stop = {});

/// Pages at an address that the store has alike: a run of pieces, or of pages of zeros.
struct StoredPages
{
    std::uint64_t address = 0; ///< bytes
    std::uint64_t count = 0;
    bool zeros = false;
    repository::PieceId first;

    [[nodiscard]] std::uint64_t end() const { return address + count * kImagePage; }
};
/// Where the store has the pages of a map; by address. Nothing of them is read.
/// @errors EBADMSG where the image of pages has fewer than the map says; as OpenedCheckpoint::pieces().
[[nodiscard]] Result<std::vector<StoredPages>> storedPages(repository::OpenedCheckpoint &checkpoint,
                                                           const SavedPageMap &map);

/// Most of a command line that is read, in bytes.
inline constexpr std::uint64_t kMostArguments = 4096;
/// The command line as it was in the process's memory; empty where that part of it was not saved. Cut at
/// kMostArguments. @param pages of this task. @errors of the store.
[[nodiscard]] Result<std::vector<std::string>>
argumentsOf(repository::OpenedCheckpoint &checkpoint, const SavedTask &task, const std::vector<StoredPages> &pages);

} // namespace gantry::checkpoint
