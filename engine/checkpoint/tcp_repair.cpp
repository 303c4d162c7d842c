// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"
#include "engine/checkpoint/network_lock.h"
#include "engine/checkpoint/tree_look.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

int option(int socket, int level, int name)
{
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(socket, level, name, &value, &size) == 0 ? value : -1;
}

/// @return whether it was in repair mode.
Result<bool> endRepairOf(int socket)
{
    if (option(socket, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP || option(socket, IPPROTO_TCP, TCP_REPAIR) != 1)
        return false;
    constexpr int kOff = 0; // asks the other end, too, so that it goes on at once
    if (::setsockopt(socket, IPPROTO_TCP, TCP_REPAIR, &kOff, sizeof kOff) != 0)
        return failErrno("setsockopt", "TCP_REPAIR");
    // Kernel: it is off now, whatever it was. A server could not bind its port anew while an old connection is there;
    // where it was off, on does no harm: the socket has its address.
    constexpr int kOn = 1;
    (void)::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
    return true;
}

} // namespace

Result<std::uint32_t> endRepair(std::span<const std::int32_t> pids)
{
    std::uint32_t ended = 0;
    Result<> first;
    for (const std::int32_t pid : pids) {
        const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!process)
            continue;
        for (const HeldSocket &one : socketsOf(pid)) {
            const UniqueFd socket(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), one.fd, 0)));
            if (!socket && errno == EBADF)
                continue; // closed meanwhile
            const Result<bool> done =
                socket ? endRepairOf(socket.get()) : Result<bool>(failErrno("pidfd_getfd", strCat("pid ", pid)));
            if (!done && first)
                first = std::unexpected(done.error());
            ended += done && *done ? 1U : 0U;
        }
    }
    if (!first)
        return std::unexpected(first.error());
    return ended;
}

} // namespace gantry::checkpoint
