// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/addresses.h"

#include "engine/base/strings.h"

#include <array>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

namespace gantry::migration {

namespace {

constexpr std::size_t kMostOwn = 16;

std::string hostIn(const sockaddr *address, socklen_t size)
{
    std::array<char, NI_MAXHOST> out{};
    return ::getnameinfo(address, size, out.data(), out.size(), nullptr, 0, NI_NUMERICHOST) == 0 ? out.data()
                                                                                                 : std::string();
}

Result<UniqueFd> bound(const NetAddress &address)
{
    UniqueFd out(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!out)
        return failErrno("socket", address.text());
    const int no = 0;
    if (address.family() == AF_INET6)
        static_cast<void>(::setsockopt(out.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no));
    if (::bind(out.get(), address.get(), address.size) != 0)
        return failErrno("bind", address.text());
    return out;
}

} // namespace

Result<NetAddress> NetAddress::parse(const std::string &text, std::uint16_t port)
{
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(text.c_str(), std::to_string(port).c_str(), &hints, &found) != 0 || found == nullptr)
        return fail(EINVAL, "connect", printable(text), "it is no IPv4 or IPv6 address");
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    NetAddress out;
    std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
    out.size = found->ai_addrlen;
    return out;
}

std::string NetAddress::text() const
{
    const std::string host = hostIn(get(), size);
    // Both begin alike: family and port.
    const std::uint16_t port = ntohs(reinterpret_cast<const sockaddr_in *>(&storage)->sin_port);
    return family() == AF_INET6 ? strCat('[', host, "]:", port) : strCat(host, ':', port);
}

Result<std::vector<std::string>> ownAddresses()
{
    ifaddrs *all = nullptr;
    if (::getifaddrs(&all) != 0)
        return failErrno("getifaddrs", "this host");
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(all, ::freeifaddrs);
    std::vector<std::string> out;
    for (const ifaddrs *one = all; one != nullptr && out.size() < kMostOwn; one = one->ifa_next) {
        if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0 || (one->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        const int family = one->ifa_addr->sa_family;
        if (family == AF_INET6 &&
            IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6 *>(one->ifa_addr)->sin6_addr))
            continue;
        if (family == AF_INET || family == AF_INET6)
            out.push_back(hostIn(one->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)));
    }
    return out;
}

Result<UniqueFd> boundTo(const std::string &address)
{
    auto out = bound(GANTRY_TRY(NetAddress::parse(address, 0)));
    if (!out && out.error().posix() == EADDRNOTAVAIL)
        return fail(EADDRNOTAVAIL, "listen", printable(address), "the target has no such address",
                    "Name one of its own, or none: all of them are tried then");
    return out;
}

Result<UniqueFd> boundToAll()
{
    // A kernel without IPv6, or with it turned off.
    if (auto both = bound(GANTRY_TRY(NetAddress::parse("::", 0))))
        return both;
    return bound(GANTRY_TRY(NetAddress::parse("0.0.0.0", 0)));
}

Result<std::uint16_t> portOf(int socket)
{
    NetAddress own;
    if (::getsockname(socket, own.get(), &own.size) != 0)
        return failErrno("getsockname", "the port");
    return ntohs(reinterpret_cast<const sockaddr_in *>(&own.storage)->sin_port);
}

} // namespace gantry::migration
