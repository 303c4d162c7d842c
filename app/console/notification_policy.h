// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/alerts.pb.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gantry::console {

/// Which alerts deserve a desktop notification: new ones and ones that got worse, at most one a rule and repeat
/// interval, never those that were there before the console. Not thread-safe.
class NotificationPolicy
{
public:
    void setRules(const v1::RuleList &rules);
    /// @param nowUsec CLOCK_REALTIME. @return those to show now.
    [[nodiscard]] std::vector<v1::Alert> due(const v1::AlertUpdate &update, std::int64_t nowUsec);

private:
    /// @return whether the alert is worse than it was.
    [[nodiscard]] bool isWorse(const v1::Alert &alert);

    std::map<std::string, std::uint64_t> m_repeatUsec; ///< by rule
    std::map<std::uint64_t, v1::Severity> m_known;     ///< by alert
    std::map<std::string, std::int64_t> m_lastShown;   ///< by rule
};

} // namespace gantry::console
