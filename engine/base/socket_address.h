// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <chrono>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace gantry {

/// Address of a UNIX socket, as bind(2) and connect(2) take it.
class SocketAddress
{
public:
    [[nodiscard]] const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&m_address); }
    [[nodiscard]] socklen_t size() const { return m_size; }

private:
    friend Result<SocketAddress> socketAddress(std::string_view path);
    friend Result<SocketAddress> abstractAddress(std::string_view name);
    sockaddr_un m_address{};
    socklen_t m_size = sizeof m_address;
};

/// @param path of the socket's file. @errors ENAMETOOLONG: more than 107 bytes. Source: unix(7). Thread: any.
[[nodiscard]] Result<SocketAddress> socketAddress(std::string_view path);
/// The same for one that has no file. @param name without the byte 0 in front.
[[nodiscard]] Result<SocketAddress> abstractAddress(std::string_view name);
/// Whether somebody listens there whom this user may talk to. Does not wait. Thread: any.
[[nodiscard]] bool isServed(const SocketAddress &address);
/// Connects a blocking stream socket; where the queue of whoever listens is full, it waits for room.
/// @param path for errors. @errors ETIMEDOUT: no room came; of connect(2): ENOENT or ECONNREFUSED where nobody listens.
/// Source: unix(7), SO_SNDTIMEO in socket(7). Thread: any; blocks.
[[nodiscard]] Result<> connectWithin(std::chrono::seconds patience, int socket, const SocketAddress &address,
                                     std::string_view path);
/// Name of the socket at the other end, where it is an abstract one; else empty. Source: getpeername(2).
[[nodiscard]] std::string abstractNameOfPeer(int socket);

} // namespace gantry
