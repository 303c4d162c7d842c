// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/preflight.h"
#include "gantry/v1/checkpoint.pb.h"

namespace gantry::service {

[[nodiscard]] v1::CheckFinding::Severity toMessage(checkpoint::Severity severity);
/// Texts as the table of causes has them.
[[nodiscard]] v1::CheckFinding toMessage(const checkpoint::Finding &finding);

} // namespace gantry::service
