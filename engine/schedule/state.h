// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::schedule {

/// How one schedule does, as whoever runs it tells everybody else.
struct State
{
    std::string key;
    std::string life;            ///< of its first process, as it was seen last; empty: never
    std::string note;            ///< "runs", "does not run" ...; a sentence for a person
    std::int64_t nextMicros = 0; ///< wall clock; 0: not known
    std::int64_t lastMicros = 0; ///< of the last checkpoint that was taken
    std::string lastCheckpoint;
    std::string lastError;     ///< of the last tick or restart; empty: it was well
    std::uint64_t taken = 0;   ///< checkpoints
    std::uint64_t skipped = 0; ///< ticks, because the one before still ran
    std::uint64_t restarts = 0;
    bool operator==(const State &) const = default;
};

/// JSON; what is not UTF-8 is replaced. parseStates() reads it back.
[[nodiscard]] std::string formatStates(const std::vector<State> &states);
/// @errors EBADMSG.
[[nodiscard]] Result<std::vector<State>> parseStates(std::string_view json);

} // namespace gantry::schedule
