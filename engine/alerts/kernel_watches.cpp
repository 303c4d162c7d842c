// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/kernel_watches.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"

#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace gantry::alerts {

namespace {

constexpr Micros kWindow{2'000'000};

} // namespace

bool KernelWatches::wantsMemory() const
{
    const cgroup::Hierarchy *memory = m_hierarchies->forController("memory");
    return memory != nullptr && memory->version == cgroup::Version::V1;
}

void KernelWatches::add(std::vector<Watch> &to, Result<cgroup::Notification> notification, NodeId node, Kind kind)
{
    const bool pressure = kind == Kind::MemoryPressure;
    auto watched = notification
                       ? m_loop.watch(notification->event.get(), pressure ? EPOLLPRI : EPOLLIN,
                                      [this, node, kind, fd = notification->event.get()](std::uint32_t events) {
                                          if (kind != Kind::MemoryPressure) {
                                              eventfd_t count = 0;
                                              ::eventfd_read(fd, &count);
                                          } else if ((events & EPOLLERR) != 0) {
                                              // Kernel: for ever once the cgroup is removed, never before.
                                              m_pressure.erase(node);
                                              return;
                                          }
                                          m_callback(node, kind);
                                      })
                       : std::unexpected(notification.error());
    if (watched) {
        to.push_back({std::move(*notification), std::move(*watched)});
        return;
    }
    if (cgroup::isGone(watched.error()))
        return;
    if (!m_failure)
        log::warning(log::Area::Alerts, "notification", watched.error());
    m_failure = watched.error();
}

bool KernelWatches::canWatchMemory(NodeId node, const std::vector<Bytes> &thresholds)
{
    const auto found = m_memory.find(node);
    if (found != m_memory.end())
        return found->second.thresholds != thresholds;
    if (m_memory.size() < kMostMemory)
        return true;
    if (m_memoryLeft.empty())
        log::warning(log::Area::Alerts, "more than ", kMostMemory,
                     " cgroups have a memory limit: OOM of the others is seen at the next sample");
    m_memoryLeft.insert(node);
    return false;
}

void KernelWatches::watchMemory(const cgroup::Cgroup &cgroup, const std::vector<Bytes> &thresholds)
{
    if (!canWatchMemory(cgroup.id, thresholds))
        return;
    m_memoryLeft.erase(cgroup.id);
    Memory &memory = m_memory[cgroup.id];
    memory = {thresholds, {}};
    add(memory.watches, cgroup::watchOom(*m_hierarchies, cgroup), cgroup.id, Kind::Oom);
    for (const Bytes threshold : thresholds)
        add(memory.watches, cgroup::watchMemoryThreshold(*m_hierarchies, cgroup, threshold), cgroup.id,
            Kind::MemoryThreshold);
}

void KernelWatches::forgetMemory(NodeId node)
{
    m_memory.erase(node);
    m_memoryLeft.erase(node);
}

void KernelWatches::watchPressure(const cgroup::Cgroup &cgroup, double percent)
{
    const NodeId node = cgroup.id;
    if (m_pressure.contains(node))
        return;
    if (m_pressure.size() >= kMostPressure) {
        m_pressureLeft.insert(node);
        return;
    }
    const Micros stall(static_cast<std::uint64_t>(static_cast<double>(kWindow.count()) * percent / 100));
    auto trigger =
        cgroup::pressureTrigger(*m_hierarchies, cgroup, cgroup::PressureResource::Memory, true, stall, kWindow);
    std::vector<Watch> watches;
    add(watches,
        trigger ? Result<cgroup::Notification>(cgroup::Notification{std::move(*trigger), {}})
                : std::unexpected(trigger.error()),
        node, Kind::MemoryPressure);
    if (!watches.empty())
        m_pressure.emplace(node, std::move(watches));
}

void KernelWatches::forgetPressure(NodeId node)
{
    m_pressure.erase(node);
    m_pressureLeft.erase(node);
}

void KernelWatches::clearPressure()
{
    m_pressure.clear();
    m_pressureLeft.clear();
}

void KernelWatches::forget(NodeId node)
{
    forgetMemory(node);
    forgetPressure(node);
}

std::string KernelWatches::incompleteReason() const
{
    const auto left = [](std::size_t watched, std::size_t others, std::string_view what) {
        return strCat(watched + others, " cgroups have ", what, ", ", watched,
                      " are watched; the others are only sampled");
    };
    if (!m_memoryLeft.empty())
        return left(m_memory.size(), m_memoryLeft.size(), "a memory limit");
    if (!m_pressureLeft.empty())
        return left(m_pressure.size(), m_pressureLeft.size(), "pressure figures");
    return m_failure ? m_failure->message() : std::string();
}

} // namespace gantry::alerts
