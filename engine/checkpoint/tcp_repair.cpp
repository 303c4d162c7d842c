// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/network_lock.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace gantry::checkpoint {

namespace {

struct CloseFolder
{
    void operator()(DIR *folder) const { ::closedir(folder); }
};

/// Descriptors that are sockets. Nothing of a process that has gone.
std::vector<int> socketsOf(std::int32_t pid)
{
    std::vector<int> out;
    const std::string path = strCat("/proc/", pid, "/fd");
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    while (folder != nullptr) {
        const dirent *entry = ::readdir(folder.get());
        if (entry == nullptr)
            break;
        const auto number = parseI64(static_cast<const char *>(entry->d_name));
        constexpr std::string_view kSocket = "socket:";
        std::array<char, kSocket.size()> kind{};
        if (number &&
            ::readlinkat(::dirfd(folder.get()), static_cast<const char *>(entry->d_name), kind.data(), kind.size()) ==
                static_cast<ssize_t>(kind.size()) &&
            std::string_view(kind.data(), kind.size()) == kSocket)
            out.push_back(static_cast<int>(*number));
    }
    return out;
}

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
        for (const int number : socketsOf(pid)) {
            const UniqueFd socket(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), number, 0)));
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
