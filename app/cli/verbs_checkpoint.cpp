// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_text.h"
#include "app/cli/passphrase.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <array>
#include <filesystem>

namespace gantry::cli {

namespace {

std::string milliseconds(std::uint64_t micros)
{
    return strCat((micros + 500) / 1'000, " ms");
}

/// How long it is to stand still, by a document of check or of checkpoint.
std::string expectedText(const Json &document)
{
    const Json &expected = document["expected_freeze_usec"];
    std::string out =
        expected.is_null()
            ? std::string("How long it stands still is not known yet: this host has saved nothing in this way.\n")
            : strCat("It is expected to stand still for about ", milliseconds(expected.get<std::uint64_t>()),
                     " (this host's last checkpoints: ", cellText(document["freeze_bytes_per_second"], Format::Size),
                     "/s).\n");
    const Json &reason = document["no_pre_dump_reason"];
    return out + (reason.is_null() ? std::string("Before that its memory is saved in rounds.\n")
                                   : strCat(reason.get<std::string>(), "\n"));
}

/// What was done before it stood still, and how much was left.
std::string roundsText(const Json &document)
{
    std::string out;
    for (const Json &round : document["pre_dump"])
        out += strCat("Before that ", cellText(round["saved_bytes"], Format::Size), " were saved while it ran (stopped for ",
                      milliseconds(round["frozen_usec"].get<std::uint64_t>()), ").\n");
    if (!document["pre_dump"].empty() && !document["frozen_bytes"].is_null())
        out += strCat(cellText(document["frozen_bytes"], Format::Size), " were left to save while it stood still.\n");
    return out;
}

std::string textOf(const Json &check, const std::string &target)
{
    const bool possible = check["possible"].get<bool>();
    const auto processes = check["processes"].get<std::uint32_t>();
    std::string out =
        strCat(target, possible ? " can be checkpointed" : " cannot be checkpointed", ": ", processes,
               processes == 1 ? " process, " : " processes, ", cellText(check["resident_bytes"], Format::Size), "\n");
    if (possible && !check["options"].empty()) {
        out += "criu needs";
        for (const Json &option : check["options"])
            out += strCat(" --", option.get<std::string>());
        out += "\n";
    }
    if (possible)
        out += expectedText(check);
    for (const Json &finding : check["findings"]) {
        out += strCat("\n", cellText(finding["severity"], Format::Text), ": ",
                      cellText(finding["object"], Format::Text), "\n  ", cellText(finding["why"], Format::Text), "\n");
        if (!finding["remedy"].is_null())
            out += strCat("  ", finding["remedy"].get<std::string>(), "\n");
    }
    return out;
}

/// The digits that name it as long as there are not too many.
std::string shortId(const Json &checkpoint)
{
    constexpr std::size_t kDigits = 12;
    return checkpoint["id"].get<std::string>().substr(0, kDigits);
}

std::string warningsOf(const Json &document)
{
    std::string out;
    for (const Json &finding : document["findings"]) {
        if (finding["severity"] == "warning")
            out += strCat("warning: ", finding["object"].get<std::string>(), ": ", finding["why"].get<std::string>(),
                          "\n");
    }
    return out;
}

/// Nobody is to learn only at a restore that they are not part of it.
std::string volumesText(const v1::CreateCheckpointReply &reply)
{
    std::string out;
    for (const v1::ContainerVolume &volume : reply.volumes()) {
        if (volume.saved())
            continue;
        out += strCat("  ", volume.path(), ", which it has as ", volume.destination());
        if (volume.files() > 0)
            out += strCat(volume.more() ? ": more than " : ": ", cellText(Json(volume.bytes()), Format::Size));
        out += "\n";
    }
    return out.empty() ? out : strCat("Volumes that are not part of it (--volumes adds all, --files PATH one):\n", out);
}

/// What is, or would be, part of it besides memory.
std::string filesText(const v1::CreateCheckpointReply &reply, bool dryRun)
{
    std::string out;
    for (const v1::CheckpointFile &file : reply.would_save())
        out += strCat("  ", file.path(), file.folder() ? "/" : "", ": ", cellText(Json(file.bytes()), Format::Size), ", by ",
                      file.taken_by(), "\n");
    if (dryRun && !out.empty())
        out = strCat(reply.files() ? "What it changed of its files would be part of it, and:\n"
                                   : "Files that would be part of it:\n",
                     out);
    else if (dryRun)
        out = reply.files() ? "What it changed of its files would be part of it.\n" : "No files would be part of it.\n";
    else if (reply.files_saved() > 0)
        out = strCat(reply.files() ? "What it changed of its files is part of it.\n" : "",
                     "Files are part of it: ", reply.files_saved(), ", ",
                     cellText(Json(reply.files_bytes()), Format::Size), "; ", milliseconds(reply.files_usec()),
                     " of the time were for them.\n");
    else
        out = reply.files() ? "What it changed of its files is part of it.\n"
                            : "No files are part of it: those that are open must be there when it is restored; only "
                              "logs may have grown.\n";
    out += volumesText(reply);
    for (const std::string &note : reply.notes())
        out += strCat("note: ", note, "\n");
    return out;
}

std::string textOf(const v1::CreateCheckpointReply &reply, const Json &document)
{
    const Json &checkpoint = document["checkpoint"];
    const std::string subject = checkpoint["subject"].get<std::string>();
    if (document["dry_run"].get<bool>())
        return strCat(subject, " can be checkpointed.\n", filesText(reply, true), warningsOf(document),
                      expectedText(document), "Dry run: nothing was changed.\n");
    return strCat(
        "checkpoint ", shortId(checkpoint), " of ", subject, ": ", cellText(checkpoint["logical_bytes"], Format::Size),
        ", of which ", cellText(checkpoint["fresh_bytes"], Format::Size), " are new (",
        cellText(checkpoint["stored_bytes"], Format::Size), " on disk)\n",
        reply.frozen_usec() == 0 ? std::string("It has ended.")
                                 : strCat("It runs on; it stood still for ", milliseconds(reply.frozen_usec()),
                                          reply.expected_freeze_usec() == 0
                                              ? std::string()
                                              : strCat(" (expected: ", milliseconds(reply.expected_freeze_usec()), ")"),
                                          "."),
        "\n", filesText(reply, false), roundsText(document), warningsOf(document));
}

} // namespace

Outcome runCheckpoint(Session &session, const Arguments &arguments)
{
    if (arguments.together)
        return runCheckpointTogether(session, arguments);
    v1::CreateCheckpointRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    request.set_name(arguments.name.value_or(""));
    request.set_note(arguments.note.value_or(""));
    request.set_stop(arguments.stop);
    if (arguments.preDump == "always")
        request.set_pre_dump(v1::CreateCheckpointRequest::PRE_DUMP_ALWAYS);
    else if (arguments.preDump == "no")
        request.set_pre_dump(v1::CreateCheckpointRequest::PRE_DUMP_NO);
    request.set_dry_run(arguments.dryRun);
    request.mutable_options()->Add(arguments.criuOptions.begin(), arguments.criuOptions.end());
    for (const std::string &path : arguments.filePaths)
        request.add_file_paths(std::filesystem::absolute(path).lexically_normal().string());
    request.set_without_files(arguments.withoutFiles);
    request.set_volumes(arguments.volumes);
    *request.mutable_actor() = session.actor();
    const v1::CreateCheckpointReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Create, request));
    Session::warnUnrecorded(reply.not_recorded());
    Json document = {{"dry_run", arguments.dryRun}};
    document.update(toJson(reply));
    return session.print(document, [&] { return textOf(reply, document); });
}

Outcome runCheckpoints(Session &session, const Arguments & /*arguments*/)
{
    const v1::ListCheckpointsReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest()));
    Json rows = Json::array();
    for (const v1::CheckpointInfo &checkpoint : reply.checkpoints())
        rows.push_back(toJson(checkpoint));
    for (const std::string &damage : reply.damages())
        session.note(strCat("warning: ", damage));
    const Json document = {{"checkpoints", rows},
                           {"damages", std::vector<std::string>(reply.damages().begin(), reply.damages().end())}};
    return session.print(document, [&rows] {
        for (Json &row : rows) {
            row["id"] = shortId(row);
            row["time"] = timeText(row["time_usec"].get<std::int64_t>());
            if (row["group"].is_string())
                row["group"] = row["group"].get<std::string>().substr(0, 12);
        }
        static constexpr std::array kColumns{Column{"ID", "/id"},
                                             Column{"TIME", "/time"},
                                             Column{"OF", "/subject"},
                                             Column{"NAME", "/name"},
                                             Column{"GROUP", "/group"},
                                             Column{"PROCESSES", "/processes", Format::Number},
                                             Column{"SIZE", "/logical_bytes", Format::Size},
                                             Column{"NEW", "/fresh_bytes", Format::Size},
                                             Column{"ON DISK", "/stored_bytes", Format::Size}};
        return renderTable(rows, kColumns);
    });
}

Outcome runRemoveCheckpoint(Session &session, const Arguments &arguments)
{
    v1::RemoveCheckpointRequest request;
    request.set_checkpoint(arguments.operands.front());
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    const v1::RemoveCheckpointReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Remove, request));
    Session::warnUnrecorded(reply.not_recorded());
    const Json document = {{"dry_run", arguments.dryRun},
                           {"checkpoint", toJson(reply.checkpoint())},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        return strCat("checkpoint ", shortId(document["checkpoint"]), " of ", reply.checkpoint().subject(), ", ",
                      timeText(reply.checkpoint().realtime_usec()),
                      arguments.dryRun ? ": would be removed\nDry run: nothing was changed.\n" : ": removed\n");
    });
}

namespace {

Outcome collect(Session &session)
{
    v1::CollectRequest request;
    *request.mutable_actor() = session.actor();
    const v1::CollectReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Collect, request));
    const Json document = {{"freed_bytes", reply.freed_bytes()},
                           {"packs_removed", reply.packs_removed()},
                           {"packs_rewritten", reply.packs_rewritten()},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    Session::warnUnrecorded(reply.not_recorded());
    return session.print(document, [&] { return cellText(document["freed_bytes"], Format::Size) + " given back\n"; });
}

constexpr std::size_t kMostDamages = 20; ///< shown; --json has more

std::string countText(std::uint64_t checkpoints)
{
    return strCat(checkpoints, checkpoints == 1 ? " checkpoint" : " checkpoints");
}

std::string damageText(const v1::VerifyReply::Damage &damage)
{
    constexpr int kMostIds = 4;
    std::string out = strCat(damage.object(), ": ", damage.text());
    for (int i = 0; i < std::min(damage.checkpoints_size(), kMostIds); ++i)
        out += strCat(i == 0 ? "; cannot be restored: " : " ", damage.checkpoints(i));
    if (damage.checkpoints_touched() > kMostIds)
        out += strCat(" and ", damage.checkpoints_touched() - kMostIds, " more");
    return out + "\n";
}

Outcome verify(Session &session)
{
    v1::VerifyRequest request;
    *request.mutable_actor() = session.actor();
    const v1::VerifyReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Verify, request));
    Json damages = Json::array();
    std::string text;
    for (const v1::VerifyReply::Damage &damage : reply.damages()) {
        const std::vector<std::string> ids(damage.checkpoints().begin(), damage.checkpoints().end());
        damages.push_back({{"object", damage.object()},
                           {"text", damage.text()},
                           {"checkpoints", ids},
                           {"checkpoints_touched", damage.checkpoints_touched()}});
        if (damages.size() <= kMostDamages)
            text += damageText(damage);
    }
    if (reply.damages_found() > kMostDamages)
        text += strCat("and ", reply.damages_found() - kMostDamages, " more\n");
    const Json document = {{"checkpoints", reply.checkpoints()},
                           {"read_bytes", reply.read_bytes()},
                           {"damages_found", reply.damages_found()},
                           {"damages", damages}};
    const Outcome printed = session.print(document, [&] {
        return strCat(text, countText(reply.checkpoints()), ", ", cellText(document["read_bytes"], Format::Size),
                      " read, ", text.empty() ? "all is well\n" : "DAMAGED\n");
    });
    if (!printed || reply.damages().empty())
        return printed;
    return std::unexpected(Stop(1, ""));
}

Outcome initStore(Session &session, const Arguments &arguments)
{
    v1::InitStoreRequest request;
    if (!arguments.keyFile.empty())
        request.set_key_file(std::filesystem::absolute(arguments.keyFile).lexically_normal().string());
    if (arguments.passphrase) {
        request.set_passphrase(newPassphrase());
        if (request.passphrase().empty())
            return std::unexpected(Stop(1, "nothing was made"));
    }
    *request.mutable_actor() = session.actor();
    const v1::InitStoreReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::InitStore, request));
    Session::warnUnrecorded(reply.not_recorded());
    const bool encrypted = !request.key_file().empty() || arguments.passphrase;
    const Json document = {
        {"path", reply.path()}, {"encrypted", encrypted}, {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        return strCat(reply.path(), encrypted ? ": made, encrypted. Without " : ": made, not encrypted\n",
                      arguments.passphrase ? "its passphrase no checkpoint can be read: nobody can tell it again\n"
                      : encrypted ? strCat(request.key_file(), " no checkpoint can be read: keep a copy of it apart\n")
                                  : std::string());
    });
}

/// What encrypts the store, for JSON and for people; both empty: there is none yet.
struct KeyWords
{
    std::string json;
    std::string text;
};

KeyWords keyWords(const v1::StoreStateReply &state)
{
    if (!state.exists())
        return {};
    switch (state.key()) {
    case v1::StoreStateReply::KEY_FILE:
        return {"file", ", encrypted with a key file"};
    case v1::StoreStateReply::KEY_PASSPHRASE:
        return {"passphrase", ", encrypted with a passphrase"};
    default:
        return {"none", ", not encrypted"};
    }
}

Outcome stats(Session &session)
{
    const v1::StoreStatsReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Stats, v1::StoreStatsRequest()));
    const KeyWords key = keyWords(
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::StoreState, v1::StoreStateRequest())));
    const Json document = {{"checkpoints", reply.checkpoints()},           {"logical_bytes", reply.logical_bytes()},
                           {"stored_bytes", reply.stored_bytes()},         {"unfinished", reply.unfinished()},
                           {"unfinished_bytes", reply.unfinished_bytes()}, {"key", textOrNull(key.json)}};
    return session.print(document, [&] {
        return strCat(countText(reply.checkpoints()), " of ", cellText(document["logical_bytes"], Format::Size),
                      reply.checkpoints() == 1 ? " takes " : " take ", cellText(document["stored_bytes"], Format::Size),
                      " on disk", key.text, "\n",
                      reply.unfinished() == 0
                          ? std::string()
                          : strCat("of that, ", cellText(document["unfinished_bytes"], Format::Size),
                                   " for the next try of migrations that broke off; \"repo gc\" removes it\n"));
    });
}

} // namespace

Outcome runRepository(Session &session, const Arguments &arguments)
{
    const std::string &what = arguments.operands.front();
    if ((!arguments.keyFile.empty() || arguments.passphrase) && what != "init")
        return wrongUsage("--key-file and --passphrase belong to \"repo init\"; GANTRY_KEY_FILE and "
                          "GANTRY_PASSPHRASE_FILE in the environment are for all");
    if (what == "expire")
        return runExpire(session, arguments);
    if (arguments.operands.size() > 1 || arguments.dryRun || arguments.keep || arguments.keepFor || arguments.keepBytes)
        return wrongUsage("SUBJECT, --dry-run and --keep belong to \"repo expire\"");
    if (what == "init")
        return initStore(session, arguments);
    if (what == "gc")
        return collect(session);
    if (what == "check")
        return verify(session);
    if (what == "stats")
        return stats(session);
    return wrongUsage(strCat("\"repo\" wants init, gc, check, stats or expire, not \"", printable(what), "\""));
}

Outcome runCheck(Session &session, const Arguments &arguments)
{
    v1::CheckRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    const v1::CheckReply reply = GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Check, request));
    const Json document = toJson(reply);
    const Outcome printed =
        session.print(document, [&] { return textOf(document, printable(arguments.operands.front())); });
    if (!printed || reply.possible())
        return printed;
    return std::unexpected(Stop(1, ""));
}

} // namespace gantry::cli
