// SPDX-License-Identifier: GPL-3.0-or-later
// Several containers to another host by gantryctl, and all of a host: two services of their own, real runc, real CRIU,
// as in tst_migration. Both are on this machine, so that what moves gets another name.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/runtime/tool.h"
#include "tests/service/ran.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <QJsonArray>
#include <QProcess>

#include <array>
#include <csignal>
#include <filesystem>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using test::Ran;
namespace fs = std::filesystem;
using namespace Qt::StringLiterals;

namespace {

constexpr int kWait = 30'000; ///< ms; a busy machine
constexpr int kCall = 120'000;
const std::string kScratch = "/var/lib/gantry-test";

class Service
{
public:
    explicit Service(const std::string &name) : m_state(strCat(kScratch, "/", name))
    {
        fs::create_directories(m_state);
        m_daemon.setProcessChannelMode(QProcess::MergedChannels);
        m_daemon.setStandardOutputFile(QString::fromStdString(m_state + ".log"));
        m_daemon.start(QStringLiteral(GANTRYD), {u"--socket"_s, QString::fromStdString(m_state + ".sock"), u"--state"_s,
                                                 QString::fromStdString(m_state)});
        if (!m_daemon.waitForStarted() ||
            !QTest::qWaitFor([this] { return fs::exists(m_state + ".sock") && ctl({u"host"_s}).exitStatus == 0; },
                             kWait))
            qFatal("gantryd does not serve %s", m_state.c_str());
    }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;
    Service(Service &&) = delete;
    Service &operator=(Service &&) = delete;
    ~Service()
    {
        m_daemon.terminate();
        if (!m_daemon.waitForFinished(kWait))
            qCritical("gantryd does not end");
    }
    [[nodiscard]] QString name() const { return QString::fromStdString(strCat("unix:", m_state, ".sock")); }
    [[nodiscard]] QStringList words(const QStringList &more) const
    {
        return QStringList{u"--json"_s, u"--host"_s, name()} + more;
    }
    [[nodiscard]] Ran ctl(const QStringList &more) const
    {
        QProcess process;
        process.start(QStringLiteral(GANTRYCTL), words(more));
        return test::finish(process, kCall);
    }
    void run(const QString &container) const
    {
        const Ran ran =
            ctl({u"run"_s, u"--name"_s, container, u"--rootfs"_s, QString::fromStdString(kScratch + "/root"), u"--"_s,
                 u"/bin/sh"_s, u"-c"_s, u"while :; do sleep 0.1; done"_s});
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
    }
    [[nodiscard]] bool has(const std::string &container) const
    {
        return fs::exists(strCat(m_state, "/containers/", container));
    }

private:
    const std::string m_state;
    QProcess m_daemon;
};

QString stateOf(const QString &container)
{
    QProcess process;
    process.start(u"runc"_s, {u"state"_s, container});
    return test::finish(process, kWait).json()["status"].toString();
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
    std::unique_ptr<Service> m_a;
    std::unique_ptr<Service> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(!runtime::toolPath("runc").empty(), "no runc: packaging/setup.sh installs it");
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        test::makeBusyboxRoot(kScratch + "/root", {"sh", "sleep"});
        m_a = std::make_unique<Service>("a");
        m_b = std::make_unique<Service>("b");
        for (const auto &name : {u"blk-a"_s, u"blk-b"_s, u"blk-c"_s})
            m_a->run(name);
        m_b->run(u"blk-b-x"_s); // in the way of one of them
    }
    void cleanupTestCase()
    {
        for (const auto &name : {u"blk-a"_s, u"blk-b"_s, u"blk-c"_s, u"blk-a-x"_s, u"blk-b-x"_s, u"blk-c-x"_s}) {
            QProcess process;
            process.start(u"runc"_s, {u"delete"_s, u"--force"_s, name});
            (void)test::finish(process, kWait);
            for (const Service *host : {m_a.get(), m_b.get()}) {
                if (host->has(name.toStdString()))
                    QCOMPARE(host->ctl({u"rmrun"_s, name}).exitStatus, 0);
            }
        }
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        fs::remove_all(kScratch);
    }

    void checkOnly_tellsOfEach()
    {
        const Ran ran =
            m_a->ctl({u"migrate"_s, u"blk-a"_s, u"blk-b"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--check-only"_s});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(rowOf(ran, u"blk-a"_s)["possible"].toBool(), ran.all().constData());
        QVERIFY(!rowOf(ran, u"blk-b"_s)["possible"].toBool());
        QCOMPARE(rowOf(ran, u"blk-b"_s)["findings"][0]["cause"].toString(), u"name"_s);
        QCOMPARE(m_a->ctl({u"migrate"_s, u"blk-a"_s, u"blk-b"_s, m_b->name(), u"--as"_s, u"same"_s}).exitStatus, 2);
    }

    void stopOnError_beginsNoOther()
    {
        const Ran ran =
            m_a->ctl({u"migrate"_s, u"blk-b"_s, u"blk-a"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--stop-on-error"_s});
        QCOMPARE(ran.exitStatus, 1);
        QCOMPARE(rowOf(ran, u"blk-b"_s)["state"].toString(), u"failed"_s);
        QCOMPARE(rowOf(ran, u"blk-a"_s)["state"].toString(), u"given up"_s);
        QCOMPARE(ran.json()["moved"].toInt(), 0);
        QCOMPARE(stateOf(u"blk-a"_s), u"running"_s);
    }

    void interrupted_begunAreGivenUp_othersNotBegun()
    {
        QProcess process;
        QStringList words = m_a->words({u"migrate"_s, u"blk-a"_s, u"blk-c"_s, m_b->name(), u"--as"_s, u"{}-x"_s});
        words.removeFirst(); // for what it says meanwhile
        process.start(QStringLiteral(GANTRYCTL), words);
        QByteArray said;
        QVERIFY(QTest::qWaitFor(
            [&] {
                said += process.readAllStandardError();
                return said.contains("blk-a: pre-copy 1");
            },
            kWait));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const Ran ran = test::finish(process, kCall);
        QVERIFY2(ran.exitStatus == 1, (said + ran.all() + process.errorString().toUtf8()).constData());
        QVERIFY2(ran.out.contains("blk-a: given up") && ran.out.contains("blk-c: given up: it was not begun"),
                 ran.all().constData());
        QCOMPARE(stateOf(u"blk-a"_s), u"running"_s);
        QCOMPARE(stateOf(u"blk-c"_s), u"running"_s);
    }

    void evacuation_movesWhatCanGo_tellsWhatIsLeft()
    {
        // runc is looked for every five seconds; until then these are process trees that no runtime has.
        QVERIFY(QTest::qWaitFor(
            [this] {
                const Ran known = m_a->ctl({u"evacuate"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--check-only"_s});
                return known.json()["results"].toArray().size() >= 4;
            },
            kWait));
        const Ran ran = m_a->ctl({u"evacuate"_s, m_b->name(), u"--as"_s, u"{}-x"_s, u"--parallel"_s, u"2"_s});
        QVERIFY2(ran.exitStatus == 1, ran.all().constData()); // one stays
        for (const auto &name : {u"blk-a"_s, u"blk-c"_s}) {
            const QJsonObject row = rowOf(ran, name);
            QVERIFY2(row["state"].toString() == u"done"_s && row["name"].toString() == name + u"-x"_s,
                     ran.all().constData());
            QCOMPARE(stateOf(name), QString());
            QCOMPARE(stateOf(name + u"-x"_s), u"running"_s);
        }
        const QJsonObject stays = rowOf(ran, u"blk-b"_s);
        QCOMPARE(stays["state"].toString(), u"stays"_s);
        QVERIFY2(stays["why"].toString().contains(u"name"_s), ran.all().constData());
        QCOMPARE(stateOf(u"blk-b"_s), u"running"_s);
        QStringList left;
        for (const QJsonValue one : ran.json()["remaining"].toArray())
            left << one["target"].toString();
        QVERIFY2(left.contains(u"blk-b"_s) && !left.contains(u"blk-a"_s) && !left.contains(u"blk-c"_s),
                 ran.all().constData());
    }
};

int main(int argc, char *argv[])
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationBulk test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_bulk.moc"
