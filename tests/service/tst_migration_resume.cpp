// SPDX-License-Identifier: GPL-3.0-or-later
// A migration whose way is cut in the midst of its memory, or that is given up there, and the next one: it sends the
// rest alone, unless the store was collected in between. Two services, runc and CRIU as in tst_migration.
#include <QtTest>

#include "tests/service/bad_way.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <csignal>
#include <memory>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::test;

namespace {

const std::string kWeb = "rsm-web";
const std::string kMoved = "rsm-moved";
constexpr std::uint64_t kMemory = 16'000'000; ///< bytes that it holds
constexpr std::uint64_t kCutAfter = 6'000'000;
constexpr std::uint64_t kKept = 3'000'000; ///< at least, of these

QString text(const std::string &name)
{
    return QString::fromStdString(name);
}

QJsonObject statsOf(const Host &host)
{
    return host.gantryctl({"repo", "stats"}).json();
}

} // namespace

class TestMigrationResume : public QObject
{
    Q_OBJECT
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        makeBusyboxRoot(kRoot, {"sh", "sleep", "head", "base64", "tr"});
    }
    void init()
    {
        m_a = std::make_unique<Host>("a");
        m_b = std::make_unique<Host>("b");
        // Letters by chance, so that they are made smaller by a quarter and no more.
        const QString holds =
            QStringLiteral("x=$(head -c %1 /dev/urandom | base64 | tr -d '\\n'); ").arg(kMemory / 4 * 3) + kCount;
        const Ran started =
            m_a->gantryctl({"run", "--name", text(kWeb), "--rootfs", text(kRoot), "--", "/bin/sh", "-c", holds});
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        QTRY_VERIFY_WITH_TIMEOUT(numbers(*m_a, kWeb).size() > 3, kPatience);
    }
    void cleanup()
    {
        QVERIFY(removeContainer({m_a.get()}, kWeb));
        QVERIFY(removeContainer({m_b.get()}, kMoved));
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        fs::remove_all(kFolder + "/a");
        fs::remove_all(kFolder + "/b");
    }

    void brokenOff_theNextSendsTheRest_data()
    {
        QTest::addColumn<bool>("isGivenUp");
        QTest::addColumn<bool>("isCollected");
        QTest::addColumn<int>("rounds");
        QTest::newRow("cut while it runs") << false << false << 1;
        QTest::newRow("given up while it stands still, and collected") << true << true << 0;
    }
    void brokenOff_theNextSendsTheRest()
    {
        QFETCH(const bool, isGivenUp);
        QFETCH(const bool, isCollected);
        QFETCH(const int, rounds);
        {
            BadWay way(kFolder + "/way.b", m_b->socket());
            QProcess carrier;
            carrier.start(
                QStringLiteral(GANTRYCTL),
                m_a->arguments({"migrate", text(kWeb), text("unix:" + kFolder + "/way.b"), "--as", text(kMoved),
                                "--keep-source", "--limit-rate", "4M", "--rounds", QString::number(rounds)},
                               false));
            QVERIFY(QTest::qWaitFor([&] { return way.bytes() > kCutAfter; }, kVerb));
            if (isGivenUp)
                ::kill(static_cast<pid_t>(carrier.processId()), SIGINT);
            else
                way.cut();
            QVERIFY(carrier.waitForFinished(kVerb));
            QVERIFY2(carrier.exitCode() != 0, carrier.readAllStandardError().constData());
        }
        const auto isSettled = [&] {
            return m_a->gantryctl({"migrations", m_b->name()}, false).exitStatus == 0 && unfinishedOf(*m_a).isEmpty() &&
                   unfinishedOf(*m_b).isEmpty() && statsOf(*m_b)["unfinished"].toInt() > 0;
        };
        QVERIFY(QTest::qWaitFor(isSettled, kPatience));
        // It runs on here, and of what is kept nobody sees anything but the room that it takes.
        QVERIFY(countsOn(*m_a, kWeb));
        QCOMPARE(stateOf(kMoved), QString());
        QVERIFY(!fs::exists(m_b->state() + "/containers/" + kMoved));
        for (const Host *host : {m_a.get(), m_b.get()}) {
            QVERIFY(host->gantryctl({"checkpoints"}).json()["checkpoints"].toArray().isEmpty());
            const QJsonObject stats = statsOf(*host);
            QCOMPARE(stats["checkpoints"].toInt(), 0);
            QVERIFY(stats["unfinished_bytes"].toDouble() > kKept / 2);
            QVERIFY(stats["unfinished_bytes"].toDouble() < stats["stored_bytes"].toDouble());
            QVERIFY(host->gantryctl({"repo", "stats"}, false).out.contains("migrations that broke off"));
            QCOMPARE(entriesOf(host->state() + "/migrations", "at-work."), std::size_t{0});
            QCOMPARE(entriesOf(host->state(), "images."), std::size_t{0});
            if (isCollected) {
                QCOMPARE(host->gantryctl({"repo", "gc"}).exitStatus, 0);
                QCOMPARE(statsOf(*host)["unfinished"].toInt(), 0);
                QVERIFY(statsOf(*host)["stored_bytes"].toDouble() < kKept / 2);
            }
        }

        const Ran moved = m_a->gantryctl({"migrate", text(kWeb), m_b->name(), "--as", text(kMoved), "--keep-source",
                                          "--rounds", QString::number(rounds)});
        QVERIFY2(moved.exitStatus == 0, moved.all().constData());
        const double sent = moved.json()["unpacked_bytes"].toDouble();
        const double resumed = moved.json()["resumed_bytes"].toDouble();
        QVERIFY2(sent + resumed > kMemory, moved.out.constData());
        QVERIFY(moved.json()["bytes"].toDouble() <= sent);
        if (isCollected)
            QCOMPARE(resumed, 0.0);
        else
            QVERIFY2(resumed > kKept, moved.out.constData());
        QVERIFY(countsOn(*m_b, kMoved));
        QCOMPARE(stateOf(kWeb), QString());
        std::vector<int> all = numbers(*m_a, kWeb);
        const std::vector<int> rest = numbers(*m_b, kMoved);
        all.insert(all.end(), rest.begin(), rest.end());
        QVERIFY(isUnbroken(all));
        // It has done what it was kept for.
        for (const Host *host : {m_a.get(), m_b.get()}) {
            QCOMPARE(statsOf(*host)["unfinished"].toInt(), 0);
            QCOMPARE(host->gantryctl({"checkpoints"}).json()["checkpoints"].toArray().size(), 1);
            QCOMPARE(host->gantryctl({"repo", "check"}).exitStatus, 0);
        }
    }
};

int main(int argc, char *argv[])
{
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationResume test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_resume.moc"
