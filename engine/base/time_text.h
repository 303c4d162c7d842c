// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace gantry {

/// Microseconds of CLOCK_REALTIME since 1970. Thread: any.
[[nodiscard]] std::int64_t realtimeMicros();

/// The time of now, UTC, for names that are to sort by it: "20261127T012345.123456". Thread: any.
[[nodiscard]] std::string sortableNow();

} // namespace gantry
