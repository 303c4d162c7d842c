// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cell.h"
#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/limit.h"
#include "engine/base/metric.h"
#include "engine/base/quantity.h"
#include "engine/cgroup/counters.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::sampler {

/// The cgroups to sample, in the order of their rows.
using NodeList = std::shared_ptr<const std::vector<cgroup::Cgroup>>;

/// One metric of all rows. `integers` is filled for an integral metric, `reals` for another (metric.h); a row whose
/// state is not Value holds 0.
struct Column
{
    Metric metric = Metric::None;
    std::vector<CellState> states;
    std::vector<std::uint64_t> integers;
    std::vector<double> reals;
};

/// Traffic of one block device since the cgroup was made.
struct DeviceIo
{
    cgroup::DeviceTraffic traffic;
    std::string name; ///< kernel name ("vda"), empty if unknown
};

struct MetricValue
{
    Metric metric = Metric::None;
    CellState state = CellState::NotYet;
    std::uint64_t integer = 0;
    double real = 0;
    std::optional<Error> error; ///< with Unreadable: why, and which file
};

/// Every metric of one node, in the order of metricTable().
struct NodeDetail
{
    NodeId node;
    std::vector<MetricValue> values;
    std::vector<DeviceIo> devices;

    /// nullptr for a metric it does not have.
    [[nodiscard]] const MetricValue *find(Metric metric) const;
};

/// One tick: kTreeMetrics of every node, every metric of the detail nodes. Immutable, shared between threads.
///
/// Age of a cell: the limits, and everything of a node that is neither visible nor detailed nor busy, were read at most
/// Sampler::kSlowTicks ticks before the frame (zeros of a cgroup without tasks: six times that); all else in this very
/// sweep. A rate is the mean over the node's own last
/// measured interval.
struct Frame
{
    std::uint64_t sequence = 0;
    Micros monotonic{0};             ///< CLOCK_MONOTONIC at the middle of the sweep
    std::int64_t realtimeUsec = 0;   ///< CLOCK_REALTIME at the same moment
    Micros sweep{0};                 ///< wall time of the sweep
    std::uint64_t generation = 0;    ///< of the inventory the rows were taken from
    std::vector<NodeId> nodes;       ///< row i is nodes[i]; the first is NodeId::host()
    std::vector<Column> columns;     ///< kTreeMetrics, in that order
    std::vector<NodeDetail> details; ///< the detail nodes of setInterest() that exist

    /// nullptr for a metric that is not one of kTreeMetrics.
    [[nodiscard]] const Column *column(Metric metric) const;
};
using FramePtr = std::shared_ptr<const Frame>;

} // namespace gantry::sampler
