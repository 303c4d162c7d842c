// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_text.h"
#include "app/cli/session.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

namespace gantry::cli {

namespace {

void warnUnrecorded(const std::string &reason)
{
    if (!reason.empty())
        Session::warn(strCat("warning: done, but missing in the audit log: ", reason));
}

} // namespace

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
    warnUnrecorded(reply.not_recorded());
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
