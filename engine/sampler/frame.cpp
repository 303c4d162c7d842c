// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/frame.h"

#include <algorithm>

namespace gantry::sampler {

const MetricValue *NodeDetail::find(Metric metric) const
{
    const auto found = std::ranges::find(values, metric, &MetricValue::metric);
    return found == values.end() ? nullptr : &*found;
}

const Column *Frame::column(Metric metric) const
{
    const auto found = std::ranges::find(columns, metric, &Column::metric);
    return found == columns.end() ? nullptr : &*found;
}

} // namespace gantry::sampler
