// SPDX-License-Identifier: GPL-3.0-or-later
// Migration between two engines that run as services of their own: real runc, real CRIU, in a mount namespace with
// nothing in /run and /var/lib (runApart). Both are on this machine, so that what moves gets another name. Then the
// faults: source, target or who carries between them is killed in each phase; afterwards exactly one runs, nothing was
// counted twice or left out, and nothing is left behind. Other faults, and all at random moments: tst_migration_faults.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/launch/launch.h"
#include "engine/migration/addresses.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "engine/service/channel.h"
#include "gantry/v1/migration.grpc.pb.h"
#include "tests/service/cutting_proxy.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <thread>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::test;
namespace fs = std::filesystem;

namespace {

/// With a loopback of its own, by which the other host does not reach it.
const QStringList kAlone{"unshare", "--net", "/bin/sh", "-c", R"(ip link set lo up && exec "$0" "$@")"};
const QStringList kDirect{"--transport", "direct", "--address", "127.0.0.1"};

std::shared_ptr<grpc::Channel> channelTo(const Host &host)
{
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!connectWithin(std::chrono::seconds(10), socket.get(), *socketAddress(host.socket()), host.socket()))
        qFatal("gantryd does not take a connection");
    return *service::channelOverFd(std::move(socket));
}

} // namespace

class TestMigration : public QObject
{
    Q_OBJECT
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(!runtime::toolPath("runc").empty(), "no runc: packaging/setup.sh installs it");
        // Keepers of daemons that were killed are ours to reap.
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        test::makeBusyboxRoot(kRoot, {"sh", "sleep"});
    }
    void init()
    {
        m_a = std::make_unique<Host>("a");
        m_b = std::make_unique<Host>("b");
        start();
    }
    void cleanup()
    {
        for (const auto &[host, name] : {std::pair(m_a.get(), "web"), std::pair(m_b.get(), "moved")})
            QVERIFY(removeContainer({host}, name));
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        QCOMPARE(readFile("/proc/self/mountinfo")->find(kFolder + "/a"), std::string::npos);
        QCOMPARE(readFile("/proc/self/mountinfo")->find(kFolder + "/b"), std::string::npos);
        fs::remove_all(kFolder + "/a");
        fs::remove_all(kFolder + "/b");
    }

    void checkOnly_tellsBothEnds_changesNothing()
    {
        const Ran taken = m_a->gantryctl({"migrate", "web", m_b->name(), "--check-only"});
        QCOMPARE(taken.exitStatus, 1);
        QVERIFY(!taken.json()["possible"].toBool());
        const QJsonObject worst = taken.json()["findings"].toArray().first().toObject();
        QCOMPARE(worst["cause"].toString(), QStringLiteral("name"));
        QCOMPARE(worst["severity"].toString(), QStringLiteral("error"));
        QVERIFY(!worst["remedy"].toString().isEmpty());
        const Ran good = m_a->gantryctl({"migrate", "web", m_b->name(), "--as", "moved", "--check-only"});
        QVERIFY2(good.exitStatus == 0 && good.json()["possible"].toBool(), good.all().constData());
        QVERIFY(countsOn(*m_a, "web"));
        QVERIFY(!fs::exists(m_a->state() + "/migrations"));
        QVERIFY(!fs::exists(m_b->state() + "/containers/moved"));
        const Ran nobody = m_a->gantryctl({"migrate", "nobody", m_b->name()});
        QCOMPARE(nobody.exitStatus, 1);
        QVERIFY2(nobody.err.contains("nobody"), nobody.err.constData());
        // Refused before anything is done, with what would have to change.
        Ran refused;
        const auto isRefused = [&] {
            refused = m_a->gantryctl({"migrate", "web", m_b->name()});
            return refused.exitStatus == 1 && refused.err.contains("another name");
        };
        QVERIFY2(QTest::qWaitFor(isRefused, kPatience), refused.err.constData());
        QVERIFY(countsOn(*m_a, "web"));
        QVERIFY(unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty());
    }

    void thereAndBack_nothingIsLost()
    {
        const Ran moved = m_a->gantryctl({"migrate", "web", m_b->name(), "--as", "moved", "--keep-source"});
        QVERIFY2(moved.exitStatus == 0, moved.all().constData());
        const QJsonObject told = moved.json();
        QVERIFY(told["downtime_usec"].toDouble() > 0);
        QVERIFY(told["downtime_usec"].toDouble() < told["total_usec"].toDouble());
        QVERIFY(told["bytes"].toDouble() > 10'000);
        QVERIFY(countsOn(*m_b, "moved"));
        QCOMPARE(stateOf("web"), QString());
        std::vector<int> all = numbers(*m_a, "web");
        const std::vector<int> rest = numbers(*m_b, "moved");
        all.insert(all.end(), rest.begin(), rest.end());
        QVERIFY2(isUnbroken(all), strCat(numbers(*m_a, "web").back(), " then ", rest.front()).c_str());
        QVERIFY(unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty());
        // Kept as it was told to be; its name is free for it to come back once that is removed.
        QVERIFY(fs::exists(m_a->state() + "/containers/web/log"));
        QCOMPARE(m_a->gantryctl({"rmrun", "web"}).exitStatus, 0);
        const Ran back = m_b->gantryctl({"migrate", "moved", m_a->name(), "--as", "web", "--rounds", "0"});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(countsOn(*m_a, "web"));
        QVERIFY(numbers(*m_a, "web").front() > rest.front());
        QVERIFY(!fs::exists(m_b->state() + "/containers/moved"));
        QVERIFY2(back.json()["bytes"].toDouble() < told["bytes"].toDouble(), back.out.constData());
        // The last one is there for the next time, no older one.
        for (const Host *host : {m_a.get(), m_b.get()}) {
            const QJsonArray left = host->gantryctl({"checkpoints"}).json()["checkpoints"].toArray();
            QCOMPARE(left.size(), 1);
            QCOMPARE(left[0].toObject()["id"].toString(), back.json()["checkpoint"].toString());
        }
        QVERIFY(unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty());
        QVERIFY(readFile(m_a->state() + "/audit.log").value_or("").find("migrate") != std::string::npos ||
                !fs::exists(m_a->state() + "/audit.log"));
    }

    void directly_thereAndBack_nothingIsLost()
    {
        const QStringList there{"migrate", "web", m_b->name(), "--as", "moved", "--keep-source"};
        const Ran moved = m_a->gantryctl(there + kDirect);
        QVERIFY2(moved.exitStatus == 0, moved.all().constData());
        QVERIFY2(moved.json()["way"].toString().startsWith("direct 127.0.0.1:"), moved.out.constData());
        QVERIFY(moved.json()["bytes_per_second"].toDouble() > 0);
        QVERIFY(moved.json()["notes"].toArray().isEmpty());
        QVERIFY(countsOn(*m_b, "moved"));
        QCOMPARE(stateOf("web"), QString());
        std::vector<int> all = numbers(*m_a, "web");
        const std::vector<int> rest = numbers(*m_b, "moved");
        all.insert(all.end(), rest.begin(), rest.end());
        QVERIFY(isUnbroken(all));
        QVERIFY(unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty());
        QCOMPARE(m_a->gantryctl({"rmrun", "web"}).exitStatus, 0);
        const QStringList home{"migrate", "moved", m_a->name(), "--as", "web", "--rounds", "0", "--limit-rate", "1G"};
        QTRY_VERIFY_WITH_TIMEOUT(m_b->gantryctl({"show", "moved"}).exitStatus == 0, kPatience);
        const Ran back = m_b->gantryctl(home + kDirect);
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(countsOn(*m_a, "web"));
        QVERIFY(!fs::exists(m_b->state() + "/containers/moved"));
        // No key came to a disk.
        for (const Host *host : {m_a.get(), m_b.get()}) {
            QProcess grep;
            grep.start("grep", {"-rl", "PRIVATE KEY", QString::fromStdString(host->state()),
                                QString::fromStdString(host->state() + ".log")});
            QCOMPARE(test::finish(grep, kPatience).exitStatus, 1);
        }
    }

    void noWayBetweenThem_isRelayed_orRefused()
    {
        m_b.reset();
        m_b = std::make_unique<Host>("b", kAlone);
        const QStringList words{"migrate", "web", m_b->name(), "--as", "moved", "--address", "127.0.0.1"};
        const Ran refused = m_a->gantryctl(words + QStringList{"--transport", "direct"});
        QCOMPARE(refused.exitStatus, 1);
        QVERIFY2(refused.err.contains("127.0.0.1:") && refused.err.contains("Connection refused"),
                 refused.err.constData());
        QVERIFY(countsOn(*m_a, "web"));
        QVERIFY(!fs::exists(m_b->state() + "/containers/moved"));
        QVERIFY(unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty());
        const Ran elsewhere = m_a->gantryctl(
            {"migrate", "web", m_b->name(), "--as", "moved", "--transport", "direct", "--address", "192.0.2.1"});
        QCOMPARE(elsewhere.exitStatus, 1);
        QVERIFY2(elsewhere.err.contains("192.0.2.1"), elsewhere.err.constData());
        QVERIFY(countsOn(*m_a, "web"));
        const Ran relayed = m_a->gantryctl(words);
        QVERIFY2(relayed.exitStatus == 0, relayed.all().constData());
        QCOMPARE(relayed.json()["way"].toString(), QStringLiteral("relay"));
        const QString note = relayed.json()["notes"].toArray().first().toString();
        QVERIFY2(note.contains("relayed") && note.contains("Connection refused"), qPrintable(note));
        QVERIFY(countsOn(*m_b, "moved"));
    }

    void cutBetweenTheHosts_staysHere_data()
    {
        QTest::addColumn<int>("after");
        QTest::newRow("in the first message") << 1'500;
        QTest::newRow("in a file") << 60'000;
    }
    /// A caller that tells the source of another port, behind which the way to the target is cut.
    void cutBetweenTheHosts_staysHere()
    {
        QFETCH(const int, after);
        QTRY_VERIFY_WITH_TIMEOUT(m_a->gantryctl({"show", "web"}).exitStatus == 0, kPatience);
        const auto source = v1::Migration::NewStub(channelTo(*m_a));
        const auto target = v1::Migration::NewStub(channelTo(*m_b));
        grpc::ClientContext listenContext;
        v1::ListenMigrationRequest ask;
        ask.set_address("127.0.0.1");
        const auto listen = target->Listen(&listenContext, ask);
        v1::MigrationListening told;
        QVERIFY(listen->Read(&told));
        const UniqueFd front = *migration::boundTo("127.0.0.1");
        QCOMPARE(::listen(front.get(), 1), 0);
        std::unique_ptr<test::CuttingProxy> way;
        std::thread between([&] {
            pollfd come{front.get(), POLLIN, 0};
            ::poll(&come, 1, kPatience);
            UniqueFd near(::accept4(front.get(), nullptr, nullptr, SOCK_CLOEXEC));
            const auto there =
                migration::NetAddress::parse("127.0.0.1", static_cast<std::uint16_t>(told.direct().port()));
            UniqueFd far(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            if (near && ::connect(far.get(), there->get(), there->size) == 0)
                way = std::make_unique<test::CuttingProxy>(
                    std::move(near), std::move(far),
                    test::CuttingProxy::Plan{.cutAfter = static_cast<std::size_t>(after)});
        });
        grpc::ClientContext sendContext;
        const auto send = source->Send(&sendContext);
        v1::MigrationFrame frame;
        v1::MigrationBegin &begin = *frame.mutable_begin();
        begin.mutable_target()->set_container("web");
        begin.set_name("moved");
        begin.set_peer("b");
        begin.set_rounds(1);
        begin.set_keep(true);
        *begin.mutable_direct() = told.direct();
        begin.mutable_direct()->set_port(*migration::portOf(front.get()));
        begin.mutable_direct()->set_only(true);
        QVERIFY(send->Write(frame));
        QByteArray said;
        bool aborted = false;
        while (send->Read(&frame)) {
            said += frame.ShortDebugString() + "; ";
            aborted = aborted || frame.has_abort();
            if (frame.has_abort() || frame.has_done())
                send->WritesDone();
        }
        (void)send->Finish();
        between.join();
        if (!way)
            listenContext.TryCancel();
        while (listen->Read(&told)) {
        }
        const grpc::Status ended = listen->Finish();
        QVERIFY2(aborted && said.contains("direct 127.0.0.1:"), said.constData());
        QVERIFY(!ended.ok());
        QVERIFY(way);
        QCOMPARE(way->passed(), static_cast<std::size_t>(after));
        settledOneRuns(said);
        QVERIFY(countsOn(*m_a, "web"));
    }

    void killed_oneRuns_data()
    {
        QTest::addColumn<QString>("who");
        QTest::addColumn<QString>("phase");
        QTest::addColumn<QStringList>("way");
        for (const char *who : {"source", "target", "carrier"}) {
            for (const char *phase : {"pre-copy 1", "send", "dump", "write", "restore", "commit"})
                QTest::addRow("%s at %s", who, phase)
                    << QString::fromUtf8(who) << QString::fromUtf8(phase) << QStringList();
            for (const char *phase : {"restore", "commit"})
                QTest::addRow("%s at %s, directly", who, phase)
                    << QString::fromUtf8(who) << QString::fromUtf8(phase) << kDirect;
        }
    }
    void killed_oneRuns()
    {
        QFETCH(const QString, who);
        QFETCH(const QString, phase);
        QFETCH(const QStringList, way);
        fault(who, phase, way);
        qInfo("%s", stateOf("moved").isEmpty() ? "stays" : "moved");
    }

    void givenUp_staysHere_data()
    {
        QTest::addColumn<QString>("phase");
        QTest::addColumn<QStringList>("way");
        for (const char *phase : {"pre-copy 1", "send", "dump", "restore"})
            QTest::newRow(phase) << QString::fromUtf8(phase) << QStringList();
        QTest::newRow("dump, directly") << QStringLiteral("dump") << kDirect;
    }
    void givenUp_staysHere()
    {
        QFETCH(const QString, phase);
        QFETCH(const QStringList, way);
        fault(QStringLiteral("nobody"), phase, way);
        QCOMPARE(stateOf("moved"), QString());
    }

private:
    void start()
    {
        const Ran started = m_a->gantryctl(
            {"run", "--name", "web", "--rootfs", QString::fromStdString(kRoot), "--", "/bin/sh", "-c", kCount});
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        QTRY_VERIFY_WITH_TIMEOUT(numbers(*m_a, "web").size() > 3, kPatience);
    }

    /// Kills one when it says that it has come to a phase.
    void fault(const QString &who, const QString &phase, const QStringList &way)
    {
        QProcess carrier;
        carrier.start(
            QStringLiteral(GANTRYCTL),
            m_a->arguments(QStringList{"migrate", "web", m_b->name(), "--as", "moved", "--keep-source"} + way, false));
        QByteArray said;
        const auto isThere = [&] {
            carrier.waitForReadyRead(20);
            said += carrier.readAllStandardError();
            return said.contains("gantryctl: " + phase.toUtf8());
        };
        QVERIFY2(QTest::qWaitFor(isThere, kPatience), said.constData());
        if (who == QStringLiteral("source"))
            m_a->kill();
        else if (who == QStringLiteral("target"))
            m_b->kill();
        else if (who == QStringLiteral("carrier"))
            carrier.kill();
        else if (carrier.processId() > 0) // Ctrl-C; its number is 0 once it has ended
            ::kill(static_cast<pid_t>(carrier.processId()), SIGINT);
        QVERIFY2(carrier.state() == QProcess::NotRunning || carrier.waitForFinished(kVerb),
                 "the carrier waits for ever");
        said += carrier.readAllStandardError();
        for (Host *host : {m_a.get(), m_b.get()}) {
            if (!host->isUp())
                host->start();
        }
        settledOneRuns(said);
    }

    void settledOneRuns(const QByteArray &said)
    {
        // Both answer again: whoever connects to them settles it. A job of theirs may be at its end still.
        const auto settles = [&] {
            const Ran done = m_a->gantryctl({"migrations", m_b->name()}, false);
            return done.exitStatus == 0 && unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty();
        };
        const bool settled = QTest::qWaitFor(settles, kVerb);
        QVERIFY2(settled, (said + m_a->gantryctl({"migrations", m_b->name()}, false).all() +
                           unfinishedOf(*m_a).join(u';').toUtf8() + unfinishedOf(*m_b).join(u';').toUtf8())
                              .constData());
        const bool here = countsOn(*m_a, "web");
        const bool there = countsOn(*m_b, "moved");
        QVERIFY2(here != there, strCat("here ", here, ", there ", there, ": ", said.constData(),
                                       stateOf("web").toStdString(), stateOf("moved").toStdString())
                                    .c_str());
        QCOMPARE(stateOf(here ? "moved" : "web"), QString());
        std::vector<int> all = numbers(*m_a, "web");
        if (there) {
            const std::vector<int> rest = numbers(*m_b, "moved");
            all.insert(all.end(), rest.begin(), rest.end());
        } else {
            QVERIFY(!fs::exists(m_b->state() + "/containers/moved"));
        }
        QVERIFY2(isUnbroken(all), said.constData());
        for (const Host *host : {m_a.get(), m_b.get()}) {
            QCOMPARE(entriesOf(host->state() + "/migrations", "at-work."), std::size_t{0});
            QCOMPARE(entriesOf(host->state(), "images."), std::size_t{0});
        }
        QVERIFY(fs::exists(here ? "/sys/fs/cgroup" : m_b->state() + "/containers/moved"));
    }
};

int main(int argc, char *argv[])
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigration test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration.moc"
