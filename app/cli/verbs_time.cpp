// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_text.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <algorithm>

namespace gantry::cli {

namespace {

std::string endedText(const v1::RestoreCheckpointReply &reply, bool dryRun)
{
    constexpr int kShown = 20;
    std::string out;
    for (int i = 0; i < std::min(reply.ended_size(), kShown); ++i)
        out += strCat("  pid ", reply.ended(i).pid(), " ", reply.ended(i).comm(), "\n");
    if (reply.ended_count() > kShown)
        out += strCat("  and ", reply.ended_count() - kShown, " more\n");
    return out.empty() ? out : strCat(dryRun ? "Would end:\n" : "Ended:\n", out);
}

const char *nowText(v1::RestoreCheckpointReply::Replaced::Now now)
{
    switch (now) {
    case v1::RestoreCheckpointReply::Replaced::NOW_AS_IT_WAS:
        return "as it was";
    case v1::RestoreCheckpointReply::Replaced::NOW_GONE:
        return "gone";
    default:
        return "changed";
    }
}

Json replacedJson(const v1::RestoreCheckpointReply::Replaced &file)
{
    return {{"path", file.path()},
            {"folder", file.folder()},
            {"now", nowText(file.now())},
            {"files_then", file.files_then()},
            {"bytes_then", file.bytes_then()},
            {"files_now", file.files_now()},
            {"bytes_now", file.bytes_now()},
            {"changed_then_usec", file.changed_then_usec()},
            {"changed_now_usec", file.changed_now_usec()}};
}

std::string replacedText(const v1::RestoreCheckpointReply &reply)
{
    std::string out;
    for (const v1::RestoreCheckpointReply::Replaced &file : reply.replaced()) {
        if (file.now() == v1::RestoreCheckpointReply::Replaced::NOW_AS_IT_WAS)
            continue;
        out += strCat("  ", file.path(), file.folder() ? "/" : "", ": ", cellText(Json(file.bytes_now()), Format::Size),
                      " now, ", cellText(Json(file.bytes_then()), Format::Size), " then");
        const std::int64_t newer = (file.changed_now_usec() - file.changed_then_usec()) / 1'000'000;
        if (file.now() == v1::RestoreCheckpointReply::Replaced::NOW_GONE)
            out += "; it is gone";
        else if (newer > 0)
            out += strCat("; what is there is ", newer, " s newer");
        out += "\n";
    }
    return out.empty() ? out : strCat("Files that would be put back:\n", out);
}

Outcome printRestored(const Session &session, const v1::RestoreCheckpointReply &reply, bool dryRun)
{
    Session::warnUnrecorded(reply.not_recorded());
    Json ended = Json::array();
    for (const v1::RestoreCheckpointReply::Ended &one : reply.ended())
        ended.push_back({{"pid", one.pid()}, {"comm", one.comm()}});
    Json replaced = Json::array();
    for (const v1::RestoreCheckpointReply::Replaced &file : reply.replaced())
        replaced.push_back(replacedJson(file));
    const Json document = {{"dry_run", dryRun},
                           {"job", reply.job_id()},
                           {"checkpoint", toJson(reply.checkpoint())},
                           {"root_pid", reply.root_pid()},
                           {"safety", reply.has_safety() ? toJson(reply.safety()) : Json()},
                           {"ended", ended},
                           {"ended_count", reply.ended_count()},
                           {"replaced", replaced},
                           {"notes", std::vector<std::string>(reply.notes().begin(), reply.notes().end())},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        std::string notes;
        for (const std::string &note : reply.notes())
            notes += strCat("note: ", note, "\n");
        const std::string &subject = reply.checkpoint().subject();
        const std::string time = timeText(reply.checkpoint().realtime_usec());
        if (dryRun)
            return strCat(subject, " can be restored as it was at ", time, ".\n", endedText(reply, true),
                          replacedText(reply), notes, "Dry run: nothing was changed.\n");
        return strCat(subject, " runs again as it was at ", time, ": pid ", reply.root_pid(), "\n",
                      endedText(reply, false),
                      reply.has_safety() ? strCat("What ended is checkpoint ", reply.safety().id().substr(0, 12), "\n")
                                         : std::string(),
                      notes);
    });
}

} // namespace

Outcome runRestore(Session &session, const Arguments &arguments)
{
    if (arguments.group)
        return runRestoreGroup(session, arguments);
    if (!arguments.onHost.empty())
        return runFork(session, arguments);
    if (arguments.asName || arguments.copies)
        return runCopies(session, arguments);
    v1::RestoreCheckpointRequest request;
    request.set_checkpoint(arguments.operands.front());
    request.set_dry_run(arguments.dryRun);
    request.set_in_place(arguments.inPlace);
    request.set_skip_safety(arguments.noSafety);
    request.set_without_files(arguments.withoutFiles);
    *request.mutable_actor() = session.actor();
    return printRestored(session,
                         GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Restore, request)),
                         arguments.dryRun);
}

Outcome runResume(Session &session, const Arguments &arguments)
{
    v1::RestoreCheckpointRequest request;
    request.set_checkpoint(arguments.operands.front());
    request.set_dry_run(arguments.dryRun);
    request.set_resume(true);
    request.set_make_cgroups(true);
    *request.mutable_actor() = session.actor();
    return printRestored(session,
                         GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Restore, request)),
                         arguments.dryRun);
}

Outcome runSuspend(Session &session, const Arguments &arguments)
{
    v1::CreateCheckpointRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    request.set_name(arguments.name.value_or(""));
    request.set_note(arguments.note.value_or(""));
    request.set_stop(true);
    request.set_trigger("suspend");
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    const v1::CreateCheckpointReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Create, request));
    Session::warnUnrecorded(reply.not_recorded());
    Json document = {{"dry_run", arguments.dryRun}};
    document.update(toJson(reply));
    const v1::CheckpointInfo &one = reply.checkpoint();
    return session.print(document, [&] {
        if (arguments.dryRun)
            return strCat(one.subject(), " can be suspended.\nDry run: nothing was changed.\n");
        return strCat(one.subject(), " is suspended: checkpoint ", one.id().substr(0, 12),
                      "\nIt comes back with: gantryctl resume ", one.id().substr(0, 12), "\n");
    });
}

Outcome runMark(Session &session, const Arguments &arguments)
{
    if (!arguments.name && !arguments.note && !arguments.pin && !arguments.unpin)
        return wrongUsage("\"mark\" wants --name, --note, --pin or --unpin");
    v1::UpdateCheckpointRequest request;
    request.set_checkpoint(arguments.operands.front());
    if (arguments.name)
        request.set_name(*arguments.name);
    if (arguments.note)
        request.set_note(*arguments.note);
    if (arguments.pin || arguments.unpin)
        request.set_pinned(arguments.pin);
    *request.mutable_actor() = session.actor();
    const v1::UpdateCheckpointReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Update, request));
    Session::warnUnrecorded(reply.not_recorded());
    const v1::CheckpointInfo &one = reply.checkpoint();
    const Json document = {{"checkpoint", toJson(one)}, {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        return strCat("checkpoint ", one.id().substr(0, 12), " of ", one.subject(), ", ", timeText(one.realtime_usec()),
                      ": ", one.name().empty() ? "no name" : strCat("name \"", one.name(), "\""), ", ",
                      one.note().empty() ? "no note" : strCat("note \"", one.note(), "\""), ", ",
                      one.pinned() ? "pinned\n" : "not pinned\n");
    });
}

} // namespace gantry::cli
