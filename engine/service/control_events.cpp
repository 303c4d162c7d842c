// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/control_events.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <utility>

namespace gantry::service {

namespace {

alerts::Event eventAt(const control::Outcome &outcome, alerts::EventKind kind)
{
    alerts::Event event;
    event.kind = kind;
    event.node = outcome.node;
    event.path = outcome.path.text();
    return event;
}

/// One event for each process of the result; `finish` adds what only this verb tells.
template <class R, class Finish>
std::vector<alerts::Event> eventPerProcess(const R &result, alerts::EventKind kind, Finish finish)
{
    std::vector<alerts::Event> out;
    for (const auto &item : result.items) {
        alerts::Event &event = out.emplace_back(eventAt(result, kind));
        event.pid = item.process.pid;
        event.comm = item.comm;
        finish(event, item);
    }
    return out;
}

} // namespace

std::vector<alerts::Event> eventsOf(const control::SetLimitsResult &result)
{
    std::vector<alerts::Event> out;
    for (const control::LimitChange &change : result.changes) {
        alerts::Event &event = out.emplace_back(eventAt(result, alerts::EventKind::LimitChanged));
        event.key = limitInfo(change.key).name;
        event.oldValue = change.oldValue ? limitValueText(*change.oldValue) : std::string();
        event.newValue = limitValueText(change.newValue);
    }
    return out;
}

std::vector<alerts::Event> eventsOf(const control::FreezeResult &result)
{
    const bool frozen = result.newState == cgroup::Freezer::Frozen;
    return {eventAt(result, frozen ? alerts::EventKind::Frozen : alerts::EventKind::Thawed)};
}

std::vector<alerts::Event> eventsOf(const control::KillResult &result)
{
    alerts::Event event = eventAt(result, alerts::EventKind::Killed);
    event.delta = result.processCount - std::min(result.remaining, result.processCount);
    return {std::move(event)};
}

std::vector<alerts::Event> eventsOf(const control::SignalResult &result)
{
    return eventPerProcess(result, alerts::EventKind::Signalled,
                           [](alerts::Event &event, const control::SignalItem &item) { event.failure = item.failure; });
}

std::vector<alerts::Event> eventsOf(const control::MoveResult &result)
{
    return eventPerProcess(result, alerts::EventKind::ProcessesMoved,
                           [](alerts::Event &event, const control::MovedProcess &item) {
                               event.oldValue = item.fromPath;
                               event.newValue = event.path;
                           });
}

std::vector<alerts::Event> eventsOf(const control::DirectoriesResult & /*result*/)
{
    return {};
}

std::vector<alerts::Event> eventsOf(const control::ControllersResult &result)
{
    alerts::Event event = eventAt(result, alerts::EventKind::ControllersChanged);
    event.key = "cgroup.subtree_control";
    event.oldValue = joined(result.before);
    event.newValue = joined(result.after);
    return {std::move(event)};
}

std::vector<alerts::Event> eventsOf(const control::ContainerActionResult &result)
{
    alerts::Event event = eventAt(result, alerts::EventKind::ContainerAction);
    event.key = result.container;
    event.oldValue = runtime::stateName(result.oldState);
    event.newValue =
        result.newState == runtime::State::Unknown ? std::string("removed") : std::string(runtime::stateName(result.newState));
    return {std::move(event)};
}

std::vector<alerts::Event> eventsOf(const control::ReclaimResult &result)
{
    alerts::Event event = eventAt(result, alerts::EventKind::Reclaimed);
    event.key = "memory.current";
    event.oldValue = strCat(result.usageBefore);
    event.newValue = strCat(result.usageAfter);
    return {std::move(event)};
}

} // namespace gantry::service
