// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/alert.h"
#include "engine/alerts/event_log.h"
#include "engine/alerts/level_state.h"
#include "engine/alerts/rule_store.h"
#include "engine/base/change_table.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry::alerts {

/// When something was seen.
struct Moment
{
    Micros monotonic{0};
    std::int64_t realtimeMicros = 0;

    [[nodiscard]] static Moment now();
};

/// Turns values into alerts: one state for each rule and node that is not quiet, and the table of alerts. No kernel, no
/// clock of its own. Thread: the loop's; alerts() any.
class AlertBook
{
public:
    /// Most alerts in the table. Beyond that the oldest resolved ones go; when all are up, new ones are counted only.
    static constexpr std::size_t kMost = 1000;
    /// Cgroup path of a node, "/" for the host; nullopt for one that is gone: samples of it may still be on their way,
    /// and raise nothing. Asked for before forget() of the node at the latest.
    using PathOf = std::function<std::optional<std::string>(NodeId)>;

    /// @param events must outlive it.
    AlertBook(EventLog &events, PathOf pathOf) : m_events(events), m_pathOf(std::move(pathOf)) {}

    /// Takes over the rules: alerts of those that are gone, off or changed are resolved.
    void setRules(const RuleStore::Rules &rules, const Moment &when);
    /// The enabled rules; a rule's place in it is its number below. Valid until setRules().
    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_rules; }

    /// A value of the rule's metric or ratio on a node.
    void update(std::size_t rule, NodeId node, double value, const Moment &when);
    /// There is nothing to compare any more (no limit): resolves.
    void absent(std::size_t rule, NodeId node, const Moment &when);
    /// A counter grew: every event rule about it fires.
    void counted(Metric counter, NodeId node, std::uint64_t by, const Moment &when);
    /// The node is gone: resolves its alerts.
    void forget(NodeId node, const Moment &when);
    /// Time went by: ends held events. Call it about once a second.
    void tick(const Moment &when);

    /// True if the rule has something up or waiting on the node: then quiet values matter too.
    [[nodiscard]] bool isActive(std::size_t rule, NodeId node) const;
    [[nodiscard]] ChangeTable<Alert> &alerts() { return m_alerts; }
    /// Alerts that were not raised because the table was full.
    [[nodiscard]] std::uint64_t suppressed() const { return m_suppressed; }

private:
    struct Entry
    {
        LevelState state;
        Severity shown = Severity::None;
        std::uint64_t alert = 0; ///< 0: none yet
        Micros raised{0};
    };
    struct Watch
    {
        AlertRule rule;
        std::unordered_map<NodeId, Entry> nodes;
    };

    /// Time that never goes back.
    Micros advance(const Moment &when);
    void apply(Watch &watch, NodeId node, Entry &entry, double value, const Moment &when);
    void raise(Watch &watch, NodeId node, Entry &entry, double value, const Moment &when);
    void resolve(const Watch &watch, NodeId node, Entry &entry, double value, const Moment &when);
    [[nodiscard]] bool makeRoom();
    [[nodiscard]] bool concerns(const AlertRule &rule, NodeId node) const;
    void log(EventKind kind, const AlertRule &rule, NodeId node, double value, const Moment &when);

    EventLog &m_events;
    PathOf m_pathOf;
    std::vector<Watch> m_watches;
    std::vector<AlertRule> m_rules; ///< of m_watches, in their order
    Micros m_time{0};               ///< latest moment seen: a sample may be older than a notification
    ChangeTable<Alert> m_alerts;
    std::uint64_t m_last = 0;
    std::size_t m_count = 0;
    std::deque<std::uint64_t> m_resolved; ///< oldest first
    std::uint64_t m_suppressed = 0;
};

} // namespace gantry::alerts
