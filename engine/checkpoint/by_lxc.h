// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/runtime/table.h"

/// Checkpoint and restore of LXC's containers by LXC's own verb. Streams of such a checkpoint: CRIU's images. What a
/// container has written to its root is no part of it. Source: lxc-checkpoint(1).
namespace gantry::checkpoint {

/// True for a checkpoint of this kind.
[[nodiscard]] bool isByLxc(const repository::Manifest &manifest);

/// @errors ENOTSUP: a user's; the CRIU that works here is not the system's; it is to end with the checkpoint, and LXC
/// would remove it then (lxc.ephemeral).
[[nodiscard]] Result<> checkLxc(const runtime::Known &known, bool leaveRunning, const CriuFacts &criu);

/// "lxc-checkpoint": CRIU stops and thaws it; it runs on, whatever fails. Where it is to end, it is frozen all the
/// while, and LXC kills it as it stands, once it is in the store. @errors as checkLxc(); ENOTSUP with the worst finding
/// of pre-flight; EIO with the reason from CRIU's log; of the store; as Standstill. Thread: any; blocks.
[[nodiscard]] Result<Saved> saveByLxc(const runtime::Known &known, const SaveWish &wish, const Means &means,
                                      repository::Store &store, const runtime::Patience &patience,
                                      const OnPhase &onPhase);

/// Its first process as LXC tells it now; 0: LXC has it no more, or it does not run. @errors of asking.
[[nodiscard]] Result<std::int32_t> pidByLxc(const repository::Manifest &manifest, const runtime::Patience &patience);

/// What can be seen beforehand. @param endsBefore it runs, and will have ended by then. @errors as checkLxc(); ENOENT:
/// LXC has it no more; EEXIST: it runs.
[[nodiscard]] Result<> checkRestoreByLxc(const repository::Checkpoint &checkpoint, const Means &means,
                                         const runtime::Patience &patience, bool endsBefore = false);

/// "lxc-checkpoint -r". Its first process is LXC's monitor's child, not ours. @errors as checkRestoreByLxc(); EIO with
/// the reason from CRIU's log. Thread: any; blocks.
[[nodiscard]] Result<Restored> restoreByLxc(const repository::CheckpointId &id, const Means &means,
                                            const repository::Store &store, const runtime::Patience &patience,
                                            const OnPhase &onPhase);

} // namespace gantry::checkpoint
