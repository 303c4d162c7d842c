// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl restore --as, --copies.
#include "app/cli/copies_text.h"
#include "app/cli/event_text.h"
#include "app/cli/session.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <algorithm>

namespace gantry::cli {

namespace {

std::string sentence(const v1::Failure &failure)
{
    const Error error = fromMessage(failure);
    return strCat(error.message(), error.remedy.empty() ? "" : "; ", error.remedy);
}

} // namespace

bool isDone(const v1::CopyCheckpointReply &reply, bool dryRun)
{
    return reply.conflicts().empty() &&
           (dryRun || std::ranges::all_of(reply.copies(), [](const auto &copy) { return copy.root_pid() != 0; }));
}

Json documentOf(const v1::CopyCheckpointReply &reply, bool dryRun)
{
    Json conflicts = Json::array();
    for (const v1::CopyCheckpointReply::Conflict &one : reply.conflicts())
        conflicts.push_back({{"name", textOrNull(one.name())}, {"error", toJson(one.failure())}});
    Json copies = Json::array();
    for (const v1::CopyCheckpointReply::Copy &one : reply.copies())
        copies.push_back({{"name", one.name()},
                          {"root_pid", one.root_pid() == 0 ? Json() : Json(one.root_pid())},
                          {"error", one.has_failure() ? toJson(one.failure()) : Json()},
                          {"bundle", one.bundle()},
                          {"log", one.log()},
                          {"cgroups_path", one.cgroups_path()},
                          {"duration_usec", one.duration_usec()}});
    return {{"dry_run", dryRun},
            {"job", reply.job_id()},
            {"checkpoint", toJson(reply.checkpoint())},
            {"conflicts", conflicts},
            {"copies", copies},
            {"notes", std::vector<std::string>(reply.notes().begin(), reply.notes().end())},
            {"not_recorded", textOrNull(reply.not_recorded())}};
}

namespace {

std::string namesText(const v1::CopyCheckpointReply &reply)
{
    std::string out;
    for (const v1::CopyCheckpointReply::Copy &one : reply.copies())
        out += strCat(out.empty() ? "" : ", ", one.name());
    return out;
}

std::string copyText(const v1::CopyCheckpointReply::Copy &copy)
{
    if (copy.root_pid() != 0)
        return strCat(copy.name(), " runs: pid ", copy.root_pid(), ", after ", (copy.duration_usec() + 500) / 1'000,
                      " ms", copy.log().empty() ? "" : "; log: ", copy.log(), "\n");
    return strCat(
        copy.name(),
        copy.has_failure() ? strCat(" does not run: ", sentence(copy.failure())) : std::string(" was not tried"), "\n");
}

} // namespace

std::string textOf(const v1::CopyCheckpointReply &reply, bool dryRun)
{
    const std::string what =
        strCat(reply.checkpoint().subject(), " as it was at ", timeText(reply.checkpoint().realtime_usec()));
    std::string out;
    if (!reply.conflicts().empty()) {
        out = strCat(what, " cannot be restored as ", namesText(reply), ":\n");
        for (const v1::CopyCheckpointReply::Conflict &one : reply.conflicts())
            out += strCat("  ", sentence(one.failure()), "\n");
        return out + (dryRun ? "Dry run: nothing was changed.\n" : "Nothing was changed.\n");
    }
    if (dryRun)
        out = strCat(what, " can be restored as ", namesText(reply), ".\n");
    else
        for (const v1::CopyCheckpointReply::Copy &one : reply.copies())
            out += copyText(one);
    for (const std::string &note : reply.notes())
        out += strCat("note: ", note, "\n");
    return out + (dryRun ? "Dry run: nothing was changed.\n" : "");
}

Outcome runCopies(Session &session, const Arguments &arguments)
{
    v1::CopyCheckpointRequest request;
    request.set_checkpoint(arguments.operands.front());
    request.set_dry_run(arguments.dryRun);
    request.set_name(arguments.asName.value_or(""));
    request.set_copies(arguments.copies.value_or(0));
    *request.mutable_actor() = session.actor();
    const v1::CopyCheckpointReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Copy, request));
    Session::warnUnrecorded(reply.not_recorded());
    const Outcome printed =
        session.print(documentOf(reply, arguments.dryRun), [&] { return textOf(reply, arguments.dryRun); });
    if (!printed || isDone(reply, arguments.dryRun))
        return printed;
    return std::unexpected(Stop(1, ""));
}

} // namespace gantry::cli
