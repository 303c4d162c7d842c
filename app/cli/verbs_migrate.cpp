// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl migrate, migrations.
#include "app/cli/event_text.h"
#include "app/cli/migrate_one.h"
#include "app/cli/on_interrupt.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"
#include "engine/service/migration_client.h"
#include "engine/service/migration_timeline.h"

#include <algorithm>
#include <memory>
#include <stop_token>

namespace gantry::cli {

namespace {

constexpr std::uint32_t kUsualRounds = 3;

/// The other host of a verb that is about two.
Result<std::unique_ptr<Session>> openOther(const Arguments &arguments, const std::string &host)
{
    return Session::open(arguments, GANTRY_TRY(link::parseDestination(host)));
}

/// Where both are on this machine a connection of their own spares nobody anything.
service::MigrationTransport transportOf(const Arguments &arguments)
{
    using Way = service::MigrationTransport::Way;
    const auto isElsewhere = [](const link::Destination &host) { return host.kind == link::Destination::Kind::Ssh; };
    const auto other = link::parseDestination(arguments.operands[1]);
    const bool isAuto = std::ranges::any_of(arguments.hosts, isElsewhere) || (other && isElsewhere(*other)) ||
                        !arguments.address.empty();
    Way way = isAuto ? Way::Auto : Way::Relay;
    if (arguments.transport != "auto")
        way = arguments.transport == "direct" ? Way::Direct : Way::Relay;
    return {way, arguments.address};
}

} // namespace

std::vector<std::string> skipsOf(const Arguments &arguments)
{
    std::vector<std::string> out;
    for (std::string_view rest = arguments.skip; !rest.empty();) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (comma > 0)
            out.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return out;
}

namespace {

Outcome checkOnly(Session &session, const Arguments &arguments, const service::Ends &ends, const v1::Target &target)
{
    const v1::JudgeMigrationReply reply =
        GANTRY_TRY(service::judgeMigration(ends, target, arguments.asName.value_or("")));
    const std::vector<std::string> skip = skipsOf(arguments);
    Json findings = Json::array();
    bool possible = true;
    for (const v1::CheckFinding &one : reply.findings()) {
        const bool stops = service::forbids(one, skip);
        Json &row = findings.emplace_back(toJson(one));
        row["skipped"] = one.severity() == v1::CheckFinding::SEVERITY_WARNING && !stops;
        possible = possible && !stops;
    }
    const Json document = {{"target", arguments.operands[0]},
                           {"host", arguments.operands[1]},
                           {"possible", possible},
                           {"findings", findings}};
    const Outcome printed = session.print(document, [&] {
        std::string out =
            strCat(printable(arguments.operands[0]), possible ? " can be migrated to " : " cannot be migrated to ",
                   printable(arguments.operands[1]), possible ? ".\n" : ":\n");
        for (int i = 0; i < reply.findings_size(); ++i) {
            const v1::CheckFinding &one = reply.findings(i);
            out += strCat("  ", findings[static_cast<std::size_t>(i)]["severity"].get<std::string>(), " ", one.cause(),
                          ": ", one.object(), ": ", one.why(), one.remedy().empty() ? "" : ". ", one.remedy(), "\n");
        }
        return out;
    });
    if (!printed || possible)
        return printed;
    return std::unexpected(Stop(1, ""));
}

} // namespace

Json documentOf(const Arguments &arguments, const v1::MigrationDone &done)
{
    return {{"id", done.id()},
            {"job", done.job_id()},
            {"target", arguments.operands[0]},
            {"host", arguments.operands[1]},
            {"checkpoint", textOrNull(done.checkpoint())},
            {"bytes", done.bytes()},
            {"unpacked_bytes", done.unpacked_bytes()},
            {"resumed_bytes", done.resumed_bytes()},
            {"bytes_per_second", done.bytes_per_second()},
            {"way", done.way()},
            {"rounds", done.rounds()},
            {"downtime_usec", done.downtime_usec()},
            {"total_usec", done.total_usec()},
            {"notes", std::vector<std::string>(done.notes().begin(), done.notes().end())},
            {"not_recorded", textOrNull(done.not_recorded())}};
}

std::string phaseText(const v1::MigrationPhase &phase)
{
    if (!phase.way().empty())
        return strCat(phase.way(), phase.note().empty() ? "" : ": ", phase.note());
    std::string out = phase.name();
    if (phase.bytes() != 0)
        out += strCat(", sent ", cellText(Json(phase.bytes()), Format::Size));
    if (phase.bytes_per_second() != 0)
        out += strCat(", ", cellText(Json(phase.bytes_per_second()), Format::SizePerSecond));
    return out;
}

std::expected<v1::MigrationDone, Stop> migrateOne(Session &session, Session &other, const Arguments &arguments,
                                                  const service::OnMigrationPhase &onPhase, const std::stop_token &stop)
{
    const std::string &host = arguments.operands[1];
    const v1::Target target = GANTRY_TRY(targetOf(arguments.operands[0]));
    const service::Ends ends{session.migration(), other.migration()};
    v1::MigrationBegin begin;
    *begin.mutable_target() = target;
    begin.set_name(arguments.asName.value_or(""));
    begin.set_peer(host);
    begin.set_rounds(arguments.rounds.value_or(kUsualRounds));
    begin.set_keep(arguments.keepSource);
    begin.set_limit_bytes_per_second(arguments.limitRate);
    *begin.mutable_actor() = session.actor();
    for (std::string &cause : skipsOf(arguments))
        begin.add_skip(std::move(cause));
    v1::MigrationDone done = GANTRY_TRY(service::migrate(ends, begin, onPhase, stop, transportOf(arguments)));
    if (arguments.withTimeline)
        service::takeTimelineAlong({session.checkpoint(), session.transfer()}, {other.checkpoint(), other.transfer()},
                                   {.container = arguments.operands[0],
                                    .name = begin.name(),
                                    .last = {},
                                    .bytesPerSecond = arguments.limitRate,
                                    .actor = session.actor()},
                                   done, onPhase, stop);
    return done;
}

Outcome runMigrate(Session &session, const Arguments &arguments)
{
    if (arguments.operands.size() > 2)
        return runMigrateMany(session, arguments);
    const std::string &host = arguments.operands[1];
    const v1::Target target = GANTRY_TRY(targetOf(arguments.operands[0]));
    const auto other = GANTRY_TRY(openOther(arguments, host));
    if (arguments.checkOnly || arguments.dryRun)
        return checkOnly(session, arguments, {session.migration(), other->migration()}, target);
    const OnInterrupt interrupt;
    const auto onPhase = [&](const v1::MigrationPhase &phase) {
        if (!arguments.json)
            session.note(phaseText(phase));
    };
    const v1::MigrationDone done = GANTRY_TRY(migrateOne(session, *other, arguments, onPhase, interrupt.token()));
    Session::warnUnrecorded(done.not_recorded());
    return session.print(documentOf(arguments, done), [&] {
        constexpr std::uint64_t kMilli = 1'000;
        std::string out = strCat(
            printable(arguments.operands[0]), " runs on ", printable(host), " as ",
            printable(arguments.asName.value_or(arguments.operands[0])), ": stood still for ",
            done.downtime_usec() / kMilli, " ms at the end, ", cellText(Json(done.bytes()), Format::Size), " sent",
            done.unpacked_bytes() <= done.bytes()
                ? std::string()
                : strCat(" for ", cellText(Json(done.unpacked_bytes()), Format::Size)),
            done.resumed_bytes() == 0
                ? std::string()
                : strCat(" (", cellText(Json(done.resumed_bytes()), Format::Size), " were there, of a try before)"),
            ", ", done.total_usec() / kMilli, " ms in all, ", done.way(),
            done.bytes_per_second() == 0 ? std::string()
                                         : strCat(", ", cellText(Json(done.bytes_per_second()), Format::SizePerSecond)),
            "\n");
        for (const std::string &note : done.notes())
            out += strCat("note: ", note, "\n");
        return out;
    });
}

Outcome runMigrations(Session &session, const Arguments &arguments)
{
    if (!arguments.operands.empty()) {
        const auto other = GANTRY_TRY(openOther(arguments, arguments.operands[0]));
        std::vector<std::string> texts;
        for (const service::Ends &ends : {service::Ends{session.migration(), other->migration()},
                                          service::Ends{other->migration(), session.migration()}}) {
            const auto done = GANTRY_TRY(service::settleMigrations(ends, session.actor()));
            texts.insert(texts.end(), done.begin(), done.end());
        }
        return session.print({{"settled", texts}}, [&] {
            std::string out;
            for (const std::string &text : texts)
                out += text + "\n";
            return texts.empty() ? std::string("Nothing is unfinished between these two.\n") : out;
        });
    }
    const auto reply = GANTRY_TRY(
        session.call(session.migration(), &v1::Migration::Stub::Unfinished, v1::UnfinishedMigrationsRequest()));
    Json rows = Json::array();
    for (const v1::UnfinishedMigration &one : reply.migrations())
        rows.push_back({{"id", one.id()},
                        {"side", one.side()},
                        {"step", one.step()},
                        {"subject", one.subject()},
                        {"peer", one.peer()},
                        {"by", one.by()},
                        {"begun_usec", one.begun_usec()},
                        {"duty", one.duty()}});
    const Json document = {
        {"unfinished", rows},
        {"unreadable", std::vector<std::string>(reply.unreadable().begin(), reply.unreadable().end())}};
    return session.print(document, [&] {
        std::string out;
        for (const v1::UnfinishedMigration &one : reply.migrations())
            out += strCat(one.id(), " ", one.subject(), ", ", one.side(), ", ", one.step(), " since ",
                          timeText(one.begun_usec()), ": ", one.duty(), "\n");
        for (const std::string &file : reply.unreadable())
            out += strCat(file, ": no record of a migration; look at what it was about\n");
        return out.empty() ? std::string("No migration is unfinished.\n") : out;
    });
}

} // namespace gantry::cli
