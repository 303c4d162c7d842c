// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/command.h"

#include "app/link/said.h"
#include "app/link/ssh_end.h"
#include "engine/base/strings.h"

#include <array>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace gantry::link {

namespace {

constexpr int kOfSsh = 255;

Result<std::pair<UniqueFd, UniqueFd>> makePipe()
{
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0)
        return failErrno("pipe", "command");
    return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

} // namespace

Result<Ran> runHere(const std::vector<std::string> &words, int input, std::chrono::milliseconds patience)
{
    auto [outRead, outWrite] = GANTRY_TRY(makePipe());
    auto [errRead, errWrite] = GANTRY_TRY(makePipe());
    std::vector<Child::Descriptor> descriptors{{outWrite.get(), STDOUT_FILENO}, {errWrite.get(), STDERR_FILENO}};
    if (input >= 0)
        descriptors.push_back({input, STDIN_FILENO});
    Child child = GANTRY_TRY(Child::startForUser(words, descriptors));
    outWrite.reset();
    errWrite.reset();
    const Said out(std::move(outRead));
    const Said err(std::move(errRead));
    if (!child.waitForEnd(patience))
        return fail(ETIMEDOUT, "run", words.front(), lastLines(err.text(), 1));
    const int exitCode = child.reap();
    return Ran{exitCode, out.textAtEnd(), err.textAtEnd()};
}

Result<Ran> runThere(const Destination &destination, const Programs &programs, bool mayAsk, std::string_view script,
                     int input, std::chrono::milliseconds patience)
{
    const auto words = sshWords(programs, destination, mayAsk, strCat("sh -c ", shellQuoted(script)));
    Ran ran = GANTRY_TRY(runHere(words, input, patience));
    if (ran.exitCode == kOfSsh)
        return std::unexpected(endedBeforeHello(destination, ran.exitCode, ran.err, "sh"));
    return ran;
}

} // namespace gantry::link
