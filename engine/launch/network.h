// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/launch/place.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>

/// Networks of containers that Gantry starts: a net namespace that stays where the processes go, with "lo" and "eth0";
/// eth0 is one end of a veth pair, whose other end, the link, is a port of a bridge of the host. A link that is up is
/// plugged in. Without a link the addresses are there and nobody is reached, nor told that nobody is here: that is how
/// a container stands that is saved, to be gone, or restored and not let go yet.
/// Source: veth(4), network_namespaces(7), rtnetlink(7). Thread: any; what changes something blocks for some ms.
namespace gantry::launch {

/// Of a config.json: what the container's network is, as Network::text() has it.
inline constexpr std::string_view kNetworkLabel = "gantry.network";

/// Error::op of what is about networks.
inline constexpr std::string_view kNetworkOp = "network";

using Mac = std::array<std::uint8_t, 6>;

/// "02:00:5e:10:00:01"
[[nodiscard]] std::string macText(const Mac &mac);
/// "10.0.0.5"
[[nodiscard]] std::string addressText(in_addr address);

struct Network
{
    std::string bridge;             ///< of the host
    in_addr address{};              ///< of eth0
    unsigned prefix = 0;            ///< bits: 1 to 30
    std::optional<in_addr> gateway; ///< the default route; nullopt: there is none
    Mac mac{};

    /// "bridge=br0 address=10.0.0.5/24 gateway=10.0.0.1 mac=02:00:5e:10:00:01", which parseNetwork() reads back.
    [[nodiscard]] std::string text() const;
};

/// With a MAC address of its own making. @param address "10.0.0.5/24". @param gateway empty: none.
/// @errors EINVAL: not such an address, one of the network itself, a gateway outside of it; no name of a bridge.
[[nodiscard]] Result<Network> networkOf(const std::string &bridge, const std::string &address,
                                        const std::string &gateway);
/// @errors EBADMSG.
[[nodiscard]] Result<Network> parseNetwork(std::string_view text);
/// Of a config.json, from the annotation "gantry.network". nullopt: it has nothing but lo. @errors EBADMSG.
[[nodiscard]] Result<std::optional<Network>> networkIn(std::string_view config);

/// @errors ENODEV: there is no such bridge here; ENOTSUP: it is none; ENETDOWN: it is down.
[[nodiscard]] Result<> checkBridge(const std::string &bridge);

/// Who answers to an address on a bridge, by ARP probes (RFC 5227): whoever does not answer within half a second does
/// not have it. This host itself answers too, by the bridge's own MAC address. @errors as checkBridge(); of packet(7).
[[nodiscard]] Result<std::vector<Mac>> whoHas(const std::string &bridge, in_addr address);

/// Makes a place's namespace and link anew; it is not plugged in. @errors as checkBridge(); of unshare(2), mount(2),
/// rtnetlink: nothing of it is left then.
[[nodiscard]] Result<> makeNetwork(const Place &place, const Network &network);
/// The link of a place. Empty: it has none.
[[nodiscard]] std::string linkOf(const Place &place);
/// The link goes up, and the bridge's other ports hear where the address is now (gratuitous ARP). Nothing where there
/// is none. @errors of rtnetlink.
[[nodiscard]] Result<> plugIn(const Place &place);
/// The link goes down. Nothing where there is none. @errors of rtnetlink.
[[nodiscard]] Result<> pullOut(const Place &place);
/// Link and namespace are gone; nothing where there are none. @errors of rtnetlink, umount(2).
[[nodiscard]] Result<> removeNetwork(const Place &place);

/// Pulled out, until it is said to be for good.
class PulledOut
{
public:
    /// @errors of pullOut().
    [[nodiscard]] static Result<PulledOut> of(const Place &place);
    PulledOut(PulledOut &&other) noexcept;
    PulledOut(const PulledOut &) = delete;
    PulledOut &operator=(const PulledOut &) = delete;
    PulledOut &operator=(PulledOut &&) = delete;
    ~PulledOut(); ///< plugs it in, unless keep() was called
    void keep() { m_active = false; }

private:
    explicit PulledOut(Place place) : m_place(std::move(place)) {}

    Place m_place;
    bool m_active = true;
};

} // namespace gantry::launch
