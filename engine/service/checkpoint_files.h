// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/repository/store.h"
#include "gantry/v1/checkpoint.pb.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// What gantry.v1.Checkpoint's calls say of the files of a checkpoint. Thread: any; what reads files blocks.
namespace gantry::service {

/// @errors EINVAL: paths are named, and none are to be saved.
[[nodiscard]] Result<checkpoint::FilesWish> filesWishOf(const v1::CreateCheckpointRequest &request);
[[nodiscard]] checkpoint::KeptFilesUse useOf(const v1::RestoreCheckpointRequest &request);

/// Adds what a restore of `one` would replace and is there, so that it can be gone back to. @errors of the store.
[[nodiscard]] Result<> wishWhatIsReplaced(const repository::Checkpoint &one, const repository::Store &store,
                                          checkpoint::FilesWish &wish);

/// Of a dry run. @errors as planFiles().
[[nodiscard]] Result<> tellFiles(const checkpoint::SaveWish &wish, const std::string &stateFolder,
                                 v1::CreateCheckpointReply &reply);
void tellFiles(const checkpoint::Saved &saved, v1::CreateCheckpointReply &reply);
/// Of a dry run. @param ending pids that have ended by then. @errors as checkFiles().
[[nodiscard]] Result<> tellFiles(const repository::Checkpoint &one, const repository::Store &store,
                                 std::span<const std::int32_t> ending, const v1::RestoreCheckpointRequest &request,
                                 v1::RestoreCheckpointReply &reply);

/// Adds the files that are part of a checkpoint, in place of what its images say of them. @param limit of files.
void addKept(v1::InspectReply &reply, const checkpoint::KeptFiles &files, std::size_t limit);

} // namespace gantry::service
