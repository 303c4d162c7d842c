// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/bytes.h"
#include "engine/repository/store.h"

#include <cstdint>
#include <stop_token>

namespace gantry::repository {

/// The first pages of a checkpoint: what of it has come to another store before the transfer broke off. Pages of all
/// streams of kind "pages", in the order of the streams; a last one that is no whole page counts, too.
struct Rest
{
    CheckpointId of;
    std::uint64_t pages = 0;
    Digest digest{}; ///< BLAKE2b-256 over their bytes: the same in every store, whatever its key
};

/// What an unfinished checkpoint has, read from the disk and verified. @errors as Store::read(). Thread: any; blocks.
[[nodiscard]] Result<Rest> restOf(const Store &store, const UnfinishedCheckpoint &unfinished,
                                  const std::stop_token &stop);

/// True if this store's checkpoint begins with just these pages. @errors as Store::read(), but for ENOENT: false.
/// Thread: any; blocks.
[[nodiscard]] Result<bool> beginsWith(const Store &store, const Rest &rest, const std::stop_token &stop);

} // namespace gantry::repository
