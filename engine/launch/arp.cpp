// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/arp.h"

#include "engine/base/fd.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <span>

#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sys/socket.h>

namespace gantry::launch {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char *kArp = "ARP";
constexpr int kProbes = 3;
constexpr std::chrono::milliseconds kBetweenProbes{170};
constexpr Mac kEverybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/// SOCK_DGRAM: the kernel makes the Ethernet header.
Result<UniqueFd> arpSocket(int index)
{
    UniqueFd out(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP)));
    sockaddr_ll from{};
    from.sll_family = AF_PACKET;
    from.sll_protocol = htons(ETH_P_ARP);
    from.sll_ifindex = index;
    if (!out || ::bind(out.get(), reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0)
        return failErrno("socket", kArp);
    return out;
}

ether_arp packet(int operation, const Mac &from, in_addr fromAddress, const Mac &to, in_addr toAddress)
{
    ether_arp out{};
    out.arp_hrd = htons(ARPHRD_ETHER);
    out.arp_pro = htons(ETHERTYPE_IP);
    out.arp_hln = ETH_ALEN;
    out.arp_pln = sizeof(in_addr);
    out.arp_op = htons(static_cast<std::uint16_t>(operation));
    std::ranges::copy(from, out.arp_sha);
    std::memcpy(out.arp_spa, &fromAddress, sizeof fromAddress);
    std::ranges::copy(to, out.arp_tha);
    std::memcpy(out.arp_tpa, &toAddress, sizeof toAddress);
    return out;
}

Result<> sendAll(int socket, int index, const ether_arp &packet)
{
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(ETH_P_ARP);
    to.sll_ifindex = index;
    to.sll_halen = ETH_ALEN;
    std::ranges::copy(kEverybody, to.sll_addr);
    if (::sendto(socket, &packet, sizeof packet, 0, reinterpret_cast<const sockaddr *>(&to), sizeof to) < 0)
        return failErrno("send", kArp);
    return {};
}

/// Whoever tells that the address is at its own MAC address, until then. @errors of recv(2).
Result<> listen(int socket, in_addr address, Clock::time_point until, std::vector<Mac> &out)
{
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0)
            return {};
        pollfd wait{socket, POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(left)) <= 0)
            continue;
        ether_arp got{};
        const ssize_t bytes = ::recv(socket, &got, sizeof got, MSG_DONTWAIT);
        if (bytes < 0 && errno != EAGAIN && errno != EINTR)
            return failErrno("recv", kArp);
        in_addr who{};
        std::memcpy(&who, got.arp_spa, sizeof who);
        if (bytes < static_cast<ssize_t>(sizeof got) || who.s_addr != address.s_addr)
            continue;
        Mac mac{};
        std::ranges::copy(got.arp_sha, mac.begin());
        if (std::ranges::find(out, mac) == out.end())
            out.push_back(mac);
    }
}

} // namespace

Result<std::vector<Mac>> probe(int index, const Mac &own, in_addr address)
{
    const UniqueFd socket = GANTRY_TRY(arpSocket(index));
    // RFC 5227, 2.1.1: without a sender's address nobody learns a wrong one by it.
    const ether_arp question = packet(ARPOP_REQUEST, own, in_addr{}, Mac{}, address);
    std::vector<Mac> out;
    for (int i = 0; i < kProbes; ++i) {
        GANTRY_CHECK(sendAll(socket.get(), index, question));
        GANTRY_CHECK(listen(socket.get(), address, Clock::now() + kBetweenProbes, out));
    }
    return out;
}

Result<> announce(int index, const Mac &mac, in_addr address)
{
    const UniqueFd socket = GANTRY_TRY(arpSocket(index));
    // RFC 5227, 3: a request of one's own address; some listen to replies alone.
    GANTRY_CHECK(sendAll(socket.get(), index, packet(ARPOP_REQUEST, mac, address, Mac{}, address)));
    return sendAll(socket.get(), index, packet(ARPOP_REPLY, mac, address, kEverybody, address));
}

} // namespace gantry::launch
