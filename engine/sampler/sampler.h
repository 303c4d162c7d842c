// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"
#include "engine/sampler/frame.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gantry::sampler {

/// Past of one node. Column k of `series` belongs to metric k of the request; NaN is a gap.
struct History
{
    std::vector<Micros> monotonic;          ///< CLOCK_MONOTONIC of each point, ascending
    std::vector<std::int64_t> realtimeUsec; ///< CLOCK_REALTIME of each point
    std::vector<std::vector<float>> series;
    Micros resolution{0}; ///< wanted distance of two points
};

/// Reads the counters of every cgroup on a thread of its own, once a tick, file type by file type, and publishes
/// frames. Nothing waits for it and it waits for nobody: inputs are taken over at the next tick, frames are immutable.
///
/// Visible and detail nodes are read every tick; of the others the core set (memory, CPU, pids) every tick while it
/// moves, and everything every kSlowTicks. Limit files are read every kSlowTicks and after touch(). A cgroup without
/// tasks whose pressure and traffic were all zero has those read every 6 * kSlowTicks.
/// A removed cgroup reads Absent until the inventory drops it; its files are never retried.
class Sampler
{
public:
    /// A file that is not wanted now is read every this many ticks.
    static constexpr std::uint64_t kSlowTicks = 10;
    static constexpr std::size_t kMostDetails = 256;

    struct Options
    {
        cgroup::HierarchiesPtr hierarchies;
        std::string proc = "/proc"; ///< the host's own figures
        std::chrono::milliseconds interval{1000};
        std::size_t ringBytes = std::size_t{48} << 20; ///< budget of the history
        std::size_t keptFiles = 2000;                  ///< most counter files kept open
    };

    explicit Sampler(Options options);
    Sampler(const Sampler &) = delete;
    Sampler &operator=(const Sampler &) = delete;
    Sampler(Sampler &&) = delete;
    Sampler &operator=(Sampler &&) = delete;
    /// Waits for the tick that is running.
    ~Sampler();

    /// Starts the thread; the first tick comes at once. Thread: the owner's.
    void start();
    /// Gives the cgroups to sample; called on the sampler thread.
    using NodeSource = std::function<NodeList()>;
    /// The cgroups to sample from the next tick on: asked for then, and only if no newer source has come meanwhile.
    /// Nodes that stay keep their history. Thread: any.
    void setNodes(NodeSource nodes, std::uint64_t generation);

    struct Interest
    {
        std::vector<NodeId> visible;           ///< on screen or alarmed
        std::vector<NodeId> detail;            ///< every metric each tick; what exceeds kMostDetails is dropped
        std::chrono::milliseconds interval{0}; ///< 100 ms .. 60 s; 0: the configured one
    };
    /// Thread: any.
    void setInterest(Interest interest);
    /// The limits of this node have been written: they are read again at the next tick. Thread: any.
    void touch(NodeId node);

    using Subscription = std::uint64_t;
    /// Calls back with each frame on the sampler thread: take the pointer and return. Thread: any.
    [[nodiscard]] Subscription subscribe(std::function<void(const FramePtr &)> callback);
    /// After this returns the callback is not running and will not run again. Not from inside a callback. Thread: any.
    void unsubscribe(Subscription subscription);

    /// Newest frame; nullptr before the first. Thread: any.
    [[nodiscard]] FramePtr latest() const;
    /// What the ring has of a node after `since`: metrics of kRingMetrics, others are all gaps. Thread: any.
    /// @errors ENOENT for a node that was never sampled.
    [[nodiscard]] Result<History> history(NodeId node, std::span<const Metric> metrics, Micros since = Micros{0}) const;
    /// Reads everything about one cgroup now, on the calling thread; rates come from the newest frame, NotYet where it
    /// has none. For NodeId::host() pass a Cgroup with that id. Thread: any.
    [[nodiscard]] NodeDetail readNow(const cgroup::Cgroup &cgroup) const;

    struct Cost
    {
        std::uint64_t ticks = 0;
        std::chrono::nanoseconds cpu{0}; ///< CPU time of the sampler thread up to the last tick
        std::size_t keptFiles = 0;       ///< descriptors held now
        std::uint64_t filesRead = 0;     ///< since start
    };
    /// What sampling costs. Thread: any.
    [[nodiscard]] Cost cost() const;

private:
    class Engine;
    std::unique_ptr<Engine> m_engine;
};

} // namespace gantry::sampler
