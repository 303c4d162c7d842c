// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/rules.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <string>

namespace gantry::alerts {

/// A rule that fired on a node; mirrors gantry.v1.Alert.
struct Alert
{
    std::uint64_t id = 0;
    std::string ruleId{};
    NodeId node{};
    std::string path{};
    Severity severity = Severity::None; ///< the last one above None stays when it is resolved
    double value = 0;
    double level = 0;
    std::int64_t raisedRealtimeMicros = 0;
    std::int64_t changedRealtimeMicros = 0;
    bool resolved = false;
    bool acknowledged = false;
    std::string acknowledgedBy{};
    std::string note{};
    std::uint32_t count = 1;
    std::uint64_t sourceMonotonicMicros = 0; ///< of the notification or sample that raised it
};

} // namespace gantry::alerts
