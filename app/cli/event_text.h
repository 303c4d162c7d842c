// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/to_json.h"

#include <cstdint>
#include <string>

namespace gantry::cli {

/// Local time of a moment in microseconds since 1970: "2026-11-26 18:00:01".
[[nodiscard]] std::string timeText(std::int64_t micros);

/// One line for a person, with its newline: local time, kind, cgroup and what happened. @param event as toJson() gives
/// it.
[[nodiscard]] std::string eventText(const Json &event);

} // namespace gantry::cli
