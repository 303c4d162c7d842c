// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/arguments.h"
#include "app/daemon/dial.h"
#include "app/daemon/serve.h"
#include "engine/base/fd.h"
#include "engine/base/strings.h"

#include <span>

#include <unistd.h>

namespace {

using namespace gantry::daemon;

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

void print(int fd, std::string_view text)
{
    (void)gantry::writeAll(fd, std::as_bytes(std::span(text)), "terminal"); // nobody is left to be told
}

int finish(const gantry::Result<> &done)
{
    if (done)
        return 0;
    const std::string &remedy = done.error().remedy;
    print(STDERR_FILENO, gantry::strCat("gantryd: ", done.error().message(), remedy.empty() ? "" : ": ", remedy, "\n"));
    return kFailed;
}

} // namespace

int main(int argc, char **argv)
{
    const auto arguments =
        parseArguments(std::span<const char *const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!arguments) {
        print(STDERR_FILENO, gantry::strCat("gantryd: ", arguments.error(), "\ngantryd: try \"gantryd --help\"\n"));
        return kWrongUsage;
    }
    switch (arguments->command) {
    case Arguments::Command::Help:
        print(STDOUT_FILENO, usageText());
        return 0;
    case Arguments::Command::Version:
        print(STDOUT_FILENO, "gantryd " GANTRY_VERSION "\n");
        return 0;
    case Arguments::Command::Dial:
        return finish(dial(*arguments));
    case Arguments::Command::Serve:
        return finish(serve(*arguments));
    }
    return kWrongUsage;
}
