// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/alert.h"
#include "engine/alerts/event_log.h"
#include "engine/alerts/rule_store.h"
#include "engine/base/change_table.h"
#include "engine/base/event_loop.h"
#include "engine/base/expected_writes.h"
#include "engine/base/fd.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace gantry::sampler {
struct Frame;
}

namespace gantry::alerts {

/// Somebody wrote a file of a cgroup, or the kernel did: cgroup::TreeEvent with the cgroup found.
struct Written
{
    cgroup::Cgroup cgroup;
    std::string file{}; ///< "memory.events", "memory.limit_in_bytes", "cgroup.procs" ...
    std::int32_t pid = 0;
    bool byKernel = false;
};

/// Watches one host: turns samples and kernel notifications into events and alerts. Thread: the loop's, but for
/// alerts(), acknowledge() and the stores it was given, which any thread may use.
class AlertEngine
{
public:
    /// Finds a cgroup of the tree. Called on the loop's thread.
    using Lookup = std::function<std::optional<cgroup::Cgroup>(NodeId)>;

    /// @param rules, events must outlive it, as the loop does.
    /// @param expected what managers write for Gantry; may be null.
    AlertEngine(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, Lookup lookup, RuleStore &rules, EventLog &events,
                std::shared_ptr<const ExpectedWrites> expected = {});
    ~AlertEngine();
    AlertEngine(const AlertEngine &) = delete;
    AlertEngine &operator=(const AlertEngine &) = delete;
    AlertEngine(AlertEngine &&) = delete;
    AlertEngine &operator=(AlertEngine &&) = delete;

    /// Tells of OOM kills with their story from now on, where the kernel's log can be read: one event for each kill,
    /// and none for the counters that grow with it. @param log as OomStories::open() gives it.
    void watchKernelLog(Result<UniqueFd> log);
    /// Why OOM kills are told without their story; empty where they are not. Thread: any.
    [[nodiscard]] std::string oomStoryProblem() const;

    /// A sweep of the sampler: levels, ratios, and counters that grew unnoticed.
    void onFrame(const std::shared_ptr<const sampler::Frame> &frame);
    /// A cgroup is in the tree. @param isNew made while the engine ran (its counters start at 0), not found at start.
    void onCgroupAdded(const cgroup::Cgroup &cgroup, bool isNew);
    void onCgroupRemoved(const cgroup::Cgroup &cgroup);
    void onWritten(const Written &written);
    /// The kernel's event queue overflowed and the tree was walked again.
    void onOverflow();

    [[nodiscard]] ChangeTable<Alert> &alerts();
    /// Thread: any. @errors ENOENT naming the ids that are not there; the others are acknowledged.
    [[nodiscard]] Result<> acknowledge(std::span<const std::uint64_t> ids, const std::string &note,
                                       const std::string &user);

    /// What was not watched by notification at the last frame, and why ("412 cgroups have a memory limit, 256 are
    /// watched ..."); empty: all is. Thread: any.
    [[nodiscard]] std::string incompleteReason() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace gantry::alerts
