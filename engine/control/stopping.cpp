// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that stop processes: freeze, thaw, kill.
#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/cgroup/procs.h"
#include "engine/control/control.h"
#include "engine/control/limit_warnings.h"
#include "engine/control/subtree.h"
#include "engine/process/process.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>

namespace gantry::control {

namespace {

using cgroup::Freezer;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{5};
/// How long a kill waits for the freeze that keeps the processes from forking: a help, not a condition.
constexpr std::chrono::milliseconds kFreezeBeforeKill{200};
/// What a manager gets to take a freeze back, before the file does it.
constexpr std::chrono::milliseconds kTakeBack{1'000};

std::uint32_t countOf(const std::vector<std::int32_t> &pids)
{
    return static_cast<std::uint32_t>(pids.size());
}

const Branch *freezerBranchV1(const cgroup::Hierarchies &hierarchies, const std::vector<Branch> &branches)
{
    const cgroup::Hierarchy *freezer = hierarchies.forController("freezer");
    if (freezer == nullptr || freezer->version != cgroup::Version::V1)
        return nullptr;
    const auto found = std::ranges::find(branches, freezer, &Branch::hierarchy);
    return found == branches.end() ? nullptr : &*found;
}

/// Kernel: cgroup.kill kills the whole v2 subtree at once, frozen or not; it came with Linux 5.14.
void killUnified(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target)
{
    const cgroup::Hierarchy *unified = hierarchies.unified();
    if (unified == nullptr || !target.in(unified->index))
        return;
    const auto dir = cgroup::openCgroup(*unified, target);
    if (dir)
        static_cast<void>(writeFileAt(dir->get(), "cgroup.kill", "1")); // without it they are killed one by one
}

/// Kernel: on v1 SIGKILL stays pending in every frozen cgroup, also in one below that was frozen by itself.
void thawAll(const cgroup::Hierarchies &hierarchies, const Branch *freezer)
{
    if (freezer == nullptr)
        return;
    for (const cgroup::Cgroup &below : freezer->cgroups) {
        const auto state = cgroup::readFreezer(hierarchies, below);
        if (state && *state != Freezer::Thawed)
            static_cast<void>(cgroup::writeFreezer(hierarchies, below, false)); // who stays frozen is counted
    }
}

/// SIGKILL to one process if it is (still) inside. The pidfd is opened before looking, so a pid that is used again is
/// never hit: then the look is at another process, or the pidfd's own is gone.
void killOne(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target, std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    if (!stat || inside(hierarchies, target, std::span(&pid, 1)).empty())
        return;
    static_cast<void>(process::sendSignal({pid, stat->startTicks}, SIGKILL)); // who does not die is counted
}

/// One round: whoever is inside gets SIGKILL and can die.
Result<> killRound(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                   const std::vector<Branch> &branches, bool freezeFirst, std::stop_token stop)
{
    const Branch *freezer = freezerBranchV1(hierarchies, branches);
    if (freezer != nullptr && freezeFirst && cgroup::writeFreezer(hierarchies, freezer->cgroups.front(), true)) {
        // Whether it is acknowledged or not: the next step is the same.
        static_cast<void>(
            cgroup::waitFreezer(hierarchies, freezer->cgroups.front(), true, kFreezeBeforeKill, std::move(stop)));
    }
    killUnified(hierarchies, target);
    const auto pids = processesOf(branches);
    if (pids) {
        for (const std::int32_t pid : *pids)
            killOne(hierarchies, target, pid);
    }
    thawAll(hierarchies, freezer);
    return pids ? Result<>() : std::unexpected(pids.error());
}

/// The state of the target; on v2 also frozen where every cgroup with processes below it is: crun pauses a container by
/// a child of the container's cgroup.
Result<Freezer> stateOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target)
{
    const Freezer own = GANTRY_TRY(cgroup::readFreezer(hierarchies, target));
    const cgroup::Hierarchy *unified = hierarchies.unified();
    if (own != Freezer::Thawed || unified == nullptr || !target.in(unified->index))
        return own;
    bool anyFrozen = false;
    for (const Branch &branch : GANTRY_TRY(branchesOf(hierarchies, target))) {
        for (const cgroup::Cgroup &each : branch.cgroups) {
            const Branch alone{branch.hierarchy, {each}};
            if (branch.hierarchy != unified || GANTRY_TRY(processesOf(std::span(&alone, 1))).empty())
                continue;
            const auto state = cgroup::readFreezer(hierarchies, each);
            if (!state || (*state != Freezer::Frozen && *state != Freezer::FrozenByAncestor))
                return own;
            anyFrozen = true;
        }
    }
    return anyFrozen ? Freezer::Frozen : own;
}

/// Waits until what a manager did shows. @return the state at the end, nullopt when it does not show in time.
std::optional<Freezer> shownState(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target, bool frozen,
                                  const Call &call)
{
    const auto until = steady_clock::now() + call.deadline;
    while (true) {
        const auto state = stateOf(hierarchies, target);
        if (state && (*state == Freezer::Frozen) == frozen)
            return *state;
        if (!state || steady_clock::now() > until || call.stop.stop_requested())
            return std::nullopt;
        std::this_thread::sleep_for(kLook);
    }
}

/// Freezes or thaws by who keeps the cgroup, or by its file. Whoever froze it: thawed means thawed.
Result<Freezer> act(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target, const Route *route,
                    bool frozen, FreezeResult &result, const Call &call)
{
    call.phase("write");
    const auto routed = route != nullptr ? route->setFrozen(frozen, call) : std::nullopt;
    const bool cannot = !routed || (!*routed && routed->error().posix() == EOPNOTSUPP); // a unit of another kind
    if (!cannot && !*routed)
        return std::unexpected(routed->error());
    if (!cannot) {
        result.route = route->name();
        if (const auto shown = shownState(hierarchies, target, frozen, call))
            return *shown;
    }
    const auto state = cgroup::readFreezer(hierarchies, target);
    if (cannot || (!frozen && state && *state != Freezer::Thawed))
        GANTRY_CHECK(cgroup::writeFreezer(hierarchies, target, frozen));
    call.phase("wait");
    return cgroup::waitFreezer(hierarchies, target, frozen, call.deadline, call.stop);
}

/// The manager's own kill first, so that its log tells that it was asked for. What it leaves, or does not do, the
/// kernel does: not a failure.
void killByRoute(const Route *route, KillResult &result, const Call &call)
{
    const auto killed = route != nullptr ? route->kill(call) : std::nullopt;
    if (killed && *killed)
        result.route = route->name();
    else if (killed)
        log::debug(log::Area::Control, "kill by the kernel alone: ", killed->error().message());
}

} // namespace

Result<FreezeResult> Control::freeze(const cgroup::Cgroup &target, const Call &call) const
{
    return setFrozen(target, true, call);
}

Result<FreezeResult> Control::thaw(const cgroup::Cgroup &target, const Call &call) const
{
    return setFrozen(target, false, call);
}

Result<FreezeResult> Control::setFrozen(const cgroup::Cgroup &target, bool frozen, const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    const std::string_view verb = frozen ? "freeze" : "thaw";
    call.phase("check");
    GANTRY_CHECK(frozen ? checkSubtree(verb, target) : checkTarget(verb, target));
    FreezeResult result;
    result.node = target.id;
    result.path = target.path;
    result.oldState = GANTRY_TRY(stateOf(hierarchies, target));
    if (result.oldState == Freezer::Absent)
        return fail(ENOTSUP, verb, target.path.text(), "it is in no hierarchy that can freeze");
    if (!frozen && result.oldState == Freezer::FrozenByAncestor)
        return fail(EBUSY, verb, target.path.text(), "an ancestor is frozen", "thaw the ancestor");
    const std::vector<Branch> branches = GANTRY_TRY(branchesOf(hierarchies, target));
    result.processCount = countOf(GANTRY_TRY(processesOf(branches)));
    result.warnings = cgroupWarnings(hierarchies, target);
    result.newState = frozen ? Freezer::Frozen : Freezer::Thawed;
    if (call.dryRun)
        return result;

    AuditRecord record{.verb = std::string(verb),
                       .target = target.path.text(),
                       .oldValue = std::string(freezerText(result.oldState)),
                       .newValue = std::string(freezerText(result.newState)),
                       .actor = call.actor.text()};
    const RoutePtr route = routeTo(target);
    Result<Freezer> reached = act(hierarchies, target, route.get(), frozen, result, call);
    if (!reached && frozen && result.oldState == Freezer::Thawed) {
        call.phase("rollBack");
        Call hurried = call;
        hurried.deadline = kTakeBack;
        const auto thawed = route != nullptr ? route->setFrozen(false, hurried) : std::nullopt;
        const auto back = thawed && *thawed ? Result<>() : cgroup::writeFreezer(hierarchies, target, false);
        reached.error().detail += back ? "; thawed again" : strCat("; not thawed again: ", back.error().message());
    }
    if (!reached)
        return recorded(std::move(record), Result<FreezeResult>(std::unexpected(std::move(reached).error())));
    result.newState = *reached;
    return recorded(std::move(record), Result<FreezeResult>(std::move(result)));
}

Result<KillResult> Control::kill(const cgroup::Cgroup &target, const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    call.phase("check");
    GANTRY_CHECK(checkSubtree("kill", target));
    KillResult result;
    result.node = target.id;
    result.path = target.path;
    std::vector<Branch> branches = GANTRY_TRY(branchesOf(hierarchies, target));
    std::vector<std::int32_t> left = GANTRY_TRY(processesOf(branches));
    result.processCount = countOf(left);
    result.warnings = cgroupWarnings(hierarchies, target);
    const RoutePtr route = routeTo(target);
    for (Warning &caveat : route != nullptr ? route->killCaveats() : std::vector<Warning>())
        result.warnings.push_back(std::move(caveat));
    if (call.dryRun)
        return result;

    const auto until = steady_clock::now() + call.deadline;
    const auto killAll = [&]() -> Result<KillResult> {
        if (!left.empty() && !call.stop.stop_requested())
            killByRoute(route.get(), result, call);
        std::vector<std::int32_t> seen;
        while (!left.empty()) {
            if (call.stop.stop_requested())
                return fail(ECANCELED, "kill", target.path.text(), strCat("cancelled, processes left: ", left.size()));
            call.phase("write");
            // Freezing again would only hold up those that are dying: only new processes are a reason.
            const bool grew = !std::ranges::includes(seen, left);
            seen = left;
            GANTRY_CHECK(killRound(hierarchies, target, branches, grew, call.stop));
            call.phase("wait");
            std::this_thread::sleep_for(kLook);
            auto found = branchesOf(hierarchies, target);
            if (!found && cgroup::isGone(found.error())) {
                left.clear(); // systemd removes a unit's cgroup as soon as it is empty
                break;
            }
            branches = GANTRY_TRY(std::move(found));
            left = GANTRY_TRY(processesOf(branches));
            if (steady_clock::now() > until)
                break;
        }
        result.remaining = countOf(left);
        return result;
    };
    return recorded({.verb = "kill",
                     .target = target.path.text(),
                     .oldValue = strCat(result.processCount, " processes"),
                     .newValue = "0 processes",
                     .actor = call.actor.text()},
                    killAll());
}

} // namespace gantry::control
