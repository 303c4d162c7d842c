// SPDX-License-Identifier: GPL-3.0-or-later
// What gantryd is made of: its command line, who may do what, and the bridge of "gantryd dial".
#include "app/daemon/access.h"
#include "app/daemon/arguments.h"
#include "app/daemon/bridge.h"
#include "app/daemon/connections.h"
#include "app/daemon/origin.h"
#include "app/daemon/watchdog.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "service_host.h"

#include <QtTest>

#include <array>
#include <atomic>
#include <csignal>
#include <future>
#include <random>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>

using namespace gantry;
using namespace gantry::daemon;
using namespace std::chrono_literals;

namespace {

std::string randomBytes(std::size_t count)
{
    std::mt19937 random(7);
    std::string out(count, '\0');
    for (char &byte : out)
        byte = static_cast<char>(random());
    return out;
}

std::pair<UniqueFd, UniqueFd> pipePair()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        qFatal("pipe: %s", strerror(errno));
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void writeOut(int fd, const std::string &text)
{
    if (auto done = writeAll(fd, std::as_bytes(std::span(text)), "test"); !done)
        qFatal("%s", done.error().message().c_str());
}

/// Until the end. @param pause before each read: a slow reader.
std::string readToEnd(int fd, std::chrono::microseconds pause = 0us)
{
    std::string out;
    std::array<char, 20'000> part{};
    for (;;) {
        std::this_thread::sleep_for(pause);
        const ssize_t got = ::read(fd, part.data(), part.size());
        if (got <= 0)
            return out;
        out.append(part.data(), static_cast<std::size_t>(got));
    }
}

/// A bridge that runs on a thread, with the far ends of what it connects.
class Bridged
{
public:
    enum class Ends : std::uint8_t { Pipes, Socket };
    explicit Bridged(Ends kind, std::chrono::milliseconds patience = 10s)
    {
        UniqueFd peer;
        std::tie(m_peer, peer) = test::connectedPair();
        UniqueFd in;
        UniqueFd out;
        if (kind == Ends::Pipes) {
            std::tie(in, m_client) = pipePair();
            std::tie(m_clientOut, out) = pipePair();
        } else {
            std::tie(m_client, in) = test::connectedPair();
        }
        m_done = std::async(
            std::launch::async, [this, patience, in = std::move(in), out = std::move(out), peer = std::move(peer)] {
                return bridge({in.get(), out ? out.get() : in.get(), peer.get(), m_stop.get()}, patience);
            });
    }
    /// Fails the test where it has not ended.
    [[nodiscard]] BridgeEnd end()
    {
        if (m_done.wait_for(10s) != std::future_status::ready)
            qFatal("the bridge does not end");
        const auto done = m_done.get();
        if (!done)
            qFatal("%s", done.error().message().c_str());
        return *done;
    }
    void closeInput()
    {
        if (m_clientOut)
            m_client = UniqueFd();
        else
            ::shutdown(m_client.get(), SHUT_WR);
    }
    void closeOutput() { (m_clientOut ? m_clientOut : m_client) = UniqueFd(); }
    [[nodiscard]] int input() const { return m_client.get(); }
    [[nodiscard]] int output() const { return m_clientOut ? m_clientOut.get() : m_client.get(); }
    [[nodiscard]] int peer() const { return m_peer.get(); }
    void closePeer() { m_peer = UniqueFd(); }
    void stop() const { ::eventfd_write(m_stop.get(), 1); }

private:
    UniqueFd m_client;
    UniqueFd m_clientOut;
    UniqueFd m_peer;
    UniqueFd m_stop{::eventfd(0, EFD_CLOEXEC)};
    std::future<Result<BridgeEnd>> m_done; ///< waits for the bridge, so all that ends it stands above
};

} // namespace

class TestDaemonParts : public QObject
{
    Q_OBJECT
    static void bothKinds()
    {
        QTest::addColumn<Bridged::Ends>("ends");
        QTest::newRow("pipes") << Bridged::Ends::Pipes;
        QTest::newRow("socket") << Bridged::Ends::Socket;
    }
private Q_SLOTS:
    void initTestCase()
    {
        ::signal(SIGPIPE, SIG_IGN); // as gantryd; here, since Qt Test has set its own at the start
    }

    void arguments_areRead()
    {
        const std::array<const char *, 3> words{"dial", "--socket=/a/b", "--state=/c"};
        const auto read = parseArguments(words);
        QVERIFY(read);
        QCOMPARE(read->command, Arguments::Command::Dial);
        QCOMPARE(read->socket, std::string("/a/b"));
        QCOMPARE(read->stateFolder, std::string("/c"));
        QCOMPARE(parseArguments({})->command, Arguments::Command::Serve);
        QCOMPARE(parseArguments({})->socket, std::string(kDefaultSocket));
    }

    void arguments_wrongOnesAreRefused_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::newRow("no command") << QStringList{QStringLiteral("serve")};
        QTest::newRow("no option") << QStringList{QStringLiteral("--sock=/a")};
        QTest::newRow("command behind an option") << QStringList{QStringLiteral("--socket=/a"), QStringLiteral("dial")};
        QTest::newRow("no value") << QStringList{QStringLiteral("dial"), QStringLiteral("--socket")};
        QTest::newRow("empty value") << QStringList{QStringLiteral("--socket=")};
    }
    void arguments_wrongOnesAreRefused()
    {
        QFETCH(const QStringList, words);
        std::vector<std::string> texts;
        for (const QString &word : words)
            texts.push_back(word.toStdString());
        std::vector<const char *> pointers;
        for (const std::string &text : texts)
            pointers.push_back(text.c_str());
        QVERIFY(!parseArguments(pointers));
    }

    void access_byUidAndGroups_data()
    {
        QTest::addColumn<uint>("uid");
        QTest::addColumn<uint>("gid");
        QTest::addColumn<QList<uint>>("groups");
        QTest::addColumn<int>("may"); // 0 nothing, 1 look, 2 act; act is group 10, view is group 20
        QTest::newRow("root") << 0U << 0U << QList<uint>{} << 2;
        QTest::newRow("root in the view group") << 0U << 20U << QList<uint>{20} << 2;
        QTest::newRow("act") << 1'000U << 1'000U << QList<uint>{5, 10} << 2;
        QTest::newRow("act as primary group") << 1'000U << 10U << QList<uint>{} << 2;
        QTest::newRow("both") << 1'000U << 1'000U << QList<uint>{20, 10} << 2;
        QTest::newRow("view") << 1'000U << 1'000U << QList<uint>{20} << 1;
        QTest::newRow("view as primary group") << 1'000U << 20U << QList<uint>{5} << 1;
        QTest::newRow("neither") << 1'000U << 1'000U << QList<uint>{5, 6} << 0;
        QTest::newRow("group root is none") << 1'000U << 0U << QList<uint>{0} << 0;
    }
    void access_byUidAndGroups()
    {
        QFETCH(const uint, uid);
        QFETCH(const uint, gid);
        QFETCH(const QList<uint>, groups);
        QFETCH(const int, may);
        const Credentials who{uid, gid, {groups.begin(), groups.end()}};
        const auto number = [](const std::optional<service::Access> &access) {
            return !access ? 0 : *access == service::Access::Look ? 1 : 2;
        };
        QCOMPARE(number(accessOf(who, {.act = 10, .view = 20})), may);
        QCOMPARE(number(accessOf(who, {})), uid == 0 ? 2 : 0); // there are no such groups
    }

    void access_credentialsOfASocket_areRead()
    {
        const auto [one, other] = test::connectedPair();
        const auto who = credentialsOf(one.get());
        QVERIFY(who);
        QCOMPARE(who->uid, ::getuid());
        QCOMPARE(who->gid, ::getgid());
        QCOMPARE(who->groups.size(), static_cast<std::size_t>(::getgroups(0, nullptr)));
        QVERIFY(idsOf({"root", "no-such-group-here"}).act == gid_t{0});
        QVERIFY(!idsOf({"root", "no-such-group-here"}).view);
    }

    void access_refusals_nameGroupAndRemedy()
    {
        const Error error = refusalOf({.uid = 4'294'000}, {"gantry", "gantry-view"});
        QCOMPARE(error.posix(), EPERM);
        QVERIFY(error.detail.find("group gantry ") != std::string::npos);
        QVERIFY(error.remedy.find("usermod -aG gantry-view USER") != std::string::npos);
        QVERIFY(callerWith(service::Access::Act, {"a", "b"}, "x").missing.empty());
        QVERIFY(callerWith(service::Access::Look, {"a", "b"}, {}).missing.find("group a") != std::string::npos);
    }

    void origin_goesThroughAnAddress()
    {
        QCOMPARE(originIn(addressFor("uid 7 by sudo")), std::string("uid 7 by sudo"));
        QCOMPARE(addressFor(""), std::string());
        QCOMPARE(originIn("something/else/uid 7"), std::string());
        QCOMPARE(originIn("gantry-dial/1"), std::string());
        QCOMPARE(originIn(std::string("gantry-dial/1/a\nb")), std::string("a?b"));
        QCOMPARE(originIn("gantry-dial/1/" + std::string(500, 'x')).size(), std::size_t{40});

        const UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto there = abstractAddress(strCat("gantry-test-", ::getpid()));
        QVERIFY(there && ::bind(listening.get(), there->get(), there->size()) == 0);
        QVERIFY(::listen(listening.get(), 1) == 0);
        const UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto own = abstractAddress(addressFor("uid 7 by sudo"));
        QVERIFY(own && ::bind(client.get(), own->get(), own->size()) == 0);
        QVERIFY(::connect(client.get(), there->get(), there->size()) == 0);
        const UniqueFd accepted(::accept(listening.get(), nullptr, nullptr));
        QCOMPARE(originIn(abstractNameOfPeer(accepted.get())), std::string("uid 7 by sudo"));
        const auto [nameless, other] = test::connectedPair();
        QCOMPARE(abstractNameOfPeer(nameless.get()), std::string());
    }

    void connections_placesAreShared()
    {
        Connections open;
        std::vector<UniqueFd> far;
        const auto add = [&](uid_t uid) {
            if (auto room = open.roomFor(uid); !room)
                return false;
            auto [one, other] = test::connectedPair();
            far.push_back(std::move(other));
            return open.add(one.get(), uid).has_value();
        };
        for (uid_t user = 1; user <= 3; ++user) {
            for (std::size_t i = 0; i < Connections::kMostOfUser; ++i)
                QVERIFY(add(user));
            QVERIFY(!add(user));
        }
        QVERIFY(!add(4)); // others than root have all of theirs
        for (std::size_t i = Connections::kMostOfOthers; i < Connections::kMost; ++i)
            QVERIFY(add(0));
        QVERIFY(!add(0));
        far.erase(far.begin()); // one of user 1 ends: both ends are closed
        open.sweep();
        QCOMPARE(open.count(), Connections::kMost - 1);
        QVERIFY(add(1));
    }

    void watchdog_speaksOnlyWhileTheEngineAnswers()
    {
        const std::string name = strCat("gantry-notify-", ::getpid());
        const UniqueFd systemd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        const auto address = abstractAddress(name);
        QVERIFY(address && ::bind(systemd.get(), address->get(), address->size()) == 0);
        ::setenv("NOTIFY_SOCKET", strCat("@", name).c_str(), 1); // NOLINT(concurrency-mt-unsafe): no other thread asks
        ::setenv("WATCHDOG_USEC", "40000", 1);                   // NOLINT(concurrency-mt-unsafe)
        const auto hears = [&systemd](int millis) {
            pollfd wait{systemd.get(), POLLIN, 0};
            std::array<char, 100> text{};
            const bool heard = ::poll(&wait, 1, millis) > 0;
            return heard && ::recv(systemd.get(), text.data(), text.size(), 0) > 0;
        };
        std::atomic<bool> hangs = false;
        std::atomic<int> asked = 0;
        {
            const Watchdog watchdog([&](std::chrono::milliseconds) {
                ++asked;
                return !hangs;
            });
            for (int i = 0; i < 3; ++i)
                QVERIFY(hears(10'000));
            hangs = true;
            const int before = asked;
            QTRY_VERIFY(asked >= before + 2); // what it had begun to tell is told
            while (hears(0)) {
            }
            const int silent = asked;
            QTRY_VERIFY(asked >= silent + 3);
            QVERIFY(!hears(0));
            hangs = false;
            QVERIFY(hears(10'000));
        }
        ::unsetenv("NOTIFY_SOCKET"); // NOLINT(concurrency-mt-unsafe)
        ::unsetenv("WATCHDOG_USEC"); // NOLINT(concurrency-mt-unsafe)
    }

    void bridge_muchInBothDirections_arrivesWhole_data() { bothKinds(); }
    void bridge_muchInBothDirections_arrivesWhole()
    {
        QFETCH(const Bridged::Ends, ends);
        Bridged bridged(ends);
        const std::string up = randomBytes(std::size_t{9} << 20);
        const std::string down = randomBytes((std::size_t{7} << 20) + 13);
        auto sent = std::async(std::launch::async, [&] {
            writeOut(bridged.input(), up);
            bridged.closeInput();
        });
        auto received = std::async(std::launch::async, [&] { return readToEnd(bridged.output()); });
        auto answered = std::async(std::launch::async, [&] {
            writeOut(bridged.peer(), down); // before the half-close has come, and while more comes
        });
        QVERIFY(readToEnd(bridged.peer()) == up);
        answered.get();
        sent.get();
        bridged.closePeer();
        QCOMPARE(bridged.end(), BridgeEnd::PeerClosed);
        QVERIFY(received.get() == down);
    }

    void bridge_aSlowReader_losesNothingAndCostsNoTime_data() { bothKinds(); }
    void bridge_aSlowReader_losesNothingAndCostsNoTime()
    {
        QFETCH(const Bridged::Ends, ends);
        Bridged bridged(ends);
        const std::string down = randomBytes(std::size_t{1} << 20);
        auto received = std::async(std::launch::async, [&] { return readToEnd(bridged.output(), 2ms); });
        timespec before{};
        timespec after{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
        writeOut(bridged.peer(), down);
        bridged.closePeer(); // it has hung up while most is still to be read
        QCOMPARE(bridged.end(), BridgeEnd::PeerClosed);
        QVERIFY(received.get() == down);
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
        QVERIFY2(after.tv_sec - before.tv_sec <= 1, "it waits by going round");
    }

    void bridge_endOfInput_isPassedOn_andTheAnswerArrives_data() { bothKinds(); }
    void bridge_endOfInput_isPassedOn_andTheAnswerArrives()
    {
        QFETCH(const Bridged::Ends, ends);
        Bridged bridged(ends);
        writeOut(bridged.input(), "question");
        bridged.closeInput();
        QCOMPARE(readToEnd(bridged.peer()), std::string("question"));
        writeOut(bridged.peer(), "answer");
        bridged.closePeer();
        QCOMPARE(bridged.end(), BridgeEnd::PeerClosed);
        QCOMPARE(readToEnd(bridged.output()), std::string("answer"));
    }

    void bridge_endOfInput_aPeerThatDoesNotClose_isLeft()
    {
        Bridged bridged(Bridged::Ends::Pipes, 100ms);
        bridged.closeInput();
        QCOMPARE(bridged.end(), BridgeEnd::PeerSilent);
    }

    void bridge_readerGoes_ends_data() { bothKinds(); }
    void bridge_readerGoes_ends()
    {
        QFETCH(const Bridged::Ends, ends);
        Bridged bridged(ends);
        bridged.closeOutput(); // nothing is on its way: only the hang-up tells
        const BridgeEnd end = bridged.end();
        QVERIFY(end == BridgeEnd::OutClosed);
    }

    void bridge_peerGoesWithBytesUnderWay_ends_data() { bothKinds(); }
    void bridge_peerGoesWithBytesUnderWay_ends()
    {
        QFETCH(const Bridged::Ends, ends);
        Bridged bridged(ends);
        auto sent = std::async(std::launch::async, [&] { // more than all buffers hold: it blocks until the end
            const std::string much = randomBytes(std::size_t{4} << 20);
            for (std::size_t at = 0; at < much.size();) {
                const ssize_t put = ::write(bridged.input(), much.data() + at, much.size() - at);
                if (put <= 0)
                    return errno;
                at += static_cast<std::size_t>(put);
            }
            return 0;
        });
        std::array<char, 1000> part{};
        QVERIFY(::read(bridged.peer(), part.data(), part.size()) > 0);
        bridged.closePeer();
        QCOMPARE(bridged.end(), BridgeEnd::PeerClosed);
        QVERIFY(sent.get() != 0); // the other ends were closed with the bridge's thread
    }

    void bridge_stopped_ends()
    {
        Bridged bridged(Bridged::Ends::Pipes);
        bridged.stop();
        QCOMPARE(bridged.end(), BridgeEnd::Stopped);
    }

    void bridge_flagsOfWhatItWasGiven_comeBack()
    {
        auto [client, in] = test::connectedPair();
        auto [peer, service] = test::connectedPair();
        const int before = ::fcntl(in.get(), F_GETFL);
        peer = UniqueFd();
        const auto done = bridge({in.get(), in.get(), service.get()});
        QVERIFY(done && *done == BridgeEnd::PeerClosed);
        QCOMPARE(::fcntl(in.get(), F_GETFL), before);
    }
};

QTEST_GUILESS_MAIN(TestDaemonParts)
#include "tst_daemon_parts.moc"
