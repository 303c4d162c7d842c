// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/convert_alerts.h"

#include "engine/proto/convert.h"

namespace gantry::service {

namespace {

static_assert(static_cast<int>(alerts::AlertSource::Event) == v1::ALERT_SOURCE_EVENT);
static_assert(static_cast<int>(alerts::Severity::Critical) == v1::SEVERITY_CRITICAL);
static_assert(static_cast<int>(alerts::EventKind::ContainerAction) == v1::EVENT_KIND_CONTAINER_ACTION);

void setLevel(v1::AlertRule::Level &out, const alerts::AlertLevel &level)
{
    out.set_enabled(level.enabled);
    out.set_value(level.value);
    out.set_duration_usec(level.duration.count());
    out.set_hysteresis(level.hysteresis);
}

alerts::AlertLevel levelOf(const v1::AlertRule::Level &message)
{
    return {message.enabled(), message.value(), Micros(message.duration_usec()), message.hysteresis()};
}

Result<Metric> metricField(std::string_view field, std::uint32_t number)
{
    if (number == 0)
        return Metric::None;
    const auto metric = metricByNumber(number);
    if (!metric)
        return fail(EINVAL, "setRule", field, strCat("no metric has the number ", number));
    return *metric;
}

void fill(v1::OomKill &out, const alerts::OomRecord &record)
{
    out.set_limit_path(printable(record.limitPath));
    out.set_victim_path(printable(record.victimPath));
    out.set_victim_pid(record.victimPid);
    out.set_victim_comm(printable(record.victimComm));
    out.set_victim_uid(record.victimUid);
    out.set_victim_total_vm_bytes(record.totalVm.v);
    out.set_victim_anon_rss_bytes(record.anonRss.v);
    out.set_victim_file_rss_bytes(record.fileRss.v);
    out.set_victim_shmem_rss_bytes(record.shmemRss.v);
    out.set_victim_oom_score_adj(record.oomScoreAdj);
    out.set_trigger_pid(record.triggerPid);
    out.set_trigger_comm(printable(record.triggerComm));
    out.set_constraint(record.constraint);
    out.set_sampled_monotonic_usec(record.sampledMonotonicMicros);
    if (record.limitUsage)
        out.set_limit_usage_bytes(record.limitUsage->v);
    if (record.limitMax)
        out.set_limit_max_bytes(record.limitMax->v);
    if (record.victimUsage)
        out.set_victim_usage_bytes(record.victimUsage->v);
    out.set_last_change_sequence(record.lastChangeSequence);
    out.set_last_change(printable(record.lastChange));
    for (const std::string &line : record.kernelLog)
        out.add_kernel_log(line);
    out.set_group(record.group);
}

} // namespace

v1::AlertRule toMessage(const alerts::AlertRule &rule)
{
    v1::AlertRule out;
    out.set_id(rule.id);
    out.set_name(rule.name);
    out.set_source(static_cast<v1::AlertSource>(rule.source));
    out.set_metric(static_cast<std::uint32_t>(rule.metric));
    out.set_reference_metric(static_cast<std::uint32_t>(rule.reference));
    out.set_scope_path(rule.scopePath);
    setLevel(*out.mutable_soft(), rule.soft);
    setLevel(*out.mutable_hard(), rule.hard);
    out.set_hold_usec(rule.hold.count());
    out.set_enabled(rule.enabled);
    out.set_built_in(rule.builtIn);
    out.set_repeat_usec(rule.repeat.count());
    return out;
}

Result<alerts::AlertRule> fromMessage(const v1::AlertRule &message)
{
    if (message.source() == v1::ALERT_SOURCE_UNSPECIFIED || !v1::AlertSource_IsValid(message.source()))
        return fail(EINVAL, "setRule", "source", "not specified");
    alerts::AlertRule out;
    out.id = message.id();
    out.name = message.name();
    out.source = static_cast<alerts::AlertSource>(message.source());
    out.metric = GANTRY_TRY(metricField("metric", message.metric()));
    out.reference = GANTRY_TRY(metricField("reference_metric", message.reference_metric()));
    out.scopePath = message.scope_path();
    out.soft = levelOf(message.soft());
    out.hard = levelOf(message.hard());
    out.hold = Micros(message.hold_usec());
    out.enabled = message.enabled();
    out.repeat = Micros(message.repeat_usec());
    return out;
}

v1::Alert toMessage(const alerts::Alert &alert)
{
    v1::Alert out;
    out.set_id(alert.id);
    out.set_rule_id(alert.ruleId);
    out.set_node_id(alert.node.v);
    out.set_cgroup_path(printable(alert.path));
    out.set_severity(static_cast<v1::Severity>(alert.severity));
    out.set_value(alert.value);
    out.set_level(alert.level);
    out.set_raised_realtime_usec(alert.raisedRealtimeMicros);
    out.set_changed_realtime_usec(alert.changedRealtimeMicros);
    out.set_resolved(alert.resolved);
    out.set_acknowledged(alert.acknowledged);
    out.set_acknowledged_by(alert.acknowledgedBy);
    out.set_note(alert.note);
    out.set_count(alert.count);
    out.set_source_monotonic_usec(alert.sourceMonotonicMicros);
    return out;
}

v1::Event toMessage(const alerts::Event &event)
{
    v1::Event out;
    out.set_sequence(event.sequence);
    out.set_realtime_usec(event.realtimeMicros);
    out.set_monotonic_usec(event.monotonicMicros);
    out.set_kind(static_cast<v1::EventKind>(event.kind));
    out.set_node_id(event.node.v);
    out.set_cgroup_path(printable(event.path));
    out.set_key(event.key);
    out.set_old_value(printable(event.oldValue));
    out.set_new_value(printable(event.newValue));
    out.set_pid(event.pid);
    out.set_comm(printable(event.comm));
    out.set_actor(printable(event.actor));
    out.set_delta(event.delta);
    if (event.failure)
        *out.mutable_failure() = gantry::toMessage(*event.failure);
    if (event.oom)
        fill(*out.mutable_oom(), *event.oom);
    return out;
}

} // namespace gantry::service
