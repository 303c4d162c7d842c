// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gantry/v1/checkpoint.pb.h"

namespace gantry::text {

/// How long something would stand still for a checkpoint, by what this host has measured, and whether its memory would
/// be saved in rounds before; sentences. Thread: GUI (they translate).
[[nodiscard]] QString expectedFreeze(const v1::CheckReply &reply);
[[nodiscard]] QString expectedFreeze(const v1::CreateCheckpointReply &reply);

} // namespace gantry::text
