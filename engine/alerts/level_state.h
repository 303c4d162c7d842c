// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/rules.h"

#include <optional>

namespace gantry::alerts {

/// How one rule stands on one node. Pure: time comes as a parameter (CLOCK_MONOTONIC) and never goes back.
class LevelState
{
public:
    /// A new value of a metric or ratio. A level is up when the value was at or beyond it for its duration, and until
    /// it falls more than the hysteresis below.
    Severity update(const AlertRule &rule, double value, Micros now);
    /// A counter grew: up for the rule's hold time, at its hard level, or its soft one where hard is off.
    Severity fire(const AlertRule &rule, Micros now);
    /// Time went by: ends what fire() raised.
    Severity tick(Micros now);

    [[nodiscard]] Severity severity() const;
    /// True if forgetting it changes nothing: nothing is up or waits for its duration.
    [[nodiscard]] bool isIdle() const;

private:
    struct Level
    {
        std::optional<Micros> since; ///< beyond the level since
        bool isUp = false;
    };
    static void step(Level &level, const AlertLevel &rule, double value, Micros now);

    Level m_soft;
    Level m_hard;
    Micros m_until{0}; ///< of what fire() raised; 0: nothing
};

} // namespace gantry::alerts
