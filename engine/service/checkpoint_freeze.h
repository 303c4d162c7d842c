// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/freeze_times.h"
#include "engine/checkpoint/save.h"
#include "gantry/v1/checkpoint.pb.h"

#include <optional>
#include <string>

/// How long a checkpoint's processes stand still: what is to be expected, and what was measured. Thread: any.
namespace gantry::service {

[[nodiscard]] checkpoint::PreDumpWish preDumpOf(v1::CreateCheckpointRequest::PreDump wish);

/// Of a tree that was looked at. @param stateFolder where earlier times are kept. @param byRuntime its runtime's verb
/// saves it.
void tellExpected(v1::CheckReply &reply, const checkpoint::TreeLook &look, const checkpoint::CriuFacts &criu,
                  const std::string &stateFolder, bool byRuntime);
void tellExpected(v1::CreateCheckpointReply &reply, const checkpoint::TreeLook &look, const checkpoint::Means &means,
                  bool byRuntime, checkpoint::PreDumpWish wish);

/// What was measured, beside what was expected.
void tellMeasured(v1::CreateCheckpointReply &reply, const checkpoint::Saved &saved);

/// Sets what was to be expected, and keeps the time for later ones.
void rememberFreeze(checkpoint::Saved &saved, const std::string &stateFolder, bool byRuntime);

} // namespace gantry::service
