// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/service/caller.h"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gantry::daemon {

/// Who has connected, as the kernel noted it at that moment.
struct Credentials
{
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups{}; ///< besides gid
};

/// @errors of getsockopt(2). Source: unix(7): SO_PEERCRED, SO_PEERGROUPS (Linux 4.13). Thread: any.
[[nodiscard]] Result<Credentials> credentialsOf(int connectedSocket);

/// The groups whose members are let in. Asked for at each connection: they can be made while the service runs.
struct Groups
{
    std::string act;
    std::string view;
};

/// The same as numbers; nullopt: there is no such group.
struct GroupIds
{
    std::optional<gid_t> act{};
    std::optional<gid_t> view{};
};
/// @errors of getgrnam_r(3): the group is treated as one that is not there. Thread: any.
[[nodiscard]] GroupIds idsOf(const Groups &groups);

/// What somebody may: root and members of the first group act, members of the second look, nullopt: nothing.
[[nodiscard]] std::optional<service::Access> accessOf(const Credentials &who, const GroupIds &groups);

/// The caller for the engine. @param origin on whose behalf root comes, see originOf().
[[nodiscard]] service::Caller callerWith(service::Access access, const Groups &groups, std::string origin);

/// Why somebody is not let in, and what an admin types to change that.
[[nodiscard]] Error refusalOf(const Credentials &who, const Groups &groups);

} // namespace gantry::daemon
