// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/convert_control.h"

#include "engine/proto/convert.h"

#include <algorithm>

namespace gantry::service {

namespace {

static_assert(static_cast<int>(control::JobState::Cancelled) == v1::JOB_STATE_CANCELLED);
static_assert(static_cast<int>(control::WarningCode::Irreversible) == v1::Warning::CODE_IRREVERSIBLE);
static_assert(static_cast<int>(cgroup::Freezer::Unreadable) == v1::FREEZER_STATE_UNREADABLE);

constexpr int kMostProcesses = 10'000;

v1::CellState stateOf(const Result<LimitValue> &value)
{
    if (!value)
        return control::isAbsent(value.error()) ? v1::CELL_STATE_ABSENT : v1::CELL_STATE_UNREADABLE;
    return std::holds_alternative<Unlimited>(*value) ? v1::CELL_STATE_UNLIMITED : v1::CELL_STATE_VALUE;
}

void addWarnings(google::protobuf::RepeatedPtrField<v1::Warning> &out, const std::vector<control::Warning> &warnings)
{
    for (const control::Warning &warning : warnings) {
        v1::Warning &message = *out.Add();
        message.set_code(static_cast<v1::Warning::Code>(warning.code));
        message.set_subject(printable(warning.subject));
        message.set_detail(printable(warning.detail));
        message.set_have(warning.have);
        message.set_want(warning.want);
    }
}

/// Effective value and who decides it: the same two fields in rows and changes.
template <class Message> void setEffective(Message &out, const cgroup::EffectiveLimit &effective)
{
    if (!effective.value)
        return;
    *out.mutable_effective() = gantry::toMessage(*effective.value);
    out.set_limiting_path(printable(effective.limitedBy.text()));
}

/// Node and path: the same two fields in most replies.
template <class Message> void setNode(Message &out, const control::Outcome &outcome)
{
    out.set_node_id(outcome.node.v);
    out.set_cgroup_path(printable(outcome.path.text()));
}

void setProcess(v1::ProcessRef &out, const ProcessKey &process)
{
    out.set_pid(process.pid);
    out.set_start_ticks(process.startTicks);
}

template <class Message> void addDirectories(Message &out, const control::DirectoriesResult &result)
{
    for (const std::string &directory : result.directories)
        out.add_directories(printable(directory));
}

} // namespace

v1::Job toMessage(const control::Job &job)
{
    v1::Job out;
    out.set_id(job.id);
    out.set_verb(job.verb);
    out.set_subject(printable(job.subject));
    out.set_state(static_cast<v1::JobState>(job.state));
    out.set_phase(job.phase);
    out.set_started_realtime_usec(job.startedRealtimeMicros);
    out.set_ended_realtime_usec(job.endedRealtimeMicros);
    if (job.failure)
        *out.mutable_failure() = gantry::toMessage(*job.failure);
    for (const std::string &line : job.results)
        out.add_results(printable(line));
    out.set_actor(printable(job.actor));
    out.set_cancellable(job.cancellable);
    return out;
}

v1::LimitRow toMessage(const control::LimitRow &row)
{
    v1::LimitRow out;
    out.set_key(std::string(limitInfo(row.key).name));
    out.set_state(stateOf(row.configured));
    if (row.configured)
        *out.mutable_configured() = gantry::toMessage(*row.configured);
    else
        *out.mutable_failure() = gantry::toMessage(row.configured.error());
    setEffective(out, row.effective);
    out.set_file(printable(row.file));
    out.set_not_settable_reason(row.notSettable);
    if (row.usage)
        out.set_usage(*row.usage);
    out.set_mapping(row.mapping);
    out.set_route(printable(row.route));
    if (const LimitInfo &info = limitInfo(row.key); info.shape == LimitShape::Word) {
        for (std::string &word : limitWords(info))
            out.add_choices(std::move(word));
    }
    out.set_not_in_force(printable(row.notInForce));
    out.set_manager_effective(printable(row.managerEffective));
    return out;
}

void fill(v1::SetLimitsReply &reply, const control::SetLimitsResult &result)
{
    setNode(reply, result);
    for (const control::LimitChange &change : result.changes) {
        v1::LimitChange &message = *reply.add_changes();
        message.set_key(std::string(limitInfo(change.key).name));
        message.set_old_state(stateOf(change.oldValue));
        if (change.oldValue)
            *message.mutable_old_value() = gantry::toMessage(*change.oldValue);
        *message.mutable_new_value() = gantry::toMessage(change.newValue);
        setEffective(message, change.effective);
        addWarnings(*message.mutable_warnings(), change.warnings);
        message.set_file(printable(change.file));
        message.set_route(printable(change.route));
        message.set_command(printable(change.command));
    }
}

void fill(v1::FreezeReply &reply, const control::FreezeResult &result)
{
    setNode(reply, result);
    reply.set_old_state(static_cast<v1::FreezerState>(result.oldState));
    reply.set_new_state(static_cast<v1::FreezerState>(result.newState));
    reply.set_process_count(result.processCount);
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::KillReply &reply, const control::KillResult &result)
{
    setNode(reply, result);
    reply.set_process_count(result.processCount);
    reply.set_remaining(result.remaining);
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::SignalReply &reply, const control::SignalResult &result)
{
    for (const control::SignalItem &item : result.items) {
        v1::SignalReply::Item &message = *reply.add_items();
        setProcess(*message.mutable_process(), item.process);
        message.set_comm(printable(item.comm));
        if (item.failure)
            *message.mutable_failure() = gantry::toMessage(*item.failure);
    }
}

void fill(v1::MoveProcessesReply &reply, const control::MoveResult &result)
{
    setNode(reply, result);
    for (const control::MovedProcess &item : result.items) {
        v1::MoveProcessesReply::Item &message = *reply.add_items();
        setProcess(*message.mutable_process(), item.process);
        message.set_comm(printable(item.comm));
        message.set_from_path(printable(item.fromPath));
    }
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::CreateCgroupReply &reply, const control::DirectoriesResult &result)
{
    setNode(reply, result);
    addDirectories(reply, result);
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::RemoveCgroupReply &reply, const control::DirectoriesResult &result)
{
    reply.set_cgroup_path(printable(result.path.text()));
    addDirectories(reply, result);
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::SetControllersReply &reply, const control::ControllersResult &result)
{
    setNode(reply, result);
    for (const std::string &name : result.before)
        reply.add_old_enabled(printable(name));
    for (const std::string &name : result.after)
        reply.add_new_enabled(printable(name));
    reply.set_leaf_path(printable(result.leaf));
    reply.set_moved_processes(result.moved);
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::ReclaimReply &reply, const control::ReclaimResult &result)
{
    setNode(reply, result);
    reply.set_usage_before(result.usageBefore);
    reply.set_usage_after(result.usageAfter);
    reply.set_complete(result.complete);
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

void fill(v1::ContainerActionReply &reply, const control::ContainerActionResult &result)
{
    reply.set_node_id(result.node.v);
    reply.set_container(printable(result.container));
    reply.set_old_state(static_cast<v1::ContainerState>(result.oldState));
    reply.set_new_state(static_cast<v1::ContainerState>(result.newState));
    reply.set_command(printable(result.command));
    reply.set_route(printable(result.route));
    addWarnings(*reply.mutable_warnings(), result.warnings);
}

Result<runtime::Verb> verbOf(v1::ContainerActionRequest::Action action)
{
    switch (action) {
    case v1::ContainerActionRequest::ACTION_START:
        return runtime::Verb::Start;
    case v1::ContainerActionRequest::ACTION_STOP:
        return runtime::Verb::Stop;
    case v1::ContainerActionRequest::ACTION_RESTART:
        return runtime::Verb::Restart;
    case v1::ContainerActionRequest::ACTION_REMOVE:
        return runtime::Verb::Remove;
    default:
        return fail(EINVAL, "container", "action", "none is given, or one this version does not know");
    }
}

Result<std::vector<control::LimitSetting>>
settingsOf(const google::protobuf::RepeatedPtrField<v1::LimitSetting> &messages)
{
    if (messages.empty() || messages.size() > static_cast<int>(kLimitKeyCount))
        return fail(EINVAL, "setLimits", "settings", strCat("1 to ", kLimitKeyCount, " settings are wanted"));
    std::vector<control::LimitSetting> out;
    for (const v1::LimitSetting &message : messages) {
        const LimitKey key = GANTRY_TRY(limitKeyByName(message.key()));
        if (std::ranges::find(out, key, &control::LimitSetting::key) != out.end())
            return fail(EINVAL, "setLimits", message.key(), "the key is named twice");
        out.push_back({key, GANTRY_TRY(gantry::fromMessage(key, message.value()))});
    }
    return out;
}

Result<std::vector<ProcessKey>> processesOf(const google::protobuf::RepeatedPtrField<v1::ProcessRef> &messages)
{
    if (messages.empty() || messages.size() > kMostProcesses)
        return fail(EINVAL, "processes", "processes", strCat("1 to ", kMostProcesses, " processes are wanted"));
    std::vector<ProcessKey> out;
    for (const v1::ProcessRef &message : messages) {
        if (message.pid() <= 0)
            return fail(EINVAL, "processes", strCat("pid ", message.pid()), "not a pid");
        out.push_back({message.pid(), message.start_ticks()});
    }
    return out;
}

} // namespace gantry::service
