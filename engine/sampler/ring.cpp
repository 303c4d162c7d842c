// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/ring.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>

namespace gantry::sampler {

namespace {

constexpr std::size_t kMetrics = kRingMetrics.size();
constexpr float kGap = std::numeric_limits<float>::quiet_NaN();
constexpr std::array<std::size_t, 8> kSteps{Ring::kMostPoints, 3'600, 1'800, 900, 600, 300, 150, Ring::kLeastPoints};

float valueOf(const Table &table, Metric metric, std::size_t row)
{
    if (table.state(metric, row) != CellState::Value)
        return kGap;
    return static_cast<float>(metricInfo(metric)->integral ? static_cast<double>(table.integer(metric, row))
                                                           : table.real(metric, row));
}

} // namespace

std::size_t Ring::pointsFor(std::size_t nodes, std::size_t budgetBytes)
{
    const std::size_t fit = budgetBytes / (std::max<std::size_t>(nodes, 1) * kMetrics * sizeof(float));
    const auto step = std::ranges::find_if(kSteps, [fit](std::size_t points) { return points <= fit; });
    return step == kSteps.end() ? kLeastPoints : *step;
}

void Ring::keep(std::span<const NodeId> ids)
{
    const std::scoped_lock lock(m_mutex);
    const std::unordered_set<NodeId> wanted(ids.begin(), ids.end());
    std::erase_if(m_series, [&wanted](const auto &entry) { return !wanted.contains(entry.first); });
    if (const std::size_t points = pointsFor(ids.size(), m_budget); points != m_capacity)
        resize(points);
    for (const NodeId id : ids)
        if (const auto [at, isNew] = m_series.try_emplace(id); isNew)
            at->second = {m_next, std::vector<float>(m_capacity * kMetrics, kGap)};
}

void Ring::resize(std::size_t points)
{
    const std::size_t kept = std::min<std::size_t>({points, m_capacity, m_next});
    for (auto &[id, series] : m_series) {
        std::vector<float> values(points * kMetrics, kGap);
        for (std::uint64_t point = m_next - kept; point < m_next; ++point)
            std::copy_n(series.values.begin() + static_cast<std::ptrdiff_t>(point % m_capacity * kMetrics), kMetrics,
                        values.begin() + static_cast<std::ptrdiff_t>(point % points * kMetrics));
        series.values = std::move(values);
    }
    m_capacity = points;
}

void Ring::push(std::span<const NodeId> ids, const Table &table, Micros monotonic, std::int64_t realtimeUsec)
{
    const std::scoped_lock lock(m_mutex);
    m_times[m_next % kMostPoints] = {monotonic, realtimeUsec};
    for (std::size_t row = 0; row < ids.size(); ++row) {
        const auto found = m_series.find(ids[row]);
        if (found == m_series.end())
            continue;
        float *point = found->second.values.data() + m_next % m_capacity * kMetrics;
        for (std::size_t i = 0; i < kMetrics; ++i)
            point[i] = valueOf(table, kRingMetrics[i], row);
    }
    ++m_next;
}

Result<History> Ring::read(NodeId node, std::span<const Metric> metrics, Micros since) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_series.find(node);
    if (found == m_series.end())
        return fail(ENOENT, "history", "node", "it was never sampled");
    const Series &series = found->second;
    History out;
    out.series.resize(metrics.size());
    const std::uint64_t oldest = m_next - std::min<std::uint64_t>(m_next, m_capacity);
    for (std::uint64_t point = std::max(oldest, series.begin); point < m_next; ++point) {
        const Time &time = m_times[point % kMostPoints];
        if (time.monotonic <= since)
            continue;
        out.monotonic.push_back(time.monotonic);
        out.realtimeUsec.push_back(time.realtimeUsec);
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            const auto metric = std::ranges::find(kRingMetrics, metrics[i]);
            const auto column = static_cast<std::size_t>(metric - kRingMetrics.begin());
            out.series[i].push_back(column == kMetrics ? kGap : series.values[point % m_capacity * kMetrics + column]);
        }
    }
    return out;
}

} // namespace gantry::sampler
