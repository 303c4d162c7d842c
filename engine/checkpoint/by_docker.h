// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/save.h"

/// Docker's containers. Saved as those of runc are (by_runtime.h), since Docker's runtime is runc, and paused and
/// thawed by Docker; so that what they changed of their root is part of it, which Docker's own verb leaves out.
/// Restored by Docker's verb, "docker start --checkpoint", which knows of what it starts. Source: docker-checkpoint(1),
/// and what dockerd 26 keeps in DockerRootDir/containers/ID/checkpoints.
namespace gantry::checkpoint {

/// True for a checkpoint of this kind.
[[nodiscard]] bool isByDocker(const repository::Manifest &manifest);

/// @param container that ociContainer() tells of one of Docker's. @errors ENOTSUP: it is to end with the checkpoint,
/// and Docker would remove it then (--rm); there is no docker program; the CRIU that works here is not the system's,
/// which a restore takes.
[[nodiscard]] Result<> checkDocker(const OciContainer &container, const runtime::Facts &facts, bool leaveRunning,
                                   const CriuFacts &criu);

/// Paused by Docker, dumped by its runtime's verb. Where it is to end, Docker kills it as it stands, once it is in the
/// store, and starts it no second time, whatever its restart policy. @errors as checkDocker(), saveByRuntime(); EBUSY:
/// it is in the store, but Docker does not know its end. Thread: any; blocks.
[[nodiscard]] Result<Saved> saveByDocker(const OciContainer &container, const runtime::Known &known,
                                         const SaveWish &wish, const Means &means, repository::Store &store,
                                         const runtime::Patience &patience, const OnPhase &onPhase);

/// Its first process as Docker tells it now; 0: Docker has it no more, or it does not run. @errors of asking.
[[nodiscard]] Result<std::int32_t> pidByDocker(const repository::Manifest &manifest, const runtime::Patience &patience);

/// What can be seen beforehand. @param endsBefore it runs, and will have ended by then. @errors as checkDocker();
/// ENOENT: Docker has it no more; EEXIST: it has not ended; ENOTSUP: dockerd does not run with "experimental", without
/// which it restores nothing.
[[nodiscard]] Result<> checkRestoreByDocker(const repository::Checkpoint &checkpoint, const Means &means,
                                            const runtime::Patience &patience, bool endsBefore = false);

/// "docker start --checkpoint", with the files it had then where Docker tells the upper folder of its root. Those of
/// now are kept beside it, and put back if anything fails. Its first process is containerd's shim's child, not ours.
/// @param now what becomes of them where it works. @param use of its files beside its root: put back as restore() does
/// it. @errors as checkRestoreByDocker() and FileReturn::begin(); EIO with Docker's words; ENOENT: there are files, and
/// dockerd does not tell its pid. Thread: any; blocks.
[[nodiscard]] Result<Restored> restoreByDocker(const repository::CheckpointId &id, const Means &means,
                                               const repository::Store &store, const runtime::Patience &patience,
                                               const OnPhase &onPhase, FilesOfNow now = FilesOfNow::PutAside,
                                               KeptFilesUse use = KeptFilesUse::PutBack);

} // namespace gantry::checkpoint
