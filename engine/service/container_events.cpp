// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/container_events.h"

#include "engine/base/time_text.h"
#include "engine/runtime/recognise.h"

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
    return alerts::Event{.realtimeMicros = realtimeMicros(),
                         .monotonicMicros = alerts::monotonicMicros(),
                         .kind = alerts::EventKind::ContainerStarted,
                         .node = node.id,
                         .path = container->cgroupPath,
                         .key = node.name,
                         .newValue = container->runtime};
}

/// A long id is no name: its runtime has one.
bool isNamed(const inventory::ContainerNode &container)
{
    return container.facts != nullptr || !runtime::isLongId(container.id);
}

} // namespace

void ContainerEvents::learn(const inventory::Node &node)
{
    if (auto start = startOf(node))
        m_running.insert_or_assign(node.id, Running{*std::move(start), true});
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
    Running &running = m_running.insert_or_assign(event.node, Running{*std::move(start)}).first->second;
    if (isNamed(*node->container())) {
        tell(running, node.get());
        return;
    }
    m_nameless.push_back({event.node, std::chrono::steady_clock::now() + kNamePatience});
    if (!m_timer)
        tellNamed();
}

/// @param node as it is now; nullptr: it has gone.
void ContainerEvents::tell(Running &running, const inventory::Node *node)
{
    if (node != nullptr) {
        running.event.key = node->name;
        running.event.newValue = node->container()->runtime;
    }
    m_events.append(running.event);
    running.told = true;
}

void ContainerEvents::tellNamed()
{
    const auto now = std::chrono::steady_clock::now();
    const inventory::SnapshotPtr snapshot = m_snapshot();
    std::erase_if(m_nameless, [&](const Nameless &each) {
        const auto running = m_running.find(each.node);
        if (running == m_running.end() || running->second.told)
            return true;
        const inventory::NodePtr node = snapshot->find(each.node);
        if (node && !isNamed(*node->container()) && now < each.due)
            return false;
        tell(running->second, node.get());
        return true;
    });
    m_timer.reset();
    if (m_nameless.empty())
        return;
    if (auto timer = m_loop.after(kLook, [this] { tellNamed(); }))
        m_timer = *std::move(timer);
}

} // namespace gantry::service
