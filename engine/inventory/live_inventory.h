// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/watcher.h"
#include "engine/inventory/callbacks.h"
#include "engine/inventory/inventory.h"
#include "engine/inventory/protection.h"
#include "engine/inventory/tree.h"

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <vector>

namespace gantry::inventory {

/// The Inventory of this host. Events change the tree at once; snapshots are made of the collected changes; slow looks
/// (containers, namespaces, walks without events) run on workers and come back as values.
class LiveInventory final : public Inventory
{
public:
    LiveInventory(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, WorkerPool &workers, Options options);
    LiveInventory(const LiveInventory &) = delete;
    LiveInventory &operator=(const LiveInventory &) = delete;
    LiveInventory(LiveInventory &&) = delete;
    LiveInventory &operator=(LiveInventory &&) = delete;
    ~LiveInventory() override;

    /// Watches, walks and publishes the first snapshot. @errors as Inventory::create().
    [[nodiscard]] Result<> start();

    [[nodiscard]] SnapshotPtr snapshot() const override;
    [[nodiscard]] Subscription subscribe(std::function<void(const SnapshotPtr &)> callback) override;
    [[nodiscard]] Subscription onEvent(std::function<void(const Event &)> callback) override;
    void wantNamespaces(bool wanted) override;
    void runtimesChanged() override;
    void scanSoon() override;
    [[nodiscard]] const std::optional<Error> &watchProblem() const override { return m_watchProblem; }
    [[nodiscard]] std::string protectedReason(const cgroup::CgroupPath &path) const override;

private:
    struct Walks
    {
        std::vector<std::pair<unsigned, std::vector<cgroup::WalkEntry>>> found; ///< by slot
        std::vector<Error> failures; ///< hierarchies that could not be walked
    };
    struct Scan
    {
        std::vector<Node> containers;
        std::vector<namespaces::Namespace> spaces;
        Protection protection;
        runtime::TablePtr table; ///< what the runtimes told when it began
        std::chrono::nanoseconds took{0}; ///< of a CPU
    };

    [[nodiscard]] Result<> startTimers();
    void onTreeEvent(const cgroup::TreeEvent &event);
    void onChanged(const cgroup::TreeEvent &event);
    void onWritten(const cgroup::TreeEvent &event);
    [[nodiscard]] static Walks walkAll(const cgroup::Hierarchies &hierarchies);
    void apply(const Walks &walks);
    void walkOnWorker();
    void refreshSome();
    void keepAllCached();
    void outdate(TreeEntry &entry);

    void publishSoon();
    void publish();
    void refresh(TreeEntry &entry);
    void recheckFreezing();
    [[nodiscard]] bool canWait(const TreeEntry &entry) const;
    [[nodiscard]] Node nodeOf(const TreeEntry &entry) const;
    void emitChanges(const Snapshot &before, const Snapshot &now) const;

    [[nodiscard]] runtime::TablePtr newestTable() const;
    /// What scan() looks with, on any thread.
    [[nodiscard]] std::function<Result<Scan>(const std::stop_token &)> scanner() const;
    void scan();
    void merge(Scan found);
    void mergeContainers(std::vector<Node> containers, const runtime::TablePtr &seen);
    void mergeNamespaces(std::vector<namespaces::Namespace> spaces);
    /// Runs `work` on a worker and `then` with its value on the loop, if this object still lives by then.
    template <class Work, class Then> void onWorker(Work work, Then then);

    EventLoop &m_loop;
    const cgroup::HierarchiesPtr m_hierarchies;
    WorkerPool &m_workers;
    const Options m_options;
    const std::vector<cgroup::CgroupPath> m_configured;
    Protection m_protection;
    std::optional<Error> m_watchProblem; ///< const after start()

    CgroupTree m_tree;
    SnapshotBuilder m_builder;
    mutable std::mutex m_mutex;
    SnapshotPtr m_published; ///< under m_mutex
    Callbacks<SnapshotPtr> m_subscribers;
    Callbacks<Event> m_listeners;

    std::set<NodeId> m_freezing; ///< v1 tells nobody when it is done: asked again
    std::set<NodeId> m_containers;
    std::set<NodeId> m_namespaces;
    int m_namespacesWanted = 0;
    bool m_scanning = false;
    bool m_scanAgain = false;
    bool m_walking = false;
    std::chrono::nanoseconds m_lastScanTook{0}; ///< of a CPU
    std::size_t m_refreshNext = 0;
    std::size_t m_walkFailures = 0; ///< of the last walk

    std::unique_ptr<cgroup::TreeWatcher> m_watcher;
    EventSource m_publishTimer;
    EventSource m_freezeTimer;
    EventSource m_walkTimer;
    EventSource m_cacheTimer;
    EventSource m_scanTimer;
    EventSource m_scanSoonTimer;
    std::stop_source m_stop;
    std::shared_ptr<LiveInventory *> m_self; ///< emptied first: results that come later are dropped
};

template <class Work, class Then> void LiveInventory::onWorker(Work work, Then then)
{
    m_workers.run([&loop = m_loop, self = std::weak_ptr(m_self), stop = m_stop.get_token(), work = std::move(work),
                   then = std::move(then)](const std::stop_token &poolStop) mutable {
        std::stop_source either;
        const auto forward = [&either] { either.request_stop(); };
        const std::stop_callback onOwn(stop, forward);
        const std::stop_callback onPool(poolStop, forward);
        loop.post([self = std::move(self), then = std::move(then), value = work(either.get_token())]() mutable {
            if (const auto alive = self.lock())
                then(**alive, std::move(value));
        });
    });
}

} // namespace gantry::inventory
