// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/audit.h"
#include "engine/control/verbs.h"
#include "engine/repository/manifest.h"
#include "engine/service/checkpoint_store.h"
#include "gantry/v1/checkpoint.pb.h"

#include <chrono>
#include <string>
#include <string_view>

/// What gantry.v1.Checkpoint's calls have in common. checkpoint_verbs.cpp. Thread: any.
namespace gantry::service {

/// Milliseconds as a caller gives them: 0 is ten minutes, and an hour is the most.
[[nodiscard]] std::chrono::milliseconds deadlineOf(std::uint32_t asked);

/// Of Manifest::values; empty where it has none of this key.
[[nodiscard]] std::string valueOf(const repository::Manifest &manifest, const char *key);

[[nodiscard]] v1::CheckpointInfo toMessage(const repository::Checkpoint &checkpoint);

/// @errors EINVAL: a name or note of more than 4 096 bytes.
[[nodiscard]] Result<> checkLabel(std::string_view op, std::string_view words);

/// One record of the audit log. @param failure null: it was done. @return why it is not recorded; empty: it is.
[[nodiscard]] std::string record(control::AuditLog &audit, std::string_view verb, std::string_view target,
                                 std::string_view value, const control::Actor &actor, const Error *failure);

/// The one that is meant by an id, the beginning of one, or a name. @errors as Store::find(), ENOENT also where there
/// is no store (null) yet.
[[nodiscard]] Result<repository::Checkpoint> theOne(const CheckpointStore::StorePtr &store, const std::string &what);

} // namespace gantry::service
