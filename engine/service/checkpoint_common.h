// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/checkpoint/steps.h"
#include "engine/control/audit.h"
#include "engine/control/verbs.h"
#include "engine/repository/manifest.h"
#include "engine/service/checkpoint_store.h"
#include "gantry/v1/checkpoint.pb.h"

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>

/// What gantry.v1.Checkpoint's calls have in common. checkpoint_verbs.cpp. Thread: any.
namespace gantry::service {

// Keys in Manifest::values.
inline constexpr const char *kSubject = "subject";
inline constexpr const char *kProcesses = "processes";
inline constexpr const char *kCgroup = "cgroup"; ///< path of the cgroup that was asked for; none for a tree by its pid
// Of one that was saved with others (gantry.v1.Group), as CheckpointInfo has them; members: one a line.
inline constexpr const char *kGroupId = "group";
inline constexpr const char *kGroupMembers = "group_members";
inline constexpr const char *kGroupMember = "group_member";
inline constexpr const char *kGroupSkew = "group_skew_usec";

/// Milliseconds as a caller gives them: 0 is ten minutes, and an hour is the most.
[[nodiscard]] std::chrono::milliseconds deadlineOf(std::uint32_t asked);

using checkpoint::valueOf;

[[nodiscard]] v1::CheckpointInfo toMessage(const repository::Checkpoint &checkpoint);

/// For repository::importCheckpoints(): what they are checkpoints of is called so here. Empty: as it was.
[[nodiscard]] std::function<void(repository::Manifest &)> subjectEdit(const std::string &subject);

/// Of this host; empty where it has none. Source: machine-id(5).
[[nodiscard]] std::string machineId();

/// @errors EINVAL: a name or note of more than 4 096 bytes.
[[nodiscard]] Result<> checkLabel(std::string_view op, std::string_view words);

/// One record of the audit log. @param failure null: it was done. @return why it is not recorded; empty: it is.
[[nodiscard]] std::string record(control::AuditLog &audit, std::string_view verb, std::string_view target,
                                 std::string_view value, const control::Actor &actor, const Error *failure);

/// The one that is meant by an id, the beginning of one, or a name. @errors as Store::find(), ENOENT also where there
/// is no store (null) yet.
[[nodiscard]] Result<repository::Checkpoint> theOne(const CheckpointStore::StorePtr &store, const std::string &what);

/// What lives now of these checkpoints, in the order of their commits. (checkpoint_present.cpp)
void addHeads(v1::ListCheckpointsReply &reply, const std::string &stateFolder,
              std::span<const repository::Checkpoint> checkpoints);

/// Restore's dry run. @param ending pids that would be free by then. @errors as checkpoint::checkRestore(), but a
/// cgroup that is gone is none where the caller wants it made.
[[nodiscard]] Result<> checkDryRun(const repository::Checkpoint &one, const checkpoint::Means &means,
                                   std::span<const std::int32_t> ending, const v1::RestoreCheckpointRequest &request);

} // namespace gantry::service
