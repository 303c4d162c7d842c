// SPDX-License-Identifier: GPL-3.0-or-later
// Containers and namespaces of the LiveInventory: looked for on workers, merged on the loop.
#include "engine/base/log.h"
#include "engine/inventory/containers.h"
#include "engine/inventory/live_inventory.h"

#include <algorithm>
#include <ctime>
#include <unordered_map>

namespace gantry::inventory {

using namespace std::chrono_literals;
using log::Area;

namespace {

constexpr auto kScanDelay = 200ms; ///< after a change: runtimes make a container in many steps
constexpr int kScanPause = 10;     ///< times what the last scan took of a CPU: at most a tenth of one

/// What this thread has used of a CPU. A scan that had to wait for one is no reason to look less often.
std::chrono::nanoseconds threadTime()
{
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Puts the nodes in place of those of the last scan. @return their ids.
std::set<NodeId> replaceNodes(SnapshotBuilder &builder, const std::set<NodeId> &last, std::vector<Node> nodes)
{
    std::set<NodeId> ids;
    for (Node &node : nodes) {
        ids.insert(node.id);
        builder.upsert(std::move(node));
    }
    for (const NodeId id : last) {
        if (!ids.contains(id))
            builder.remove(id);
    }
    return ids;
}

} // namespace

void LiveInventory::wantNamespaces(bool wanted)
{
    m_namespacesWanted += wanted ? 1 : -1;
    GANTRY_ASSERT(m_namespacesWanted >= 0);
    if (m_namespacesWanted == (wanted ? 1 : 0))
        scan();
}

runtime::TablePtr LiveInventory::newestTable() const
{
    return m_options.runtimes ? m_options.runtimes() : std::make_shared<const runtime::Table>();
}

void LiveInventory::runtimesChanged()
{
    // A scan may have to wait: it goes through all processes.
    const runtime::TablePtr table = newestTable();
    for (const NodeId id : m_containers) {
        if (const NodePtr shown = m_builder.last()->find(id)) {
            Node node = *shown;
            refreshFacts(node, *table);
            m_builder.upsert(std::move(node));
        }
    }
    publishSoon();
    scanSoon();
}

void LiveInventory::scanSoon()
{
    if (m_scanSoonTimer)
        return;
    const auto delay = std::max<std::chrono::nanoseconds>(kScanDelay, m_lastScanTook * kScanPause);
    auto timer = m_loop.after(std::chrono::duration_cast<std::chrono::microseconds>(delay), [this] {
        m_scanSoonTimer.reset();
        scan();
    });
    if (timer)
        m_scanSoonTimer = *std::move(timer);
    else
        log::warning(Area::Inventory, "timer", timer.error());
}

void LiveInventory::scan()
{
    if (std::exchange(m_scanning, true)) {
        m_scanAgain = true;
        return;
    }
    onWorker(scanner(), [](LiveInventory &self, Result<Scan> found) {
        self.m_scanning = false;
        if (found)
            self.merge(*std::move(found));
        else
            log::warning(Area::Inventory, "scan", found.error());
        if (std::exchange(self.m_scanAgain, false))
            self.scanSoon();
    });
}

std::function<Result<LiveInventory::Scan>(const std::stop_token &)> LiveInventory::scanner() const
{
    return
        [hierarchies = m_hierarchies, snapshot = m_builder.last(), configured = m_configured,
         table = newestTable(), wanted = m_namespacesWanted > 0](const std::stop_token &stop) -> Result<Scan> {
            Scan out;
            const auto begun = threadTime();
            out.protection = Protection::read(*hierarchies, configured);
            out.containers = GANTRY_TRY(scanContainers(*hierarchies, *snapshot, *table, stop));
            out.table = table;
            if (wanted)
                out.spaces = GANTRY_TRY(namespaces::scan(stop));
            out.took = threadTime() - begun;
            return out;
        };
}

void LiveInventory::merge(Scan found)
{
    m_lastScanTook = found.took;
    if (found.protection != m_protection) {
        m_protection = std::move(found.protection);
        for (TreeEntry *entry : m_tree.all())
            m_tree.touch(*entry);
    }
    mergeContainers(std::move(found.containers), found.table);
    mergeNamespaces(std::move(found.spaces));
    publish();
}

void LiveInventory::mergeContainers(std::vector<Node> containers, const runtime::TablePtr &seen)
{
    // The scan looked at an older tree: a container whose cgroup has gone meanwhile is gone too.
    std::unordered_map<NodeId, NodeId> containerOf;
    for (const Node &node : containers) {
        if (const NodeId cgroup = node.container()->cgroup)
            containerOf.emplace(cgroup, node.id);
    }
    std::set<NodeId> living;
    for (TreeEntry *entry : m_tree.all()) {
        const auto found = containerOf.find(entry->cgroup.id);
        const NodeId container = found != containerOf.end() ? found->second : NodeId();
        if (found != containerOf.end())
            living.insert(entry->cgroup.id);
        if (std::exchange(entry->container, container) != container)
            m_tree.touch(*entry);
    }
    std::erase_if(containers, [&living](const Node &node) {
        const NodeId cgroup = node.container()->cgroup;
        return cgroup && !living.contains(cgroup);
    });
    // Runtimes may have told more since the scan began: what was shown already is not taken back.
    if (const runtime::TablePtr table = newestTable(); table != seen) {
        for (Node &node : containers)
            refreshFacts(node, *table);
    }
    m_containers = replaceNodes(m_builder, m_containers, std::move(containers));
}

void LiveInventory::mergeNamespaces(std::vector<namespaces::Namespace> spaces)
{
    std::vector<Node> nodes;
    for (namespaces::Namespace &space : spaces) {
        if (m_namespacesWanted > 0)
            nodes.push_back({space.ref.id(), NodeId::host(), space.ref.text(), 1, 0, std::move(space)});
    }
    m_namespaces = replaceNodes(m_builder, m_namespaces, std::move(nodes));
}

} // namespace gantry::inventory
