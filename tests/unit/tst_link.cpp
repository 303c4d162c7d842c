// SPDX-License-Identifier: GPL-3.0-or-later
// How hosts are named, what ssh is told, and what its end means; no ssh is started.
#include <QtTest>

#include "app/link/destination.h"
#include "app/link/said.h"
#include "app/link/ssh_end.h"
#include "app/link/ssh_words.h"
#include "engine/base/child.h"
#include "engine/base/strings.h"

#include <QScopeGuard>

#include <array>

#include <fcntl.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::link;

class TestLink : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void destination_right_isUnderstood_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<int>("port");
        const int ssh = static_cast<int>(Destination::Kind::Ssh);
        QTest::newRow("local") << QByteArray("local") << 0 << QByteArray() << QByteArray() << 0;
        QTest::newRow("alias") << QByteArray("shop") << ssh << QByteArray() << QByteArray("shop") << 0;
        QTest::newRow("user") << QByteArray("root@shop") << ssh << QByteArray("root") << QByteArray("shop") << 0;
        QTest::newRow("user of a domain")
            << QByteArray("a@b.example@shop") << ssh << QByteArray("a@b.example") << QByteArray("shop") << 0;
        QTest::newRow("IPv6") << QByteArray("fe80::1%eth0") << ssh << QByteArray() << QByteArray("fe80::1%eth0") << 0;
        QTest::newRow("uri") << QByteArray("ssh://shop") << ssh << QByteArray() << QByteArray("shop") << 0;
        QTest::newRow("uri, slash") << QByteArray("ssh://shop/") << ssh << QByteArray() << QByteArray("shop") << 0;
        QTest::newRow("uri, all") << QByteArray("ssh://root@10.0.0.1:2222") << ssh << QByteArray("root")
                                  << QByteArray("10.0.0.1") << 2222;
        QTest::newRow("uri, IPv6") << QByteArray("ssh://root@[::1]:22") << ssh << QByteArray("root")
                                   << QByteArray("::1") << 22;
        QTest::newRow("uri, IPv6 alone") << QByteArray("ssh://[::1]") << ssh << QByteArray() << QByteArray("::1") << 0;
    }
    void destination_right_isUnderstood()
    {
        QFETCH(const QByteArray, text);
        const auto got = parseDestination(text.toStdString());
        QVERIFY2(got.has_value(), got ? "" : got.error().message().c_str());
        QFETCH(const int, kind);
        QCOMPARE(static_cast<int>(got->kind), kind);
        QTEST(QByteArray::fromStdString(got->user), "user");
        QTEST(QByteArray::fromStdString(got->host), "host");
        QTEST(static_cast<int>(got->port), "port");
        QCOMPARE(QByteArray::fromStdString(got->text), text);
    }

    void destination_socket_isItsPath()
    {
        for (const char *const text : {"unix:/run/x.sock", "unix:///run/x.sock"}) {
            const auto got = parseDestination(text);
            QVERIFY(got && got->kind == Destination::Kind::Socket);
            QCOMPARE(got->path, std::string("/run/x.sock"));
        }
    }

    void destination_wrong_isRefusedWithItsReason_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("reason");
        const auto row = [](const char *name, const QByteArray &text, const char *reason) {
            QTest::newRow(name) << text << QByteArray(reason);
        };
        row("nothing", "", "no host");
        row("option", "-oProxyCommand=touch", "option of ssh");
        row("option as host", "root@-F/x", "option of ssh");
        row("option as user", "-l@shop", "option of ssh");
        row("option in a uri", "ssh://-oProxyCommand=x", "option of ssh");
        row("blank", "shop -v", "letters");
        row("newline", "shop\nx", "letters");
        row("NUL", QByteArray("sh\0op", 5), "letters");
        row("escape", "sh\x1b[2Jop", "letters");
        row("not ASCII", "sch\xc3\xb6n", "letters");
        row("for a shell", "$(id)", "letters");
        row("back-quote", "`id`", "letters");
        row("path", "shop/x", "letters");
        row("path in a uri", "ssh://shop/x", "letters");
        row("no user", "@shop", "no host");
        row("no host", "root@", "no host");
        row("port without a uri", "shop:22", "ssh://HOST:PORT");
        row("port 0", "ssh://shop:0", "65535");
        row("port too great", "ssh://shop:65536", "65535");
        row("port no number", "ssh://shop:ssh", "65535");
        row("no port", "ssh://shop:", "65535");
        row("open bracket", "ssh://[::1", "no ]");
        row("text behind a bracket", "ssh://[::1]x", "no port");
        row("password", "ssh://root:secret@shop", "a password");
        row("other scheme", "https://shop", "ssh alone");
        row("relative socket", "unix:run/x", "absolute");
        row("long name", QByteArray(300, 'a'), "255");
        row("long socket", "unix:/" + QByteArray(120, 'a'), "");
    }
    void destination_wrong_isRefusedWithItsReason()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, reason);
        const auto got = parseDestination(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
        QVERIFY(!got);
        const std::string told = got.error().message();
        QVERIFY2(told.contains(reason.toStdString()), told.c_str());
        QVERIFY(!told.contains("secret") && !told.contains('\n') && !told.contains('\x1b'));
    }

    void shell_readsBackWhatWasQuoted()
    {
        for (const std::string word :
             {"gantryd", "/opt/a b/gantryd", "it's", "$(id)`id`", "", "a\"b\\c", "-x; rm", "~", "#"}) {
            std::array<int, 2> pipe{};
            QCOMPARE(::pipe2(pipe.data(), O_CLOEXEC), 0);
            const UniqueFd out(pipe[0]);
            UniqueFd in(pipe[1]);
            auto child = Child::start("/bin/sh", {"sh", "-c", strCat("printf %s ", shellQuoted(word))},
                                      std::array{Child::Descriptor{in.get(), STDOUT_FILENO}});
            QVERIFY(child.has_value());
            in.reset();
            std::array<char, 100> buffer{};
            const ssize_t got = ::read(out.get(), buffer.data(), buffer.size());
            QCOMPARE(child->reap(), 0);
            QCOMPARE(std::string(buffer.data(), static_cast<std::size_t>(got)), word);
        }
        QCOMPARE(shellQuoted("/usr/bin/gantryd"), std::string("/usr/bin/gantryd"));
    }

    void sshWords_destination_standsBehindTheOptions()
    {
        const auto destination = parseDestination("ssh://root@shop:2222");
        QVERIFY(destination.has_value());
        const Programs programs{.ssh = {"/opt/ssh", "-F", "file"}};
        auto words = sshWords(programs, *destination, false, "gantryd dial");
        QCOMPARE(words.front(), std::string("/opt/ssh"));
        QCOMPARE(words.at(1), std::string("-F"));
        const std::string all = joined(words);
        QVERIFY2(all.ends_with("-p 2222 -l root -- shop gantryd dial"), all.c_str());
        QVERIFY(all.contains("BatchMode=yes") && all.contains("ServerAliveInterval="));
        words = sshWords(programs, *destination, true, "gantryd dial");
        QVERIFY(!joined(words).contains("BatchMode"));
    }

    void programs_environment_isSplitAtBlanks()
    {
        const auto unset = qScopeGuard([] {
            qunsetenv("GANTRY_SSH");
            qunsetenv("GANTRYD_PROGRAM");
        });
        qputenv("GANTRY_SSH", "  ssh  -F /x ");
        qputenv("GANTRYD_PROGRAM", "/opt/a b");
        const Programs got = programsFromEnvironment();
        QCOMPARE(got.ssh, (std::vector<std::string>{"ssh", "-F", "/x"}));
        QCOMPARE(got.gantryd, std::string("/opt/a b"));
        qputenv("GANTRY_SSH", " ");
        QCOMPARE(programsFromEnvironment().ssh, std::vector<std::string>{"ssh"});
    }

    void end_ofSsh_isToldByCause_data()
    {
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QByteArray>("said");
        QTest::addColumn<int>("error");
        QTest::addColumn<QByteArray>("part");
        QTest::newRow("key") << 255 << QByteArray("Banner\r\nroot@shop: Permission denied (publickey).\r\n") << EACCES
                             << QByteArray("ssh-add");
        QTest::newRow("unknown host key")
            << 255 << QByteArray("Host key verification failed.\n") << EKEYREJECTED << QByteArray("fingerprint");
        QTest::newRow("changed host key")
            << 255
            << QByteArray("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n")
            << EKEYREJECTED << QByteArray("somebody may stand in between");
        QTest::newRow("name") << 255 << QByteArray("ssh: Could not resolve hostname x: Name or service not known\n")
                              << EHOSTUNREACH << QByteArray("(ssh: Could not");
        QTest::newRow("refused") << 255 << QByteArray("ssh: connect to host x port 22: Connection refused\n")
                                 << ECONNREFUSED << QByteArray("sshd");
        QTest::newRow("silent") << 255 << QByteArray() << ENOTCONN << QByteArray("said nothing");
        QTest::newRow("no gantryd") << 127 << QByteArray("sh: 1: gantryd: not found\n") << ENOENT
                                    << QByteArray("gantryctl host install shop");
        QTest::newRow("not executable") << 126 << QByteArray("sh: 1: gantryd: Permission denied\n") << EACCES
                                        << QByteArray("cannot be run");
        QTest::newRow("gantryd failed") << 1 << QByteArray("gantry.base: x\ngantryd: no cgroups\n") << EPROTO
                                        << QByteArray("status 1: gantryd: no cgroups");
        QTest::newRow("nothing done") << 0 << QByteArray() << EPROTO << QByteArray("without an answer");
        QTest::newRow("killed") << 137 << QByteArray() << ENOTCONN << QByteArray("signal 9");
    }
    void end_ofSsh_isToldByCause()
    {
        const auto shop = parseDestination("shop");
        QFETCH(const int, exitCode);
        QFETCH(const QByteArray, said);
        QFETCH(const int, error);
        QFETCH(const QByteArray, part);
        const Error got = endedBeforeHello(*shop, exitCode, said.toStdString(), "gantryd");
        const std::string told = strCat(got.message(), "; ", got.remedy);
        QCOMPARE(got.posix(), error);
        QVERIFY2(told.contains(part.toStdString()) && told.contains("shop"), told.c_str());
    }

    void lastLines_hostileText_isOnePrintableLine()
    {
        QCOMPARE(lastLines("a\n\nb\r\n\x1b[2Jc\n", 2), std::string("b; ?[2Jc"));
        QCOMPARE(lastLines("gantry.service: hello\n", 3), std::string());
        QVERIFY(lastLines(std::string(100'000, 'x'), 1).size() < 1'000);
    }

    void said_flood_keepsItsEnd()
    {
        std::array<int, 2> pipe{};
        QCOMPARE(::pipe2(pipe.data(), O_CLOEXEC), 0);
        Said said((UniqueFd(pipe[0])));
        UniqueFd in(pipe[1]);
        const std::string flood = std::string(1 << 20, 'x') + "\nlast\n";
        QVERIFY(writeAll(in.get(), std::as_bytes(std::span(flood)), "pipe").has_value());
        QTRY_VERIFY(said.text().ends_with("\nlast\n"));
        QVERIFY(said.text().size() <= (16U << 10));
        QVERIFY(said.take().ends_with("last\n"));
        QVERIFY(said.take().empty());
        // The writing end stays open, as a program left behind keeps it: the object ends all the same.
    }
};

QTEST_GUILESS_MAIN(TestLink)
#include "tst_link.moc"
