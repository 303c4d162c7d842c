// SPDX-License-Identifier: GPL-3.0-or-later
// Pipes, UNIX sockets, terminals, and what they hold.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

/// Says that what is in it is still there, and puts it back.
void lookInto(Report &report, int from, int to, const std::string &was)
{
    report.same("what is in it", readSome(from), was);
    report.call("write", ::write(to, was.data(), was.size()));
}

Look aPipe()
{
    int ends[2];
    must(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), "pipe");
    must(::fcntl(ends[1], F_SETPIPE_SZ, 128 << 10), "size");
    const std::string was = randomBytes(20'000);
    must(::write(ends[1], was.data(), was.size()), "write");
    return [=, from = ends[0], to = ends[1]](Report &report) {
        lookInto(report, from, to, was);
        report.same("size", ::fcntl(to, F_GETPIPE_SZ), 128 << 10);
        report.same("flags", ::fcntl(from, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    };
}

Look fifo()
{
    const std::string path = scratch("fifo");
    must(::mkfifo(path.c_str(), 0600), "mkfifo");
    const auto from = static_cast<int>(must(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open"));
    const auto to = static_cast<int>(must(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open"));
    const std::string was = "in the fifo";
    must(::write(to, was.data(), was.size()), "write");
    return [=](Report &report) {
        lookInto(report, from, to, was);
        // It is the one of that name.
        const int named = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        report.call("open", named);
        report.call("write", ::write(named, "!", 1));
        ::close(named);
        report.same("what came by its name", readSome(from), was + "!");
        report.call("write", ::write(to, was.data(), was.size()));
    };
}

Look socketPairs()
{
    struct Pair
    {
        int ends[2];
    };
    std::array<Pair, 3> pairs{};
    const std::array types{SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        must(::socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, pairs[i].ends), "socketpair");
        must(::write(pairs[i].ends[0], "forth", 5), "write");
        must(::write(pairs[i].ends[1], "back and", 8), "write");
    }
    return [pairs](Report &report) {
        for (const Pair &pair : pairs) {
            lookInto(report, pair.ends[1], pair.ends[0], "forth");
            lookInto(report, pair.ends[0], pair.ends[1], "back and");
        }
    };
}

sockaddr_un nameOf(const std::string &path)
{
    sockaddr_un out{};
    out.sun_family = AF_UNIX;
    std::strncpy(out.sun_path, path.c_str(), sizeof out.sun_path - 1);
    return out;
}

/// A server with a client that it has taken; and one more that can still come.
Look unixServer()
{
    const auto address = nameOf(scratch("socket"));
    const auto *raw = reinterpret_cast<const sockaddr *>(&address);
    const auto server = static_cast<int>(must(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    must(::bind(server, raw, sizeof address), "bind");
    must(::listen(server, 5), "listen");
    const auto connect = [address] {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return ::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? fd : -1;
    };
    const auto client = static_cast<int>(must(connect(), "connect"));
    const auto taken = static_cast<int>(must(::accept4(server, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
    must(::write(client, "question", 8), "write");
    return [=](Report &report) {
        lookInto(report, taken, client, "question");
        report.call("write", ::write(taken, "answer", 6));
        report.same("answer", readSome(client), "answer");
        const int next = connect();
        report.call("connect", next);
        const int other = hasInput(server) ? ::accept4(server, nullptr, nullptr, SOCK_CLOEXEC) : -1;
        report.call("accept", other);
        report.call("write", ::write(next, "me", 2));
        report.same("the next one's question", readSome(other), "me");
        ::close(next);
        ::close(other);
    };
}

/// A descriptor on its way through a socket: nobody has it open.
Look descriptorOnItsWay()
{
    int ends[2];
    must(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), "socketpair");
    const std::string path = scratch("sent");
    const auto sent = static_cast<int>(must(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open"));
    must(::write(sent, "sent", 4), "write");
    const auto send = [to = ends[0]](int fd) {
        char byte = 'x';
        iovec data{&byte, 1};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
        return ::sendmsg(to, &message, 0);
    };
    must(send(sent), "sendmsg");
    ::close(sent);
    return [send, from = ends[1]](Report &report) {
        char byte = 0;
        iovec data{&byte, 1};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        report.call("recvmsg", ::recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
        int fd = -1;
        if (const cmsghdr *header = CMSG_FIRSTHDR(&message))
            std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
        report.holds("a descriptor came", fd >= 0);
        ::lseek(fd, 0, SEEK_SET);
        report.same("of that file", readSome(fd), "sent");
        report.call("sendmsg", send(fd));
        ::close(fd);
    };
}

Look pseudoTerminal()
{
    const auto master = static_cast<int>(must(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "posix_openpt"));
    must(::grantpt(master), "grantpt");
    must(::unlockpt(master), "unlockpt");
    const std::string name = ::ptsname(master);
    // A session with this terminal, as a shell has.
    const auto shell = std::make_shared<Child>([name](std::int64_t question) {
        static int terminal = -1;
        if (question == 1) {
            ::setsid();
            terminal = static_cast<int>(must(::open(name.c_str(), O_RDWR | O_CLOEXEC), "open"));
            must(::ioctl(terminal, TIOCSCTTY, 0), "terminal");
            termios settings{};
            must(::tcgetattr(terminal, &settings), "tcgetattr");
            ::cfmakeraw(&settings);
            must(::tcsetattr(terminal, TCSANOW, &settings), "tcsetattr");
        }
        if (question == 2)
            return static_cast<std::int64_t>(::write(terminal, "from the shell", 14));
        if (question == 3)
            return std::int64_t{readSome(terminal) == "to the shell"};
        return std::int64_t{::tcgetsid(terminal)};
    });
    (void)shell->ask(1);
    const winsize size{31, 97, 0, 0};
    must(::ioctl(master, TIOCSWINSZ, &size), "size");
    return [=](Report &report) {
        report.same("whose terminal it is", shell->ask(0), shell->pid());
        report.same("writing", shell->ask(2), 14);
        report.same("what the shell wrote", readSome(master), "from the shell");
        report.call("write", ::write(master, "to the shell", 12));
        report.same("what the shell read", shell->ask(3), 1);
        winsize now{};
        report.call("size", ::ioctl(master, TIOCGWINSZ, &now));
        report.same("lines", now.ws_row, 31);
        report.same("columns", now.ws_col, 97);
        report.same("name", ::ptsname(master), name);
        termios settings{};
        report.call("tcgetattr", ::tcgetattr(master, &settings));
        report.same("raw", settings.c_lflag & (ICANON | ECHO), 0);
    };
}

constexpr std::array kKinds{
    Kind{"pipe", aPipe},
    Kind{"fifo", fifo},
    Kind{"socketpair", socketPairs},
    Kind{"unix-sockets", unixServer},
    Kind{"descriptor-sent", descriptorOnItsWay},
    Kind{"pty", pseudoTerminal},
};

} // namespace

std::span<const Kind> pipeKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
