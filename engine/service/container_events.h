// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"
#include "engine/base/event_loop.h"
#include "engine/inventory/inventory.h"

#include <chrono>
#include <functional>
#include <map>
#include <vector>

namespace gantry::service {

/// Tells the event log of containers that start and end. One that the tree knows by its cgroup alone is told as soon as
/// its runtime has named it, or after kNamePatience. Thread: the loop's.
class ContainerEvents
{
public:
    static constexpr std::chrono::milliseconds kNamePatience{2'000};

    /// @param snapshot gives the newest tree. All must outlive it.
    ContainerEvents(EventLoop &loop, alerts::EventLog &events, std::function<inventory::SnapshotPtr()> snapshot)
        : m_loop(loop), m_events(events), m_snapshot(std::move(snapshot))
    {}

    /// A node that was there before: if it is a container that runs, only its end is news.
    void learn(const inventory::Node &node);
    /// Created or Removed of any node; others are ignored.
    void on(const inventory::Event &event);

private:
    struct Running
    {
        alerts::Event event; ///< what tells its start
        bool told = false;
    };
    struct Nameless
    {
        NodeId node;
        std::chrono::steady_clock::time_point due;
    };
    void tell(Running &running, const inventory::Node *node);
    void tellNamed();

    EventLoop &m_loop;
    alerts::EventLog &m_events;
    const std::function<inventory::SnapshotPtr()> m_snapshot;
    std::map<NodeId, Running> m_running;
    std::vector<Nameless> m_nameless; ///< not told yet
    EventSource m_timer;
};

} // namespace gantry::service
