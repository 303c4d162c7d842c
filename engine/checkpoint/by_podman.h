// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/runtime/table.h"

/// Checkpoint and restore of podman's containers by podman's own verb. Such a checkpoint has podman's archive, with what
/// the container changed of its root: see podman_archive.h.
namespace gantry::checkpoint {

/// The archive as it is, in checkpoints of before it was taken apart.
inline constexpr const char *kPodmanStream = "podman/archive.tar";

/// True for a checkpoint of this kind.
[[nodiscard]] bool isByPodman(const repository::Manifest &manifest);

/// Makes a manifest one of a checkpoint by podman. @param options of CRIU, that a restore needs.
void describePodmans(repository::Manifest &manifest, const std::string &name, std::uint32_t processes,
                     const std::vector<std::string> &options);

/// What "podman container restore" needs besides: "--tcp-established".
[[nodiscard]] std::vector<std::string> podmanOptions(const repository::Manifest &manifest);

/// @errors ENOTSUP: a user's; it is to end with the checkpoint (podman ends it before anybody else has its archive);
/// the CRIU that works here is not the one that podman takes.
[[nodiscard]] Result<> checkPodman(const runtime::Known &known, bool leaveRunning, const CriuFacts &criu);

/// "podman container checkpoint --leave-running --export": podman stops and thaws it itself; it runs on, whatever
/// fails.
/// @errors as checkPodman(); ENOTSUP with the worst finding of pre-flight; EIO with podman's words; of the store.
/// Thread: any; blocks.
[[nodiscard]] Result<Saved> saveByPodman(const runtime::Known &known, const SaveWish &wish, const Means &means,
                                         repository::Store &store, const runtime::Patience &patience,
                                         const OnPhase &onPhase);

/// What can be seen beforehand. @errors ENOTSUP (CRIU as in checkPodman(), or a newer one wrote it); ENOENT: no podman;
/// EEXIST: podman has one of this name that has not ended.
[[nodiscard]] Result<> checkRestoreByPodman(const repository::Checkpoint &checkpoint, const Means &means,
                                            const runtime::Patience &patience);

/// "podman container restore --import". One of that name that has ended is removed first ("podman rm"); its image must
/// be here. The first process is conmon's child, not ours. @errors as checkRestoreByPodman(); EIO with podman's words.
/// Thread: any; blocks.
[[nodiscard]] Result<Restored> restoreByPodman(const repository::CheckpointId &id, const Means &means,
                                               const repository::Store &store, const runtime::Patience &patience,
                                               const OnPhase &onPhase);

} // namespace gantry::checkpoint
