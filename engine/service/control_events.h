// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"
#include "engine/control/verbs.h"

#include <vector>

namespace gantry::service {

/// What the event log gets of an executed verb; actor and times are the caller's to fill in. Cgroups that are made or
/// removed are no events of the verb: the inventory sees them and says so, whoever it was. Thread: any.

/// One for each limit.
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::SetLimitsResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::FreezeResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::KillResult &result);
/// One for each process.
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::SignalResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::MoveResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::DirectoriesResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::ControllersResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::ReclaimResult &result);
[[nodiscard]] std::vector<alerts::Event> eventsOf(const control::ContainerActionResult &result);

} // namespace gantry::service
