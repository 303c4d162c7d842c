// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/cell.h"

#include <limits>

namespace gantry {

double Cell::number(const MetricInfo &info) const
{
    if (!hasValue())
        return std::numeric_limits<double>::quiet_NaN();
    return info.integral ? static_cast<double>(integer) : real;
}

Cell Cell::of(const v1::MetricValue &value)
{
    return {value.state(), value.integer(), value.real()};
}

} // namespace gantry
