// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/base/quantity.h"
#include "engine/cgroup/notify.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gantry::alerts {

/// Notifications that have to be asked for, cgroup by cgroup: v1 memory eventfds for cgroups with a memory limit, PSI
/// triggers for the host, top-level cgroups and, where memory is on v2, for cgroups with a memory limit. (v2 events
/// come by themselves, through fanotify.) Thread: the loop's.
class KernelWatches
{
public:
    /// Each costs four to six descriptors.
    static constexpr std::size_t kMostMemory = 256;
    static constexpr std::size_t kMostPressure = 64;

    enum class Kind : std::uint8_t { MemoryThreshold, Oom, MemoryPressure };
    using Callback = std::function<void(NodeId, Kind)>;

    KernelWatches(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, Callback callback)
        : m_loop(loop), m_hierarchies(std::move(hierarchies)), m_callback(std::move(callback))
    {}

    /// Memory is on v1, so that limits need eventfds.
    [[nodiscard]] bool wantsMemory() const;
    /// False if just these thresholds are watched already, or there is no room.
    [[nodiscard]] bool canWatchMemory(NodeId node, const std::vector<Bytes> &thresholds);
    /// Watches OOM and these thresholds of a cgroup, instead of those before.
    void watchMemory(const cgroup::Cgroup &cgroup, const std::vector<Bytes> &thresholds);
    void forgetMemory(NodeId node);
    /// Watches "full" memory pressure of at least `percent` of a window of 2 s; the id may be NodeId::host().
    void watchPressure(const cgroup::Cgroup &cgroup, double percent);
    void clearPressure();
    void forgetPressure(NodeId node);
    void forget(NodeId node);

    /// What could not be watched; empty if all is.
    [[nodiscard]] std::string incompleteReason() const;

private:
    struct Watch
    {
        cgroup::Notification notification; ///< a PSI trigger is its event
        EventSource source;                ///< after the descriptor: stopped first
    };
    struct Memory
    {
        std::vector<Bytes> thresholds;
        std::vector<Watch> watches;
    };
    void add(std::vector<Watch> &to, Result<cgroup::Notification> notification, NodeId node, Kind kind);

    EventLoop &m_loop;
    cgroup::HierarchiesPtr m_hierarchies;
    Callback m_callback;
    std::unordered_map<NodeId, Memory> m_memory;
    std::unordered_map<NodeId, std::vector<Watch>> m_pressure;
    std::unordered_set<NodeId> m_memoryLeft;   ///< cgroups beyond kMostMemory
    std::unordered_set<NodeId> m_pressureLeft; ///< cgroups beyond kMostPressure
    std::optional<Error> m_failure;
};

} // namespace gantry::alerts
