// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/strings.h"
#include "engine/control/audit.h"
#include "engine/control/route.h"
#include "engine/control/verbs.h"
#include "engine/runtime/table.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::control {

/// Why this cgroup must not be changed ("ancestor of Gantry itself"); empty if it may. Called from any thread.
using Protection = std::function<std::string(const cgroup::CgroupPath &)>;

/// What to say before "createCgroup" (with the parent's path), "removeCgroup" or "move" changes a place that somebody
/// else keeps. Called from any thread.
using PlaceWarnings = std::function<std::vector<Warning>(std::string_view verb, const cgroup::CgroupPath &)>;

/// The verbs that change the host. Every verb is validated, refused for protected cgroups (EPERM with a sentence),
/// written, read back and recorded in the audit log; a dry run stops before the write.
/// Synchronous: a verb may block in the kernel for as long as the kernel likes, so it is called on workers (Executor).
/// Thread: any, several at once; nothing is locked over a kernel call.
/// Targets are cgroups as the caller saw them: ESTALE if another one has that path now, and nothing is written.
class Control
{
public:
    /// @param audit must outlive the Control.
    /// @param routes may be empty: every cgroup is written by its files.
    /// @param placeWarnings may be empty.
    Control(cgroup::HierarchiesPtr hierarchies, Protection protection, AuditLog &audit, RouteFinder routes = {},
            PlaceWarnings placeWarnings = {});

    /// One row for each key of limitTable(). @errors ESTALE, ENOENT (removed); a key that cannot be read says so in its
    /// row.
    [[nodiscard]] Result<std::vector<LimitRow>> listLimits(const cgroup::Cgroup &target) const;

    /// Applies the settings in order; when one fails those before are put back, and the error's detail names any that
    /// could not be. @errors EINVAL/ERANGE (value), EPERM, ESTALE, EBUSY, EACCES ...; ECANCELED between two settings.
    [[nodiscard]] Result<SetLimitsResult> setLimits(const cgroup::Cgroup &target,
                                                    std::span<const LimitSetting> settings, const Call &call) const;

    /// Waits for the kernel's acknowledgement. A freeze that is not acknowledged in time is taken back.
    /// @errors ETIMEDOUT, ECANCELED, EPERM (also when Gantry itself or PID 1 is below), EBUSY (thaw below a frozen
    /// ancestor), ENOTSUP (no freezer), ESTALE.
    [[nodiscard]] Result<FreezeResult> freeze(const cgroup::Cgroup &target, const Call &call) const;
    [[nodiscard]] Result<FreezeResult> thaw(const cgroup::Cgroup &target, const Call &call) const;

    /// SIGKILL to every process of the cgroup and of those below, in all its hierarchies, until none is left or the
    /// deadline ends (then `remaining` says how many are). A frozen cgroup is thawed so that its processes can die.
    /// @errors EPERM, ESTALE, ECANCELED.
    [[nodiscard]] Result<KillResult> kill(const cgroup::Cgroup &target, const Call &call) const;

    /// One signal to each process, by pidfd. Failures stand with their item. @errors EINVAL for no signal 1 .. 64.
    [[nodiscard]] Result<SignalResult> signal(std::span<const ProcessKey> processes, int number,
                                              const Call &call) const;
    /// The same to every process that is in this cgroup itself. @errors EPERM, ESTALE, EINVAL.
    [[nodiscard]] Result<SignalResult> signal(const cgroup::Cgroup &target, int number, const Call &call) const;

    /// Moves the processes into every hierarchy the target is in, all or none: what was moved is moved back when one
    /// fails, and the error's detail names any that could not be.
    /// @errors ESRCH, EPERM, EBUSY (v2: target has controllers in subtree_control), ENOSPC (v1 cpuset without CPUs) ...
    [[nodiscard]] Result<MoveResult> move(std::span<const ProcessKey> processes, const cgroup::Cgroup &target,
                                          const Call &call) const;

    /// Makes the cgroup in every hierarchy with controllers its parent is in, all or none. A v1 cpuset gets its
    /// parent's CPUs and memory nodes, without which no process may enter it.
    /// @errors EEXIST, ENOENT (no parent), EPERM, EAGAIN (cgroup.max.depth or .descendants), EROFS, EACCES.
    [[nodiscard]] Result<DirectoriesResult> createCgroup(const cgroup::CgroupPath &path, const Call &call) const;

    /// Removes an empty cgroup from all its hierarchies; looks in all of them first.
    /// @errors EBUSY with the number of processes and child cgroups; EPERM, ESTALE. A failure half-way names the
    /// directories that are left.
    [[nodiscard]] Result<DirectoriesResult> removeCgroup(const cgroup::Cgroup &target, const Call &call) const;

    /// v2: enables and disables controllers for the children. Where processes of the cgroup itself stand in the way and
    /// the wish allows it, they are moved into a new child first, and back when a later step fails.
    /// @errors ENOTSUP (no v2), ENODEV (not available here), EBUSY (processes, or a child uses it), EPERM, ESTALE,
    /// EAGAIN (forks faster than it can be moved).
    [[nodiscard]] Result<ControllersResult> setControllers(const cgroup::Cgroup &target, const ControllersWish &wish,
                                                           const Call &call) const;

    /// v2: asks the kernel to take this many bytes back from the cgroup and those below. Less than asked for is not an
    /// error: the result tells. @errors ENOTSUP (v1), EINVAL, ERANGE, EPERM, ESTALE.
    [[nodiscard]] Result<ReclaimResult> reclaim(const cgroup::Cgroup &target, std::uint64_t bytes,
                                                std::optional<std::uint32_t> swappiness, const Call &call) const;

    /// Start, Stop, Restart or Remove by the container's own runtime. Waits until the runtime shows the new state; at most
    /// a second after it has told anything new (a container that ends at once after its start is told as exited), and
    /// 15 s where it tells nothing.
    /// @param target its cgroup; nullopt where it has none of its own. @param now what the runtime says of it now.
    /// @errors ENOTSUP (its runtime has no such verb now), EBUSY (remove: it runs), EPERM, ESTALE; as Source::act().
    [[nodiscard]] Result<ContainerActionResult> actOnContainer(const runtime::Known &container, runtime::Verb verb,
                                                    const std::optional<cgroup::Cgroup> &target,
                                                    const std::function<runtime::FactsPtr()> &now,
                                                    const Call &call) const;

    [[nodiscard]] const cgroup::Hierarchies &hierarchies() const { return *m_hierarchies; }

private:
    /// Protection and identity. @errors EPERM, ESTALE, ENOENT.
    [[nodiscard]] Result<> checkTarget(std::string_view verb, const cgroup::Cgroup &target) const;
    /// @param reason why it is protected; empty: it is not.
    [[nodiscard]] Result<> checkTarget(std::string_view verb, const cgroup::Cgroup &target,
                                       const std::string &reason) const;
    /// Why limits of this reach must not be changed there; empty: they may. Reads a few files of /proc.
    [[nodiscard]] std::string protectedReason(const cgroup::CgroupPath &path, LimitReach reach) const;
    /// The same for verbs that stop processes: nothing protected may be below either, nor Gantry itself, nor PID 1.
    [[nodiscard]] Result<> checkSubtree(std::string_view verb, const cgroup::Cgroup &target) const;
    /// Records how the verb ended: an audit that fails is told in the outcome, or in the error's detail.
    template <class R> [[nodiscard]] Result<R> recorded(AuditRecord record, Result<R> result) const;
    /// nullptr: by the files.
    [[nodiscard]] RoutePtr routeTo(const cgroup::Cgroup &target) const { return m_routes ? m_routes(target) : nullptr; }
    void addPlaceWarnings(Outcome &outcome, std::string_view verb, const cgroup::CgroupPath &path) const;
    [[nodiscard]] Result<FreezeResult> setFrozen(const cgroup::Cgroup &target, bool frozen, const Call &call) const;

    cgroup::HierarchiesPtr m_hierarchies;
    Protection m_protection;
    AuditLog &m_audit;
    RouteFinder m_routes;
    PlaceWarnings m_placeWarnings;
};

template <class R> Result<R> Control::recorded(AuditRecord record, Result<R> result) const
{
    record.failed = !result;
    record.result = result ? "done" : result.error().message();
    if (const auto written = m_audit.record(record); !written) {
        const std::string why = written.error().message();
        if (result)
            result->notRecorded = why;
        else
            result.error().detail += strCat(result.error().detail.empty() ? "" : "; ", "not recorded: ", why);
    }
    return result;
}

} // namespace gantry::control
