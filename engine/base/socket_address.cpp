// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/socket_address.h"

#include "engine/base/fd.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>

#include <sys/time.h>

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

bool isServed(const SocketAddress &address)
{
    const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // EAGAIN: its queue is full, so somebody is there.
    return socket && (::connect(socket.get(), address.get(), address.size()) == 0 || errno == EAGAIN);
}

Result<> connectWithin(std::chrono::seconds patience, int socket, const SocketAddress &address, std::string_view path)
{
    const timeval most{.tv_sec = patience.count(), .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    while (::connect(socket, address.get(), address.size()) != 0) {
        if (errno == EAGAIN)
            return fail(ETIMEDOUT, "connect to", path, "somebody listens but takes no connections");
        if (errno != EINTR)
            return failErrno("connect to", path);
    }
    return {};
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
