// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/alert.h"
#include "engine/alerts/event_log.h"
#include "engine/alerts/rules.h"
#include "gantry/v1/alerts.pb.h"

namespace gantry::service {

/// Values of engine/alerts as messages and back. Thread: any.

[[nodiscard]] v1::AlertRule toMessage(const alerts::AlertRule &rule);
/// @errors EINVAL naming the field that is unspecified or unknown; what the rule means is RuleStore's to check.
[[nodiscard]] Result<alerts::AlertRule> fromMessage(const v1::AlertRule &message);
[[nodiscard]] v1::Alert toMessage(const alerts::Alert &alert);
[[nodiscard]] v1::Event toMessage(const alerts::Event &event);

} // namespace gantry::service
