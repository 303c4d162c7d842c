// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/series_ring.h"

#include "engine/base/error.h"

#include <algorithm>
#include <cmath>

namespace gantry {

SeriesRing::SeriesRing(std::size_t seriesCount) : m_values(seriesCount)
{
    m_times.reserve(2 * kCapacity);
    for (std::vector<double> &values : m_values)
        values.reserve(2 * kCapacity);
}

bool SeriesRing::append(double time, std::span<const double> values)
{
    GANTRY_ASSERT(values.size() == m_values.size());
    if (size() > 0 && time <= m_times.back())
        return false;
    if (m_times.size() == 2 * kCapacity) {
        const auto drop = static_cast<std::ptrdiff_t>(m_head);
        m_times.erase(m_times.begin(), m_times.begin() + drop);
        for (std::vector<double> &series : m_values)
            series.erase(series.begin(), series.begin() + drop);
        m_head = 0;
    }
    m_times.push_back(time);
    for (std::size_t i = 0; i < values.size(); ++i)
        m_values[i].push_back(values[i]);
    if (size() > kCapacity)
        ++m_head;
    return true;
}

void SeriesRing::clear()
{
    m_times.clear();
    for (std::vector<double> &series : m_values)
        series.clear();
    m_head = 0;
}

std::span<const double> SeriesRing::times() const
{
    return std::span(m_times).subspan(m_head);
}

std::span<const double> SeriesRing::values(std::size_t series) const
{
    return std::span(m_values.at(series)).subspan(m_head);
}

std::size_t SeriesRing::nearest(double time) const
{
    const auto all = times();
    if (all.empty())
        return 0;
    const auto after = static_cast<std::size_t>(std::ranges::lower_bound(all, time) - all.begin());
    if (after == all.size())
        return after - 1;
    return after > 0 && time - all[after - 1] < all[after] - time ? after - 1 : after;
}

} // namespace gantry
