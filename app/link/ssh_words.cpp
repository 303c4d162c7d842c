// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/ssh_words.h"

#include "engine/base/fd.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <cstdlib>

#include <fcntl.h>

namespace gantry::link {

namespace {

/// Empty: unset, or set to nothing.
std::string_view fromEnvironment(const char *name)
{
    const char *const text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? std::string_view() : text;
}

} // namespace

Programs programsFromEnvironment()
{
    Programs out;
    std::vector<std::string> words;
    for (std::string_view rest = trim(fromEnvironment("GANTRY_SSH")); !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        words.emplace_back(rest.substr(0, end));
        rest = trim(rest.substr(end));
    }
    if (!words.empty())
        out.ssh = std::move(words);
    if (const std::string_view program = fromEnvironment("GANTRYD_PROGRAM"); !program.empty())
        out.gantryd = program;
    return out;
}

std::string shellQuoted(std::string_view word)
{
    const auto isPlain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-+:@%").contains(c);
    };
    if (!word.empty() && std::ranges::all_of(word, isPlain))
        return std::string(word);
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'')
            out += R"('\'')";
        else
            out += c;
    }
    return out += '\'';
}

bool canAsk()
{
    const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    return terminal || !fromEnvironment("DISPLAY").empty() || !fromEnvironment("WAYLAND_DISPLAY").empty() ||
           fromEnvironment("SSH_ASKPASS_REQUIRE") == "force";
}

std::vector<std::string> sshWords(const Programs &programs, const Destination &destination, bool mayAsk,
                                  std::string_view command)
{
    std::vector<std::string> out = programs.ssh;
    // No terminal there, no escape character, and nothing of the user's that a session of bytes has no use for.
    for (const char *const word : {"-T", "-a", "-x", "-e", "none"})
        out.emplace_back(word);
    // A dead host is given up while connecting, a dead link is noticed within 20 s.
    for (const char *const option : {"ConnectTimeout=10", "ServerAliveInterval=5", "ServerAliveCountMax=3",
                                     "ClearAllForwardings=yes", "RemoteCommand=none"}) {
        out.emplace_back("-o");
        out.emplace_back(option);
    }
    if (!mayAsk) {
        out.emplace_back("-o");
        out.emplace_back("BatchMode=yes");
    }
    if (destination.port != 0) {
        out.emplace_back("-p");
        out.push_back(std::to_string(destination.port));
    }
    if (!destination.user.empty()) {
        out.emplace_back("-l");
        out.push_back(destination.user);
    }
    out.emplace_back("--");
    out.push_back(destination.host);
    out.emplace_back(command);
    return out;
}

} // namespace gantry::link
