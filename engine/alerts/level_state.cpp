// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/level_state.h"

namespace gantry::alerts {

void LevelState::step(Level &level, const AlertLevel &rule, double value, Micros now)
{
    if (!rule.enabled) {
        level = {};
        return;
    }
    if (value >= rule.value) {
        if (!level.since)
            level.since = now;
        level.isUp = level.isUp || now - *level.since >= rule.duration;
        return;
    }
    level.since.reset();
    level.isUp = level.isUp && value >= rule.value - rule.hysteresis;
}

Severity LevelState::update(const AlertRule &rule, double value, Micros now)
{
    step(m_soft, rule.soft, value, now);
    step(m_hard, rule.hard, value, now);
    return severity();
}

Severity LevelState::fire(const AlertRule &rule, Micros now)
{
    (rule.hard.enabled ? m_hard : m_soft).isUp = true;
    m_until = now + rule.hold;
    return severity();
}

Severity LevelState::tick(Micros now)
{
    if (m_until.count() != 0 && now >= m_until)
        *this = {};
    return severity();
}

Severity LevelState::severity() const
{
    if (m_hard.isUp)
        return Severity::Critical;
    return m_soft.isUp ? Severity::Warning : Severity::None;
}

bool LevelState::isIdle() const
{
    return severity() == Severity::None && !m_soft.since && !m_hard.since;
}

} // namespace gantry::alerts
