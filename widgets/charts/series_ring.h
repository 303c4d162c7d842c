// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace gantry {

/// The newest points of several series over one time axis; a fixed number of points, the oldest go first. NaN is a
/// gap. Not thread-safe.
class SeriesRing
{
public:
    static constexpr std::size_t kCapacity = 7'200; ///< two hours at one point a second

    explicit SeriesRing(std::size_t seriesCount);

    /// Adds one point a series; a time that is not after the newest one is ignored.
    /// @return false if it was.
    bool append(double time, std::span<const double> values);
    void clear();

    [[nodiscard]] std::size_t size() const { return m_times.size() - m_head; }
    [[nodiscard]] std::size_t seriesCount() const { return m_values.size(); }
    /// Times in ascending order, seconds since the epoch.
    [[nodiscard]] std::span<const double> times() const;
    [[nodiscard]] std::span<const double> values(std::size_t series) const;
    /// Position of the point nearest to `time`; size() when there is none.
    [[nodiscard]] std::size_t nearest(double time) const;

private:
    // The head is cut off in bulk, so that the points stay contiguous and an append costs O(1) on average.
    std::vector<double> m_times;
    std::vector<std::vector<double>> m_values;
    std::size_t m_head = 0;
};

} // namespace gantry
