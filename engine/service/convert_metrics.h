// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampler/frame.h"
#include "engine/sampler/sampler.h"
#include "gantry/v1/metrics.pb.h"

#include <cstddef>
#include <span>
#include <vector>

namespace gantry::service {

/// Values of engine/sampler as messages. Thread: any.

[[nodiscard]] v1::NodeMetrics toMessage(const sampler::NodeDetail &detail);

/// @param metrics those the series belong to, in the order they were asked for.
[[nodiscard]] v1::HistoryReply toMessage(const sampler::History &history, std::span<const Metric> metrics);

/// @errors EINVAL naming the number that is no metric, or more numbers than there are metrics.
[[nodiscard]] Result<std::vector<Metric>> metricsOf(const google::protobuf::RepeatedField<std::uint32_t> &numbers);

/// Cuts frames down to the rows and columns one stream asked for. Thread: one at a time.
class FrameFilter
{
public:
    /// @param metrics columns wanted; empty: all. @param nodes rows wanted; empty: all.
    FrameFilter(std::vector<Metric> metrics, std::vector<NodeId> nodes, std::vector<NodeId> details);

    /// Rows wanted that the frame does not have are left out.
    [[nodiscard]] v1::Frame apply(const sampler::Frame &frame);

private:
    void findRows(const sampler::Frame &frame);

    const std::vector<Metric> m_metrics;
    const std::vector<NodeId> m_nodes;
    const std::vector<NodeId> m_details; ///< sorted
    std::vector<NodeId> m_seen;          ///< the frame's nodes m_rows was made for
    std::vector<std::size_t> m_rows;
};

} // namespace gantry::service
