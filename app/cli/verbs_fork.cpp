// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl restore --on.
#include "app/cli/copies_text.h"
#include "app/cli/migrate_one.h"
#include "app/cli/on_interrupt.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"
#include "engine/service/fork_client.h"

#include <chrono>

namespace gantry::cli {

namespace {

std::string size(std::uint64_t bytes)
{
    return cellText(Json(bytes), Format::Size);
}

/// {"host", "possible", "findings", "names", "known"}
Json judgedDocument(const Arguments &arguments, const v1::JudgeForkReply &judged)
{
    const std::vector<std::string> skip = skipsOf(arguments);
    Json findings = Json::array();
    bool possible = true;
    for (const v1::CheckFinding &one : judged.findings()) {
        const bool stops = service::forbids(one, skip);
        Json &row = findings.emplace_back(toJson(one));
        row["skipped"] = one.severity() == v1::CheckFinding::SEVERITY_WARNING && !stops;
        possible = possible && !stops;
    }
    return {{"host", arguments.onHost},
            {"possible", possible},
            {"findings", findings},
            {"names", std::vector<std::string>(judged.names().begin(), judged.names().end())},
            {"known", judged.known()}};
}

std::string judgedText(const Arguments &arguments, const Json &document)
{
    std::string names;
    for (const Json &name : document["names"])
        names += strCat(names.empty() ? "" : ", ", name.get<std::string>());
    const bool possible = document["possible"].get<bool>();
    std::string out = strCat("checkpoint ", printable(arguments.operands.front()),
                             possible ? " can be restored on " : " cannot be restored on ", printable(arguments.onHost),
                             " as ", names, possible ? ".\n" : ":\n");
    for (const Json &one : document["findings"]) {
        const auto remedy = one["remedy"].is_string() ? one["remedy"].get<std::string>() : std::string();
        out += strCat("  ", one["severity"].get<std::string>(), " ", one["cause"].get<std::string>(), ": ",
                      one["object"].get<std::string>(), ": ", one["why"].get<std::string>(), remedy.empty() ? "" : ". ",
                      remedy, "\n");
    }
    return out;
}

/// Prints what was judged, where it ends with that.
Outcome tellJudged(Session &session, const Arguments &arguments, const v1::JudgeForkReply &judged)
{
    const Json document = judgedDocument(arguments, judged);
    GANTRY_CHECK(session.print(document, [&] {
        return strCat(judgedText(arguments, document),
                      document["known"].get<bool>() ? "The checkpoint is in its store already.\n" : "",
                      "Nothing was sent, and nothing was changed.\n");
    }));
    if (!document["possible"].get<bool>())
        return std::unexpected(Stop(1, ""));
    return {};
}

Outcome tellForked(Session &session, const Arguments &arguments, const service::Forked &done)
{
    for (const std::string &why : done.unrecorded)
        Session::warnUnrecorded(why);
    Json document = documentOf(done.copies, false);
    document.update(judgedDocument(arguments, done.judged));
    document["bytes"] = done.bytes;
    document["not_recorded"] = done.unrecorded.empty() ? Json() : Json(done.unrecorded.front());
    GANTRY_CHECK(session.print(document, [&] {
        return strCat("on ", printable(arguments.onHost), ":\n", textOf(done.copies, false),
                      done.judged.known() ? std::string("nothing was sent: the checkpoint was there before; it")
                                          : strCat(size(done.bytes), " sent; the checkpoint ",
                                                   done.copies.checkpoint().id().substr(0, 12)),
                      " stays in the store there\n");
    }));
    if (!isDone(done.copies, false))
        return std::unexpected(Stop(1, ""));
    return {};
}

} // namespace

Outcome runFork(Session &session, const Arguments &arguments)
{
    const link::Destination destination = GANTRY_TRY(link::parseDestination(arguments.onHost));
    const auto other = GANTRY_TRY(Session::open(arguments, destination));
    const service::ForkEnds ends{{session.fork(), session.transfer()}, {other->fork(), other->transfer()}};
    service::ForkWish wish;
    wish.copy.set_checkpoint(arguments.operands.front());
    wish.copy.set_name(arguments.asName.value_or(""));
    wish.copy.set_copies(arguments.copies.value_or(0));
    *wish.copy.mutable_actor() = session.actor();
    wish.skip = skipsOf(arguments);
    const OnInterrupt interrupt;
    if (arguments.checkOnly || arguments.dryRun)
        return tellJudged(session, arguments, GANTRY_TRY(service::judgeFork(ends, wish.copy, interrupt.token())));
    const auto onPhase = [&](const service::ForkPhase &phase) {
        if (arguments.json)
            return;
        session.note(phase.name != "send" || phase.mostBytes == 0
                         ? phase.name
                         : strCat("send, ", size(phase.bytes), " of at most ", size(phase.mostBytes)));
    };
    const service::Forked done = GANTRY_TRY(service::fork(ends, wish, onPhase, interrupt.token()));
    return done.refused ? tellJudged(session, arguments, done.judged) : tellForked(session, arguments, done);
}

} // namespace gantry::cli
