// SPDX-License-Identifier: GPL-3.0-or-later
// TCP connections that have ended and still are in the way of a restore: those of the kernel, and those of somebody.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/checkpoint/save.h"
#include "engine/checkpoint/tcp_leftovers.h"
#include "tests/kernel/criu_case.h"

#include <csignal>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using test::ask;
using test::findCriu;
using test::newStore;
using test::patience;
using test::Target;
using test::text;

namespace {

/// An address of this host alone.
struct Address
{
    sockaddr_storage raw{};
    socklen_t size = 0;

    Address(int family, std::uint16_t port)
    {
        if (family == AF_INET) {
            auto &four = reinterpret_cast<sockaddr_in &>(raw);
            four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            four.sin_port = htons(port);
            size = sizeof four;
        } else {
            auto &six = reinterpret_cast<sockaddr_in6 &>(raw);
            six.sin6_addr = in6addr_loopback;
            six.sin6_port = htons(port);
            size = sizeof six;
        }
        raw.ss_family = static_cast<sa_family_t>(family);
    }
    [[nodiscard]] const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&raw); }
    [[nodiscard]] sockaddr *get() { return reinterpret_cast<sockaddr *>(&raw); }
    [[nodiscard]] std::uint16_t port() const
    {
        return ntohs(raw.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in &>(raw).sin_port
                                              : reinterpret_cast<const sockaddr_in6 &>(raw).sin6_port);
    }
};

UniqueFd connectTo(const Address &address)
{
    UniqueFd out(::socket(address.raw.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(out.get(), address.get(), address.size) != 0)
        return {};
    return out;
}

/// A connection from this process to itself.
struct Pair
{
    UniqueFd listener, client, server;
    TcpConnection seenByServer;

    explicit Pair(int family)
    {
        Address here(family, 0);
        listener = UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(listener.get(), here.get(), here.size) != 0 || ::listen(listener.get(), 4) != 0 ||
            ::getsockname(listener.get(), here.get(), &here.size) != 0)
            return;
        client = connectTo(here);
        Address there(family, 0);
        server = UniqueFd(::accept4(listener.get(), there.get(), &there.size, SOCK_CLOEXEC));
        seenByServer.family = family;
        seenByServer.localPort = here.port();
        seenByServer.peerPort = there.port();
        if (family == AF_INET) {
            seenByServer.local[0] = seenByServer.peer[0] = htonl(INADDR_LOOPBACK);
        } else {
            std::memcpy(seenByServer.local.data(), &in6addr_loopback, sizeof in6addr_loopback);
            seenByServer.peer = seenByServer.local;
        }
    }
};

} // namespace

class TestKernelConnections : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(test::adoptTargets()); }
    void cleanup() { test::endAllBelow(); }

    void endedConnection_makesRoom_data() { families(); }
    void endedConnection_makesRoom()
    {
        QFETCH(int, family);
        QFETCH(bool, both);
        Pair pair(family);
        QVERIFY(pair.server);
        pair.server.reset(); // who closes first is the one that waits
        if (both)
            pair.client.reset();
        const TcpConnection gone = pair.seenByServer;
        const auto ended = endLeftovers(std::span(&gone, 1));
        QVERIFY2(ended, ended ? "" : text(ended.error()));
        QCOMPARE(*ended, std::size_t{1});
        QCOMPARE(*endLeftovers(std::span(&gone, 1)), std::size_t{0});
        // Who listens there is left alone.
        Address again(family, gone.localPort);
        QVERIFY(connectTo(again));
    }

    void connectionOfAProcess_isNotTouched_data() { families(); }
    void connectionOfAProcess_isNotTouched()
    {
        QFETCH(int, family);
        const Pair pair(family);
        QVERIFY(pair.server);
        const auto ended = endLeftovers(std::span(&pair.seenByServer, 1));
        QVERIFY(!ended);
        QCOMPARE(ended.error().posix(), EADDRINUSE);
        QVERIFY2(ended.error().message().find(std::to_string(pair.seenByServer.peerPort)) != std::string::npos,
                 text(ended.error()));
        QCOMPARE(::send(pair.client.get(), "x", 1, MSG_NOSIGNAL), ssize_t{1});
        char byte = 0;
        QCOMPARE(::recv(pair.server.get(), &byte, 1, 0), ssize_t{1});
    }

    /// As where a server dies and is brought back at once: the kernel keeps its end of each connection for a minute.
    void serverThatDied_comesBackAtOnce()
    {
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        Means means;
        findCriu(means);
        QVERIFY(!QTest::currentTestFailed());
        means.spillFolder = path;
        auto store = newStore(path);
        QVERIFY(store);
        const Target target("server", path);
        QVERIFY(target.isReady());
        const auto port = parseU64(readFile(path + "/port").value_or(""));
        QVERIFY(port);
        const UniqueFd client = connectTo({AF_INET, static_cast<std::uint16_t>(*port)});
        QVERIFY(client);
        QVERIFY(ask(target.pid(), path).count >= 0); // it has taken the connection by then
        SaveWish wish;
        wish.pids = {target.pid()};
        const auto saved = save(wish, means, *store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        ::kill(target.pid(), SIGKILL);
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        const auto back = restore(saved->id, means, *store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(ask(target.pid(), path).count >= 0);
        QVERIFY(connectTo({AF_INET, static_cast<std::uint16_t>(*port)}));
    }

private:
    static void families()
    {
        QTest::addColumn<int>("family");
        QTest::addColumn<bool>("both"); ///< ends are closed
        QTest::newRow("IPv4, TIME_WAIT") << AF_INET << true;
        QTest::newRow("IPv4, FIN_WAIT2") << AF_INET << false;
        QTest::newRow("IPv6, TIME_WAIT") << AF_INET6 << true;
    }
};

QTEST_GUILESS_MAIN(TestKernelConnections)
#include "tst_kernel_connections.moc"
