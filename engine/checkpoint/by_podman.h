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
/// The same for "--import", and "--ignore-volumes" where a named volume of its archive is here already, which podman
/// would refuse: that one stays as it is. @errors of the store; of podman.
[[nodiscard]] Result<std::vector<std::string>> podmanImportOptions(const repository::Checkpoint &checkpoint,
                                                                   const repository::Store &store,
                                                                   const runtime::Patience &patience);

/// The cgroup that podman's runtime has a container in: what runs inside may have moved on to cgroups below it.
/// @param cgroupPath of a process of it. @param id podman's, 64 digits. @return empty: not told by it.
/// Source: podman-run(1), --cgroup-parent, --cgroups; "container" is crun's own below the scope: crun(1),
/// run.oci.systemd.subgroup.
[[nodiscard]] std::string podmansCgroup(std::string_view cgroupPath, std::string_view id);

/// @errors ENOTSUP: a user's; the CRIU that works here is not the one that podman takes. Where it is to end with the
/// checkpoint, too: it is of a pod, a unit of systemd starts it anew, it is paused, or other containers need it, so that
/// podman could not bring it back.
[[nodiscard]] Result<> checkPodman(const runtime::Known &known, bool leaveRunning, const CriuFacts &criu);

/// "podman container checkpoint --leave-running --export": podman stops and thaws it itself; it runs on, whatever
/// fails. Where it is to end, its cgroup is frozen all the while, and podman kills it as it stands, once it is in the
/// store: podman's own way would end it before anybody else has its archive.
/// @errors as checkPodman(); ENOTSUP with the worst finding of pre-flight; EIO with podman's words; of the store; as
/// Standstill. Thread: any; blocks.
[[nodiscard]] Result<Saved> saveByPodman(const runtime::Known &known, const SaveWish &wish, const Means &means,
                                         repository::Store &store, const runtime::Patience &patience,
                                         const OnPhase &onPhase);

/// Its first process as podman tells it now; 0: podman has none of this name, or it does not run. @errors of asking.
[[nodiscard]] Result<std::int32_t> pidByPodman(const repository::Manifest &manifest, const runtime::Patience &patience);

/// What can be seen beforehand. @param endsBefore it runs, and will have ended by then.
/// @errors ENOTSUP (CRIU as in checkPodman(), or a newer one wrote it); ENOENT: no podman; EBUSY: other containers need
/// the one of this name, which has to go; EEXIST: podman has one of this name that has not ended.
[[nodiscard]] Result<> checkRestoreByPodman(const repository::Checkpoint &checkpoint, const Means &means,
                                            const runtime::Patience &patience, bool endsBefore = false);

/// "podman container restore --import". One of that name that has ended is removed first ("podman rm"); its image must
/// be here. Named volumes that are there stay as they are; those that are gone come out of the archive. The first
/// process is conmon's child, not ours. @errors as checkRestoreByPodman(); EIO with podman's words.
/// Thread: any; blocks.
[[nodiscard]] Result<Restored> restoreByPodman(const repository::CheckpointId &id, const Means &means,
                                               const repository::Store &store, const runtime::Patience &patience,
                                               const OnPhase &onPhase);

} // namespace gantry::checkpoint
