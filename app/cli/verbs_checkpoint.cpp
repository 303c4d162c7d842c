// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

namespace gantry::cli {

namespace {

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
    for (const Json &finding : check["findings"]) {
        out += strCat("\n", cellText(finding["severity"], Format::Text), ": ",
                      cellText(finding["object"], Format::Text), "\n  ", cellText(finding["why"], Format::Text), "\n");
        if (!finding["remedy"].is_null())
            out += strCat("  ", finding["remedy"].get<std::string>(), "\n");
    }
    return out;
}

} // namespace

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
