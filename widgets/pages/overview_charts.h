// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/chart_types.h"

#include <optional>
#include <vector>

namespace gantry {

/// One graph: its metrics, the limits that are lines in it, and where it stands.
struct ChartSpec
{
    const char *title;
    MetricUnit unit;
    std::vector<SeriesSpec> series;
    std::vector<LimitKey> limits;
    int row, column, columns;
    double leastTop;
};

/// The graphs of OverviewPage, in their order; titles are source texts of its context. One row more is one graph more.
[[nodiscard]] std::vector<ChartSpec> chartSpecs();

/// A limit in the unit of its graph: bytes, percent of one CPU, count; nullopt for max.
[[nodiscard]] std::optional<double> chartValue(const LimitValue &value);
/// The other way; a CPU limit keeps the period of `old`, which may be null.
[[nodiscard]] LimitValue limitFromChart(LimitKey key, double value, const LimitValue *old);

} // namespace gantry
