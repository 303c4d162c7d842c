// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/destination.h"

#include "engine/base/parse.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <limits>

namespace gantry::link {

namespace {

constexpr std::string_view kSsh = "ssh://";
constexpr std::string_view kUnix = "unix:";
constexpr std::size_t kLongest = 255; ///< RFC 1035, of a name

std::unexpected<Error> refused(std::string_view text, std::string_view why)
{
    return fail(EINVAL, "host", strCat("\"", printable(text.substr(0, kLongest)), "\""), why,
                "write local, unix:/PATH, ssh://[USER@]HOST[:PORT] or [USER@]HOST");
}

/// What ssh(1) itself refuses in names of its command line, and what it might hand on to a shell.
bool isNameByte(char c)
{
    constexpr std::string_view kOfShells = "'`\"$\\;&<>|(){}[]*?!#~^,=/";
    return c > ' ' && c < '\x7f' && !kOfShells.contains(c);
}

/// Why it is no user or host for ssh; empty: it is one.
std::string_view problemOf(std::string_view name)
{
    if (name.empty())
        return "it names no host, or no user before the @";
    if (name.size() > kLongest)
        return "a name of more than 255 bytes";
    if (name.starts_with('-'))
        return "a name that starts with - would be an option of ssh";
    return std::ranges::all_of(name, isNameByte) ? "" : "a name has letters, digits and . - _ : % @ +";
}

/// Takes "user@" off the front; a user may have an @ itself.
std::string takeUser(std::string_view &rest, bool &any)
{
    const std::size_t at = rest.rfind('@');
    any = at != std::string_view::npos;
    if (!any)
        return {};
    std::string user(rest.substr(0, at));
    rest.remove_prefix(at + 1);
    return user;
}

Result<Destination> checked(Destination out, bool hasUser)
{
    for (const std::string *const name : {&out.user, &out.host}) {
        if (name == &out.user && !hasUser)
            continue;
        if (const std::string_view problem = problemOf(*name); !problem.empty())
            return refused(out.text, problem);
    }
    return out;
}

Result<Destination> parseUri(std::string_view text)
{
    std::string_view rest = text.substr(kSsh.size());
    if (rest.ends_with('/'))
        rest.remove_suffix(1);
    Destination out{.kind = Destination::Kind::Ssh, .text = std::string(text)};
    bool hasUser = false;
    out.user = takeUser(rest, hasUser);
    if (out.user.contains(':'))
        return refused(text.substr(0, kSsh.size()), "a password is not written there: ssh asks for it");
    std::string_view port;
    bool hasPort = false;
    if (rest.starts_with('[')) {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos)
            return refused(text, "its [ has no ]");
        out.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        hasPort = rest.starts_with(':');
        if (!rest.empty() && !hasPort)
            return refused(text, "behind the ] is no port");
        port = rest.substr(hasPort ? 1 : 0);
    } else {
        const std::size_t colon = rest.find(':');
        hasPort = colon != std::string_view::npos;
        out.host = rest.substr(0, colon);
        if (hasPort)
            port = rest.substr(colon + 1);
    }
    if (hasPort) {
        const auto number = parseU64(port);
        if (!number || *number == 0 || *number > std::numeric_limits<std::uint16_t>::max())
            return refused(text, "a port is a number from 1 to 65535");
        out.port = static_cast<std::uint16_t>(*number);
    }
    return checked(std::move(out), hasUser);
}

Result<Destination> parseSocket(std::string_view text)
{
    std::string_view path = text.substr(kUnix.size());
    if (path.starts_with("//"))
        path.remove_prefix(2);
    if (!path.starts_with('/') || path.contains('\0'))
        return refused(text, "behind unix: is no absolute path");
    GANTRY_TRY(socketAddress(path));
    return Destination{.kind = Destination::Kind::Socket, .text = std::string(text), .path = std::string(path)};
}

} // namespace

Result<Destination> parseDestination(std::string_view text)
{
    if (text == "local")
        return Destination{.text = "local"};
    if (text.starts_with(kSsh))
        return parseUri(text);
    if (text.starts_with(kUnix))
        return parseSocket(text);
    if (text.contains("://"))
        return refused(text, "hosts are reached by ssh alone");
    Destination out{.kind = Destination::Kind::Ssh, .text = std::string(text)};
    std::string_view rest = text;
    bool hasUser = false;
    out.user = takeUser(rest, hasUser);
    out.host = rest;
    // More than one is an IPv6 address.
    if (std::ranges::count(out.host, ':') == 1)
        return refused(text, "a port is written ssh://HOST:PORT");
    return checked(std::move(out), hasUser);
}

} // namespace gantry::link
