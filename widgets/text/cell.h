// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/metric.h"
#include "gantry/v1/common.pb.h"
#include "gantry/v1/metrics.pb.h"

#include <cstdint>

namespace gantry {

/// One value as it travels: absent, unreadable, unlimited, not yet there and zero are five different things.
struct Cell
{
    v1::CellState state = v1::CELL_STATE_ABSENT;
    std::uint64_t integer = 0; ///< filled for integral metrics when state is VALUE
    double real = 0;           ///< filled for the others

    bool operator==(const Cell &) const = default;

    [[nodiscard]] bool hasValue() const { return state == v1::CELL_STATE_VALUE; }
    /// The number as a double in the metric's unit; NaN where there is none (a gap in a graph).
    [[nodiscard]] double number(const MetricInfo &info) const;
    [[nodiscard]] static Cell of(const v1::MetricValue &value);
};

} // namespace gantry
