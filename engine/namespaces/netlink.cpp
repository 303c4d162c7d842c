// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/namespaces/netlink.h"

#include <array>
#include <thread>

#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace gantry::namespaces {

namespace {

constexpr timeval kPatience{.tv_sec = 2, .tv_usec = 0};
constexpr std::size_t kBuffer = 32'768;

} // namespace

Result<> inNetwork(int space, const char *name, const std::function<Result<>()> &make)
{
    Result<> out;
    std::jthread([&] {
        out = ::setns(space, CLONE_NEWNET) == 0 ? make() : Result<>(failErrno("setns", name));
    }).join();
    return out;
}

Result<Netlink> netlinkIn(int space, int bus, const char *name)
{
    Netlink out;
    GANTRY_CHECK(inNetwork(space, name, [&]() -> Result<> {
        out.reset(mnl_socket_open2(bus, SOCK_CLOEXEC));
        return out ? Result<>() : failErrno("socket", name);
    }));
    (void)::setsockopt(mnl_socket_get_fd(out.get()), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    return out;
}

Result<> readAnswer(mnl_socket *socket, const char *name, mnl_cb_t take, void *data)
{
    alignas(nlmsghdr) std::array<char, kBuffer> buffer{};
    int more = MNL_CB_OK;
    while (more > MNL_CB_STOP) {
        const ssize_t got = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        more = got < 0 ? MNL_CB_ERROR : mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), 0, 0, take, data);
    }
    return more < 0 ? Result<>(failErrno("recv", name)) : Result<>();
}

} // namespace gantry::namespaces
