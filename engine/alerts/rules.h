// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/metric.h"
#include "engine/base/quantity.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::alerts {

/// Numbers of gantry.v1.Severity.
enum class Severity : std::uint8_t { None = 1, Warning, Critical };
/// Numbers of gantry.v1.AlertSource.
enum class AlertSource : std::uint8_t { Metric = 1, Ratio, Event };

/// One level of a rule.
struct AlertLevel
{
    bool enabled = false;
    double value = 0;      ///< in the metric's unit, or percent for a ratio
    Micros duration{0};    ///< the value must stay at or beyond the level this long
    double hysteresis = 0; ///< resolved only when the value falls this far below the level
    bool operator==(const AlertLevel &) const = default;
};

/// What is watched and when it alarms; mirrors gantry.v1.AlertRule.
struct AlertRule
{
    std::string id{};   ///< letters, digits, '-', '_', '.': "memory-near-max"
    std::string name{}; ///< shown as it is; built-in ones are translated by their id
    AlertSource source = AlertSource::Metric;
    Metric metric = Metric::None;
    Metric reference = Metric::None; ///< Ratio only
    std::string scopePath{};         ///< only this cgroup and those below; empty: all
    AlertLevel soft{};
    AlertLevel hard{};
    Micros hold{0}; ///< Event only: how long one increase keeps the alert up
    bool enabled = true;
    bool builtIn = false;
    Micros repeat{0}; ///< an alert that comes back within this time is the same one, not a new notification
    bool operator==(const AlertRule &) const = default;
};

/// The rules every host starts with.
[[nodiscard]] const std::vector<AlertRule> &builtInRules();
/// @errors EINVAL; the subject names the field ("hard.value"), the detail what is wrong.
[[nodiscard]] Result<> checkRule(const AlertRule &rule);

/// Rules as text: "[rule ID]" sections of "field = value" lines; '#' starts a comment line.
[[nodiscard]] std::string formatRules(const std::vector<AlertRule> &rules);
/// @errors EILSEQ or EINVAL with the number of the line and its text.
[[nodiscard]] Result<std::vector<AlertRule>> parseRules(std::string_view text);

} // namespace gantry::alerts
