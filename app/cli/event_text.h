// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/to_json.h"

#include <string>

namespace gantry::cli {

/// One line for a person, with its newline: local time, kind, cgroup and what happened. @param event as toJson() gives
/// it.
[[nodiscard]] std::string eventText(const Json &event);

} // namespace gantry::cli
