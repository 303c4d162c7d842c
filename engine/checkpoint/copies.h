// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/cgroup_path.h"
#include "engine/checkpoint/save.h"
#include "engine/launch/copy.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

/// A checkpoint restored as another container, or as several: each with a name, a bundle, a root, a cgroup, a log and a
/// keeper of its own, and whatever it was saved with inside: processes, memory, files, host name. What was saved may
/// run meanwhile, or be gone. Of containers that Gantry started (engine/launch), by runc's or crun's verb: their
/// namespaces are all their own, so that pids, addresses and ports are taken by nobody else.
namespace gantry::checkpoint {

struct CopyWish
{
    std::vector<std::string> names;              ///< of the copies, one or more
    std::optional<launch::LimitSettings> limits; ///< at their start; nullopt: those of the saved config.json
    unsigned atOnce = 0; ///< how many are brought up at the same time; 0: as many as there are processors, at most 4
};

/// Something that stands in the way.
struct CopyConflict
{
    std::string name; ///< of the copy; empty: of all
    Error error;      ///< EEXIST, ENOENT, ESTALE, ENOTSUP, ENOSPC, EINVAL
};

/// Whether a checkpoint is of the kind that can be copied, and what copies begin with.
/// @errors ENOTSUP: it is another kind (a tree of processes, an engine's, runc's or crun's that somebody else started),
/// or does not tell what its root began with; EBADMSG; of the store.
[[nodiscard]] Result<launch::Model> modelOf(const repository::Checkpoint &checkpoint, const repository::Store &store);

/// Everything that can be seen beforehand to stand in the way, all at once. Changes nothing. Empty: nothing does.
/// @errors as modelOf(). Thread: any; blocks.
[[nodiscard]] Result<std::vector<CopyConflict>> checkCopies(const repository::Checkpoint &checkpoint,
                                                            const CopyWish &wish, const Means &means,
                                                            const repository::Store &store,
                                                            const runtime::Patience &patience);

/// The part of it that is about names, where the checkpoint need not be here: containers, files and cgroups of these.
/// @errors EINVAL: no name for a container.
[[nodiscard]] Result<std::vector<CopyConflict>> checkCopyNames(const launch::Model &model,
                                                               std::span<const std::string> names, const Means &means);

/// One copy that was tried.
struct CopyMade
{
    std::string name;
    Result<Restored> restored;
};
/// Told each one as it ends; may be empty.
using OnCopy = std::function<void(CopyMade &)>;

/// Brings the copies up, some at the same time; what they begin with is read from the store once. Those that run stay,
/// whatever happens to another one; once one has failed none is begun any more, and nothing is left of it.
/// Phases: "check", "read", and "copy 1/3", "copy 2/3" ... before each. These and onCopy come from threads of its own
/// where several are brought up at once, one after the other.
/// @return those that were begun, in the order of the names.
/// @errors as modelOf(); the first conflict, with how many there are; of reading the checkpoint. No copy was begun
/// then. Thread: any; blocks.
[[nodiscard]] Result<std::vector<CopyMade>> restoreCopies(const repository::Checkpoint &checkpoint,
                                                          const CopyWish &wish, const Means &means,
                                                          const repository::Store &store,
                                                          const runtime::Patience &patience, const OnPhase &onPhase,
                                                          const OnCopy &onCopy);

/// For CRIU: what it restores is stopped before its first instruction. Source: criu(8).
inline constexpr const char *kLeaveStopped = "leave-stopped";
/// Those that were stopped when they were saved, by their own pids. @errors of the store, of the images.
[[nodiscard]] Result<std::set<std::int32_t>> stoppedIn(const repository::Store &store,
                                                       const repository::CheckpointId &id, const std::stop_token &stop);
/// What CRIU has left stopped is frozen, and stopped no more, but for those that were when they were saved. @param
/// first its first process. @param stopped as stoppedIn(). @errors of the freezer; ESRCH.
[[nodiscard]] Result<> freezeStopped(std::int32_t first, const std::set<std::int32_t> &stopped,
                                     const cgroup::CgroupPath &path, const cgroup::Hierarchies &hierarchies,
                                     const std::stop_token &stop);

/// A container that was restored and stands still: its cgroup is frozen, and has been since its first instruction.
struct HeldCopy
{
    std::string name;
    Restored restored;
    cgroup::CgroupPath cgroup;
};
/// One container as restoreCopies() brings it up, but none of it runs before runHeld(). It is there then, also after
/// this process: removeHeld() removes it.
/// @errors as restoreCopies(); nothing of it is left then. Thread: any; blocks.
[[nodiscard]] Result<HeldCopy> restoreHeld(const repository::Checkpoint &checkpoint, const std::string &name,
                                           const std::optional<launch::LimitSettings> &limits, const Means &means,
                                           const repository::Store &store, const runtime::Patience &patience,
                                           const OnPhase &onPhase);
/// Lets it run, with its network. No error if it does already. @errors of the kernel's file; of launch::plugIn().
[[nodiscard]] Result<> runHeld(const std::string &name, const cgroup::CgroupPath &cgroup,
                               const std::string &stateFolder, const cgroup::Hierarchies &hierarchies);
/// Kills what there is of it, and has its runtime forget it; no error where nothing is. Its files go too.
/// @errors EBUSY: it does not end; of its runtime, of removing. Thread: any; blocks.
[[nodiscard]] Result<> removeHeld(const std::string &name, const cgroup::CgroupPath &cgroup, const Means &means,
                                  const runtime::Patience &patience);
/// The same, but its files stay; its network is gone.
[[nodiscard]] Result<> endHeld(const std::string &name, const cgroup::CgroupPath &cgroup, const Means &means,
                               const runtime::Patience &patience);

/// Has its runtime forget one that Gantry started and that has ended; no error where there is none, or it runs.
/// @param stateFolder Gantry's. @errors of its runtime.
[[nodiscard]] Result<> forgetEnded(const std::string &name, const std::string &stateFolder,
                                   const runtime::Patience &patience);

} // namespace gantry::checkpoint
