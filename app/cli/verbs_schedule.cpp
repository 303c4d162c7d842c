// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_text.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <array>
#include <csignal>

namespace gantry::cli {

namespace {

Json toJson(const v1::Schedule &schedule)
{
    const v1::Retention &keep = schedule.retention();
    return {{"id", schedule.id()},
            {"subject", schedule.subject()},
            {"period_ms", schedule.period_ms()},
            {"keep", keep.has_count() ? Json(keep.count()) : Json()},
            {"keep_seconds", keep.has_age_sec() ? Json(keep.age_sec()) : Json()},
            {"keep_bytes", keep.has_bytes() ? Json(keep.bytes()) : Json()},
            {"restart", schedule.restart()},
            {"by", textOrNull(schedule.by())},
            {"state", textOrNull(schedule.state())},
            {"next_usec", schedule.next_usec() == 0 ? Json() : Json(schedule.next_usec())},
            {"last_usec", schedule.last_usec() == 0 ? Json() : Json(schedule.last_usec())},
            {"last_checkpoint", textOrNull(schedule.last_checkpoint())},
            {"last_error", textOrNull(schedule.last_error())},
            {"taken", schedule.taken()},
            {"skipped", schedule.skipped()},
            {"restarts", schedule.restarts()}};
}

/// "30s", "2m", "1h", "7d"; what is no whole number of seconds in milliseconds.
std::string periodText(std::uint64_t millis)
{
    constexpr std::array<std::pair<std::uint64_t, char>, 4> kUnits{
        {{86'400'000, 'd'}, {3'600'000, 'h'}, {60'000, 'm'}, {1'000, 's'}}};
    for (const auto &[size, letter] : kUnits) {
        if (millis % size == 0)
            return strCat(millis / size, letter);
    }
    return strCat(millis, "ms");
}

std::string keepText(const v1::Retention &keep)
{
    std::string out;
    if (keep.has_count())
        out += strCat(out.empty() ? "" : ", ", keep.count());
    if (keep.has_age_sec())
        out += strCat(out.empty() ? "" : ", ", periodText(keep.age_sec() * 1'000));
    if (keep.has_bytes())
        out += strCat(out.empty() ? "" : ", ", cellText(Json(keep.bytes()), Format::Size));
    return out.empty() ? "all" : out;
}

std::string nobodyRuns(std::int32_t runner)
{
    return runner != 0 ? std::string() : "Nobody runs schedules now: start the console, or gantryctl schedule run\n";
}

v1::Retention retentionOf(const Arguments &arguments)
{
    v1::Retention out;
    if (arguments.keep)
        out.set_count(*arguments.keep);
    if (arguments.keepFor)
        out.set_age_sec(static_cast<std::uint64_t>(arguments.keepFor->count()) / 1'000);
    if (arguments.keepBytes)
        out.set_bytes(*arguments.keepBytes);
    return out;
}

Outcome setSchedule(Session &session, const Arguments &arguments)
{
    if (arguments.operands.size() != 2 || !arguments.every)
        return wrongUsage("\"schedule set\" wants TARGET and --every");
    v1::SetScheduleRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.at(1)));
    request.set_period_ms(static_cast<std::uint64_t>(arguments.every->count()));
    *request.mutable_retention() = retentionOf(arguments);
    request.set_restart(arguments.restartDead);
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    const v1::SetScheduleReply reply =
        GANTRY_TRY(session.call(session.schedules(), &v1::Schedules::Stub::Set, request));
    Session::warnUnrecorded(reply.not_recorded());
    const Json document = {{"dry_run", arguments.dryRun},
                           {"schedule", toJson(reply.schedule())},
                           {"replaced", reply.replaced()},
                           {"runner_pid", reply.runner_pid()},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        const v1::Schedule &one = reply.schedule();
        return strCat(one.subject(), arguments.dryRun ? " can be" : " is", " checkpointed every ",
                      periodText(one.period_ms()), ", kept: ", keepText(one.retention()),
                      one.restart() ? ", restored where it dies by itself\n" : "\n",
                      arguments.dryRun ? "Dry run: nothing was changed.\n" : nobodyRuns(reply.runner_pid()));
    });
}

Outcome listSchedules(Session &session)
{
    const v1::ListSchedulesReply reply =
        GANTRY_TRY(session.call(session.schedules(), &v1::Schedules::Stub::List, v1::ListSchedulesRequest()));
    Json rows = Json::array();
    for (const v1::Schedule &schedule : reply.schedules())
        rows.push_back(toJson(schedule));
    const Json document = {{"schedules", rows}, {"runner_pid", reply.runner_pid()}};
    return session.print(document, [&] {
        for (int i = 0; i < reply.schedules_size(); ++i) {
            const v1::Schedule &one = reply.schedules(i);
            Json &row = rows[static_cast<std::size_t>(i)];
            row["every"] = periodText(one.period_ms());
            row["kept"] = keepText(one.retention());
            row["again"] = one.restart() ? "yes" : "no";
            row["next"] = one.next_usec() == 0 || reply.runner_pid() == 0 ? Json() : Json(timeText(one.next_usec()));
            row["last"] = one.last_usec() == 0 ? Json() : Json(timeText(one.last_usec()));
        }
        static constexpr std::array kColumns{Column{"OF", "/subject"},
                                             Column{"EVERY", "/every"},
                                             Column{"KEPT", "/kept"},
                                             Column{"RESTART", "/again"},
                                             Column{"LAST", "/last"},
                                             Column{"NEXT", "/next"},
                                             Column{"TAKEN", "/taken", Format::Number},
                                             Column{"SKIPPED", "/skipped", Format::Number},
                                             Column{"RESTARTS", "/restarts", Format::Number},
                                             Column{"STATE", "/state"},
                                             Column{"LAST ERROR", "/last_error"}};
        return renderTable(rows, kColumns) + nobodyRuns(reply.runner_pid());
    });
}

Outcome removeSchedule(Session &session, const Arguments &arguments)
{
    if (arguments.operands.size() != 2)
        return wrongUsage("\"schedule remove\" wants TARGET");
    v1::RemoveScheduleRequest request;
    request.set_schedule(arguments.operands.at(1));
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    const v1::RemoveScheduleReply reply =
        GANTRY_TRY(session.call(session.schedules(), &v1::Schedules::Stub::Remove, request));
    Session::warnUnrecorded(reply.not_recorded());
    const Json document = {{"dry_run", arguments.dryRun},
                           {"schedule", toJson(reply.schedule())},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        return strCat("schedule of ", reply.schedule().subject(),
                      arguments.dryRun ? ": would be removed\nDry run: nothing was changed.\n"
                                       : ": removed; its checkpoints stay\n");
    });
}

/// Until it is told to end: the engine does the work. The signals are held, so that threads do not get them.
Outcome runSchedules(Session &session)
{
    if (!session.hasOwnEngine()) {
        const v1::ListSchedulesReply reply =
            GANTRY_TRY(session.call(session.schedules(), &v1::Schedules::Stub::List, v1::ListSchedulesRequest()));
        return std::unexpected(
            Stop(1, reply.runner_pid() != 0
                        ? strCat("schedules are run there already, by the process ", reply.runner_pid())
                        : "\"schedule run\" is for the machine it is typed on: elsewhere gantryd runs schedules"));
    }
    GANTRY_CHECK(
        session.printItem(Json{{"runs", true}}, [] { return std::string("Schedules are run; Ctrl+C ends it.\n"); }));
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        ::sigaddset(&set, number);
    int number = 0;
    ::sigwait(&set, &number);
    return {};
}

} // namespace

Outcome runSchedule(Session &session, const Arguments &arguments)
{
    const std::string &what = arguments.operands.front();
    const bool bounded =
        arguments.every || arguments.keep || arguments.keepFor || arguments.keepBytes || arguments.restartDead;
    if (bounded && what != "set")
        return wrongUsage("--every, --keep and --restart belong to \"schedule set\"");
    if (what == "set")
        return setSchedule(session, arguments);
    if (what == "remove")
        return removeSchedule(session, arguments);
    if (arguments.operands.size() == 1 && what == "list")
        return listSchedules(session);
    if (arguments.operands.size() == 1 && what == "run")
        return runSchedules(session);
    return wrongUsage(
        strCat("\"schedule\" wants set TARGET, list, remove TARGET or run, not \"", printable(what), "\""));
}

Outcome runExpire(Session &session, const Arguments &arguments)
{
    v1::ExpireRequest request;
    if (arguments.operands.size() > 1)
        request.set_subject(arguments.operands.at(1));
    *request.mutable_retention() = retentionOf(arguments);
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    const v1::ExpireReply reply = GANTRY_TRY(session.call(session.schedules(), &v1::Schedules::Stub::Expire, request));
    Session::warnUnrecorded(reply.not_recorded());
    Json rows = Json::array();
    for (const v1::CheckpointInfo &one : reply.checkpoints())
        rows.push_back(cli::toJson(one));
    const Json document = {
        {"dry_run", arguments.dryRun}, {"checkpoints", rows}, {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        std::string out;
        for (const v1::CheckpointInfo &one : reply.checkpoints())
            out += strCat("checkpoint ", one.id().substr(0, 12), " of ", one.subject(), ", ",
                          timeText(one.realtime_usec()), arguments.dryRun ? ": would be removed\n" : ": removed\n");
        if (out.empty())
            out = "All checkpoints are kept.\n";
        return out + (arguments.dryRun ? "Dry run: nothing was changed.\n" : "");
    });
}

} // namespace gantry::cli
