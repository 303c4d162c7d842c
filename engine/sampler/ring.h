// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/metric.h"
#include "engine/base/quantity.h"
#include "engine/sampler/sampler.h"
#include "engine/sampler/table.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace gantry::sampler {

/// The recent past of every node in kRingMetrics within a budget of memory: one time axis for all, a circle of floats a
/// node. Thread: push() and keep() the sampler's, read() any.
class Ring
{
public:
    static constexpr std::size_t kLeastPoints = 100;
    static constexpr std::size_t kMostPoints = 7'200;

    explicit Ring(std::size_t budgetBytes) : m_budget(budgetBytes) {}

    /// Points a node that fit the budget, of a few steps so that the buffers are seldom made again.
    [[nodiscard]] static std::size_t pointsFor(std::size_t nodes, std::size_t budgetBytes);

    /// Forgets the nodes that are not in `ids` and begins with the new ones.
    void keep(std::span<const NodeId> ids);
    /// One point for each node: row i of the table is ids[i].
    void push(std::span<const NodeId> ids, const Table &table, Micros monotonic, std::int64_t realtimeUsec);
    /// @errors ENOENT for a node that is not kept.
    [[nodiscard]] Result<History> read(NodeId node, std::span<const Metric> metrics, Micros since) const;

private:
    struct Time
    {
        Micros monotonic{0};
        std::int64_t realtimeUsec = 0;
    };
    struct Series
    {
        std::uint64_t begin = 0;   ///< number of its first point
        std::vector<float> values; ///< [point % capacity][metric of kRingMetrics]
    };
    void resize(std::size_t points);

    const std::size_t m_budget;
    mutable std::mutex m_mutex;
    std::size_t m_capacity = kMostPoints;
    std::uint64_t m_next = 0; ///< number of the next point
    std::vector<Time> m_times = std::vector<Time>(kMostPoints);
    std::unordered_map<NodeId, Series> m_series;
};

} // namespace gantry::sampler
