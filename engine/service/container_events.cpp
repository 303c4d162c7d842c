// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/container_events.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gantry::service {

namespace {

constexpr std::chrono::milliseconds kLook{100};

/// What tells of a container that runs; nullopt: it does not.
std::optional<alerts::Event> startOf(const inventory::Node &node)
{
    const inventory::ContainerNode *const container = node.container();
    if (container == nullptr || (!container->cgroup && container->init.pid == 0))
        return std::nullopt;
    return alerts::Event{.realtimeMicros = alerts::realtimeMicros(),
                         .monotonicMicros = alerts::monotonicMicros(),
                         .kind = alerts::EventKind::ContainerStarted,
                         .node = node.id,
                         .path = container->cgroupPath,
                         .key = node.name,
                         .newValue = container->runtime};
}

/// An id of 64 hex digits is no name: its runtime has one.
bool isNamed(const inventory::ContainerNode &container)
{
    constexpr std::size_t kLongId = 64;
    return container.facts != nullptr || container.id.size() != kLongId;
}

} // namespace

void ContainerEvents::learn(const inventory::Node &node)
{
    if (auto start = startOf(node))
        m_running.insert_or_assign(node.id, Running{*std::move(start), {}, true});
}

void ContainerEvents::on(const inventory::Event &event)
{
    if (event.kind == inventory::Event::Kind::Removed) {
        auto ended = m_running.extract(event.node);
        if (ended.empty())
            return;
        alerts::Event &told = ended.mapped().event;
        if (!ended.mapped().told)
            m_events.append(told);
        told.kind = alerts::EventKind::ContainerExited;
        told.realtimeMicros = 0; // now
        told.monotonicMicros = 0;
        m_events.append(std::move(told));
        return;
    }
    if (event.kind != inventory::Event::Kind::Created || event.node.kind() != NodeKind::Container)
        return;
    const inventory::NodePtr node = m_snapshot()->find(event.node);
    auto start = node ? startOf(*node) : std::nullopt;
    if (!start)
        return;
    m_running.insert_or_assign(event.node, Running{*std::move(start), std::chrono::steady_clock::now() + kNamePatience});
    tellNamed();
}

void ContainerEvents::tellNamed()
{
    const auto now = std::chrono::steady_clock::now();
    const inventory::SnapshotPtr snapshot = m_snapshot();
    bool waiting = false;
    for (auto &[id, running] : m_running) {
        if (running.told)
            continue;
        const inventory::NodePtr node = snapshot->find(id);
        running.told = !node || isNamed(*node->container()) || now >= running.due;
        if (!running.told) {
            waiting = true;
            continue;
        }
        if (node) {
            running.event.key = node->name;
            running.event.newValue = node->container()->runtime;
        }
        m_events.append(running.event);
    }
    m_timer.reset();
    if (!waiting)
        return;
    if (auto timer = m_loop.after(kLook, [this] { tellNamed(); }))
        m_timer = *std::move(timer);
}

} // namespace gantry::service
