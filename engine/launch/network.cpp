// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/network.h"

#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/launch/arp.h"
#include "engine/namespaces/netlink.h"
#include "engine/runtime/json.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <span>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::launch {

using namespaces::Netlink;

namespace {

constexpr const char *kInside = "eth0";
constexpr const char *kOwnSpace = "/proc/thread-self/ns/net";
constexpr const char *kRoute = "rtnetlink";
constexpr unsigned kMostPrefix = 30;
constexpr std::size_t kMessage = 1'024;

std::uint32_t maskOf(unsigned prefix)
{
    return prefix == 0 ? 0 : htonl(~std::uint32_t{0} << (32 - prefix));
}

Result<in_addr> parseAddress(const std::string &text)
{
    in_addr out{};
    if (::inet_pton(AF_INET, text.c_str(), &out) != 1)
        return fail(EINVAL, kNetworkOp, printable(text), "no address of IPv4", "10.0.0.5, say");
    return out;
}

Result<Mac> parseMac(std::string_view text)
{
    Mac out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::string_view part = text.substr(std::min(text.size(), i * 3), 2);
        const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), out[i], 16);
        if (text.size() != 17 || failed != std::errc() || end != part.data() + 2 || (i > 0 && text[i * 3 - 1] != ':'))
            return fail(EBADMSG, kNetworkOp, printable(text), "no MAC address");
    }
    return out;
}

Result<std::array<std::uint8_t, 6>> random6()
{
    std::array<std::uint8_t, 6> out{};
    if (::getrandom(out.data(), out.size(), 0) != static_cast<ssize_t>(out.size()))
        return failErrno("getrandom", kNetworkOp);
    return out;
}

/// One message of rtnetlink. Thread: one.
class Message
{
public:
    Message(std::uint16_t type, int flags) : m_header(mnl_nlmsg_put_header(m_bytes.data()))
    {
        m_header->nlmsg_type = type;
        m_header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        m_header->nlmsg_seq = 1;
    }
    template <class Extra> Extra &extra()
    {
        return *static_cast<Extra *>(mnl_nlmsg_put_extra_header(m_header, sizeof(Extra)));
    }
    void add(std::uint16_t type, std::uint32_t value) { mnl_attr_put_u32(m_header, type, value); }
    void add(std::uint16_t type, const char *text) { mnl_attr_put_strz(m_header, type, text); }
    void add(std::uint16_t type, std::span<const std::uint8_t> bytes)
    {
        mnl_attr_put(m_header, type, bytes.size(), bytes.data());
    }
    void nested(std::uint16_t type, const std::function<void()> &fill)
    {
        nlattr *start = mnl_attr_nest_start(m_header, type);
        fill();
        mnl_attr_nest_end(m_header, start);
    }
    /// @param take as readAnswer() has it.
    [[nodiscard]] Result<> send(mnl_socket *socket, std::string_view object, mnl_cb_t take = nullptr,
                                void *data = nullptr) const
    {
        if (mnl_socket_sendto(socket, m_header, m_header->nlmsg_len) < 0)
            return failErrno("send", object);
        if (auto done = namespaces::readAnswer(socket, kRoute, take, data); !done)
            return failErrno(kNetworkOp, object, done.error().posix());
        return {};
    }

private:
    alignas(nlmsghdr) std::array<char, kMessage> m_bytes{};
    nlmsghdr *m_header;
};

Result<UniqueFd> openSpace(const std::string &path)
{
    UniqueFd out(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!out)
        return failErrno("open", path);
    return out;
}

Result<Netlink> ownSocket()
{
    const UniqueFd own = GANTRY_TRY(openSpace(kOwnSpace));
    return namespaces::netlinkIn(own.get(), NETLINK_ROUTE, kRoute);
}

/// What is to be known of a device.
struct Device
{
    int index = 0;
    bool isUp = false;
    std::uint32_t mtu = 0;
    Mac mac{};
    std::string kind{}; ///< "bridge", "veth"
};

int takeInfo(const nlattr *attribute, void *data)
{
    if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
        static_cast<Device *>(data)->kind = mnl_attr_get_str(attribute);
    return MNL_CB_OK;
}
int takeAttribute(const nlattr *attribute, void *data)
{
    Device &out = *static_cast<Device *>(data);
    switch (mnl_attr_get_type(attribute)) {
    case IFLA_MTU:
        out.mtu = mnl_attr_get_u32(attribute);
        break;
    case IFLA_ADDRESS:
        if (mnl_attr_get_payload_len(attribute) == out.mac.size())
            std::memcpy(out.mac.data(), mnl_attr_get_payload(attribute), out.mac.size());
        break;
    case IFLA_LINKINFO:
        return mnl_attr_parse_nested(attribute, takeInfo, data);
    default:
        break;
    }
    return MNL_CB_OK;
}
int takeDevice(const nlmsghdr *header, void *data)
{
    const auto *facts = static_cast<const ifinfomsg *>(mnl_nlmsg_get_payload(header));
    Device &out = *static_cast<Device *>(data);
    out.index = facts->ifi_index;
    out.isUp = (facts->ifi_flags & IFF_UP) != 0;
    return mnl_attr_parse(header, sizeof *facts, takeAttribute, data);
}

/// @errors ENODEV.
Result<Device> deviceOf(mnl_socket *socket, const std::string &name)
{
    Message ask(RTM_GETLINK, NLM_F_ACK);
    ask.extra<ifinfomsg>().ifi_family = AF_UNSPEC;
    ask.add(IFLA_IFNAME, name.c_str());
    Device out;
    GANTRY_CHECK(ask.send(socket, name, takeDevice, &out));
    return out;
}

Result<> setUp(mnl_socket *socket, int index, bool up, std::string_view object)
{
    Message set(RTM_NEWLINK, NLM_F_ACK);
    auto &facts = set.extra<ifinfomsg>();
    facts.ifi_index = index;
    facts.ifi_change = IFF_UP;
    facts.ifi_flags = up ? static_cast<unsigned>(IFF_UP) : 0U;
    return set.send(socket, object);
}

Result<Device> bridgeOf(mnl_socket *socket, const std::string &bridge)
{
    auto found = deviceOf(socket, bridge);
    if (!found && found.error().posix() == ENODEV)
        return fail(ENODEV, kNetworkOp, bridge, "there is no such bridge on this host",
                    strCat("Make one: ip link add ", bridge, " type bridge; ip link set ", bridge, " up"));
    if (found && found->kind != "bridge")
        return fail(ENOTSUP, kNetworkOp, bridge, "it is no bridge", "Name a bridge: ip link show type bridge");
    if (found && !found->isUp)
        return fail(ENETDOWN, kNetworkOp, bridge, "the bridge is down", strCat("ip link set ", bridge, " up"));
    return found;
}

/// A veth pair: its one end with `link`'s name on the bridge, down; the other one in the namespace.
Result<> addLink(mnl_socket *socket, const std::string &link, const Device &bridge, const Network &network, int space)
{
    Message make(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
    make.extra<ifinfomsg>().ifi_family = AF_UNSPEC;
    make.add(IFLA_IFNAME, link.c_str());
    make.add(IFLA_MASTER, static_cast<std::uint32_t>(bridge.index));
    make.add(IFLA_MTU, bridge.mtu);
    make.nested(IFLA_LINKINFO, [&] {
        make.add(IFLA_INFO_KIND, "veth");
        make.nested(IFLA_INFO_DATA, [&] {
            make.nested(VETH_INFO_PEER, [&] {
                make.extra<ifinfomsg>().ifi_family = AF_UNSPEC;
                make.add(IFLA_IFNAME, kInside);
                make.add(IFLA_MTU, bridge.mtu);
                make.add(IFLA_ADDRESS, network.mac);
                make.add(IFLA_NET_NS_FD, static_cast<std::uint32_t>(space));
            });
        });
    });
    return make.send(socket, strCat(link, " on ", network.bridge));
}

Result<> addAddress(mnl_socket *socket, int index, const Network &network)
{
    Message set(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
    auto &facts = set.extra<ifaddrmsg>();
    facts.ifa_family = AF_INET;
    facts.ifa_prefixlen = static_cast<std::uint8_t>(network.prefix);
    facts.ifa_index = static_cast<std::uint32_t>(index);
    set.add(IFA_LOCAL, network.address.s_addr);
    set.add(IFA_ADDRESS, network.address.s_addr);
    set.add(IFA_BROADCAST, network.address.s_addr | ~maskOf(network.prefix));
    return set.send(socket, addressText(network.address));
}

Result<> addDefaultRoute(mnl_socket *socket, int index, in_addr gateway)
{
    Message set(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
    auto &facts = set.extra<rtmsg>();
    facts.rtm_family = AF_INET;
    facts.rtm_table = RT_TABLE_MAIN;
    facts.rtm_protocol = RTPROT_STATIC;
    facts.rtm_scope = RT_SCOPE_UNIVERSE;
    facts.rtm_type = RTN_UNICAST;
    set.add(RTA_GATEWAY, gateway.s_addr);
    set.add(RTA_OIF, static_cast<std::uint32_t>(index));
    return set.send(socket, strCat("default route by ", addressText(gateway)));
}

/// What is inside of it: lo, eth0 with its address, the route.
Result<> setUpInside(int space, const Network &network)
{
    const Netlink inside = GANTRY_TRY(namespaces::netlinkIn(space, NETLINK_ROUTE, kRoute));
    const int lo = GANTRY_TRY(deviceOf(inside.get(), "lo")).index;
    GANTRY_CHECK(setUp(inside.get(), lo, true, "lo"));
    const int index = GANTRY_TRY(deviceOf(inside.get(), kInside)).index;
    GANTRY_CHECK(addAddress(inside.get(), index, network));
    GANTRY_CHECK(setUp(inside.get(), index, true, kInside));
    return network.gateway ? addDefaultRoute(inside.get(), index, *network.gateway) : Result<>();
}

/// A net namespace that a file holds. Source: network_namespaces(7), mount(2) of what is in /proc/PID/ns.
Result<> makeSpace(const std::string &path)
{
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file)
        return failErrno("create", path);
    Result<> out;
    std::jthread([&] {
        if (::unshare(CLONE_NEWNET) != 0)
            out = failErrno("unshare", kNetworkOp);
        else if (::mount(kOwnSpace, path.c_str(), nullptr, MS_BIND, nullptr) != 0)
            out = failErrno("mount", path);
    }).join();
    return out;
}

Result<> makeAll(const Place &place, const Network &network, const std::string &link)
{
    const Netlink own = GANTRY_TRY(ownSocket());
    const Device bridge = GANTRY_TRY(bridgeOf(own.get(), network.bridge));
    GANTRY_CHECK(replaceFile(place.link(), link));
    GANTRY_CHECK(makeSpace(place.space()));
    const UniqueFd space = GANTRY_TRY(openSpace(place.space()));
    GANTRY_CHECK(addLink(own.get(), link, bridge, network, space.get()));
    return setUpInside(space.get(), network);
}

Result<> setLink(const Place &place, bool up)
{
    const std::string link = linkOf(place);
    if (link.empty())
        return {};
    const Netlink own = GANTRY_TRY(ownSocket());
    const int index = GANTRY_TRY(deviceOf(own.get(), link)).index;
    return setUp(own.get(), index, up, link);
}

/// This host's own answer: it does not hear its own question.
bool isOwn(in_addr address)
{
    ifaddrs *all = nullptr;
    if (::getifaddrs(&all) != 0)
        return false;
    bool out = false;
    for (const ifaddrs *one = all; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET)
            out = out || reinterpret_cast<const sockaddr_in *>(one->ifa_addr)->sin_addr.s_addr == address.s_addr;
    }
    ::freeifaddrs(all);
    return out;
}

} // namespace

std::string macText(const Mac &mac)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : mac)
        out += strCat(out.empty() ? "" : ":", kDigits[byte >> 4U], kDigits[byte & 15U]);
    return out;
}

std::string addressText(in_addr address)
{
    std::array<char, INET_ADDRSTRLEN> text{};
    return ::inet_ntop(AF_INET, &address, text.data(), text.size());
}

std::string Network::text() const
{
    return strCat("bridge=", bridge, " address=", addressText(address), "/", prefix,
                  gateway ? strCat(" gateway=", addressText(*gateway)) : std::string(), " mac=", macText(mac));
}

Result<Network> networkOf(const std::string &bridge, const std::string &address, const std::string &gateway)
{
    Network out;
    const auto isPlain = [](unsigned char c) { return c > ' ' && c < 0x7f && c != '/' && c != '='; };
    // Kernel: dev_valid_name().
    if (bridge.empty() || bridge.size() >= IFNAMSIZ || bridge == "." || bridge == ".." ||
        !std::ranges::all_of(bridge, isPlain))
        return fail(EINVAL, kNetworkOp, printable(bridge), "no name of a bridge");
    out.bridge = bridge;
    const std::size_t slash = address.find('/');
    const auto prefix = parseU64(slash == std::string::npos ? "" : std::string_view(address).substr(slash + 1));
    if (!prefix || *prefix < 1 || *prefix > kMostPrefix)
        return fail(EINVAL, kNetworkOp, printable(address), "no address with a prefix of 1 to 30 bits",
                    "10.0.0.5/24, say");
    out.prefix = static_cast<unsigned>(*prefix);
    out.address = GANTRY_TRY(parseAddress(address.substr(0, slash)));
    const std::uint32_t mask = maskOf(out.prefix);
    const std::uint32_t host = out.address.s_addr & ~mask;
    if (host == 0 || host == ~mask || IN_MULTICAST(ntohl(out.address.s_addr)) ||
        ntohl(out.address.s_addr) >> 24U == 0 || ntohl(out.address.s_addr) >> 24U == IN_LOOPBACKNET)
        return fail(EINVAL, kNetworkOp, printable(address), "no address that one host can have");
    if (!gateway.empty()) {
        out.gateway = GANTRY_TRY(parseAddress(gateway));
        if (((out.gateway->s_addr ^ out.address.s_addr) & mask) != 0 || out.gateway->s_addr == out.address.s_addr)
            return fail(EINVAL, kNetworkOp, printable(gateway), strCat("the gateway is no neighbour in ", address));
    }
    out.mac = GANTRY_TRY(random6());
    // IEEE 802: of one host, made by who administers it.
    out.mac[0] = static_cast<std::uint8_t>((out.mac[0] & 0xfcU) | 0x02U);
    return out;
}

Result<Network> parseNetwork(std::string_view text)
{
    std::string bridge;
    std::string address;
    std::string gateway;
    std::string mac;
    for (const std::string &word : splitWords(text)) {
        const std::size_t equals = word.find('=');
        const std::string key = word.substr(0, equals);
        std::string *to = key == "bridge"    ? &bridge
                          : key == "address" ? &address
                          : key == "gateway" ? &gateway
                          : key == "mac"     ? &mac
                                             : nullptr;
        if (to == nullptr || equals == std::string::npos)
            return fail(EBADMSG, kNetworkOp, printable(text), "it tells no network");
        *to = word.substr(equals + 1);
    }
    auto out = networkOf(bridge, address, gateway);
    if (!out)
        return fail(EBADMSG, kNetworkOp, printable(text), out.error().message());
    out->mac = GANTRY_TRY(parseMac(mac));
    return out;
}

Result<std::optional<Network>> networkIn(std::string_view config)
{
    const auto json = GANTRY_TRY(runtime::parseJson("config.json", config));
    const std::string text = runtime::textAt(json, {"annotations", std::string(kNetworkLabel)});
    if (text.empty())
        return std::nullopt;
    return std::optional(GANTRY_TRY(parseNetwork(text)));
}

Result<> checkBridge(const std::string &bridge)
{
    const Netlink own = GANTRY_TRY(ownSocket());
    GANTRY_TRY(bridgeOf(own.get(), bridge));
    return {};
}

Result<std::vector<Mac>> whoHas(const std::string &bridge, in_addr address)
{
    const Netlink own = GANTRY_TRY(ownSocket());
    const Device device = GANTRY_TRY(bridgeOf(own.get(), bridge));
    if (isOwn(address))
        return std::vector<Mac>{device.mac};
    return probe(device.index, device.mac, address);
}

Result<> makeNetwork(const Place &place, const Network &network)
{
    GANTRY_CHECK(removeNetwork(place));
    std::string link = "gty";
    for (const std::uint8_t byte : GANTRY_TRY(random6()))
        link += strCat("0123456789abcdef"[byte >> 4U], "0123456789abcdef"[byte & 15U]);
    auto made = makeAll(place, network, link);
    if (!made) {
        if (auto removed = removeNetwork(place); !removed)
            log::warning(log::Area::Control, "a network that could not be made is left: ", removed.error().message());
    }
    return made;
}

std::string linkOf(const Place &place)
{
    return readFile(place.link()).value_or("");
}

Result<> plugIn(const Place &place)
{
    const std::string link = linkOf(place);
    if (link.empty())
        return {};
    const std::string config = GANTRY_TRY(readFile(place.config()));
    const auto network = GANTRY_TRY(networkIn(config));
    GANTRY_CHECK(setLink(place, true));
    if (!network)
        return {};
    const UniqueFd space = GANTRY_TRY(openSpace(place.space()));
    return namespaces::inNetwork(space.get(), kInside, [&network]() -> Result<> {
        const unsigned index = ::if_nametoindex(kInside);
        return index == 0 ? Result<>(failErrno(kNetworkOp, kInside))
                          : announce(static_cast<int>(index), network->mac, network->address);
    });
}

Result<> pullOut(const Place &place)
{
    return setLink(place, false);
}

Result<> removeNetwork(const Place &place)
{
    if (const std::string link = linkOf(place); !link.empty()) {
        const Netlink own = GANTRY_TRY(ownSocket());
        const auto device = deviceOf(own.get(), link);
        if (!device && device.error().posix() != ENODEV)
            return std::unexpected(device.error());
        if (device) {
            Message away(RTM_DELLINK, NLM_F_ACK);
            away.extra<ifinfomsg>().ifi_index = device->index;
            GANTRY_CHECK(away.send(own.get(), link));
        }
    }
    // EINVAL: the file is no mount point, after a boot.
    if (::umount2(place.space().c_str(), UMOUNT_NOFOLLOW | MNT_DETACH) != 0 && errno != ENOENT && errno != EINVAL)
        return failErrno("umount", place.space());
    for (const std::string &file : {place.space(), place.link()}) {
        if (::unlink(file.c_str()) != 0 && errno != ENOENT)
            return failErrno("remove", file);
    }
    return {};
}

Result<PulledOut> PulledOut::of(const Place &place)
{
    GANTRY_CHECK(pullOut(place));
    return PulledOut(place);
}

PulledOut::PulledOut(PulledOut &&other) noexcept
    : m_place(std::move(other.m_place)), m_active(std::exchange(other.m_active, false))
{}

PulledOut::~PulledOut()
{
    if (!m_active)
        return;
    if (auto plugged = plugIn(m_place); !plugged)
        log::error(log::Area::Control, m_place.bundle(), " has no network any more: ", plugged.error().message());
}

} // namespace gantry::launch
