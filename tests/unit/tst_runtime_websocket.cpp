// SPDX-License-Identifier: GPL-3.0-or-later
// A stream of messages as Incus sends it, by a recording, and servers that break it off, or never spoke it.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/runtime/json.h"
#include "engine/runtime/websocket.h"
#include "tests/support/fake_runtime.h"
#include "tests/support/websocket_frames.h"

#include <QTemporaryDir>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace gantry;
using namespace gantry::runtime;
using namespace std::chrono_literals;
using test::acceptedWebSocket;
using test::FakeRuntime;
using test::kCloseFrame;
using test::kTextFrame;
using test::webSocketFrame;
using test::within;

class TestRuntimeWebSocket : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_folder.reset(); }

    void webSocket_readsWhatIncusSends()
    {
        FakeRuntime server(socketPath());
        server.upgradeEvents(acceptedWebSocket);
        auto socket = WebSocket::open(server.path(), "/1.0/events?type=lifecycle", within(5s));
        QVERIFY2(socket, socket ? "" : socket.error().message().c_str());
        QTRY_COMPARE(server.listeners(), 1U);
        // Byte for byte, as a slow daemon might.
        const std::string bytes = *readFile(GANTRY_TEST_DATA "/runtimes/incus/events.raw");
        const std::jthread slow([&server, &bytes] {
            for (const char byte : bytes)
                server.tellBytes(std::string(1, byte));
        });
        std::vector<std::string> actions;
        while (auto message = (*socket)->next(within(2s))) {
            actions.push_back(textAt(*parseJson("event", *message), {"metadata", "action"}));
            if (actions.back() == "instance-stopped")
                break;
        }
        QVERIFY(std::ranges::find(actions, "instance-paused") != actions.end());
        QVERIFY(std::ranges::find(actions, "instance-resumed") != actions.end());
        QCOMPARE(actions.back(), std::string("instance-stopped"));
        // Its pings ("keepalive") were answered, masked as a client must: a daemon ends a stream that is silent.
        QTRY_VERIFY(!server.heard().empty());
        QCOMPARE(server.heard().at(0), '\x8a');
        QCOMPARE(static_cast<int>(static_cast<unsigned char>(server.heard().at(1))), 0x80 | 9);
    }

    void webSocket_thatFails_saysHow_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("err");
        const auto row = [](const char *name, const std::string &data, int error) {
            QTest::newRow(name) << QByteArray::fromStdString(data) << error;
        };
        const std::string tooLong = strCat('\x81', '\x7f', std::string(4, '\0'), '\x7f', std::string(3, '\0'));
        row("close", webSocketFrame(kCloseFrame, std::string("\x03\xe8", 2)), ECONNRESET);
        row("no frame", "HTTP/1.1 200 OK\r\n\r\n", EBADMSG);
        row("masked", "\x81\x81xxxxx", EBADMSG);
        row("reserved opcode", webSocketFrame('\x83', "x"), EBADMSG);
        row("text that is none", webSocketFrame(kTextFrame, "\xff\xfe"), EBADMSG);
        row("gigabytes", tooLong, EFBIG);
    }
    void webSocket_thatFails_saysHow()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, err);
        FakeRuntime server(socketPath());
        server.upgradeEvents(acceptedWebSocket);
        auto socket = WebSocket::open(server.path(), "/1.0/events", within(5s));
        QVERIFY(socket);
        QTRY_COMPARE(server.listeners(), 1U);
        server.tellBytes(bytes.toStdString());
        const auto message = (*socket)->next(within(5s));
        QVERIFY(!message);
        QCOMPARE(message.error().posix(), err);
        QCOMPARE((*socket)->next(within(5s)).error().posix(), ECONNRESET);
    }

    void webSocket_thatIsNotThere_saysHow()
    {
        QCOMPARE(WebSocket::open(socketPath(), "/x", within(2s)).error().posix(), ENOENT);
        FakeRuntime server(socketPath());
        const auto missing = WebSocket::open(server.path(), "/1.0/x", within(2s));
        QCOMPARE(missing.error().posix(), EPROTO);
        QVERIFY(missing.error().detail.find("404") != std::string::npos);
        // Accepted without the proof that the request was understood.
        server.upgradeEvents([](const std::string &) { return acceptedWebSocket("Sec-WebSocket-Key: another\r\n"); });
        QVERIFY(!WebSocket::open(server.path(), "/1.0/events", within(2s)));
        server.upgradeEvents([](const std::string &) { return std::string("\x16\x03\x01 no HTTP\r\n\r\n"); });
        QCOMPARE(WebSocket::open(server.path(), "/1.0/events", within(2s)).error().posix(), EBADMSG);
        server.close();
        QCOMPARE(WebSocket::open(server.path(), "/x", within(2s)).error().posix(), ECONNREFUSED);
        QCOMPARE(WebSocket::open(std::string(200, 'x'), "/x", within(2s)).error().posix(), ENAMETOOLONG);
    }

    void webSocket_thatHangs_isLeft_andGoesOn()
    {
        FakeRuntime server(socketPath());
        server.hang(true);
        QCOMPARE(WebSocket::open(server.path(), "/1.0/events", within(100ms)).error().posix(), ETIMEDOUT);
        server.hang(false);
        server.upgradeEvents(acceptedWebSocket);
        auto socket = WebSocket::open(server.path(), "/1.0/events", within(5s));
        QVERIFY(socket);
        QTRY_COMPARE(server.listeners(), 1U);
        const std::string whole = webSocketFrame(kTextFrame, "abcdef");
        server.tellBytes(whole.substr(0, 4));
        const auto begun = Clock::now();
        QCOMPARE((*socket)->next(within(100ms)).error().posix(), ETIMEDOUT);
        std::stop_source stop;
        const std::jthread stopper([&stop] {
            std::this_thread::sleep_for(50ms);
            stop.request_stop();
        });
        QCOMPARE((*socket)->next(within(20s, stop.get_token())).error().posix(), ECANCELED);
        QVERIFY(Clock::now() - begun < 10s);
        // The half of a message that came is not lost.
        server.tellBytes(whole.substr(4));
        QCOMPARE(*(*socket)->next(within(5s)), std::string("abcdef"));
        server.endEvents();
        QCOMPARE((*socket)->next(within(5s)).error().posix(), ECONNRESET);
    }

private:
    [[nodiscard]] std::string socketPath() const { return m_folder->filePath(QStringLiteral("a.sock")).toStdString(); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestRuntimeWebSocket)
#include "tst_runtime_websocket.moc"
