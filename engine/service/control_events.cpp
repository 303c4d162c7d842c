// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/control_events.h"

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
    std::vector<alerts::Event> out;
    for (const control::SignalItem &item : result.items) {
        alerts::Event &event = out.emplace_back(eventAt(result, alerts::EventKind::Signalled));
        event.pid = item.process.pid;
        event.comm = item.comm;
        event.failure = item.failure;
    }
    return out;
}

std::vector<alerts::Event> eventsOf(const control::MoveResult &result)
{
    std::vector<alerts::Event> out;
    for (const control::MovedProcess &item : result.items) {
        alerts::Event &event = out.emplace_back(eventAt(result, alerts::EventKind::ProcessesMoved));
        event.pid = item.process.pid;
        event.comm = item.comm;
        event.oldValue = item.fromPath;
        event.newValue = event.path;
    }
    return out;
}

std::vector<alerts::Event> eventsOf(const control::DirectoriesResult & /*result*/)
{
    return {};
}

} // namespace gantry::service
