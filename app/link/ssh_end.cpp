// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/ssh_end.h"

#include "app/link/said.h"
#include "engine/base/strings.h"

#include <array>
#include <cerrno>
#include <string>

namespace gantry::link {

namespace {

constexpr int kOfSsh = 255;
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr int kSignals = 128;

/// What ssh(1) says, and what it means. The first that fits.
struct Saying
{
    std::string_view part;
    int error;
    std::string_view remedy;
};
constexpr std::array kSayings{
    Saying{"REMOTE HOST IDENTIFICATION HAS CHANGED", EKEYREJECTED,
           "somebody may stand in between: ask who runs it whether its key was changed, and only then remove the old "
           "one with ssh-keygen -R"},
    Saying{"Host key verification failed", EKEYREJECTED,
           "its key is not known here: log in once by ssh and compare the fingerprint that is shown"},
    Saying{"Permission denied", EACCES,
           "load a key that it knows into the agent (ssh-add), put one there (ssh-copy-id), or name another user"},
    Saying{"Too many authentication failures", EACCES,
           "name the right key in ssh_config (IdentityFile, IdentitiesOnly)"},
    Saying{"Could not resolve hostname", EHOSTUNREACH, "look at the name, or give it a Host block in ssh_config"},
    Saying{"Connection refused", ECONNREFUSED, "no sshd listens at that port"},
    Saying{"No route to host", EHOSTUNREACH, ""},
    Saying{"Network is unreachable", ENETUNREACH, ""},
    Saying{"timed out", ETIMEDOUT, "it is off, or a firewall drops what is sent to it"},
};

Error made(int error, const Destination &destination, std::string detail, std::string remedy)
{
    return fail(error, "connect to", printable(destination.text), detail, remedy).error();
}

/// Some of its lines begin with its name, some do not.
std::string inItsName(const std::string &line)
{
    return line.starts_with("ssh: ") ? line : strCat("ssh: ", line);
}

Error ofSsh(const Destination &destination, std::string_view said)
{
    const std::string line = lastLines(said, 1);
    for (const Saying &saying : kSayings) {
        if (said.contains(saying.part))
            return made(saying.error, destination, inItsName(line), std::string(saying.remedy));
    }
    return made(ENOTCONN, destination, line.empty() ? std::string("ssh ended and said nothing") : inItsName(line), {});
}

} // namespace

Error endedBeforeHello(const Destination &destination, int exitCode, std::string_view said, std::string_view gantryd)
{
    const std::string install = strCat("install it by: gantryctl host install ", printable(destination.text));
    const std::string lines = lastLines(said, 1);
    const std::string more = lines.empty() ? std::string() : strCat(": ", lines);
    switch (exitCode) {
    case kOfSsh:
        return ofSsh(destination, said);
    case kNotFound:
        return made(ENOENT, destination,
                    strCat("there is no ", printable(gantryd), gantryd.contains('/') ? "" : " in its PATH", more),
                    install);
    case kNotExecutable:
        return made(EACCES, destination, strCat(printable(gantryd), " cannot be run there", more),
                    strCat("make it executable for this user, or ", install));
    default:
        break;
    }
    if (exitCode > kSignals)
        return made(ENOTCONN, destination, strCat("ssh was ended by signal ", exitCode - kSignals, more), {});
    if (exitCode == 0)
        return made(EPROTO, destination, strCat(printable(gantryd), " ended without an answer", more), install);
    return made(EPROTO, destination, strCat(printable(gantryd), " ended with exit status ", exitCode, more), {});
}

} // namespace gantry::link
