// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cell.h"
#include "engine/base/metric.h"
#include "engine/base/quantity.h"
#include "engine/cgroup/counters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gantry::sampler {

/// Newest figures of many nodes, metric by metric. Thread: one at a time.
class Table
{
public:
    explicit Table(std::size_t rows);

    [[nodiscard]] std::size_t rows() const { return m_rows; }
    [[nodiscard]] CellState state(Metric metric, std::size_t row) const { return column(metric).states[row]; }
    [[nodiscard]] std::uint64_t integer(Metric metric, std::size_t row) const { return column(metric).integers[row]; }
    [[nodiscard]] double real(Metric metric, std::size_t row) const { return column(metric).reals[row]; }
    /// States and numbers of one metric by row; the one that does not fit the metric is empty.
    [[nodiscard]] const std::vector<CellState> &states(Metric metric) const { return column(metric).states; }
    [[nodiscard]] const std::vector<std::uint64_t> &integers(Metric metric) const { return column(metric).integers; }
    [[nodiscard]] const std::vector<double> &reals(Metric metric) const { return column(metric).reals; }

    /// A cell without a number.
    void mark(Metric metric, std::size_t row, CellState state);
    /// Takes a figure; where it is a counter that has a rate, the rate over `interval` since the counter's last value
    /// is made too (0: there is none). @return true if the figure differs from what was there.
    bool put(const cgroup::Figure &figure, std::size_t row, Micros interval);
    void copyRow(std::size_t row, const Table &from, std::size_t fromRow);

private:
    struct Column
    {
        std::vector<CellState> states;
        std::vector<std::uint64_t> integers;
        std::vector<double> reals;
    };
    [[nodiscard]] const Column &column(Metric metric) const { return m_columns[static_cast<std::size_t>(metric)]; }
    [[nodiscard]] Column &column(Metric metric) { return m_columns[static_cast<std::size_t>(metric)]; }
    void putReal(Metric metric, std::size_t row, double value);

    std::size_t m_rows;
    std::array<Column, kMetricCount> m_columns;
};

/// CLOCK_MONOTONIC.
[[nodiscard]] Micros monotonicNow();

/// The rate made of a counter; Metric::None if there is none.
[[nodiscard]] Metric rateOf(Metric counter);

} // namespace gantry::sampler
