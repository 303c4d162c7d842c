// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "engine/base/limit.h"
#include "engine/base/metric.h"
#include "gantry/v1/alerts.pb.h"

#include <cstdint>
#include <optional>

namespace gantry {

/// One line of a chart.
struct SeriesSpec
{
    Metric metric = Metric::None;
    QString label;       ///< as the legend shows it
    bool filled = false; ///< area down to zero
    bool rare = false;   ///< not every kernel has it: not spoken of where it has no value
};

/// A limit drawn as a horizontal line, in the chart's unit (bytes, percent of one CPU, count).
struct LimitLine
{
    LimitKey key = LimitKey::MemoryMax;
    QString label; ///< "memory.max"
    LimitRole role = LimitRole::Hard;
    std::optional<double> value; ///< nullopt: unlimited; the line waits at the top edge and can be dragged down
    bool draggable = true;
    double least = 0;     ///< values below are not offered
    double most = 0;      ///< values above are not offered; 0: no bound
    QString lockedReason; ///< shown when not draggable
};

/// Something that happened, drawn at its time.
struct ChartMarker
{
    std::uint64_t sequence = 0; ///< number of the event
    double time = 0;            ///< seconds since the epoch
    v1::Severity severity = v1::SEVERITY_NONE;
    QString text;
};

} // namespace gantry
