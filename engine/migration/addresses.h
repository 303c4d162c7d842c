// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

/// IPv4 and IPv6, for connections between hosts. Thread: any.
namespace gantry::migration {

/// An address with a port, as accept4(2) and connect(2) take it.
struct NetAddress
{
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);

    /// @param text of numbers: no name is asked for. @errors EINVAL.
    [[nodiscard]] static Result<NetAddress> parse(const std::string &text, std::uint16_t port);
    [[nodiscard]] sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
    [[nodiscard]] const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
    [[nodiscard]] int family() const { return storage.ss_family; }
    /// "10.0.0.1:4711", "[2001:db8::1]:4711".
    [[nodiscard]] std::string text() const;
};

/// What other hosts could reach this one by: of interfaces that are up, neither loopback nor link-local, 16 at most.
/// @errors of getifaddrs(3).
[[nodiscard]] Result<std::vector<std::string>> ownAddresses();
/// A TCP socket at a port that the kernel chooses. @errors EINVAL: it is no address; EADDRNOTAVAIL: not one of this
/// host; of socket(2), bind(2).
[[nodiscard]] Result<UniqueFd> boundTo(const std::string &address);
/// The same at all addresses, of both kinds where this kernel has IPv6.
[[nodiscard]] Result<UniqueFd> boundToAll();
/// Its port. @errors of getsockname(2).
[[nodiscard]] Result<std::uint16_t> portOf(int socket);

} // namespace gantry::migration
