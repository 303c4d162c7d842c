// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/socket_address.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace gantry {

Result<SocketAddress> socketAddress(std::string_view path)
{
    SocketAddress out;
    out.m_address.sun_family = AF_UNIX;
    if (path.size() >= sizeof out.m_address.sun_path)
        return failErrno("socket", path, ENAMETOOLONG);
    std::ranges::copy(path, std::begin(out.m_address.sun_path));
    return out;
}

Result<SocketAddress> abstractAddress(std::string_view name)
{
    SocketAddress out;
    out.m_address.sun_family = AF_UNIX;
    if (name.size() >= sizeof out.m_address.sun_path)
        return failErrno("socket", name, ENAMETOOLONG);
    std::ranges::copy(name, std::next(std::begin(out.m_address.sun_path)));
    out.m_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    return out;
}

std::string abstractNameOfPeer(int socket)
{
    constexpr std::size_t kBefore = offsetof(sockaddr_un, sun_path) + 1;
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getpeername(socket, reinterpret_cast<sockaddr *>(&address), &size) != 0 || size <= kBefore ||
        address.sun_path[0] != '\0')
        return {};
    return {std::next(std::begin(address.sun_path)), std::min<std::size_t>(size, sizeof address) - kBefore};
}

} // namespace gantry
