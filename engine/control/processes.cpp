// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs about single processes: signal, move.
#include "engine/cgroup/procs.h"
#include "engine/control/control.h"
#include "engine/control/limit_warnings.h"
#include "engine/control/subtree.h"
#include "engine/process/process.h"

#include <algorithm>
#include <csignal>

namespace gantry::control {

namespace {

std::string subjectOf(std::int32_t pid)
{
    return strCat("pid ", pid);
}

std::string pidList(std::span<const ProcessKey> processes)
{
    std::string out;
    for (const ProcessKey &process : processes)
        out += strCat(out.empty() ? "pid " : ", ", process.pid);
    return out;
}

/// The process as it is now, with its start time: what is checked here is what is acted on later.
Result<process::Stat> identify(std::string_view verb, const ProcessKey &key)
{
    process::Stat stat = GANTRY_TRY(process::readStat(key.pid));
    if (key.startTicks != 0 && key.startTicks != stat.startTicks)
        return fail(ESRCH, verb, subjectOf(key.pid), "it has ended; another process has the pid now");
    return stat;
}

/// @errors EPERM for PID 1, Gantry itself and its ancestors.
Result<> checkNotOurs(std::string_view verb, std::int32_t pid, const std::vector<std::int32_t> &own)
{
    if (pid <= 0)
        return fail(EINVAL, verb, subjectOf(pid), "no such pid");
    if (pid == 1)
        return fail(EPERM, verb, subjectOf(pid), "it is PID 1");
    if (std::ranges::find(own, pid) != own.end())
        return fail(EPERM, verb, subjectOf(pid), "it is Gantry itself or one of its parents");
    return {};
}

/// Kernel: kthreadd is 2 and the parent of the others; they have no arguments. Moving one breaks the kernel's own work.
bool isKernelThread(const process::Stat &stat)
{
    if (stat.pid != 2 && stat.parentPid != 2)
        return false;
    const auto arguments = process::readArguments(stat.pid);
    return arguments && arguments->empty();
}

/// One write that a move consists of, and the way back.
struct Step
{
    const cgroup::Hierarchy *hierarchy;
    std::int32_t pid;
    cgroup::Cgroup from;
};

/// Where the process is now, in every hierarchy of the target where it is not there yet.
Result<std::vector<Step>> stepsFor(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                                   std::int32_t pid)
{
    const auto paths = GANTRY_TRY(cgroup::cgroupsOf(hierarchies, pid));
    std::vector<Step> out;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        if (!target.in(hierarchy.index))
            continue;
        const auto path = GANTRY_TRY(cgroup::CgroupPath::parse(paths.at(hierarchy.index)));
        if (path != target.path)
            out.push_back({&hierarchy, pid, GANTRY_TRY(cgroup::locate(hierarchies, path))});
    }
    return out;
}

/// Memory first: that is where people look for a process.
std::string fromPath(const std::vector<Step> &steps, const cgroup::Cgroup &target)
{
    if (steps.empty())
        return target.path.text();
    const auto memory = std::ranges::find_if(steps, [](const Step &step) { return step.hierarchy->has("memory"); });
    return (memory == steps.end() ? steps.front() : *memory).from.path.text();
}

/// Back to where they were, last first. @return what could not be moved back, empty if all was.
std::string moveBack(std::span<const Step> done)
{
    std::string out;
    for (auto step = done.rbegin(); step != done.rend(); ++step) {
        const auto back = cgroup::writeProcs(*step->hierarchy, step->from, step->pid);
        if (!back && back.error().posix() != ESRCH)
            out += strCat("; not moved back: ", subjectOf(step->pid), ": ", back.error().message());
    }
    return out;
}

Result<> runSteps(const cgroup::Cgroup &target, std::span<const Step> steps, const Call &call)
{
    for (std::size_t i = 0; i < steps.size(); ++i) {
        call.phase("write");
        auto moved = call.stop.stop_requested() ? fail(ECANCELED, "move", target.path.text(), "cancelled")
                                                : cgroup::writeProcs(*steps[i].hierarchy, target, steps[i].pid);
        if (moved)
            continue;
        call.phase("rollBack");
        Error error = std::move(moved).error();
        error.detail += strCat(error.detail.empty() ? "" : "; ", subjectOf(steps[i].pid), " in ",
                               steps[i].hierarchy->mountPoint, moveBack(steps.first(i)));
        return std::unexpected(std::move(error));
    }
    return {};
}

/// By who keeps the target where that one can, else by the files.
Result<> moveAll(const Route *route, const cgroup::Cgroup &target, std::span<const Step> steps, MoveResult &result,
                 const Call &call)
{
    std::vector<ProcessKey> processes;
    for (const MovedProcess &item : result.items)
        processes.push_back(item.process);
    call.phase("write");
    if (call.stop.stop_requested())
        return fail(ECANCELED, "move", target.path.text(), "cancelled");
    const auto attached = route != nullptr ? route->attach(processes, call) : std::nullopt;
    if (!attached)
        return runSteps(target, steps, call);
    if (!*attached) {
        // It may have moved some of them before it failed.
        call.phase("rollBack");
        Error error = attached->error();
        error.detail += moveBack(steps);
        return std::unexpected(std::move(error));
    }
    result.route = route->name();
    return {};
}

} // namespace

Result<SignalResult> Control::signal(std::span<const ProcessKey> processes, int number, const Call &call) const
{
    call.phase("check");
    if (number < 1 || number > SIGRTMAX)
        return fail(EINVAL, "signal", strCat("signal ", number), strCat("a signal is 1 to ", SIGRTMAX));
    const std::vector<std::int32_t> own = ownChain();
    SignalResult result;
    const auto one = [&](SignalItem &item) -> Result<> {
        GANTRY_CHECK(checkNotOurs("signal", item.process.pid, own));
        const process::Stat stat = GANTRY_TRY(identify("signal", item.process));
        item.process.startTicks = stat.startTicks;
        item.comm = printable(stat.comm);
        return call.dryRun ? Result<>() : process::sendSignal(item.process, number);
    };
    for (const ProcessKey &process : processes) {
        SignalItem item{.process = process};
        if (const auto sent = one(item); !sent)
            item.failure = sent.error();
        result.items.push_back(std::move(item));
    }
    if (call.dryRun)
        return result;
    const auto failures =
        std::ranges::count_if(result.items, [](const SignalItem &i) { return i.failure.has_value(); });
    return recorded({.verb = "signal",
                     .target = pidList(processes),
                     .newValue = strCat("signal ", number, ", failures: ", failures),
                     .actor = call.actor.text()},
                    Result<SignalResult>(std::move(result)));
}

Result<SignalResult> Control::signal(const cgroup::Cgroup &target, int number, const Call &call) const
{
    GANTRY_CHECK(checkTarget("signal", target));
    std::vector<ProcessKey> processes;
    for (const std::int32_t pid : GANTRY_TRY(cgroup::readProcs(*m_hierarchies, target))) {
        if (const auto stat = process::readStat(pid))
            processes.push_back({pid, stat->startTicks});
    }
    auto result = signal(processes, number, call);
    if (result) {
        result->node = target.id;
        result->path = target.path;
    }
    return result;
}

Result<MoveResult> Control::move(std::span<const ProcessKey> processes, const cgroup::Cgroup &target,
                                 const Call &call) const
{
    call.phase("check");
    // The root is where processes come from: going back there changes nothing for anybody.
    if (!target.path.isRoot())
        GANTRY_CHECK(checkTarget("move", target));
    if (processes.empty())
        return fail(EINVAL, "move", target.path.text(), "no process is given");
    const std::vector<std::int32_t> own = ownChain();
    MoveResult result;
    result.node = target.id;
    result.path = target.path;
    std::vector<Step> steps;
    for (const ProcessKey &key : processes) {
        GANTRY_CHECK(checkNotOurs("move", key.pid, own));
        const process::Stat stat = GANTRY_TRY(identify("move", key));
        if (isKernelThread(stat))
            return fail(EPERM, "move", subjectOf(key.pid), "it is a kernel thread");
        std::vector<Step> next = GANTRY_TRY(stepsFor(*m_hierarchies, target, key.pid));
        result.items.push_back({{key.pid, stat.startTicks}, printable(stat.comm), fromPath(next, target)});
        std::ranges::move(next, std::back_inserter(steps));
    }
    result.warnings = cgroupWarnings(*m_hierarchies, target);
    if (std::ranges::any_of(steps, [](const Step &step) { return step.hierarchy->has("memory"); }))
        result.warnings.push_back({WarningCode::ChargesStay, target.path.text(),
                                   "memory charged so far stays with the cgroup the process leaves"});
    const RoutePtr route = routeTo(target);
    addPlaceWarnings(result, "move", target.path);
    if (call.dryRun)
        return result;

    const std::string from = result.items.front().fromPath;
    const auto moved = moveAll(route.get(), target, steps, result, call);
    AuditRecord record{.verb = "move",
                       .target = pidList(processes),
                       .oldValue = from,
                       .newValue = target.path.text(),
                       .actor = call.actor.text()};
    if (!moved)
        return recorded(std::move(record), Result<MoveResult>(std::unexpected(moved.error())));
    return recorded(std::move(record), Result<MoveResult>(std::move(result)));
}

} // namespace gantry::control
