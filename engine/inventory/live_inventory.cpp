// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/live_inventory.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/inventory/host_facts.h"

#include <algorithm>

namespace gantry::inventory {

using namespace std::chrono_literals;
using cgroup::CgroupPath;
using cgroup::TreeEvent;
using log::Area;

namespace {

constexpr auto kFreezeRecheck = 100ms; ///< while something freezes on v1
constexpr auto kRefreshBudget = 50ms;  ///< of one turn: freezing "/" outdates every state below it
constexpr auto kCacheInterval = 60s;
constexpr std::size_t kRefresh = 1'000; ///< cgroups whose state is read at a time where there are no events

NodeId parentOf(const TreeEntry &entry)
{
    return entry.parent != nullptr ? entry.parent->cgroup.id : NodeId::host();
}

} // namespace

LiveInventory::LiveInventory(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, WorkerPool &workers, Options options)
    : m_loop(loop)
    , m_hierarchies(std::move(hierarchies))
    , m_workers(workers)
    , m_options(std::move(options))
    , m_configured(configuredProtection(m_options.protectedPaths, m_options.protectFile))
    , m_protection(Protection::read(*m_hierarchies, m_configured))
    , m_published(m_builder.last())
    , m_self(std::make_shared<LiveInventory *>(this))
{}

LiveInventory::~LiveInventory()
{
    m_stop.request_stop();
    m_self.reset();
}

Result<> LiveInventory::start()
{
    // Watch first, walk then: what happens in between is seen twice rather than not at all.
    auto watcher = cgroup::TreeWatcher::create(m_loop, m_hierarchies, [this](const TreeEvent &e) { onTreeEvent(e); });
    if (watcher) {
        m_watcher = *std::move(watcher);
    } else {
        m_watchProblem = watcher.error();
        log::warning(Area::Inventory, "the tree is walked periodically", watcher.error());
    }
    m_builder.upsert(
        {NodeId::host(), {}, hostName(), 0, 0, HostNode{std::string(cgroup::modeName(m_hierarchies->mode()))}});
    Walks walks = walkAll(*m_hierarchies);
    apply(walks);
    if (walks.found.empty() && !walks.failures.empty())
        return std::unexpected(std::move(walks.failures.front()));
    publish();
    // Who asks for a container by its name right after the start must find it.
    if (auto found = scanner()({}))
        merge(*std::move(found));
    else
        log::warning(Area::Inventory, "scan", found.error());
    return startTimers();
}

Result<> LiveInventory::startTimers()
{
    m_scanTimer = GANTRY_TRY(m_loop.every(m_options.scanInterval, [this] { scan(); }));
    m_cacheTimer = GANTRY_TRY(m_loop.every(kCacheInterval, [this] { keepAllCached(); }));
    if (m_watchProblem)
        m_walkTimer = GANTRY_TRY(m_loop.every(m_options.walkInterval, [this] { walkOnWorker(); }));
    return {};
}

SnapshotPtr LiveInventory::snapshot() const
{
    const std::scoped_lock lock(m_mutex);
    return m_published;
}

Subscription LiveInventory::subscribe(std::function<void(const SnapshotPtr &)> callback)
{
    return m_subscribers.add(std::move(callback));
}

Subscription LiveInventory::onEvent(std::function<void(const Event &)> callback)
{
    return m_listeners.add(std::move(callback));
}

std::string LiveInventory::protectedReason(const CgroupPath &path) const
{
    return Protection::read(*m_hierarchies, m_configured).reason(path);
}

// What happens in the tree

void LiveInventory::onTreeEvent(const TreeEvent &event)
{
    switch (event.kind) {
    case TreeEvent::Kind::Changed:
        onChanged(event);
        break;
    case TreeEvent::Kind::Written:
        onWritten(event);
        break;
    case TreeEvent::Kind::Overflow:
        log::warning(Area::Inventory, "events were lost: walking the tree again");
        apply(walkAll(*m_hierarchies));
        // What was lost may have told of a freezer or of a last process.
        for (TreeEntry *entry : m_tree.all())
            outdate(*entry);
        m_listeners.call({.kind = Event::Kind::Overflow});
        break;
    }
    if (m_tree.hasChanges())
        publishSoon();
}

void LiveInventory::onChanged(const TreeEvent &event)
{
    const TreeEntry *parent = m_tree.find(event.hierarchy, event.parentInode);
    const cgroup::Hierarchy *hierarchy = m_hierarchies->at(event.hierarchy);
    const auto path = parent != nullptr ? parent->cgroup.path.listedChild(event.name) : CgroupPath();
    if (parent == nullptr || hierarchy == nullptr || !path)
        return; // the parent has gone meanwhile, and its own event told so
    const TreeEntry *known = m_tree.find(*path);
    const auto dir = cgroup::openCgroup(*hierarchy, *path);
    const auto inode = dir ? cgroup::inodeOf(dir->get()) : std::unexpected(dir.error());
    if (!inode) {
        m_tree.leave(event.hierarchy, *path);
    } else if (known == nullptr || known->cgroup.inodes.at(event.hierarchy) != *inode) {
        // It may have children already.
        m_tree.reconcile(event.hierarchy, *path,
                         cgroup::walk(*hierarchy, *path).value_or(std::vector<cgroup::WalkEntry>{}));
    }
    scanSoon();
}

void LiveInventory::onWritten(const TreeEvent &event)
{
    TreeEntry *entry = m_tree.find(event.hierarchy, event.parentInode);
    if (entry == nullptr)
        return;
    m_listeners.call({Event::Kind::Written, entry->cgroup.id, entry->cgroup.path, event.name, event.hierarchy,
                      event.pid, event.byKernel});
    if (event.name == "cgroup.events" || event.name == "cgroup.type") {
        outdate(*entry);
        scanSoon();
    } else if (event.name == "cgroup.freeze" || event.name == "freezer.state") {
        for (TreeEntry *below : m_tree.subtree(*entry))
            outdate(*below);
    }
}

void LiveInventory::outdate(TreeEntry &entry)
{
    entry.stateKnown = false;
    m_tree.touch(entry);
}

LiveInventory::Walks LiveInventory::walkAll(const cgroup::Hierarchies &hierarchies)
{
    Walks out;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        if (auto walk = cgroup::walk(hierarchy))
            out.found.emplace_back(hierarchy.index, *std::move(walk));
        else
            out.failures.push_back(std::move(walk).error());
    }
    return out;
}

void LiveInventory::apply(const Walks &walks)
{
    for (const auto &[slot, walk] : walks.found)
        m_tree.reconcile(slot, CgroupPath(), walk);
    // Where the tree is walked all the time the same failure is told once.
    if (walks.failures.size() != std::exchange(m_walkFailures, walks.failures.size())) {
        for (const Error &failure : walks.failures)
            log::warning(Area::Inventory, "walk", failure);
    }
}

void LiveInventory::walkOnWorker()
{
    if (std::exchange(m_walking, true))
        return;
    onWorker([hierarchies = m_hierarchies](const std::stop_token &) { return walkAll(*hierarchies); },
             [](LiveInventory &self, const Walks &walks) {
                 self.m_walking = false;
                 self.apply(walks);
                 self.refreshSome();
                 self.publishSoon();
             });
}

/// Without events the states are read in turn.
void LiveInventory::refreshSome()
{
    const std::vector<TreeEntry *> all = m_tree.all();
    for (std::size_t i = 0; i < std::min(kRefresh, all.size()); ++i)
        outdate(*all[m_refreshNext++ % all.size()]);
}

/// Kernel: an inode can be evicted, and then its file's events are not told any more.
void LiveInventory::keepAllCached()
{
    onWorker(
        [hierarchies = m_hierarchies, snapshot = m_builder.last()](const std::stop_token &stop) {
            for (const NodePtr &node : snapshot->nodes()) {
                if (node->cgroup() != nullptr && !stop.stop_requested())
                    cgroup::keepCached(*hierarchies, node->cgroup()->cgroup);
            }
            return snapshot->generation();
        },
        [](LiveInventory &, std::uint64_t) {});
}

// Snapshots

void LiveInventory::publishSoon()
{
    if (m_publishTimer)
        return;
    auto timer = m_loop.after(m_options.publishInterval, [this] {
        m_publishTimer.reset();
        publish();
    });
    if (timer) {
        m_publishTimer = *std::move(timer);
    } else {
        log::warning(Area::Inventory, "timer", timer.error());
        publish();
    }
}

void LiveInventory::refresh(TreeEntry &entry)
{
    // Events of the kernel come only for cached files: cache first, read then, so that no change is missed.
    cgroup::keepCached(*m_hierarchies, entry.cgroup);
    entry.state = readState(*m_hierarchies, entry.cgroup);
    entry.stateKnown = true;
    if (entry.state.freezer == cgroup::Freezer::Freezing)
        m_freezing.insert(entry.cgroup.id);
    else
        m_freezing.erase(entry.cgroup.id);
}

Node LiveInventory::nodeOf(const TreeEntry &entry) const
{
    return {entry.cgroup.id,
            parentOf(entry),
            printable(entry.cgroup.path.name()),
            entry.depth + 1,
            0,
            CgroupNode{entry.cgroup, entry.state.freezer, entry.state.populated, entry.container,
                       m_protection.reason(entry.cgroup.path), entry.state.type, entry.state.owner}};
}

/// True if all that is new about it is its state: its node stands in the tree, below the right parent.
bool LiveInventory::canWait(const TreeEntry &entry) const
{
    const NodePtr published = m_builder.last()->find(entry.cgroup.id);
    return published != nullptr && published->parent == parentOf(entry);
}

void LiveInventory::publish()
{
    const CgroupTree::Changes changes = m_tree.takeChanges();
    for (const CgroupTree::Removed &removed : changes.removed) {
        m_builder.remove(removed.id);
        m_freezing.erase(removed.id);
    }
    const auto until = std::chrono::steady_clock::now() + kRefreshBudget;
    for (TreeEntry *entry : changes.changed) {
        if (!entry->stateKnown && std::chrono::steady_clock::now() > until && canWait(*entry)) {
            m_tree.touch(*entry);
            continue;
        }
        if (!entry->stateKnown)
            refresh(*entry);
        m_builder.upsert(nodeOf(*entry));
    }
    if (m_tree.hasChanges())
        publishSoon();
    recheckFreezing();
    if (!m_builder.changed())
        return;
    const SnapshotPtr before = m_builder.last();
    const SnapshotPtr now = m_builder.publish();
    {
        const std::scoped_lock lock(m_mutex);
        m_published = now;
    }
    m_subscribers.call(now);
    emitChanges(*before, *now);
}

void LiveInventory::emitChanges(const Snapshot &before, const Snapshot &now) const
{
    const auto tell = [this](Event::Kind kind, const Node &node) {
        const CgroupNode *cgroup = node.cgroup();
        m_listeners.call({kind, node.id, cgroup != nullptr ? cgroup->cgroup.path : CgroupPath(), {}, 0, 0, false});
    };
    const Delta delta = now.deltaSince(before.generation());
    for (const NodePtr &node : delta.upserted) {
        if (before.find(node->id) == nullptr)
            tell(Event::Kind::Created, *node);
    }
    for (const NodeId id : delta.removed) {
        if (const NodePtr node = before.find(id))
            tell(Event::Kind::Removed, *node);
    }
}

void LiveInventory::recheckFreezing()
{
    if (m_freezing.empty() || m_freezeTimer)
        return;
    auto timer = m_loop.after(kFreezeRecheck, [this] {
        m_freezeTimer.reset();
        for (const NodeId id : m_freezing) {
            const NodePtr node = m_builder.last()->find(id);
            TreeEntry *entry = node != nullptr ? m_tree.find(node->cgroup()->cgroup.path) : nullptr;
            if (entry != nullptr && entry->cgroup.id == id)
                outdate(*entry);
        }
        publishSoon();
    });
    if (timer)
        m_freezeTimer = *std::move(timer);
    else
        log::warning(Area::Inventory, "timer", timer.error());
}

} // namespace gantry::inventory
