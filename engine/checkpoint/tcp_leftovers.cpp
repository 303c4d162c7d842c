// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tcp_leftovers.h"

#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/namespaces/netlink.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace gantry::checkpoint {

namespace {

constexpr std::size_t kBuffer = 8'192;

/// What the kernel has under the two addresses.
struct Holder
{
    std::uint8_t state = 0;
    std::uint32_t inode = 0; ///< 0: no process has it
    std::array<std::uint32_t, 2> cookie{};
};

int takeHolder(const nlmsghdr *header, void *found)
{
    if (mnl_nlmsg_get_payload_len(header) < sizeof(inet_diag_msg))
        return MNL_CB_OK;
    const auto *message = static_cast<const inet_diag_msg *>(mnl_nlmsg_get_payload(header));
    static_cast<std::optional<Holder> *>(found)->emplace(
        Holder{message->idiag_state, message->idiag_inode, {message->id.idiag_cookie[0], message->id.idiag_cookie[1]}});
    return MNL_CB_OK;
}

/// One request about one socket. @param found the answer, where one is told.
Result<> ask(mnl_socket *socket, std::uint16_t verb, const TcpConnection &connection,
             const std::array<std::uint32_t, 2> &cookie, std::optional<Holder> &found)
{
    alignas(nlmsghdr) std::array<char, kBuffer> buffer{};
    nlmsghdr *header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = verb;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK);
    auto *request = static_cast<inet_diag_req_v2 *>(mnl_nlmsg_put_extra_header(header, sizeof(inet_diag_req_v2)));
    request->sdiag_family = static_cast<std::uint8_t>(connection.family);
    request->sdiag_protocol = IPPROTO_TCP;
    request->idiag_states = ~0U;
    request->id.idiag_sport = htons(connection.localPort);
    request->id.idiag_dport = htons(connection.peerPort);
    std::ranges::copy(connection.local, std::begin(request->id.idiag_src));
    std::ranges::copy(connection.peer, std::begin(request->id.idiag_dst));
    std::ranges::copy(cookie, std::begin(request->id.idiag_cookie));
    if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
        return failErrno("send", "sock_diag");
    const std::string name = connection.text();
    return namespaces::readAnswer(socket, name.c_str(), takeHolder, &found);
}

std::unexpected<Error> taken(const TcpConnection &connection, std::string_view why)
{
    return fail(EADDRINUSE, "restore", connection.text(), why);
}

} // namespace

Result<std::size_t> endLeftovers(std::span<const TcpConnection> connections)
{
    if (connections.empty())
        return 0;
    const UniqueFd space = GANTRY_TRY(openAt(AT_FDCWD, "/proc/self/ns/net", O_RDONLY));
    const namespaces::Netlink socket = GANTRY_TRY(namespaces::netlinkIn(space.get(), NETLINK_SOCK_DIAG, "sock_diag"));
    constexpr std::array<std::uint32_t, 2> kAny{INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE};
    std::size_t ended = 0;
    for (const TcpConnection &connection : connections) {
        std::optional<Holder> holder;
        if (const auto asked = ask(socket.get(), SOCK_DIAG_BY_FAMILY, connection, kAny, holder);
            !asked && asked.error().posix() != ENOENT)
            return std::unexpected(asked.error());
        // Kernel: where there is no connection, the one who listens for it is told.
        if (!holder || holder->state == TCP_LISTEN)
            continue;
        if (holder->inode != 0)
            return taken(connection, strCat("another process has this connection (socket ", holder->inode, ")"));
        std::optional<Holder> none;
        if (const auto destroyed = ask(socket.get(), SOCK_DESTROY, connection, holder->cookie, none); destroyed)
            ++ended;
        else if (destroyed.error().posix() != ENOENT) // it has ended by itself
            return taken(connection,
                         strCat("the kernel still keeps it, for a minute at most: ", destroyed.error().message()));
    }
    return ended;
}

Result<> makeRoomForConnections(int folder)
{
    std::error_code failed;
    for (const auto &entry : std::filesystem::directory_iterator(strCat("/proc/self/fd/", std::to_string(folder)), failed)) {
        if (entry.path().filename().string().starts_with("netns-"))
            return {};
    }
    if (failed)
        return failErrno("read", "folder of images", failed.value());
    TextBuffer buffer;
    const std::string_view image = GANTRY_TRY(buffer.readAt(folder, "files.img"));
    const auto connections = GANTRY_TRY(parseConnections(image));
    if (const std::size_t ended = GANTRY_TRY(endLeftovers(connections)); ended > 0)
        log::info(log::Area::Runtime, "connections that had ended made room for those of a restore: ", ended);
    return {};
}

} // namespace gantry::checkpoint
