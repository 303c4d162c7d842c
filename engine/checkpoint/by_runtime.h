// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/oci_container.h"
#include "engine/checkpoint/save.h"

#include <functional>

/// Checkpoint and restore by the verbs of runc and crun. Streams of such a checkpoint: CRIU's images, runc's
/// "descriptors.json", "bundle/config.json", "files/upper.tar" where the root is an overlay, and the streams of
/// kept_files.h where files beside its root are part of it.
namespace gantry::checkpoint {

inline constexpr const char *kConfigStream = "bundle/config.json";
inline constexpr const char *kUpperFile = "upper.tar";         ///< in a folder of images and of an archive
inline constexpr const char *kUpperStream = "files/upper.tar"; ///< GNU tar, with extended attributes and whiteouts

/// Bytes that a folder takes as an archive, about: what its files have, and 1 KiB for each entry.
[[nodiscard]] std::uint64_t archiveSize(const std::string &folder);

struct Looked
{
    TreeLook tree;
    std::vector<Finding> findings;
};
/// Pre-flight of what runs on meanwhile. A process that is between two steps can look as if something stood in the way
/// (a shell that has just put its output back): only what is there again a moment later is.
/// @errors ENOTSUP with the worst finding; as lookAtTree().
[[nodiscard]] Result<Looked> lookForSave(const std::vector<std::int32_t> &pids, const CriuFacts &criu,
                                         std::string_view subject, const std::stop_token &stop);

/// Saves a container: paused by its runtime; dumped by its runtime's verb, which leaves it there; what it changed of
/// its root, and the files that are named (its volumes, for one: see volumes.h), copied; then thawed and stored, or,
/// where it is to end, stored, killed as it stands, and deleted: between the dump and its end it does no work that
/// could be lost. Whatever fails before the store has it: it runs on, and nothing of it is in the store. It is thawed,
/// too, if this process dies meanwhile.
/// @param wish pids: of the container, its first process first. manifest: as save().
/// @errors ENOTSUP with the worst finding of pre-flight; EIO with the reason from CRIU's log; of the store, of
/// FileCapture; EBUSY: it is in the store, but could not be ended, and runs on. A cancel waits until CRIU is done: killed
/// in between it could leave a process in the middle of CRIU's own code. Thread: any; blocks.
[[nodiscard]] Result<Saved> saveByRuntime(const OciContainer &container, const runtime::Known &known,
                                          const SaveWish &wish, const Means &means, repository::Store &store,
                                          const runtime::Patience &patience, const OnPhase &onPhase);

/// What can be seen beforehand. @errors ENOTSUP (no CRIU works here, or a newer one wrote it); EEXIST: its runtime has
/// one of this id that has not ended, and `endsBefore` does not say that it will; ENOENT: its runtime or its bundle is
/// not there any more; ESTALE: the bundle has another content now.
[[nodiscard]] Result<> checkRestoreByRuntime(const repository::Checkpoint &checkpoint, const Means &means,
                                             const repository::Store &store, const runtime::Patience &patience,
                                             bool endsBefore = false);

/// What becomes of what a container that Gantry started has changed of its root until now, where the checkpoint that
/// comes back has other files.
enum class FilesOfNow : std::uint8_t {
    PutAside,     ///< beside the container's, for an admin to look at and remove: see launch::Place. Noted in Restored
    PutLastAside, ///< the same, but of all that was put aside the newest kMostAsides stay: what happens by itself
    Drop          ///< they are in another checkpoint, or nobody wants them
};
inline constexpr std::size_t kMostAsides = 3;

/// Where the output of a container goes that Gantry started, or has restored. @param stateFolder Gantry's.
[[nodiscard]] std::string logOf(const OciContainer &container, const std::string &stateFolder);

/// It was restored and stands still, nothing reaches it, and it reaches nobody. Returns when it may run. What fails
/// ends it, with its files as they were before.
using OnHeld = std::function<Result<>(const Restored &)>;

/// Brings a container back by its runtime's verb. Its first process is no child of ours: it is its keeper's. One of
/// that id that has ended is deleted first. The root of one that Gantry started is what it was then; what it is now is
/// kept until the restore has worked, and put back if it has not. @param now what becomes of it then. Its output goes
/// to its log, or, where Gantry did not start it, to one in Gantry's folder of logs.
/// @param use of its files beside its root: put back as restore() does it.
/// @param onHeld empty: it runs at once. Only of what Gantry started.
/// @errors as checkRestoreByRuntime() and FileReturn::begin(); EIO with the reason from CRIU's log. Nothing of it runs
/// then. Thread: any; blocks.
[[nodiscard]] Result<Restored> restoreByRuntime(const repository::CheckpointId &id, const Means &means,
                                                const repository::Store &store, const runtime::Patience &patience,
                                                const OnPhase &onPhase, FilesOfNow now = FilesOfNow::PutAside,
                                                KeptFilesUse use = KeptFilesUse::PutBack, const OnHeld &onHeld = {});

} // namespace gantry::checkpoint
