// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/base/worker_pool.h"
#include "engine/inventory/inventory.h"
#include "engine/runtime/runtimes.h"

#include <QtTest>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace gantry::test {

/// An inventory on a loop of its own thread, with what follows the container runtimes where that is wanted.
class RunningInventory
{
public:
    explicit RunningInventory(inventory::Options options = {},
                              std::optional<runtime::Runtimes::Options> runtimes = std::nullopt)
    {
        auto hierarchies = cgroup::Hierarchies::discover();
        if (!hierarchies)
            qFatal("%s", hierarchies.error().message().c_str());
        m_hierarchies = *hierarchies;
        auto loop = EventLoop::create();
        if (!loop)
            qFatal("%s", loop.error().message().c_str());
        m_loop = *std::move(loop);
        options.protectedPaths.emplace_back("/process_api");
        if (runtimes) {
            m_runtimes = std::make_unique<runtime::Runtimes>(
                *std::move(runtimes), [this] { m_loop->post([this] { m_inventory->runtimesChanged(); }); });
            options.runtimes = [this] { return m_runtimes->table(); };
        }
        auto made = inventory::Inventory::create(*m_loop, m_hierarchies, m_workers, std::move(options));
        if (!made)
            qFatal("%s", made.error().message().c_str());
        m_inventory = *std::move(made);
        m_events = m_inventory->onEvent([this](const inventory::Event &event) {
            const std::scoped_lock lock(m_mutex);
            m_seen.push_back(event);
        });
        m_thread = std::jthread([this] { m_loop->run(); });
    }
    RunningInventory(const RunningInventory &) = delete;
    RunningInventory &operator=(const RunningInventory &) = delete;
    RunningInventory(RunningInventory &&) = delete;
    RunningInventory &operator=(RunningInventory &&) = delete;
    ~RunningInventory()
    {
        m_loop->stop();
        m_thread.join();
    }

    [[nodiscard]] inventory::Inventory &inventory() { return *m_inventory; }
    [[nodiscard]] inventory::SnapshotPtr now() const { return m_inventory->snapshot(); }
    [[nodiscard]] const cgroup::Hierarchies &hierarchies() const { return *m_hierarchies; }
    void onLoop(std::function<void()> task) { m_loop->post(std::move(task)); }
    [[nodiscard]] inventory::NodePtr find(const cgroup::CgroupPath &path) const { return now()->findCgroup(path); }
    [[nodiscard]] const inventory::CgroupNode *cgroup(const cgroup::CgroupPath &path)
    {
        m_held = find(path);
        return m_held != nullptr ? m_held->cgroup() : nullptr;
    }
    [[nodiscard]] bool saw(inventory::Event::Kind kind, const cgroup::CgroupPath &path, std::string_view file = {},
                           pid_t pid = 0)
    {
        const std::scoped_lock lock(m_mutex);
        return std::ranges::any_of(m_seen, [&](const inventory::Event &event) {
            return event.kind == kind && event.path == path && event.file == file && (pid == 0 || event.pid == pid);
        });
    }

private:
    cgroup::HierarchiesPtr m_hierarchies;
    std::unique_ptr<EventLoop> m_loop;
    WorkerPool m_workers;
    std::unique_ptr<runtime::Runtimes> m_runtimes;
    std::unique_ptr<inventory::Inventory> m_inventory;
    inventory::Subscription m_events;
    std::mutex m_mutex;
    std::vector<inventory::Event> m_seen;
    inventory::NodePtr m_held;
    std::jthread m_thread;
};

} // namespace gantry::test
