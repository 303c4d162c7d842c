// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/quantity.h"
#include "engine/repository/manifest.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gantry::repository {

/// How much of the past a container keeps. nullopt: no bound.
struct Retention
{
    std::optional<std::uint64_t> count;      ///< newest ones kept, pinned not counted
    std::optional<std::chrono::seconds> age; ///< older ones go
    std::optional<Bytes> bytes; ///< newest ones kept whose stored sizes add up to at most this, pinned counted first
};

/// What would go, oldest first: a preview, and the list for Store::remove(). Each container (runtime, id, host) by
/// itself. Pinned ones stay, and are counted in `bytes`: they take their room. `bytes` goes by what each checkpoint
/// added when it was written (Sizes::stored): pieces that newer ones share do not go with it, so it may free less.
/// @param now by the wall clock; a checkpoint from the future has age 0.
[[nodiscard]] std::vector<CheckpointId> expired(std::span<const Checkpoint> checkpoints, const Retention &retention,
                                                std::chrono::sys_time<std::chrono::microseconds> now);

} // namespace gantry::repository
