// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/limit.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <filesystem>

namespace gantry::cli {

namespace {

void warnUnrecorded(const std::string &reason)
{
    if (!reason.empty())
        Session::warn(strCat("warning: done, but missing in the audit log: ", reason));
}

std::expected<v1::RunRequest, Stop> requestOf(const Arguments &arguments)
{
    v1::RunRequest out;
    out.set_name(arguments.name.value_or(std::string()));
    // The engine knows no current folder.
    std::error_code unknown;
    if (!arguments.rootFolder.empty() && !arguments.image.empty())
        return wrongUsage("--rootfs and --image exclude each other");
    if (!arguments.rootFolder.empty())
        out.set_rootfs_folder(std::filesystem::absolute(arguments.rootFolder, unknown).string());
    else if (!arguments.image.empty())
        out.set_image(arguments.image);
    for (const std::string &word : arguments.limits) {
        const std::size_t equals = word.find('=');
        const LimitKey key = GANTRY_TRY(limitKeyByName(word.substr(0, equals)));
        v1::LimitSetting &setting = *out.add_limits();
        setting.set_key(word.substr(0, equals));
        *setting.mutable_value() = toMessage(GANTRY_TRY(parseLimitValue(key, word.substr(equals + 1))));
    }
    out.mutable_command()->Add(arguments.operands.begin(), arguments.operands.end());
    out.mutable_environment()->Add(arguments.environment.begin(), arguments.environment.end());
    out.mutable_labels()->Add(arguments.labels.begin(), arguments.labels.end());
    out.set_runtime(arguments.runtime);
    if (arguments.bridge.empty() != arguments.ip.empty() || (arguments.bridge.empty() && !arguments.gateway.empty()))
        return wrongUsage("--network BRIDGE and --ip ADDRESS/BITS belong together; --gateway goes with them");
    if (!arguments.bridge.empty()) {
        out.mutable_network()->set_bridge(arguments.bridge);
        out.mutable_network()->set_address(arguments.ip);
        out.mutable_network()->set_gateway(arguments.gateway);
    }
    out.set_dry_run(arguments.dryRun);
    return out;
}

} // namespace

Outcome runRun(Session &session, const Arguments &arguments)
{
    if (!arguments.name || arguments.name->empty())
        return wrongUsage("\"run\" wants --name NAME");
    v1::RunRequest request = GANTRY_TRY(requestOf(arguments));
    *request.mutable_actor() = session.actor();
    const v1::RunReply reply = GANTRY_TRY(session.call(session.launch(), &v1::Launch::Stub::Run, request));
    warnUnrecorded(reply.not_recorded());
    const Json document = {{"dry_run", arguments.dryRun},
                           {"job", reply.job_id()},
                           {"name", reply.name()},
                           {"runtime", reply.runtime()},
                           {"root_pid", reply.root_pid() == 0 ? Json() : Json(reply.root_pid())},
                           {"cgroups_path", reply.cgroups_path()},
                           {"bundle", reply.bundle()},
                           {"log", reply.log()},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        if (arguments.dryRun)
            return strCat(reply.name(), " can be started by ", reply.runtime(), ", in ", reply.bundle(),
                          ".\nDry run: nothing was changed.\n");
        return strCat(reply.name(), " runs by ", reply.runtime(), ": pid ", reply.root_pid(),
                      "\nIts log: ", reply.log(), " (gantryctl logs ", reply.name(), ")\n");
    });
}

Outcome runRemoveRun(Session &session, const Arguments &arguments)
{
    v1::RemoveLaunchedRequest request;
    request.set_name(arguments.operands.front());
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    const v1::RemoveLaunchedReply reply =
        GANTRY_TRY(session.call(session.launch(), &v1::Launch::Stub::Remove, request));
    warnUnrecorded(reply.not_recorded());
    const Json document = {{"dry_run", arguments.dryRun},
                           {"name", request.name()},
                           {"bundle", reply.bundle()},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&] {
        return strCat(request.name(), arguments.dryRun ? ": would be removed, with " : ": removed, with ",
                      reply.bundle(), arguments.dryRun ? "\nDry run: nothing was changed.\n" : "\n");
    });
}

} // namespace gantry::cli
