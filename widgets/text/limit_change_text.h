// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gantry/v1/control.pb.h"

namespace gantry::text {

/// Every change of the reply as "memory.max: 300 MiB → 200 MiB (−33 %)", separated by semicolons; an old value that
/// cannot be told is an em dash. Thread: GUI.
[[nodiscard]] QString changesOf(const v1::SetLimitsReply &reply);

} // namespace gantry::text
