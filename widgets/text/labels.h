// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "engine/base/limit.h"
#include "engine/base/metric.h"
#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/control.pb.h"
#include "gantry/v1/inventory.pb.h"
#include "gantry/v1/jobs.pb.h"

namespace gantry::text {

/// Translated names of what the protocol numbers. Thread: GUI.

/// "Memory in use", "CPU used by programs" ...
[[nodiscard]] QString metricLabel(Metric metric);
/// Unit as an axis or an editor names it: "MiB"-style units are chosen by the value, so bytes give "bytes".
[[nodiscard]] QString unitLabel(MetricUnit unit);
/// "Hard memory limit".
[[nodiscard]] QString limitLabel(LimitKey key);
/// One sentence about what the limit does, for a tooltip.
[[nodiscard]] QString limitDescription(LimitKey key);
[[nodiscard]] QString freezerState(v1::FreezerState state);
/// "exited", "paused" ...; empty where the runtime does not tell.
[[nodiscard]] QString containerState(v1::ContainerState state);
/// "healthy" of a health check's result; the word itself where it is not known.
[[nodiscard]] QString containerHealth(std::string_view health);
[[nodiscard]] QString nodeKind(v1::NodeKind kind);
/// "Network", "Mount points" ...
[[nodiscard]] QString namespaceType(v1::NamespaceType type);
[[nodiscard]] QString severity(v1::Severity severity);
[[nodiscard]] QString jobState(v1::JobState state);
/// "Change limits" of "setLimits"; the verb itself where it is not known.
[[nodiscard]] QString jobVerb(std::string_view verb);
[[nodiscard]] QString jobPhase(std::string_view phase);
/// "by hand" of "manual": why a checkpoint was made.
[[nodiscard]] QString checkpointTrigger(std::string_view trigger);
/// Name of a rule: translated for built-in ones, as typed for the user's.
[[nodiscard]] QString ruleName(const v1::AlertRule &rule);
/// Process state letter in words: "S" is "sleeping".
[[nodiscard]] QString processState(std::string_view letter);

} // namespace gantry::text
