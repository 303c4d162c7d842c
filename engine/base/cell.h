// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace gantry {

/// What a cell of a frame holds; the numbers are those of gantry.v1.CellState. Absent, unreadable and zero are three
/// things.
enum class CellState : std::uint8_t {
    Value = 1,      ///< a number
    Absent = 2,     ///< the kernel has no such figure here: no file, no key, no counterpart on v1, cgroup gone
    Unreadable = 3, ///< there is a file, but it could not be read or understood
    Unlimited = 4,  ///< "max"
    NotYet = 5,     ///< a rate that has one sample only, or a file that was not looked at yet
};

} // namespace gantry
