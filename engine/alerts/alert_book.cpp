// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/alert_book.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace gantry::alerts {

namespace {

double levelOf(const AlertRule &rule, Severity severity)
{
    return severity == Severity::Critical ? rule.hard.value : rule.soft.value;
}

} // namespace

Moment Moment::now()
{
    return {Micros(monotonicMicros()), gantry::realtimeMicros()};
}

void AlertBook::setRules(const RuleStore::Rules &rules, const Moment &when)
{
    std::vector<Watch> next;
    for (const AlertRule &rule : *rules) {
        const auto same = std::ranges::find(m_watches, rule, &Watch::rule);
        if (same != m_watches.end()) {
            next.push_back(std::move(*same));
            m_watches.erase(same);
        } else if (rule.enabled) {
            next.push_back({rule, {}});
        }
    }
    for (Watch &gone : m_watches) {
        for (auto &[node, entry] : gone.nodes)
            resolve(gone, node, entry, 0, when);
    }
    m_watches = std::move(next);
    m_rules.clear();
    std::ranges::transform(m_watches, std::back_inserter(m_rules), &Watch::rule);
}

Micros AlertBook::advance(const Moment &when)
{
    m_time = std::max(m_time, when.monotonic);
    return m_time;
}

bool AlertBook::isActive(std::size_t rule, NodeId node) const
{
    return m_watches[rule].nodes.contains(node);
}

bool AlertBook::concerns(const AlertRule &rule, NodeId node) const
{
    const auto path = m_pathOf(node);
    return path && (rule.scopePath.empty() || isPathWithin(*path, rule.scopePath));
}

void AlertBook::update(std::size_t rule, NodeId node, double value, const Moment &when)
{
    const Micros now = advance(when);
    Watch &watch = m_watches[rule];
    auto found = watch.nodes.find(node);
    if (found == watch.nodes.end()) {
        LevelState first;
        first.update(watch.rule, value, now);
        if (first.isIdle() || !concerns(watch.rule, node))
            return;
        found = watch.nodes.try_emplace(node).first;
    }
    found->second.state.update(watch.rule, value, now);
    apply(watch, node, found->second, value, when);
}

void AlertBook::absent(std::size_t rule, NodeId node, const Moment &when)
{
    Watch &watch = m_watches[rule];
    const auto found = watch.nodes.find(node);
    if (found == watch.nodes.end())
        return;
    found->second.state = {};
    apply(watch, node, found->second, 0, when);
}

void AlertBook::counted(Metric counter, NodeId node, std::uint64_t by, const Moment &when)
{
    const Micros now = advance(when);
    for (Watch &watch : m_watches) {
        if (watch.rule.source != AlertSource::Event || watch.rule.metric != counter || !concerns(watch.rule, node))
            continue;
        Entry &entry = watch.nodes[node];
        const bool again = entry.shown != Severity::None;
        entry.state.fire(watch.rule, now);
        apply(watch, node, entry, static_cast<double>(by), when);
        if (again)
            m_alerts.update(entry.alert, [&](Alert &alert) {
                ++alert.count;
                alert.changedRealtimeMicros = when.realtimeMicros;
            });
    }
}

void AlertBook::forget(NodeId node, const Moment &when)
{
    for (Watch &watch : m_watches) {
        const auto found = watch.nodes.find(node);
        if (found == watch.nodes.end())
            continue;
        resolve(watch, node, found->second, 0, when);
        watch.nodes.erase(found);
    }
}

void AlertBook::tick(const Moment &when)
{
    const Micros now = advance(when);
    for (Watch &watch : m_watches) {
        for (auto it = watch.nodes.begin(); it != watch.nodes.end();) {
            Entry &entry = it->second;
            entry.state.tick(now);
            apply(watch, it->first, entry, 0, when);
            const bool quiet = entry.state.isIdle() && now - entry.raised >= watch.rule.repeat;
            it = quiet ? watch.nodes.erase(it) : std::next(it);
        }
    }
}

void AlertBook::apply(Watch &watch, NodeId node, Entry &entry, double value, const Moment &when)
{
    const Severity now = entry.state.severity();
    if (now == entry.shown)
        return;
    if (now == Severity::None) {
        resolve(watch, node, entry, value, when);
        return;
    }
    if (entry.shown == Severity::None) {
        raise(watch, node, entry, value, when);
        return;
    }
    const bool worse = now > entry.shown;
    entry.shown = now;
    m_alerts.update(entry.alert, [&](Alert &alert) {
        alert.severity = now;
        alert.value = value;
        alert.level = levelOf(watch.rule, now);
        alert.changedRealtimeMicros = when.realtimeMicros;
        alert.acknowledged = alert.acknowledged && !worse;
    });
}

void AlertBook::raise(Watch &watch, NodeId node, Entry &entry, double value, const Moment &when)
{
    const Severity severity = entry.state.severity();
    const bool back = entry.alert != 0 && m_time - entry.raised < watch.rule.repeat &&
                      m_alerts.update(
                          entry.alert,
                          [&](Alert &alert) {
                              alert.acknowledged = alert.acknowledged && severity <= alert.severity;
                              alert.severity = severity;
                              alert.value = value;
                              alert.level = levelOf(watch.rule, severity);
                              alert.changedRealtimeMicros = when.realtimeMicros;
                              alert.resolved = false;
                              ++alert.count;
                          });
    entry.shown = severity;
    if (back) {
        std::erase(m_resolved, entry.alert);
        return;
    }
    if (!makeRoom()) {
        entry.alert = 0;
        if (++m_suppressed == 1)
            log::warning(log::Area::Alerts, "more than ", kMost, " alerts are up: further ones are not shown");
        return;
    }
    entry.raised = m_time;
    entry.alert = ++m_last;
    ++m_count;
    m_alerts.put({.id = entry.alert,
                  .ruleId = watch.rule.id,
                  .node = node,
                  .path = m_pathOf(node).value_or(""),
                  .severity = severity,
                  .value = value,
                  .level = levelOf(watch.rule, severity),
                  .raisedRealtimeMicros = when.realtimeMicros,
                  .changedRealtimeMicros = when.realtimeMicros,
                  .sourceMonotonicMicros = when.monotonic.count()});
    log(EventKind::AlertRaised, watch.rule, node, value, when);
}

void AlertBook::resolve(const Watch &watch, NodeId node, Entry &entry, double value, const Moment &when)
{
    if (std::exchange(entry.shown, Severity::None) == Severity::None || entry.alert == 0)
        return;
    m_alerts.update(entry.alert, [&](Alert &alert) {
        alert.resolved = true;
        alert.changedRealtimeMicros = when.realtimeMicros;
    });
    m_resolved.push_back(entry.alert);
    log(EventKind::AlertResolved, watch.rule, node, value, when);
}

bool AlertBook::makeRoom()
{
    if (m_count < kMost)
        return true;
    if (m_resolved.empty())
        return false;
    m_alerts.remove(m_resolved.front());
    m_resolved.pop_front();
    --m_count;
    return true;
}

void AlertBook::log(EventKind kind, const AlertRule &rule, NodeId node, double value, const Moment &when)
{
    m_events.append({.realtimeMicros = when.realtimeMicros,
                     .monotonicMicros = when.monotonic.count(),
                     .kind = kind,
                     .node = node,
                     .path = m_pathOf(node).value_or(""),
                     .key = rule.id,
                     .newValue = kind == EventKind::AlertRaised ? strCat(std::llround(value)) : std::string()});
}

} // namespace gantry::alerts
