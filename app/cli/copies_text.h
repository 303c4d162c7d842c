// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/to_json.h"
#include "gantry/v1/checkpoint.pb.h"

#include <string>

/// What "restore" with --as, --copies and --on tell of new containers. verbs_copies.cpp. Thread: any.
namespace gantry::cli {

/// Nothing stood in the way, and all run unless it was a dry run.
[[nodiscard]] bool isDone(const v1::CopyCheckpointReply &reply, bool dryRun);
[[nodiscard]] Json documentOf(const v1::CopyCheckpointReply &reply, bool dryRun);
/// The answer as text; of a copy one line.
[[nodiscard]] std::string textOf(const v1::CopyCheckpointReply &reply, bool dryRun);

} // namespace gantry::cli
