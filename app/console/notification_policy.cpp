// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/notification_policy.h"

namespace gantry::console {

namespace {
/// For a rule that names none.
constexpr std::uint64_t kDefaultRepeatUsec = 300'000'000;
} // namespace

void NotificationPolicy::setRules(const v1::RuleList &rules)
{
    m_repeatUsec.clear();
    for (const v1::AlertRule &rule : rules.rules())
        m_repeatUsec[rule.id()] = rule.repeat_usec();
}

bool NotificationPolicy::isWorse(const v1::Alert &alert)
{
    const bool asks = !alert.resolved() && !alert.acknowledged();
    v1::Severity &known = m_known.try_emplace(alert.id(), v1::SEVERITY_NONE).first->second;
    const bool worse = asks && alert.severity() > known;
    known = asks ? alert.severity() : v1::SEVERITY_NONE;
    return worse;
}

std::vector<v1::Alert> NotificationPolicy::due(const v1::AlertUpdate &update, std::int64_t nowUsec)
{
    std::vector<v1::Alert> out;
    for (const v1::Alert &alert : update.alerts()) {
        if (!isWorse(alert) || update.snapshot())
            continue;
        const auto rule = m_repeatUsec.find(alert.rule_id());
        const std::uint64_t repeat =
            rule == m_repeatUsec.end() || rule->second == 0 ? kDefaultRepeatUsec : rule->second;
        const auto shown = m_lastShown.find(alert.rule_id());
        if (shown != m_lastShown.end() && nowUsec - shown->second < static_cast<std::int64_t>(repeat))
            continue;
        m_lastShown[alert.rule_id()] = nowUsec;
        out.push_back(alert);
    }
    for (const std::uint64_t id : update.removed())
        m_known.erase(id);
    return out;
}

} // namespace gantry::console
