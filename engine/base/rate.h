// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace gantry {

/// Growth of a counter per second over the measured interval: the one place where rates are made.
/// @return nullopt where the counter went back or no time passed: a gap, never a spike.
[[nodiscard]] inline std::optional<double> perSecond(std::uint64_t previous, std::uint64_t current,
                                                     std::chrono::nanoseconds interval)
{
    if (current < previous || interval <= interval.zero())
        return std::nullopt;
    return static_cast<double>(current - previous) / std::chrono::duration<double>(interval).count();
}

} // namespace gantry
