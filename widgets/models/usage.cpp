// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/usage.h"

#include <algorithm>

namespace gantry {

namespace {
constexpr double kNear = 0.9; // the built-in rules warn from here on, too

double share(const Cell &part, const Cell &whole)
{
    if (!part.hasValue() || !whole.hasValue())
        return -1;
    // A limit of 0 is legal and always reached.
    return whole.integer == 0 ? 1 : static_cast<double>(part.integer) / static_cast<double>(whole.integer);
}
} // namespace

v1::Severity Usage::severity() const
{
    if (share(current, hard) >= kNear)
        return v1::SEVERITY_CRITICAL;
    return share(current, soft) >= kNear ? v1::SEVERITY_WARNING : v1::SEVERITY_NONE;
}

double Usage::fraction() const
{
    const double filled = share(current, hard.hasValue() ? hard : soft);
    return filled < 0 ? filled : std::min(filled, 1.0);
}

} // namespace gantry
