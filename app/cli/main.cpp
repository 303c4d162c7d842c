// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/hosts.h"
#include "app/cli/session.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <csignal>
#include <span>

#include <unistd.h>

namespace {

using namespace gantry::cli;

Outcome run(std::span<const char *const> words)
{
    const auto arguments = parseArguments(words, verbs());
    if (!arguments)
        return std::unexpected(arguments.error());
    if (arguments->help)
        return writeOut(STDOUT_FILENO, usageText(verbs(), arguments->verb));
    if (arguments->version)
        return writeOut(STDOUT_FILENO, "gantryctl " GANTRY_VERSION "\n");
    return runVerb(*arguments);
}

} // namespace

int main(int argc, char **argv)
{
    // Writing to a closed pipe is an error to be seen, not a reason to die in the middle of a change.
    ::signal(SIGPIPE, SIG_IGN);
    const Outcome outcome = run(std::span<const char *const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (outcome)
        return 0;
    if (!outcome.error().text.empty())
        Session::warn(outcome.error().text);
    if (outcome.error().exitStatus == 2)
        Session::warn("try \"gantryctl --help\"");
    return outcome.error().exitStatus;
}
