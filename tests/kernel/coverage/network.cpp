// SPDX-License-Identifier: GPL-3.0-or-later
// Sockets of the network, on the loopback interface; in a network namespace of their own, or in the host's.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <memory>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

/// An IPv4 or IPv6 address of the loopback interface.
struct Address
{
    sockaddr_storage raw{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&raw); }
};

Address loopback(int family)
{
    Address out;
    if (family == AF_INET) {
        auto &address = reinterpret_cast<sockaddr_in &>(out.raw);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        out.size = sizeof address;
    } else {
        auto &address = reinterpret_cast<sockaddr_in6 &>(out.raw);
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        out.size = sizeof address;
    }
    return out;
}

Address boundTo(int fd)
{
    Address out;
    out.size = sizeof out.raw;
    must(::getsockname(fd, reinterpret_cast<sockaddr *>(&out.raw), &out.size), "getsockname");
    return out;
}

int bound(int family, int type)
{
    const auto fd = static_cast<int>(must(::socket(family, type | SOCK_CLOEXEC, 0), "socket"));
    const Address address = loopback(family);
    must(::bind(fd, address.get(), address.size), "bind");
    return fd;
}

int connected(const Address &address, int type)
{
    const int fd = ::socket(address.raw.ss_family, type | SOCK_CLOEXEC, 0);
    return ::connect(fd, address.get(), address.size) == 0 ? fd : -1;
}

Look udp()
{
    const int server = bound(AF_INET, SOCK_DGRAM);
    const Address address = boundTo(server);
    const auto client = static_cast<int>(must(connected(address, SOCK_DGRAM), "connect"));
    const int buffer = 77'777;
    must(::setsockopt(server, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer), "SO_RCVBUF");
    return [=](Report &report) {
        report.call("write", ::write(client, "datagram", 8));
        report.same("what came", readSome(server), "datagram");
        int now = 0;
        socklen_t size = sizeof now;
        report.call("SO_RCVBUF", ::getsockopt(server, SOL_SOCKET, SO_RCVBUF, &now, &size));
        report.same("size of the buffer", now, 2 * buffer);
    };
}

Look tcpListening()
{
    std::array<int, 2> servers{bound(AF_INET, SOCK_STREAM), bound(AF_INET6, SOCK_STREAM)};
    for (const int server : servers)
        must(::listen(server, 7), "listen");
    return [servers](Report &report) {
        for (const int server : servers) {
            const int client = connected(boundTo(server), SOCK_STREAM);
            report.call("connect", client);
            const int taken = hasInput(server) ? ::accept4(server, nullptr, nullptr, SOCK_CLOEXEC) : -1;
            report.call("accept", taken);
            report.call("write", ::write(client, "hello", 5));
            report.same("what came", readSome(taken), "hello");
            // The one that closes first waits out the port's time, and is not to keep it: not this side's.
            const linger now{1, 0};
            (void)::setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
            ::close(client);
            ::close(taken);
        }
    };
}

/// A connection whose two ends are here, with data on its way in both directions.
struct Connection
{
    int client = -1;
    int server = -1;
    std::string forth = randomBytes(3'000);
    std::string back = randomBytes(50'000);

    void send() const
    {
        must(::write(client, forth.data(), forth.size()), "write");
        must(::write(server, back.data(), back.size()), "write");
    }
};

std::string readAll(int fd, std::size_t size)
{
    std::string out;
    while (out.size() < size) {
        const std::string more = readSome(fd, size - out.size());
        if (more.empty())
            break;
        out += more;
    }
    return out;
}

Look tcpConnections()
{
    auto connections = std::make_shared<std::vector<Connection>>();
    for (const int family : {AF_INET, AF_INET6}) {
        const int listener = bound(family, SOCK_STREAM);
        must(::listen(listener, 7), "listen");
        Connection made;
        made.client = static_cast<int>(must(connected(boundTo(listener), SOCK_STREAM), "connect"));
        made.server = static_cast<int>(must(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
        const int one = 1;
        must(::setsockopt(made.client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "TCP_NODELAY");
        must(::setsockopt(made.client, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one), "SO_KEEPALIVE");
        made.send();
        connections->push_back(std::move(made));
    }
    return [connections](Report &report) {
        for (const Connection &each : *connections) {
            report.same("what was on its way to the server", readAll(each.server, each.forth.size()), each.forth);
            report.same("what was on its way to the client", readAll(each.client, each.back.size()), each.back);
            for (const auto &[level, option] :
                 {std::pair<int, int>{IPPROTO_TCP, TCP_NODELAY}, {SOL_SOCKET, SO_KEEPALIVE}}) {
                int value = 0;
                socklen_t size = sizeof value;
                report.call("getsockopt", ::getsockopt(each.client, level, option, &value, &size));
                report.same("option of the socket", value, 1);
            }
            each.send();
        }
    };
}

/// One end has said that it will send no more.
Look tcpHalfClosed()
{
    const int listener = bound(AF_INET, SOCK_STREAM);
    must(::listen(listener, 7), "listen");
    const auto client = static_cast<int>(must(connected(boundTo(listener), SOCK_STREAM), "connect"));
    const auto server = static_cast<int>(must(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
    must(::shutdown(client, SHUT_WR), "shutdown");
    return [=](Report &report) {
        report.holds("the server hears the end", hasInput(server));
        char byte = 0;
        report.same("end", ::recv(server, &byte, 1, MSG_DONTWAIT), 0);
        report.call("write", ::write(server, "still", 5));
        report.same("what the client hears", readSome(client), "still");
    };
}

constexpr std::array kKinds{
    Kind{"tcp-listening", tcpListening},       Kind{"udp", udp, CLONE_NEWNET},
    Kind{"tcp", tcpConnections, CLONE_NEWNET}, Kind{"tcp-half-closed", tcpHalfClosed, CLONE_NEWNET},
    Kind{"tcp-host-net", tcpConnections},
};

} // namespace

std::span<const Kind> networkKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
