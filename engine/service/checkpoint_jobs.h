// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/control/verbs.h"
#include "engine/service/checkpoint_service.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a job about one checkpoint does, with its records: in the audit log, and of whose past it is (lives.h).
/// Everything blocks: call from a worker.
namespace gantry::service {

/// For a question to a runtime or a store beside the work itself.
inline constexpr std::chrono::seconds kLookPatience{20};

/// What the jobs need of the service, which may be gone before them.
struct CheckpointTools
{
    control::AuditLog &audit;
    EventLoop &loop;
    Adopted &adopted;
    CheckpointStore &stores;
    CheckpointStore::StorePtr store; ///< open, for writing where something is saved
    checkpoint::Means means;         ///< its spill folder is the state folder
};

/// What becomes of files at a restore.
struct FilesAtRestore
{
    checkpoint::KeptFilesUse saved = checkpoint::KeptFilesUse::PutBack; ///< of a bare tree, beside a container's root
    checkpoint::FilesOfNow now = checkpoint::FilesOfNow::PutAside;      ///< of a container's root
};

/// Whether saveAny() takes what such a container changed of its root, as Saved::files tells afterwards. @param pid its
/// first process; read in /proc.
[[nodiscard]] bool takesFiles(const KeptContainer &kept, std::int32_t pid);

/// By whose verb. @errors as ociContainer() of engine/checkpoint. (checkpoint_by_runtime.cpp)
[[nodiscard]] Result<KeptContainer> keptOf(const runtime::Known &known);

/// What stands in the way of saving it by its engine's verb. @errors as checkDocker(), checkLxc(), checkPodman().
[[nodiscard]] Result<> checkOwnVerb(const KeptContainer &kept, bool leaveRunning, const checkpoint::CriuFacts &criu);

/// By whose verb it is: Gantry's own, or its runtime's. (checkpoint_by_runtime.cpp)
/// @errors as save(), saveByRuntime(), saveByDocker(), saveByPodman(), saveByLxc() of engine/checkpoint.
[[nodiscard]] Result<checkpoint::Saved> saveAny(const std::optional<KeptContainer> &kept,
                                                const checkpoint::SaveWish &wish, const checkpoint::Means &means,
                                                repository::Store &store, const runtime::Patience &patience,
                                                const checkpoint::OnPhase &onPhase);
/// @errors as restore(), restoreByRuntime(), restoreByDocker(), restoreByLxc(), restoreByPodman() of engine/checkpoint.
[[nodiscard]] Result<checkpoint::Restored> restoreAny(const repository::Checkpoint &one, const checkpoint::Means &means,
                                                      const repository::Store &store, const runtime::Patience &patience,
                                                      const checkpoint::OnPhase &onPhase, FilesAtRestore files = {},
                                                      const checkpoint::OnHeld &onHeld = {});

/// Whether a runtime keeps what was saved, so that its verb brings it back.
[[nodiscard]] bool isKept(const repository::Manifest &manifest);
/// Whether that is podman, Docker or LXC: not runc or crun by hand.
[[nodiscard]] bool isByEngine(const repository::Manifest &manifest);
/// @param endsBefore what runs of it will have ended by then.
/// @errors as checkRestoreByDocker(), checkRestoreByLxc(), checkRestoreByPodman().
[[nodiscard]] Result<> checkRestoreByEngine(const repository::Checkpoint &one, const checkpoint::Means &means,
                                            const runtime::Patience &patience, bool endsBefore = false);
/// Its first process as its engine tells it now; 0: it does not run. @errors of asking.
[[nodiscard]] Result<std::int32_t> pidByEngine(const repository::Manifest &manifest, const runtime::Patience &patience);

/// Saves, with the parent that is true at this moment. @param kept by whose verb; nullopt: by CRIU alone.
/// @errors as saveAny().
[[nodiscard]] Result<checkpoint::Saved> saveRecorded(const CheckpointTools &tools, checkpoint::SaveWish wish,
                                                     const std::optional<KeptContainer> &kept,
                                                     std::chrono::milliseconds deadline, const control::Call &call);

/// Restores, and reaps it when it ends. @param onHeld as restoreByRuntime() has it. @errors as restoreAny().
[[nodiscard]] Result<checkpoint::Restored>
restoreRecorded(const CheckpointTools &tools, const repository::Checkpoint &one, std::chrono::milliseconds deadline,
                const control::Call &call, FilesAtRestore files = {}, const checkpoint::OnHeld &onHeld = {});

/// What lives now where a checkpoint is to come back to.
struct Present
{
    std::vector<std::int32_t> pids;      ///< its first process first; empty: nothing lives
    checkpoint::SaveWish wish;           ///< how it is kept before it ends
    std::optional<KeptContainer> kept{}; ///< by whose verb
};
/// Asks runc or crun itself. @param tool "runc" or "crun". @param folder of its state. (checkpoint_present.cpp)
[[nodiscard]] std::shared_ptr<runtime::Source> sourceOf(const std::string &tool, std::string folder);
/// The container of now that runc or crun would have to let go of for this checkpoint. @return nullopt: none runs.
/// @errors EEXIST: its runtime has another one of its id; of asking the runtime. (checkpoint_present.cpp)
[[nodiscard]] Result<std::optional<KeptContainer>> containerNow(const repository::Checkpoint &one,
                                                                const runtime::Patience &patience);
/// Whether a checkpoint may come back in place of what lives now. @errors as checkRestore(), checkRestoreByRuntime(),
/// checkRestoreByEngine(). (checkpoint_present.cpp)
[[nodiscard]] Result<> checkGoingBack(const repository::Checkpoint &one, const checkpoint::Means &means,
                                      const repository::Store &store, const Present &present,
                                      const runtime::Patience &patience);

struct WentBack
{
    checkpoint::Restored restored;
    std::optional<checkpoint::Saved> safety; ///< nullopt: nothing lived, or it was not to be kept
};
[[nodiscard]] std::vector<std::string> resultLines(const WentBack &done);

/// Ends the present and restores `one`. The present is saved first, unless `skipSafety`: what fails until that is in
/// the store leaves it running. What fails afterwards brings it back; the error tells whether that worked.
/// @errors as checkRestore(), checkpoint::save(), checkpoint::restore(); EBADMSG where the checkpoint cannot be read
/// whole.
[[nodiscard]] Result<WentBack> goBack(const CheckpointTools &tools, const repository::Checkpoint &one,
                                      const Present &present, bool skipSafety, std::chrono::milliseconds deadline,
                                      const control::Call &call, checkpoint::KeptFilesUse use);

/// Ends a container by its runtime. @errors of its verb; ETIMEDOUT: it does not end. (checkpoint_present.cpp)
[[nodiscard]] Result<> endContainer(const KeptContainer &kept, std::int32_t pid);

/// Ends a tree by SIGKILL: it is stopped first, so that nothing starts more meanwhile. @param pids of it.
/// @errors EPERM for pid 1 and for this very process; ETIMEDOUT naming who is still there.
[[nodiscard]] Result<> endTree(const std::vector<std::int32_t> &pids);

} // namespace gantry::service
