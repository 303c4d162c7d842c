// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>

namespace gantry::cli {

namespace {

std::string_view severityName(v1::CheckFinding::Severity severity)
{
    static constexpr std::array<std::string_view, 4> kNames{"unknown", "info", "warning", "error"};
    return kNames.at(std::min<std::size_t>(static_cast<std::size_t>(severity), 3));
}

Json orNull(const std::string &text)
{
    return text.empty() ? Json() : Json(text);
}

Json toJson(const v1::CheckReply &reply)
{
    Json out{{"possible", reply.possible()},
             {"root_pid", reply.root_pid()},
             {"processes", reply.processes()},
             {"resident_bytes", reply.resident_bytes()},
             {"criu", {{"path", orNull(reply.criu_path())}, {"version", orNull(reply.criu_version())}}},
             {"options", Json::array()},
             {"findings", Json::array()}};
    for (const std::string &option : reply.options())
        out["options"].push_back(option);
    for (const v1::CheckFinding &finding : reply.findings())
        out["findings"].push_back({{"severity", severityName(finding.severity())},
                                   {"cause", finding.cause()},
                                   {"object", finding.object()},
                                   {"why", finding.why()},
                                   {"remedy", orNull(finding.remedy())},
                                   {"option", orNull(finding.option())},
                                   {"pid", finding.pid() == 0 ? Json() : Json(finding.pid())}});
    return out;
}

std::string textOf(const v1::CheckReply &reply, const std::string &target)
{
    std::string out = strCat(target, reply.possible() ? " can be checkpointed" : " cannot be checkpointed", ": ",
                             reply.processes(), reply.processes() == 1 ? " process, " : " processes, ",
                             cellText(reply.resident_bytes(), Format::Size), "\n");
    if (reply.possible() && reply.options_size() > 0) {
        out += "criu needs";
        for (const std::string &option : reply.options())
            out += strCat(" --", option);
        out += "\n";
    }
    for (const v1::CheckFinding &finding : reply.findings()) {
        out += strCat("\n", severityName(finding.severity()), ": ", finding.object(), "\n  ", finding.why(), "\n");
        if (!finding.remedy().empty())
            out += strCat("  ", finding.remedy(), "\n");
    }
    return out;
}

} // namespace

Outcome runCheck(Session &session, const Arguments &arguments)
{
    v1::CheckRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    const v1::CheckReply reply = GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Check, request));
    const Outcome printed =
        session.print(toJson(reply), [&] { return textOf(reply, printable(arguments.operands.front())); });
    if (!printed || reply.possible())
        return printed;
    return std::unexpected(Stop(1, ""));
}

} // namespace gantry::cli
