// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/host_install.h"

#include "app/cli/session.h"
#include "app/link/install.h"
#include "engine/base/strings.h"

#include <filesystem>

#include <unistd.h>

namespace gantry::cli {

namespace {

std::string textOf(const std::string &host, const link::Installed &done)
{
    std::string out = strCat(host, ": gantryd ", done.version, done.wasThere ? " is there already, " : " is installed, ",
                             done.path, "\n");
    if (!done.service.empty())
        out += strCat(done.service, " is enabled and runs\n");
    else
        out += strCat("No service: ", done.noService, "; each connection starts an engine of its own\n");
    if (!done.inPath)
        out += strCat("It is not in the PATH of commands by ssh: set GANTRYD_PROGRAM=", done.path, "\n");
    return out;
}

} // namespace

Outcome runInstall(const Arguments &arguments)
{
    if (arguments.operands.size() != 2 || arguments.operands.front() != "install" || !arguments.hosts.empty())
        return wrongUsage("\"host\" wants nothing, or install HOST");
    const auto destination = link::parseDestination(arguments.operands.back());
    if (!destination || destination->kind != link::Destination::Kind::Ssh)
        return wrongUsage(destination ? "\"host install\" wants a host that is reached by ssh"
                                      : strCat(destination.error().detail, ", in ", destination.error().subject));
    std::error_code unknown;
    link::InstallOptions options;
    options.dial.client = "gantryctl " GANTRY_VERSION;
    options.prefix = arguments.prefix;
    options.from = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path().string();
    const link::Installed done = GANTRY_TRY(link::install(*destination, options));
    const std::string host = printable(destination->text);
    constexpr int kIndent = 2;
    const Json document = {{"host", host},
                           {"path", done.path},
                           {"version", done.version},
                           {"was_there", done.wasThere},
                           {"in_path", done.inPath},
                           {"service", textOrNull(done.service)},
                           {"no_service", textOrNull(done.noService)}};
    return writeOut(STDOUT_FILENO, arguments.json ? strCat(document.dump(kIndent, ' ', false,
                                                                         Json::error_handler_t::replace),
                                                           "\n")
                                                  : textOf(host, done));
}

} // namespace gantry::cli
