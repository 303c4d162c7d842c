// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/event_loop.h"
#include "engine/base/worker_pool.h"
#include "engine/inventory/snapshot.h"
#include "engine/runtime/table.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::inventory {

/// What the configuration says.
struct Options
{
    std::vector<std::string> protectedPaths;         ///< cgroups that are never changed, with all below them
    std::string protectFile = "/etc/gantry/protect"; ///< more of them, one a line; need not exist
    std::chrono::milliseconds scanInterval{5'000};   ///< of containers, and of namespaces while wanted
    std::chrono::milliseconds walkInterval{1'000};   ///< of the tree where events cannot be had
    std::chrono::milliseconds publishInterval{20};   ///< changes are collected for this long
    std::function<runtime::TablePtr()> runtimes{};   ///< what runtimes know now, from any thread; empty: nothing
};

/// Something that happened in the tree, for the event log, alerts and the sampler.
struct Event
{
    enum class Kind : std::uint8_t {
        Created,  ///< the node is in the snapshot that has just been published
        Removed,  ///< the node has just left it
        Written,  ///< a file of the cgroup was written
        Overflow, ///< the kernel lost events and the tree was walked again; of no node
    };
    Kind kind = Kind::Created;
    NodeId node{};
    cgroup::CgroupPath path{}; ///< of a cgroup; "/" for other kinds
    std::string file{};        ///< Written: file name ("memory.max", "cgroup.events")
    unsigned hierarchy = 0;    ///< Written: slot
    std::int32_t pid = 0;      ///< Written: who; 0: not known
    bool byKernel = false;     ///< Written: the kernel's own change
};

/// Callbacks go on until the last copy of it is dropped. Thread: the loop's.
using Subscription = std::shared_ptr<const void>;

/// The tree of the host: cgroups joined over the hierarchies, containers, namespaces. Kept up to date by kernel events
/// (cgroup::TreeWatcher); where these cannot be had it walks once a second and watchProblem() says why.
/// Thread: the loop's, except where noted; destroy it there, or when the loop runs no more.
class Inventory
{
public:
    /// Walks the tree once, so snapshot() is complete on return. Call before the loop runs, or on its thread. `loop`
    /// and `workers` must outlive the inventory.
    /// @errors of the loop's timers, and of walking when no hierarchy could be walked.
    [[nodiscard]] static Result<std::unique_ptr<Inventory>> create(EventLoop &loop, cgroup::HierarchiesPtr hierarchies,
                                                                   WorkerPool &workers, Options options = {});
    virtual ~Inventory() = default;
    Inventory(const Inventory &) = delete;
    Inventory &operator=(const Inventory &) = delete;
    Inventory(Inventory &&) = delete;
    Inventory &operator=(Inventory &&) = delete;

    /// The newest published tree. Thread: any.
    [[nodiscard]] virtual SnapshotPtr snapshot() const = 0;
    /// Calls back with each further snapshot.
    [[nodiscard]] virtual Subscription subscribe(std::function<void(const SnapshotPtr &)> callback) = 0;
    /// Calls back with each event: Created and Removed after their snapshot went to the subscribers, others at once.
    [[nodiscard]] virtual Subscription onEvent(std::function<void(const Event &)> callback) = 0;

    /// Namespaces are looked for while somebody wants them: true counts up, false down.
    virtual void wantNamespaces(bool wanted) = 0;
    /// What the runtimes tell has changed: shown at once for the containers there are, looked for soon.
    virtual void runtimesChanged() = 0;
    /// Looks for containers (and wanted namespaces) now instead of at the next turn.
    virtual void scanSoon() = 0;

    /// Why the tree is walked instead of watched (EPERM without CAP_SYS_ADMIN); nullopt: it is watched. Thread: any.
    [[nodiscard]] virtual const std::optional<Error> &watchProblem() const = 0;
    /// Why this cgroup must not be changed, as it is now; empty: it may. Thread: any.
    [[nodiscard]] virtual std::string protectedReason(const cgroup::CgroupPath &path) const = 0;

protected:
    Inventory() = default;
};

} // namespace gantry::inventory
