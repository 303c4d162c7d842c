// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl --host as a program, by the real ssh and a real sshd with the real gantryd behind it.
#include <QtTest>

#include "tests/service/ran.h"
#include "tests/support/own_sshd.h"
#include "tests/support/scratch_cgroup.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QScopeGuard>

#include <csignal>
#include <optional>

#include <unistd.h>

using gantry::test::finish;
using gantry::test::OwnSshd;
using gantry::test::Ran;
using gantry::test::ScratchCgroup;

namespace {

Ran gantryctl(const QStringList &arguments)
{
    QProcess process;
    // Without the terminal of whoever runs the tests: ssh must not ask him.
    process.setChildProcessModifier([] { ::setsid(); });
    process.start(QStringLiteral(GANTRYCTL), arguments);
    return finish(process, 30'000);
}

} // namespace

class TestGantryctlHost : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qunsetenv("DISPLAY");
        qunsetenv("WAYLAND_DISPLAY");
        m_sshd.emplace();
        // A path that a shell must not split, and no service of this machine.
        m_gantryd = m_sshd->script(QStringLiteral("it's a folder/gantryd"),
                                   "exec " GANTRYD " \"$@\" --socket " + m_sshd->path("none.sock").toUtf8());
    }
    void cleanupTestCase()
    {
        // Nothing of a session outlives its command.
        QTRY_VERIFY(m_sshd->sessions().empty());
        m_sshd.reset();
    }
    void init()
    {
        qputenv("GANTRY_SSH", m_sshd->ssh());
        qputenv("GANTRYD_PROGRAM", m_gantryd.toUtf8());
    }

    void tree_overSsh_isTheHosts()
    {
        const ScratchCgroup scratch("host");
        const Ran ran = gantryctl({"--json", "--host", m_sshd->destination(), "tree"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        bool seen = false;
        for (const QJsonValue &row : ran.json()["cgroups"].toArray())
            seen = seen || row["path"].toString().toStdString() == scratch.path().text();
        QVERIFY(seen);
        QCOMPARE(ran.err, QByteArray()); // the banner, and what the engine there logs, is not the admin's matter
    }

    void set_overSsh_isDoneAndRecordedWithWhoAsks()
    {
        const ScratchCgroup scratch("set");
        const QString path = QString::fromStdString(scratch.path().text());
        const std::string before = scratch.read("memory", scratch.file("memory.max"));
        Ran ran = gantryctl({"--host", m_sshd->destination(), "set", path, "memory.max=100M"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QCOMPARE(scratch.read("memory", scratch.file("memory.max")), std::string("104857600\n"));
        ran = gantryctl({"--host", m_sshd->destination(), "set", path, "memory.max=max"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QCOMPARE(scratch.read("memory", scratch.file("memory.max")), before);
        if (QFile::exists(QStringLiteral("/run/systemd/journal/socket")))
            return;
        QFile audit(m_sshd->path("state/audit.log"));
        QVERIFY(audit.open(QIODevice::ReadOnly));
        const QByteArray records = audit.readAll();
        QVERIFY2(records.contains("gantryctl") && records.contains("@" + QSysInfo::machineHostName().toUtf8()),
                 records.constData());
    }

    void failures_atTheStart_sayWhatAndWhatToDo_data()
    {
        QTest::addColumn<QByteArray>("ssh");
        QTest::addColumn<QByteArray>("gantryd");
        QTest::addColumn<QList<QByteArray>>("parts");
        const auto row = [](const char *name, const QByteArray &ssh, const QString &gantryd,
                            const QList<QByteArray> &parts) {
            QTest::newRow(name) << ssh << gantryd.toUtf8() << parts;
        };
        const QByteArray ssh = m_sshd->ssh();
        row("wrong key", m_sshd->ssh("other_key"), m_gantryd, {"Permission denied (publickey)", "ssh-add"});
        row("unknown host key", m_sshd->ssh("key", "no_hosts"), m_gantryd,
            {"Host key verification failed", "fingerprint"});
        row("no gantryd", ssh, "gantryd-of-nobody", {"no gantryd-of-nobody in its PATH", "gantryctl host install"});
        row("not executable", ssh, "/etc/passwd", {"/etc/passwd cannot be run there"});
        row("prints text", ssh, m_sshd->script("chatty", "echo Welcome to this machine; exec sleep 60"),
            {"instead of gantryd", "Welcome to this machine"});
        row("prints binary", ssh, m_sshd->script("binary", "head -c 100000 /dev/zero; exec sleep 60"),
            {"instead of gantryd"});
        row("prints a letter", ssh, m_sshd->script("letter", "printf x"), {"instead of gantryd", "\"x\""});
        row("fails", ssh, m_sshd->script("fails", "echo gantryd: no cgroups >&2; exit 1"),
            {"exit status 1: gantryd: no cgroups"});
        row("says nothing", ssh, m_sshd->script("silent", "exit 0"), {"ended without an answer"});
        row("no ssh", "/nowhere/ssh", m_gantryd, {"/nowhere/ssh", "openssh-client"});
    }
    void failures_atTheStart_sayWhatAndWhatToDo()
    {
        QFETCH(const QByteArray, ssh);
        QFETCH(const QByteArray, gantryd);
        QFETCH(const QList<QByteArray>, parts);
        qputenv("GANTRY_SSH", ssh);
        qputenv("GANTRYD_PROGRAM", gantryd);
        const Ran ran = gantryctl({"--host", m_sshd->destination(), "tree"});
        QCOMPARE(ran.exitStatus, 1);
        QCOMPARE(ran.out, QByteArray());
        for (const QByteArray &part : parts)
            QVERIFY2(ran.err.contains(part), ran.err.constData());
        QCOMPARE(ran.err.count('\n'), 1);
    }

    void link_cut_endsTheCommandWithinSeconds()
    {
        QTRY_VERIFY(m_sshd->sessions().empty());
        QProcess top;
        startTop(top);
        const auto sessions = m_sshd->sessions();
        QCOMPARE(sessions.size(), std::size_t{1});
        ::kill(sessions.front(), SIGKILL);
        const Ran ran = finish(top, 10'000);
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("the connection to ssh://") && ran.err.contains("ssh ended with exit status 255: "),
                 ran.err.constData());
    }

    void link_dead_isNoticed()
    {
        QTRY_VERIFY(m_sshd->sessions().empty());
        QProcess top;
        startTop(top);
        const auto sessions = m_sshd->sessions();
        QCOMPARE(sessions.size(), std::size_t{1});
        ::kill(sessions.front(), SIGSTOP); // as a cable that was pulled: nothing comes, nothing is refused
        const auto go = qScopeGuard([&sessions] { ::kill(sessions.front(), SIGCONT); });
        const Ran ran = finish(top, 40'000);
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("not responding"), ran.err.constData());
    }

    void hosts_oneOfThemDead_othersAnswerInOrder()
    {
        const QString dead = QStringLiteral("ssh://root@127.0.0.1:%1").arg(gantry::test::freePort());
        const QStringList hosts{"--host", m_sshd->destination(), "--host", dead, "--host", m_sshd->destination()};
        Ran ran = gantryctl(QStringList(hosts) << "containers");
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains(dead.toUtf8() + ": ") && ran.err.contains("Connection refused") &&
                     ran.err.contains("1 of 3 hosts failed"),
                 ran.err.constData());
        const QByteArray header = "== " + m_sshd->destination().toUtf8() + "\nNAME ";
        QVERIFY2(ran.out.startsWith(header), ran.out.constData());
        QVERIFY(ran.out.contains("\n== " + dead.toUtf8() + "\n\n" + header));

        ran = gantryctl(QStringList(hosts) << "--json"
                                           << "host");
        QCOMPARE(ran.exitStatus, 1);
        const QJsonArray rows = ran.json()["hosts"].toArray();
        QCOMPARE(rows.size(), 3);
        for (const int live : {0, 2}) {
            QVERIFY(rows[live]["error"].isNull());
            QCOMPARE(rows[live]["result"]["host_name"].toString(), QSysInfo::machineHostName());
        }
        QVERIFY(rows[1]["result"].isNull());
        QCOMPARE(rows[1]["host"].toString(), dead);
        QCOMPARE(rows[1]["error"]["errno"].toInt(), ECONNREFUSED);
        QVERIFY(!rows[1]["error"]["remedy"].toString().isEmpty());
    }

    void events_ofSeveral_areOneDocument()
    {
        const Ran ran =
            gantryctl({"--json", "--host", m_sshd->destination(), "--host", m_sshd->destination(), "events"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QVERIFY(ran.json()["hosts"][1]["result"]["events"].isArray());
    }

    void usage_wrong_isRefusedBeforeAnythingIsDone_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArray>("part");
        QTest::newRow("option as host") << QStringList{"--host", "-oProxyCommand=touch", "tree"}
                                        << QByteArray("option of ssh");
        QTest::newRow("change on two") << QStringList{"--host", "a", "--host", "b", "set", "/x", "memory.max=1G"}
                                       << QByteArray("takes one --host");
        QTest::newRow("follow two") << QStringList{"--host", "a", "--host", "b", "events", "--follow"}
                                    << QByteArray("takes one --host");
        QTest::newRow("relative path") << QStringList{"--host", "a", "checkpoint", "pid:1", "--files", "x"}
                                       << QByteArray("absolute path");
    }
    void usage_wrong_isRefusedBeforeAnythingIsDone()
    {
        qputenv("GANTRY_SSH", "/nowhere/ssh");
        QFETCH(const QStringList, words);
        QFETCH(const QByteArray, part);
        const Ran ran = gantryctl(words);
        QCOMPARE(ran.exitStatus, 2);
        QVERIFY2(ran.err.contains(part), ran.err.constData());
    }

    void scheduleRun_elsewhere_isRefused()
    {
        const Ran ran = gantryctl({"--host", m_sshd->destination(), "schedule", "run"});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("schedule"), ran.err.constData());
    }

private:
    /// With its first frame out, so that the link is up.
    void startTop(QProcess &top)
    {
        top.start(QStringLiteral(GANTRYCTL), {"--host", m_sshd->destination(), "top", "--interval", "0.2"});
        QByteArray got;
        QTRY_VERIFY_WITH_TIMEOUT((top.waitForReadyRead(100), !(got += top.peek(10)).isEmpty()), 20'000);
    }

    std::optional<OwnSshd> m_sshd;
    QString m_gantryd;
};

QTEST_GUILESS_MAIN(TestGantryctlHost)
#include "tst_gantryctl_host.moc"
