// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/access.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <utility>

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>

namespace gantry::daemon {

using service::Access;

namespace {

constexpr std::size_t kMostEntryBytes = std::size_t{1} << 20; ///< a group's line names all its members

/// Calls a function of the getgrnam_r(3) family with as much room as it wants. @return nullopt: no such entry.
template <class Entry, class Call> std::optional<Entry> looked(Call call, std::vector<char> &room)
{
    for (room.resize(4'096); room.size() <= kMostEntryBytes; room.resize(room.size() * 4)) {
        Entry entry{};
        Entry *found = nullptr;
        const int error = call(&entry, room.data(), room.size(), &found);
        if (error == ERANGE)
            continue;
        return error == 0 && found != nullptr ? std::optional(entry) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<gid_t> groupId(const std::string &name)
{
    std::vector<char> room;
    const auto entry =
        looked<group>([&name](group *out, char *bytes, std::size_t size,
                              group **found) { return ::getgrnam_r(name.c_str(), out, bytes, size, found); },
                      room);
    return entry ? std::optional(entry->gr_gid) : std::nullopt;
}

std::string nameOf(uid_t uid)
{
    std::vector<char> room;
    const auto entry = looked<passwd>([uid](passwd *out, char *bytes, std::size_t size,
                                            passwd **found) { return ::getpwuid_r(uid, out, bytes, size, found); },
                                      room);
    return entry ? printable(entry->pw_name) : std::string("USER");
}

bool isIn(const Credentials &who, const std::optional<gid_t> &group)
{
    return group && (who.gid == *group || std::ranges::find(who.groups, *group) != who.groups.end());
}

} // namespace

Result<Credentials> credentialsOf(int connectedSocket)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connectedSocket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return failErrno("getsockopt", "SO_PEERCRED");
    Credentials out{.uid = peer.uid, .gid = peer.gid};
    constexpr std::size_t kMostGroups = 65'536; // NGROUPS_MAX
    for (out.groups.resize(64);; out.groups.resize(size / sizeof(gid_t))) {
        size = static_cast<socklen_t>(out.groups.size() * sizeof(gid_t));
        if (::getsockopt(connectedSocket, SOL_SOCKET, SO_PEERGROUPS, out.groups.data(), &size) == 0)
            break;
        if (errno != ERANGE || size > kMostGroups * sizeof(gid_t)) // else it has told how much it wants
            return failErrno("getsockopt", "SO_PEERGROUPS");
    }
    out.groups.resize(size / sizeof(gid_t));
    return out;
}

GroupIds idsOf(const Groups &groups)
{
    return {groupId(groups.act), groupId(groups.view)};
}

std::optional<Access> accessOf(const Credentials &who, const GroupIds &groups)
{
    if (who.uid == 0 || isIn(who, groups.act))
        return Access::Act;
    return isIn(who, groups.view) ? std::optional(Access::Look) : std::nullopt;
}

service::Caller callerWith(Access access, const Groups &groups, std::string origin)
{
    if (access == Access::Act)
        return {.origin = std::move(origin)};
    return {access,
            strCat("membership in group ", groups.act, " (group ", groups.view, " only looks)"),
            strCat("usermod -aG ", groups.act, " USER, as root; then log in anew"),
            {}};
}

Error refusalOf(const Credentials &who, const Groups &groups)
{
    const std::string name = nameOf(who.uid);
    return fail(EPERM, "connect", "gantryd",
                strCat("uid ", who.uid, " is in neither group ", groups.act, " (may change this host) nor group ",
                       groups.view, " (may look)"),
                strCat("usermod -aG ", groups.view, " ", name, ", or usermod -aG ", groups.act, " ", name,
                       ", as root; then log in anew"))
        .error();
}

} // namespace gantry::daemon
