// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/control_service.h"

#include "engine/base/strings.h"
#include "engine/control/control.h"
#include "engine/control/executor.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/control_events.h"
#include "engine/service/convert_control.h"
#include "engine/service/peers.h"
#include "engine/service/schedules.h"
#include "engine/service/status.h"
#include "engine/service/targets.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

namespace gantry::service {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWriteDeadline{10'000};
constexpr milliseconds kWaitDeadline{5'000};
constexpr milliseconds kRuntimeDeadline{30'000};
constexpr std::uint32_t kMostVerb = 600'000;
/// Verbs that watch their own deadline answer better than "not finished": they get this much more.
constexpr milliseconds kGrace{2'000};
constexpr int kMostSignal = 64;

/// A verb whose request was understood and whose target was found, ready to run on any thread.
template <class R> struct Action
{
    using ResultType = R;
    std::string verb;
    alerts::EventKind kind; ///< of the event that tells a failure
    NodeId node;
    std::string subject; ///< cgroup path, or pids
    milliseconds deadline;
    std::function<Result<R>(const control::Call &)> run;
};

milliseconds deadlineOf(std::uint32_t asked, milliseconds usual)
{
    return asked == 0 ? usual : milliseconds(std::min(asked, kMostVerb));
}

/// Signals by which an admin ends something.
bool endsMost(int number)
{
    return number == SIGKILL || number == SIGTERM || number == SIGINT || number == SIGQUIT || number == SIGHUP;
}

/// "pid 12", "pids 12 13 14", at most 20 of them.
std::string pidsText(const std::vector<ProcessKey> &processes)
{
    constexpr std::size_t kMost = 20;
    std::string out = processes.size() == 1 ? "pid" : "pids";
    for (std::size_t i = 0; i < std::min(processes.size(), kMost); ++i)
        out += strCat(" ", processes[i].pid);
    return processes.size() > kMost ? strCat(out, " and ", processes.size() - kMost, " more") : out;
}

template <class R>
void logEvents(alerts::EventLog &log, const Action<R> &action, const control::Call &call, const Result<R> &result)
{
    std::vector<alerts::Event> events;
    if (result) {
        events = eventsOf(*result);
    } else {
        alerts::Event &event = events.emplace_back();
        event.kind = action.kind;
        event.node = action.node;
        event.path = action.subject;
        event.failure = result.error();
    }
    for (alerts::Event &event : events) {
        event.actor = call.actor.text();
        log.append(std::move(event));
    }
}

/// Runs the action that `prepare` makes (or its dry run) and fills the reply.
template <class Request, class Reply, class Prepare>
grpc::Status act(const ControlService::Parts &parts, const grpc::ServerContext &context, const Request &request,
                 Reply &reply, Prepare prepare)
{
    return toStatus([&]() -> Result<> {
        auto action = GANTRY_TRY(prepare());
        using R = typename decltype(action)::ResultType;
        const control::Call call{parts.peers.actorOf(context, request.actor().program(), request.actor().user()),
                                 request.dry_run(),
                                 action.deadline,
                                 {},
                                 {}};
        if (call.dryRun) {
            fill(reply, GANTRY_TRY(action.run(call)));
            return {};
        }
        GANTRY_CHECK(parts.peers.mayAct(context, action.verb, action.subject));
        const control::Executor::Spec spec{action.verb, action.subject, true, action.deadline + kGrace};
        auto answer = parts.executor.run<R>(spec, call, [action, &events = parts.events](const control::Call &running) {
            Result<R> result = action.run(running);
            logEvents(events, action, running, result);
            return result;
        });
        reply.set_job_id(answer.job);
        const R result = GANTRY_TRY(std::move(answer.result));
        reply.set_not_recorded(printable(result.notRecorded));
        if constexpr (requires { reply.set_route(std::string()); })
            reply.set_route(printable(result.route));
        fill(reply, result);
        return {};
    }());
}

} // namespace

grpc::Status ControlService::ListLimits(grpc::ServerContext * /*context*/, const v1::ListLimitsRequest *request,
                                        v1::ListLimitsReply *reply)
{
    return toStatus([&]() -> Result<> {
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        reply->set_node_id(target.id.v);
        reply->set_cgroup_path(printable(target.path.text()));
        for (const control::LimitRow &row : GANTRY_TRY(m_parts.control.listLimits(target)))
            *reply->add_rows() = toMessage(row);
        return {};
    }());
}

grpc::Status ControlService::SetLimits(grpc::ServerContext *context, const v1::SetLimitsRequest *request,
                                       v1::SetLimitsReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::SetLimitsResult>> {
        auto settings = GANTRY_TRY(settingsOf(request->settings()));
        if (!v1::Persistence_IsValid(request->persistence()))
            return fail(EINVAL, "setLimits", "persistence", "not one this version knows");
        const auto persistence = request->persistence() == v1::PERSISTENCE_PERMANENT ? control::Persistence::Permanent
                                                                                     : control::Persistence::Runtime;
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        return Action<control::SetLimitsResult>{"setLimits",
                                                alerts::EventKind::LimitChanged,
                                                target.id,
                                                target.path.text(),
                                                deadlineOf(request->deadline_ms(), kWriteDeadline),
                                                [&parts = m_parts, target, settings = std::move(settings), persistence,
                                                 byFile = request->by_file()](const control::Call &caller) {
                                                    control::Call call = caller;
                                                    call.persistence = persistence;
                                                    call.byFile = byFile;
                                                    auto result = parts.control.setLimits(target, settings, call);
                                                    parts.touched(target.id);
                                                    return result;
                                                }};
    });
}

grpc::Status ControlService::setFrozen(const grpc::ServerContext &context, const v1::FreezeRequest &request,
                                       v1::FreezeReply &reply, bool frozen) const
{
    return act(m_parts, context, request, reply, [&]() -> Result<Action<control::FreezeResult>> {
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request.target()));
        return Action<control::FreezeResult>{frozen ? "freeze" : "thaw",
                                             frozen ? alerts::EventKind::Frozen : alerts::EventKind::Thawed,
                                             target.id,
                                             target.path.text(),
                                             deadlineOf(request.deadline_ms(), kWaitDeadline),
                                             [&control = m_parts.control, target, frozen](const control::Call &call) {
                                                 return frozen ? control.freeze(target, call)
                                                               : control.thaw(target, call);
                                             }};
    });
}

grpc::Status ControlService::Freeze(grpc::ServerContext *context, const v1::FreezeRequest *request,
                                    v1::FreezeReply *reply)
{
    return setFrozen(*context, *request, *reply, true);
}

grpc::Status ControlService::Thaw(grpc::ServerContext *context, const v1::FreezeRequest *request,
                                  v1::FreezeReply *reply)
{
    return setFrozen(*context, *request, *reply, false);
}

grpc::Status ControlService::Kill(grpc::ServerContext *context, const v1::KillRequest *request, v1::KillReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::KillResult>> {
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        if (request->target().has_pid())
            return fail(EINVAL, "kill", strCat("pid ", request->target().pid()),
                        strCat("this would kill its whole cgroup ", target.path.text()),
                        "signal the process, or name the cgroup");
        return Action<control::KillResult>{
            "kill",
            alerts::EventKind::Killed,
            target.id,
            target.path.text(),
            deadlineOf(request->deadline_ms(), kWaitDeadline),
            [&control = m_parts.control, &schedules = m_parts.schedules, target](const control::Call &call) {
                if (!call.dryRun)
                    schedules.endingIn(control.hierarchies(), target.path);
                return control.kill(target, call);
            }};
    });
}

grpc::Status ControlService::Signal(grpc::ServerContext *context, const v1::SignalRequest *request,
                                    v1::SignalReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::SignalResult>> {
        const int number = request->signal();
        if (number < 1 || number > kMostSignal)
            return fail(EINVAL, "signal", strCat("signal ", number), "not from 1 to 64");
        if (request->has_target() == !request->processes().empty())
            return fail(EINVAL, "signal", "target", "exactly one of target and processes is wanted");
        Action<control::SignalResult> action{"signal", alerts::EventKind::Signalled, {}, {}, kWaitDeadline, {}};
        if (request->has_target() && !request->target().has_pid()) {
            const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
            action.node = target.id;
            action.subject = target.path.text();
            action.run = [&control = m_parts.control, &schedules = m_parts.schedules, target,
                          number](const control::Call &call) {
                if (!call.dryRun && endsMost(number))
                    schedules.endingIn(control.hierarchies(), target.path);
                return control.signal(target, number, call);
            };
            return action;
        }
        std::vector<ProcessKey> processes{{request->target().pid(), 0}};
        if (!request->has_target())
            processes = GANTRY_TRY(processesOf(request->processes()));
        action.subject = pidsText(processes);
        action.run = [&control = m_parts.control, &schedules = m_parts.schedules, processes = std::move(processes),
                      number](const control::Call &call) {
            std::vector<std::int32_t> pids;
            for (const ProcessKey &process : processes)
                pids.push_back(process.pid);
            if (!call.dryRun && endsMost(number))
                schedules.ending(pids);
            return control.signal(processes, number, call);
        };
        return action;
    });
}

grpc::Status ControlService::MoveProcesses(grpc::ServerContext *context, const v1::MoveProcessesRequest *request,
                                           v1::MoveProcessesReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::MoveResult>> {
        auto processes = GANTRY_TRY(processesOf(request->processes()));
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        return Action<control::MoveResult>{
            "move",
            alerts::EventKind::ProcessesMoved,
            target.id,
            target.path.text(),
            kWriteDeadline,
            [&control = m_parts.control, target, processes = std::move(processes)](const control::Call &call) {
                return control.move(processes, target, call);
            }};
    });
}

grpc::Status ControlService::CreateCgroup(grpc::ServerContext *context, const v1::CreateCgroupRequest *request,
                                          v1::CreateCgroupReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::DirectoriesResult>> {
        const cgroup::CgroupPath path = GANTRY_TRY(cgroup::CgroupPath::parse(request->path()));
        return Action<control::DirectoriesResult>{
            "createCgroup",
            alerts::EventKind::CgroupCreated,
            {},
            path.text(),
            kWriteDeadline,
            [&control = m_parts.control, path](const control::Call &call) { return control.createCgroup(path, call); }};
    });
}

grpc::Status ControlService::RemoveCgroup(grpc::ServerContext *context, const v1::RemoveCgroupRequest *request,
                                          v1::RemoveCgroupReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::DirectoriesResult>> {
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        return Action<control::DirectoriesResult>{"removeCgroup",
                                                  alerts::EventKind::CgroupRemoved,
                                                  target.id,
                                                  target.path.text(),
                                                  kWriteDeadline,
                                                  [&control = m_parts.control, target](const control::Call &call) {
                                                      return control.removeCgroup(target, call);
                                                  }};
    });
}

grpc::Status ControlService::SetControllers(grpc::ServerContext *context, const v1::SetControllersRequest *request,
                                            v1::SetControllersReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::ControllersResult>> {
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        const control::ControllersWish wish{{request->enable().begin(), request->enable().end()},
                                            {request->disable().begin(), request->disable().end()},
                                            request->make_leaf()};
        return Action<control::ControllersResult>{
            "setControllers",
            alerts::EventKind::ControllersChanged,
            target.id,
            target.path.text(),
            kWriteDeadline,
            [&control = m_parts.control, target, wish](const control::Call &call) {
                return control.setControllers(target, wish, call);
            }};
    });
}

grpc::Status ControlService::Reclaim(grpc::ServerContext *context, const v1::ReclaimRequest *request,
                                     v1::ReclaimReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::ReclaimResult>> {
        const cgroup::Cgroup target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        const auto swappiness =
            request->has_swappiness() ? std::optional(request->swappiness()) : std::optional<std::uint32_t>();
        return Action<control::ReclaimResult>{
            "reclaim",
            alerts::EventKind::Reclaimed,
            target.id,
            target.path.text(),
            deadlineOf(request->deadline_ms(), kWriteDeadline),
            [&control = m_parts.control, target, bytes = request->bytes(), swappiness](const control::Call &call) {
                return control.reclaim(target, bytes, swappiness, call);
            }};
    });
}

grpc::Status ControlService::ActOnContainer(grpc::ServerContext *context, const v1::ContainerActionRequest *request,
                                            v1::ContainerActionReply *reply)
{
    return act(m_parts, *context, *request, *reply, [&]() -> Result<Action<control::ContainerActionResult>> {
        const runtime::Verb verb = GANTRY_TRY(verbOf(request->action()));
        const inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(request->target()));
        const runtime::Runtimes &runtimes = m_parts.runtimes;
        const runtime::Known known = GANTRY_TRY(knownContainer(*runtimes.table(), *node, "container"));
        const inventory::ContainerNode *const container = node->container();
        std::optional<cgroup::Cgroup> target;
        if (container->cgroup)
            target = GANTRY_TRY(m_parts.targets.cgroupOf(request->target()));
        const auto now = [&runtimes, facts = known.facts]() -> runtime::FactsPtr {
            const runtime::TablePtr table = runtimes.table();
            const runtime::Known *const again = table->again(*facts);
            return again != nullptr ? again->facts : nullptr;
        };
        return Action<control::ContainerActionResult>{
            std::string(runtime::verbName(verb)),
            alerts::EventKind::ContainerAction,
            node->id,
            container->cgroupPath.empty() ? node->name : container->cgroupPath,
            deadlineOf(request->deadline_ms(), kRuntimeDeadline),
            [&control = m_parts.control, known, verb, target, now, id = node->id](const control::Call &call) {
                auto result = control.actOnContainer(known, verb, target, now, call);
                if (result)
                    result->node = id;
                return result;
            }};
    });
}

} // namespace gantry::service
