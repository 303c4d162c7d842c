// SPDX-License-Identifier: GPL-3.0-or-later
// Several containers to another host by gantryctl, and all of a host: two services of their own, real runc, real CRIU,
// as in tst_migration. Both are on this machine, so that what moves gets another name.
#include <QtTest>

#include "engine/runtime/tool.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <csignal>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

void run(const Host &host, const QString &container)
{
    const Ran ran = host.gantryctl({u"run"_s, u"--name"_s, container, u"--rootfs"_s, QString::fromStdString(kRoot),
                                    u"--"_s, u"/bin/sh"_s, u"-c"_s, u"while :; do sleep 0.1; done"_s});
    QVERIFY2(ran.exitStatus == 0, ran.all().constData());
}

QJsonObject rowOf(const Ran &ran, const QString &target)
{
    for (const QJsonValue one : ran.json()["results"].toArray()) {
        if (one["target"].toString() == target)
            return one.toObject();
    }
    return {};
}

} // namespace

class TestMigrationBulk : public QObject
{
    Q_OBJECT
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(!runtime::toolPath("runc").empty(), "no runc: packaging/setup.sh installs it");
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        makeBusyboxRoot(kRoot, {"sh", "sleep"});
        m_a = std::make_unique<Host>("a");
        m_b = std::make_unique<Host>("b");
        for (const auto &name : {u"blk-a"_s, u"blk-b"_s, u"blk-c"_s})
            run(*m_a, name);
        run(*m_b, u"blk-b-x"_s); // in the way of one of them
    }
    void cleanupTestCase()
    {
        // b's own is one of a's, too, where both are one machine.
        for (const std::string name : {"blk-a", "blk-b", "blk-c", "blk-a-x", "blk-b-x", "blk-c-x", "blk-b-x-x"})
            QVERIFY(removeContainer({m_a.get(), m_b.get()}, name));
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        fs::remove_all(kFolder);
    }

    void checkOnly_tellsOfEach()
    {
        const Ran ran = m_a->gantryctl(
            {u"migrate"_s, u"blk-a"_s, u"blk-b"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--check-only"_s});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(rowOf(ran, u"blk-a"_s)["possible"].toBool(), ran.all().constData());
        QVERIFY(!rowOf(ran, u"blk-b"_s)["possible"].toBool());
        QCOMPARE(rowOf(ran, u"blk-b"_s)["findings"][0]["cause"].toString(), u"name"_s);
        QCOMPARE(m_a->gantryctl({u"migrate"_s, u"blk-a"_s, u"blk-b"_s, m_b->name(), u"--as"_s, u"same"_s}).exitStatus,
                 2);
    }

    void stopOnError_beginsNoOther()
    {
        const Ran ran = m_a->gantryctl(
            {u"migrate"_s, u"blk-b"_s, u"blk-a"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--stop-on-error"_s});
        QCOMPARE(ran.exitStatus, 1);
        QCOMPARE(rowOf(ran, u"blk-b"_s)["state"].toString(), u"failed"_s);
        QCOMPARE(rowOf(ran, u"blk-a"_s)["state"].toString(), u"given up"_s);
        QCOMPARE(ran.json()["moved"].toInt(), 0);
        QCOMPARE(stateOf("blk-a"), u"running"_s);
    }

    void interrupted_begunAreGivenUp_othersNotBegun()
    {
        QProcess process;
        process.start(QStringLiteral(GANTRYCTL),
                      m_a->arguments({u"migrate"_s, u"blk-a"_s, u"blk-c"_s, m_b->name(), u"--as"_s, u"{}-x"_s}, false));
        QByteArray said;
        QVERIFY(QTest::qWaitFor(
            [&] {
                said += process.readAllStandardError();
                return said.contains("blk-a: pre-copy 1");
            },
            kPatience));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const Ran ran = finish(process, kVerb);
        QVERIFY2(ran.exitStatus == 1, (said + ran.all() + process.errorString().toUtf8()).constData());
        QVERIFY2(ran.out.contains("blk-a: given up") && ran.out.contains("blk-c: given up: it was not begun"),
                 ran.all().constData());
        QCOMPARE(stateOf("blk-a"), u"running"_s);
        QCOMPARE(stateOf("blk-c"), u"running"_s);
    }

    void evacuation_movesWhatCanGo_tellsWhatIsLeft()
    {
        // runc is looked for every five seconds; until then these are process trees that no runtime has.
        QVERIFY(QTest::qWaitFor(
            [this] {
                const Ran known = m_a->gantryctl({u"evacuate"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--check-only"_s});
                return known.json()["results"].toArray().size() >= 4;
            },
            kPatience));
        const Ran ran = m_a->gantryctl({u"evacuate"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--parallel"_s, u"2"_s});
        QVERIFY2(ran.exitStatus == 1, ran.all().constData()); // one stays
        for (const std::string name : {"blk-a", "blk-c"}) {
            const QJsonObject row = rowOf(ran, QString::fromStdString(name));
            QVERIFY2(row["state"].toString() == u"done"_s &&
                         row["name"].toString() == QString::fromStdString(name + "-x"),
                     ran.all().constData());
            QCOMPARE(stateOf(name), QString());
            QCOMPARE(stateOf(name + "-x"), u"running"_s);
        }
        const QJsonObject stays = rowOf(ran, u"blk-b"_s);
        QCOMPARE(stays["state"].toString(), u"stays"_s);
        QVERIFY2(stays["why"].toString().contains(u"name"_s), ran.all().constData());
        QCOMPARE(stateOf("blk-b"), u"running"_s);
        QStringList left;
        for (const QJsonValue one : ran.json()["remaining"].toArray())
            left << one["target"].toString();
        QVERIFY2(left.contains(u"blk-b"_s) && !left.contains(u"blk-a"_s) && !left.contains(u"blk-c"_s),
                 ran.all().constData());
    }
};

int main(int argc, char *argv[])
{
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationBulk test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_bulk.moc"
