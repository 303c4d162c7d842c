// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/launch/network.h"
#include "engine/namespaces/netlink.h"

#include <array>
#include <charconv>

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kBus = "sock_diag";
constexpr std::size_t kRequest = 256;

/// A netlink socket that sees the network namespace of the process.
Result<namespaces::Netlink> diagSocket(std::int32_t pid)
{
    const std::string link = strCat("/proc/", pid, "/ns/net");
    const UniqueFd space = GANTRY_TRY(openAt(AT_FDCWD, link, O_RDONLY));
    return namespaces::netlinkIn(space.get(), NETLINK_SOCK_DIAG, kBus);
}

struct UnixFacts
{
    std::uint32_t peer = 0; ///< inode of the other end; 0: none
    bool named = false;
};

/// What UDIAG_SHOW_PEER and UDIAG_SHOW_NAME add.
int takeAttribute(const nlattr *attribute, void *facts)
{
    auto &out = *static_cast<UnixFacts *>(facts);
    const std::uint16_t type = mnl_attr_get_type(attribute);
    if (type == UNIX_DIAG_PEER && mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
        out.peer = mnl_attr_get_u32(attribute);
    out.named = out.named || type == UNIX_DIAG_NAME;
    return MNL_CB_OK;
}

int takeSocket(const nlmsghdr *header, void *look)
{
    if (mnl_nlmsg_get_payload_len(header) < sizeof(unix_diag_msg))
        return MNL_CB_OK;
    const auto *message = static_cast<const unix_diag_msg *>(mnl_nlmsg_get_payload(header));
    UnixFacts facts;
    (void)mnl_attr_parse(header, sizeof *message, takeAttribute, &facts);
    auto &out = *static_cast<SocketLook *>(look);
    if (facts.peer != 0)
        out.unixPeers.emplace(message->udiag_ino, UnixPeer{facts.peer, message->udiag_type});
    if (facts.named)
        out.unixNamed.insert(message->udiag_ino);
    return MNL_CB_OK;
}

Result<> readUnix(mnl_socket *socket, SocketLook &out)
{
    alignas(nlmsghdr) std::array<char, kRequest> buffer{};
    nlmsghdr *header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    auto *request = static_cast<unix_diag_req *>(mnl_nlmsg_put_extra_header(header, sizeof(unix_diag_req)));
    request->sdiag_family = AF_UNIX;
    request->udiag_states = ~0U;
    request->udiag_show = UDIAG_SHOW_PEER | UDIAG_SHOW_NAME;
    if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
        return failErrno("send", kBus);
    return namespaces::readAnswer(socket, kBus, takeSocket, &out);
}

/// "0900000A:1538" as "10.0.0.9:5432". Source: proc_pid_net(5): the address is in the host's byte order.
std::string peerText(std::string_view field)
{
    in_addr address{};
    std::uint16_t port = 0;
    constexpr std::size_t kDigits = 8;
    constexpr std::string_view kMapped = "0000000000000000FFFF0000"; // RFC 4291, 2.5.5.2, in four words
    if (field.starts_with(kMapped))
        field.remove_prefix(kMapped.size());
    if (field.size() < kDigits + 2 || field[kDigits] != ':' ||
        std::from_chars(field.data(), field.data() + kDigits, address.s_addr, 16).ec != std::errc() ||
        std::from_chars(field.data() + kDigits + 1, field.data() + field.size(), port, 16).ec != std::errc() ||
        address.s_addr == 0 || ntohl(address.s_addr) >> 24U == IN_LOOPBACKNET)
        return {};
    return strCat(launch::addressText(address), ":", port);
}

} // namespace

void parseTcp(std::string_view text, SocketLook &out)
{
    while (auto line = takeLine(text)) {
        // sl local remote st queues timer retransmits uid timeout inode
        std::array<std::string_view, 10> field;
        for (std::string_view &token : field)
            token = takeToken(*line);
        const auto hex = [](std::string_view digits, auto &number) {
            return std::from_chars(digits.data(), digits.data() + digits.size(), number, 16).ec == std::errc();
        };
        TcpSocket socket;
        const std::size_t colon = field[1].rfind(':');
        const auto inode = parseU64(field[9]);
        if (!inode || colon == std::string_view::npos || !hex(field[1].substr(colon + 1), socket.port) ||
            !hex(field[3], socket.state))
            continue;
        socket.peer = peerText(field[2]);
        if (*inode != 0)
            out.tcp.emplace(*inode, socket);
        else if (socket.state == TCP_ESTABLISHED || socket.state == TCP_SYN_RECV)
            out.pending.push_back(socket.port);
    }
}

std::vector<HeldSocket> socketsOf(std::int32_t pid)
{
    std::vector<HeldSocket> out;
    const auto folder = openAt(AT_FDCWD, strCat("/proc/", pid, "/fd"), O_RDONLY | O_DIRECTORY);
    const auto stream = folder ? openStream(folder->get()) : Result<DirStream>(std::unexpected(folder.error()));
    while (const dirent *entry = stream ? ::readdir(stream->get()) : nullptr) {
        const char *const name = static_cast<const char *>(entry->d_name);
        std::array<char, 64> link{};
        const ssize_t size = ::readlinkat(folder->get(), name, link.data(), link.size());
        const std::string_view target(link.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        constexpr std::string_view kSocket = "socket:[";
        if (!target.starts_with(kSocket) || !target.ends_with(']'))
            continue;
        const auto inode = parseU64(target.substr(kSocket.size(), target.size() - kSocket.size() - 1));
        const auto fd = parseI64(name);
        if (inode && fd)
            out.push_back({static_cast<int>(*fd), *inode});
    }
    return out;
}

SocketLook lookAtSockets(std::int32_t pid)
{
    SocketLook out;
    for (const char *file : {"/net/tcp", "/net/tcp6"}) {
        const std::string path = strCat("/proc/", pid, file);
        if (const auto text = readFile(path))
            parseTcp(*text, out);
        else if (text.error().posix() != ENOENT) // no IPv6
            out.problems.push_back(text.error());
    }
    const auto socket = diagSocket(pid);
    const Result<> read = socket ? readUnix(socket->get(), out) : Result<>(std::unexpected(socket.error()));
    if (!read)
        out.problems.push_back(read.error());
    return out;
}

} // namespace gantry::checkpoint
