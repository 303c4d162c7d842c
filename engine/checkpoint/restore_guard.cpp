// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/restore_guard.h"

#include "engine/base/strings.h"

#include <array>
#include <csignal>
#include <cstring>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr char kHold = 'h';
constexpr char kWatch = 'w';
constexpr char kDone = 'd';
constexpr std::size_t kMost = 4'096; ///< processes of one tree
constexpr int kPatience = 10'000;    ///< ms, for one that was killed to be gone

/// One byte and at most one descriptor of a packet.
struct Packet
{
    char what = 0;
    int fd = -1;
};

bool take(int socket, Packet &out)
{
    iovec bytes{&out.what, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    ssize_t got = 0;
    do
        got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    const cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (got == 1 && head != nullptr && head->cmsg_type == SCM_RIGHTS)
        std::memcpy(&out.fd, CMSG_DATA(head), sizeof out.fd);
    return got == 1;
}

/// In the child of a program with threads: system calls only, nothing that allocates or locks.
[[noreturn]] void guard(int socket)
{
    (void)::setsid(); // what is sent to the program's group is not for it
    (void)::prctl(PR_SET_NAME, "gantry-guard");
    // A descriptor that stays open here would keep a pipe or a lock of the program open.
    if (socket > 0)
        (void)::close_range(0, static_cast<unsigned>(socket) - 1, 0);
    (void)::close_range(static_cast<unsigned>(socket) + 1, ~0U, 0);
    static std::array<int, kMost> watched;
    std::size_t count = 0;
    Packet packet;
    while (take(socket, packet)) {
        if (packet.what == kDone)
            ::_exit(0);
        if (packet.what == kWatch && count < kMost)
            watched[count++] = packet.fd;
        packet = {};
    }
    for (std::size_t i = 0; i < count; ++i)
        (void)::syscall(SYS_pidfd_send_signal, watched[i], SIGKILL, nullptr, 0);
    for (std::size_t i = 0; i < count; ++i) {
        pollfd end{watched[i], POLLIN, 0};
        (void)::poll(&end, 1, kPatience);
    }
    ::_exit(1);
}

Result<> give(int socket, char what, int fd)
{
    iovec bytes{&what, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = room.data();
        message.msg_controllen = room.size();
        cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    if (::sendmsg(socket, &message, MSG_NOSIGNAL) != 1)
        return failErrno("send", "the guard of a restore");
    return {};
}

} // namespace

Result<std::unique_ptr<RestoreGuard>> RestoreGuard::start()
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return failErrno("socketpair", "the guard of a restore");
    UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    // Without the handlers that libraries have for fork(2): what they make ready is not used.
    const pid_t pid = ::_Fork();
    if (pid < 0)
        return failErrno("fork", "the guard of a restore");
    if (pid == 0)
        guard(theirs.get());
    return std::unique_ptr<RestoreGuard>(new RestoreGuard(std::move(ours), pid));
}

RestoreGuard::~RestoreGuard()
{
    (void)give(m_socket.get(), kDone, -1); // fails where it is gone already
    while (::waitpid(m_pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<> RestoreGuard::hold(int userfault)
{
    return give(m_socket.get(), kHold, userfault);
}

Result<> RestoreGuard::watch(std::int32_t pid)
{
    const UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!fd)
        return failErrno("pidfd_open", strCat("pid ", pid));
    return give(m_socket.get(), kWatch, fd.get());
}

} // namespace gantry::checkpoint
