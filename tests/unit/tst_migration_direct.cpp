// SPDX-License-Identifier: GPL-3.0-or-later
// The connection of two hosts: who gets in and who does not, over real sockets on loopback, and what the source is told
// where no connection comes about.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/migration/addresses.h"
#include "engine/migration/direct.h"

#include <atomic>
#include <future>
#include <thread>

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

using namespace gantry;
using namespace gantry::migration;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr auto kPatience = 20s;

UniqueFd connectedTo(const v1::MigrationDirect &direct)
{
    const auto there = NetAddress::parse(direct.addresses(0), static_cast<std::uint16_t>(direct.port()));
    UniqueFd out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(out.get(), there->get(), there->size) == 0 ? std::move(out) : UniqueFd();
}

/// The other end closes it, sooner than it would close a silent one: what was said was refused. A few bytes of an alert
/// may come before.
bool isRefused(int socket)
{
    const auto until = steady_clock::now() + 4s;
    while (steady_clock::now() < until) {
        pollfd one{socket, POLLIN, 0};
        std::array<char, 4'096> some{};
        if (::poll(&one, 1, 100) > 0 && ::recv(socket, some.data(), some.size(), 0) <= 0)
            return true;
    }
    return false;
}

/// A target that waits on a thread of its own.
struct Target
{
    DirectListener listener = *DirectListener::open("127.0.0.1");
    v1::MigrationDirect direct = listener.direct();
    std::atomic<bool> isGone = false;
    std::future<Result<std::unique_ptr<DirectFrames>>> accepted;

    explicit Target(std::chrono::milliseconds wait = kPatience)
        : accepted(std::async(std::launch::async, [this, wait] {
            return listener.accept({steady_clock::now() + wait}, [this] { return isGone.load(); });
        }))
    {}
    /// Nobody has got in.
    [[nodiscard]] bool waits() const { return accepted.wait_for(0s) == std::future_status::timeout; }
};

/// Each waits for the other to have read its last word.
void part(std::unique_ptr<DirectFrames> one, std::unique_ptr<DirectFrames> other)
{
    std::thread thread([&one] { one.reset(); });
    other.reset();
    thread.join();
}

/// A TLS client of no name, with OpenSSL's own means.
int handshakeWithout(const v1::MigrationDirect &direct, int newest)
{
    const UniqueFd socket = connectedTo(direct);
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX *)> context(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free);
    ::SSL_CTX_set_max_proto_version(context.get(), newest);
    const std::unique_ptr<SSL, void (*)(SSL *)> connection(::SSL_new(context.get()), ::SSL_free);
    ::SSL_set_fd(connection.get(), socket.get());
    if (::SSL_connect(connection.get()) != 1)
        return -1;
    char one = 0; // with TLS 1.3 the server's verdict comes after the client's handshake
    return ::SSL_read(connection.get(), &one, 1);
}

} // namespace

class TestMigrationDirect : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void frames_comeWhole_bothWays()
    {
        Target target;
        auto source = connectDirect(target.direct, {});
        QVERIFY2(source, source ? "" : source.error().message().c_str());
        auto there = target.accepted.get();
        QVERIFY(there);
        // Nothing yet: the way is open all the same.
        QCOMPARE((*source)->receive({steady_clock::now() + 10ms}).error().posix(), ETIMEDOUT);
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE((*source)->receive({steady_clock::now() + kPatience, stop.get_token()}).error().posix(), ECANCELED);
        Frame data;
        for (int i = 0; i < 1'000'000; ++i)
            data.mutable_data()->push_back(static_cast<char>(i * 31 >> 3));
        std::thread sender([&] {
            for (int i = 0; i < 5; ++i) {
                if (!(*source)->send(data))
                    return;
            }
        });
        for (int i = 0; i < 5; ++i) {
            const auto came = (*there)->receive({steady_clock::now() + kPatience});
            QVERIFY(came);
            QVERIFY(came->data() == data.data());
        }
        sender.join();
        Frame running;
        running.mutable_running();
        QVERIFY((*there)->send(running));
        QVERIFY((*source)->receive({steady_clock::now() + kPatience})->has_running());
        Frame tooLong;
        tooLong.mutable_data()->resize(std::size_t{5} << 20);
        QCOMPARE((*source)->send(tooLong).error().posix(), EMSGSIZE);
        part(*std::move(source), *std::move(there));
    }

    void whatIsGivenUp_isToldWhy_inTheMidstOfAFile()
    {
        Target target;
        const auto source = connectDirect(target.direct, {});
        QVERIFY(source);
        std::thread there([&target] {
            auto frames = *target.accepted.get();
            (void)frames->receive({steady_clock::now() + kPatience});
            (void)frames->send(abortFrame(fail(ENOSPC, "receive", "the store", "the disk is full").error()));
        });
        Frame data;
        data.mutable_data()->resize(std::size_t{512} << 10);
        Result<> sent;
        for (const auto until = steady_clock::now() + kPatience; sent && steady_clock::now() < until;)
            sent = (*source)->send(data);
        there.join();
        QVERIFY(!sent);
        QCOMPARE(sent.error().posix(), ENOSPC);
        QCOMPARE(sent.error().detail, std::string("the disk is full"));
    }

    void check_endsAWait()
    {
        Target target;
        const auto source = connectDirect(target.direct, {});
        QVERIFY(source);
        std::atomic<bool> over = false;
        (*source)->setCheck(
            [&over]() -> Result<> { return over ? fail(EINTR, "migrate", "caller", "gone") : Result<>(); });
        std::thread other([&] {
            over = true;
            (*source)->wake();
        });
        QCOMPARE((*source)->receive({steady_clock::now() + kPatience}).error().posix(), EINTR);
        other.join();
        // Nobody reads at the other end: a send ends, too.
        over = false;
        Frame data;
        data.mutable_data()->resize(std::size_t{1} << 20);
        std::thread later([&] {
            QTest::qWait(50);
            over = true;
            (*source)->wake();
        });
        Result<> sent;
        for (int i = 0; i < 100 && sent; ++i)
            sent = (*source)->send(data);
        later.join();
        QCOMPARE(sent.error().posix(), EINTR);
    }

    void others_areRefused_theOneIsNot()
    {
        Target target;
        const UniqueFd silent = connectedTo(target.direct);
        const UniqueFd garbage = connectedTo(target.direct);
        QVERIFY(silent && garbage);
        const std::string_view words = "GET /v1/Receive HTTP/1.1\r\nHost: target\r\n\r\n";
        QCOMPARE(::send(garbage.get(), words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
        QVERIFY(isRefused(garbage.get()));
        QVERIFY(handshakeWithout(target.direct, TLS1_3_VERSION) <= 0);
        QVERIFY(handshakeWithout(target.direct, TLS1_2_VERSION) <= 0);
        const Identity other = *newIdentity();
        v1::MigrationDirect wrong = target.direct;
        wrong.set_source_certificate(other.certificate);
        wrong.set_source_key(other.key);
        const auto stranger = connectDirect(wrong, {});
        QVERIFY(!stranger);
        QCOMPARE(stranger.error().posix(), ECONNREFUSED);
        // The target's own certificate does not make a source.
        v1::MigrationDirect mirrored = target.direct;
        mirrored.set_source_certificate(target.direct.target_certificate());
        QCOMPARE(connectDirect(mirrored, {}).error().posix(), EINVAL); // the key is not its own
        // Nor does a source believe another one to be its target.
        v1::MigrationDirect deceived = target.direct;
        deceived.set_target_certificate(other.certificate);
        const auto cheated = connectDirect(deceived, {});
        QVERIFY(!cheated);
        QVERIFY2(cheated.error().detail.find("certificate") != std::string::npos, cheated.error().detail.c_str());
        QVERIFY(target.waits());

        auto source = connectDirect(target.direct, {});
        QVERIFY2(source, source ? "" : source.error().message().c_str());
        auto there = target.accepted.get();
        QVERIFY(there);
        // One use: neither a second one, nor one that was there before.
        const auto second = connectDirect(target.direct, {});
        QVERIFY(!second);
        QVERIFY2(second.error().detail.find("Connection refused") != std::string::npos, second.error().detail.c_str());
        QVERIFY(isRefused(silent.get()));
        part(*std::move(source), *std::move(there));
    }

    void many_keepNobodyAway()
    {
        Target target;
        std::vector<UniqueFd> crowd;
        for (int i = 0; i < 40; ++i)
            crowd.push_back(connectedTo(target.direct));
        auto source = connectDirect(target.direct, {});
        QVERIFY2(source, source ? "" : source.error().message().c_str());
        part(*std::move(source), *target.accepted.get());
    }

    void unused_isClosed()
    {
        Target target(300ms);
        const UniqueFd garbage = connectedTo(target.direct);
        QCOMPARE(::send(garbage.get(), "nonsense", 8, MSG_NOSIGNAL), 8);
        const auto nobody = target.accepted.get();
        QVERIFY(!nobody);
        QCOMPARE(nobody.error().posix(), ETIMEDOUT);
        QVERIFY2(nobody.error().detail.find("others came and were refused: 1") != std::string::npos,
                 nobody.error().detail.c_str());
        { // It is gone with its listener.
            const DirectListener over = std::move(target.listener);
        }
        QVERIFY(!connectedTo(target.direct));
        Target unwanted;
        unwanted.isGone = true;
        QCOMPARE(unwanted.accepted.get().error().posix(), ECANCELED);
    }

    void noConnection_namesEachAddress_portAndCause()
    {
        v1::MigrationDirect direct;
        {
            const auto listener = DirectListener::open("127.0.0.1");
            direct = listener->direct();
        }
        direct.add_addresses("::ffff:127.0.0.1");
        direct.add_addresses("web.example");
        const auto none = connectDirect(direct, {});
        QVERIFY(!none);
        QCOMPARE(none.error().posix(), ECONNREFUSED);
        const std::string port = std::to_string(direct.port());
        for (const std::string &part :
             {strCat("127.0.0.1:", port, ": Connection refused"), strCat("[::ffff:127.0.0.1]:", port),
              std::string("web.example: it is no IPv4 or IPv6 address")})
            QVERIFY2(none.error().detail.find(part) != std::string::npos, none.error().detail.c_str());
        QVERIFY(!none.error().remedy.empty());
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(connectDirect(direct, stop.get_token()).error().posix(), ECANCELED);
        direct.set_port(70'000);
        QCOMPARE(connectDirect(direct, {}).error().posix(), EINVAL);
    }

    void oneAddressOfSeveral_isEnough()
    {
        Target target;
        v1::MigrationDirect direct = target.direct;
        *direct.mutable_addresses(0) = "127.0.0.77"; // of this host, and nobody listens there
        direct.add_addresses("127.0.0.1");
        auto source = connectDirect(direct, {});
        QVERIFY2(source, source ? "" : source.error().message().c_str());
        QCOMPARE((*source)->peer(), strCat("127.0.0.1:", direct.port()));
        part(*std::move(source), *target.accepted.get());
    }

    /// A target that takes the connection and says nothing, and one that says something else.
    void silentTarget_isNotWaitedFor()
    {
        const UniqueFd listener = *boundTo("127.0.0.1");
        QCOMPARE(::listen(listener.get(), 1), 0);
        v1::MigrationDirect direct = DirectListener::open("127.0.0.1")->direct();
        direct.set_port(*portOf(listener.get()));
        const auto none = connectDirect(direct, {}, 200ms);
        QVERIFY(!none);
        QVERIFY2(none.error().detail.find("does not take this connection") != std::string::npos,
                 none.error().detail.c_str());
    }

    void foreignAddress_isNoneToListenAt()
    {
        QCOMPARE(DirectListener::open("192.0.2.1").error().posix(), EADDRNOTAVAIL);
        QCOMPARE(DirectListener::open("web.example").error().posix(), EINVAL);
        // All of them: what is told can be reached, and is no loopback.
        const auto all = DirectListener::open("");
        if (!all) { // a machine without a network
            QCOMPARE(all.error().posix(), EADDRNOTAVAIL);
            return;
        }
        for (const std::string &address : all->direct().addresses())
            QVERIFY(!address.starts_with("127.") && address != "::1");
    }
};

QTEST_GUILESS_MAIN(TestMigrationDirect)
#include "tst_migration_direct.moc"
