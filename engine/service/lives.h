// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/process/process.h"
#include "engine/repository/manifest.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Which checkpoint a running tree of processes goes on from: what makes a time line of checkpoints, with a branch
/// where somebody went back. Thread: any; blocks.
namespace gantry::service {

/// One life of a tree of processes, from its start or its restore to its end.
struct Life
{
    std::string boot; ///< /proc/sys/kernel/random/boot_id
    std::int32_t pid = 0;
    std::uint64_t startTicks = 0; ///< of its first process, in clock ticks after boot
    bool operator==(const Life &) const = default;

    /// "BOOT PID TICKS", as it stands in Manifest::values. parseLife() reads it back.
    [[nodiscard]] std::string text() const;
};
[[nodiscard]] Result<Life> parseLife(std::string_view text);

/// Key in Manifest::values: whose life it was saved in.
inline constexpr const char *kLife = "life";

/// The life that this process is the first one of. @errors ESRCH; of reading the boot id.
[[nodiscard]] Result<Life> lifeOf(std::int32_t pid);
/// Its first process now, which may be a zombie. @errors ESRCH: it is gone, or another life has its pid; as lifeOf().
[[nodiscard]] Result<process::Stat> statOf(const Life &life);

/// Keeps for a life which checkpoint it was restored from, in "restored/PID" below the state folder. What is kept of
/// processes that are gone is removed. @errors as replaceFile().
[[nodiscard]] Result<> keepRestored(const std::string &stateFolder, const Life &life,
                                    const repository::CheckpointId &from);
/// @return nullopt: this life did not begin with a restore, or nothing is known of it.
[[nodiscard]] std::optional<repository::CheckpointId> restoredFrom(const std::string &stateFolder, const Life &life);

/// The newest checkpoint of this very life, else the one that it was restored from.
/// @param checkpoints in the order of their commits. @return nullopt: it has none.
[[nodiscard]] std::optional<repository::CheckpointId> parentOf(const std::string &stateFolder, const Life &life,
                                                               std::span<const repository::Checkpoint> checkpoints);

/// What a life can go back to: its own newest checkpoint, or the one that it was restored from, then what that one went
/// on from, and so on: no other future. @param checkpoints as in parentOf(). @return newest first.
[[nodiscard]] std::vector<repository::Checkpoint> lineageOf(const std::string &stateFolder, const Life &life,
                                                            std::span<const repository::Checkpoint> checkpoints);

/// What lives now, and the checkpoint that it goes on from.
struct Head
{
    Life life;
    repository::CheckpointId from;
};
/// Of everything that lives and is known of: what checkpoints were saved of, and what was restored.
/// @param checkpoints as in parentOf(). @return by pid.
[[nodiscard]] std::vector<Head> headsOf(const std::string &stateFolder,
                                        std::span<const repository::Checkpoint> checkpoints);

/// Names what lives, over its restores: ContainerIdentity::id of what it goes on from, else the life itself.
/// @param checkpoints as in parentOf().
[[nodiscard]] std::string identityOf(const std::string &stateFolder, const Life &life,
                                     std::span<const repository::Checkpoint> checkpoints);

/// True if what lives now is another future, or the present, of what `one` was saved of: both come from one history.
[[nodiscard]] bool areRelated(const std::string &stateFolder, const Life &life, const repository::Checkpoint &one,
                              std::span<const repository::Checkpoint> checkpoints);

} // namespace gantry::service
