// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/connections.h"

#include "engine/base/strings.h"

#include <algorithm>

namespace gantry::daemon {

Result<> Connections::roomFor(uid_t uid) const
{
    constexpr std::string_view kRemedy = "close a console or a command that is connected";
    if (m_open.size() >= kMost)
        return fail(EMFILE, "connect", "gantryd", strCat(kMost, " connections are open"), kRemedy);
    if (uid == 0)
        return {};
    const auto ofUser = std::ranges::count(m_open, uid, &Open::uid);
    if (static_cast<std::size_t>(ofUser) >= kMostOfUser)
        return fail(EMFILE, "connect", "gantryd", strCat("uid ", uid, " has ", kMostOfUser, " connections open"),
                    kRemedy);
    const auto ofRoot = std::ranges::count(m_open, uid_t{0}, &Open::uid);
    if (m_open.size() - static_cast<std::size_t>(ofRoot) >= kMostOfOthers)
        return fail(EMFILE, "connect", "gantryd", strCat(kMostOfOthers, " connections of others than root are open"),
                    kRemedy);
    return {};
}

Result<> Connections::add(int connectedSocket, uid_t uid)
{
    UniqueFd second(::fcntl(connectedSocket, F_DUPFD_CLOEXEC, 0));
    if (!second)
        return failErrno("fcntl", "connection");
    m_open.push_back({std::move(second), uid});
    return {};
}

void Connections::addTo(std::vector<pollfd> &set) const
{
    for (const Open &open : m_open)
        set.push_back({open.second.get(), 0, 0}); // POLLHUP is always told: both directions are shut
}

void Connections::sweep()
{
    std::erase_if(m_open, [](const Open &open) {
        pollfd look{open.second.get(), 0, 0};
        return ::poll(&look, 1, 0) > 0;
    });
}

} // namespace gantry::daemon
