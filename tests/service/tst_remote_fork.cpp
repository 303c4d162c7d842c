// SPDX-License-Identifier: GPL-3.0-or-later
// Copies of a checkpoint on another host: two services of their own, real runc, real CRIU, as in tst_migration. What is
// told beforehand, what is sent, what runs afterwards, and what is left where the one who carries it is killed.
#include <QtTest>

#include "engine/runtime/tool.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <csignal>
#include <memory>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

/// Counts as kCount does, with some MiB in its memory that cannot be pressed.
const QString kBigCount = u"x=$(dd if=/dev/urandom bs=1M count=8 2>/dev/null | base64); "_s + kCount;
constexpr int kMany = 6; ///< copies of which the last ones are not begun when it is given up
constexpr double kBallast = 8 << 20;

QJsonObject findingOf(const Ran &ran, const QString &cause)
{
    for (const QJsonValue one : ran.json()["findings"].toArray()) {
        if (one["cause"].toString() == cause)
            return one.toObject();
    }
    return {};
}

/// Files in the packs of a host's store; checkpoints, or what was begun of them.
std::size_t packsOf(const Host &host)
{
    return entriesOf(host.state() + "/repository/packs", "");
}

QStringList idsOf(const Host &host)
{
    QStringList out;
    for (const QJsonValue one : host.gantryctl({u"checkpoints"_s}).json()["checkpoints"].toArray())
        out << one["id"].toString();
    return out;
}

/// What a service writes about who did what; empty where journald has it.
std::string auditOf(const Host &host)
{
    return readFile(host.state() + "/audit.log").value_or("");
}

} // namespace

class TestRemoteFork : public QObject
{
    Q_OBJECT
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;
    QString m_id;    ///< of the checkpoint
    int m_least = 0; ///< it had counted to between these when it was saved
    int m_most = 0;
    double m_sent = 0; ///< bytes, the first time

    QString save()
    {
        const Ran saved = m_a->gantryctl({u"checkpoint"_s, u"frk-web"_s, u"--name"_s, u"now"_s});
        if (saved.exitStatus != 0)
            qCritical("%s", saved.all().constData());
        return saved.json()["checkpoint"].toObject()["id"].toString();
    }
    [[nodiscard]] Ran restore(const QStringList &words) const
    {
        return m_a->gantryctl(QStringList{u"restore"_s, m_id, u"--on"_s, m_b->name()} + words);
    }
    /// Kills it with a signal once it says that it sends. @return what it wrote to standard error.
    [[nodiscard]] Ran killedWhileSending(int number) const
    {
        QProcess carrier;
        carrier.start(QStringLiteral(GANTRYCTL),
                      m_a->arguments({u"restore"_s, m_id, u"--on"_s, m_b->name(), u"--as"_s, u"frk-dead"_s}, false));
        QByteArray said;
        if (!QTest::qWaitFor(
                [&] {
                    said += carrier.readAllStandardError();
                    return said.contains("send, ");
                },
                kPatience))
            qCritical("it does not send: %s", said.constData());
        ::kill(static_cast<pid_t>(carrier.processId()), number);
        Ran out = finish(carrier, kVerb);
        out.err = said + out.err;
        return out;
    }
    void nothingIsThere() const
    {
        QVERIFY2(QTest::qWaitFor([this] { return packsOf(*m_b) == 0; }, kPatience), "something of it is in the store");
        QVERIFY(idsOf(*m_b).isEmpty());
        QVERIFY(!fs::exists(m_b->state() + "/containers/frk-dead"));
        QVERIFY(countsOn(*m_a, "frk-web"));
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(!runtime::toolPath("runc").empty(), "no runc: packaging/setup.sh installs it");
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        makeBusyboxRoot(kRoot, {"sh", "sleep", "dd", "base64"});
        m_a = std::make_unique<Host>("a");
        m_b = std::make_unique<Host>("b");
        const Ran ran = m_a->gantryctl({u"run"_s, u"--name"_s, u"frk-web"_s, u"--rootfs"_s,
                                        QString::fromStdString(kRoot), u"--"_s, u"/bin/sh"_s, u"-c"_s, kBigCount});
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QTRY_VERIFY_WITH_TIMEOUT(numbers(*m_a, "frk-web").size() > 3, kPatience);
        // runc is looked for every five seconds; until then it is a tree of processes that cannot be saved.
        QTRY_VERIFY_WITH_TIMEOUT(m_a->gantryctl({u"check"_s, u"frk-web"_s}).exitStatus == 0, kPatience);
        m_least = numbers(*m_a, "frk-web").back();
        m_id = save();
        m_most = numbers(*m_a, "frk-web").back();
        QCOMPARE(m_id.size(), 32);
    }
    void cleanupTestCase()
    {
        std::vector<std::string> names{"frk-web", "frk-two-1", "frk-two-2", "frk-again", "frk-later", "frk-dead"};
        for (int i = 1; i <= kMany; ++i)
            names.push_back(strCat("frk-many-", i));
        for (const std::string &name : names)
            QVERIFY(removeContainer({m_a.get(), m_b.get()}, name));
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        fs::remove_all(kFolder);
    }

    void inTheWay_isToldAtOnce_nothingIsSent()
    {
        // The same machine, so that the name is taken there, too; and its root goes away.
        fs::rename(kRoot, kRoot + ".away");
        const Ran judged = restore({u"--as"_s, u"frk-web"_s, u"--check-only"_s});
        const Ran tried = restore({u"--as"_s, u"frk-web"_s});
        fs::rename(kRoot + ".away", kRoot);
        for (const Ran &one : {judged, tried}) {
            QVERIFY2(one.exitStatus == 1, one.all().constData());
            QVERIFY2(!one.json()["possible"].toBool(true), one.all().constData());
            QVERIFY2(findingOf(one, u"name"_s)["why"].toString().contains(u"runc"_s), one.all().constData());
            QVERIFY2(findingOf(one, u"root"_s)["object"].toString() == QString::fromStdString(kRoot),
                     one.all().constData());
            QCOMPARE(findingOf(one, u"root"_s)["severity"].toString(), u"error"_s);
        }
        QVERIFY(!fs::exists(m_b->state() + "/repository"));
        QVERIFY2(auditOf(*m_a).find("export") == std::string::npos, "something was sent");
    }

    void nothingInTheWay_isTold_nothingIsDone()
    {
        for (const QString &option : {u"--check-only"_s, u"--dry-run"_s}) {
            const Ran good = restore({u"--as"_s, u"frk-two"_s, u"--copies"_s, u"2"_s, option});
            QVERIFY2(good.exitStatus == 0 && good.json()["possible"].toBool(), good.all().constData());
            QCOMPARE(good.json()["names"].toArray(), (QJsonArray{u"frk-two-1"_s, u"frk-two-2"_s}));
            QVERIFY(!good.json()["known"].toBool(true));
        }
        QVERIFY(!fs::exists(m_b->state() + "/repository"));
        const Ran usage = m_a->gantryctl({u"restore"_s, m_id, u"--on"_s, m_b->name()});
        QVERIFY2(usage.exitStatus == 2 && usage.err.contains("--as NAME"), usage.all().constData());
        const Ran nobody = m_a->gantryctl({u"restore"_s, u"nobody"_s, u"--on"_s, m_b->name(), u"--as"_s, u"frk-x"_s});
        QVERIFY2(nobody.exitStatus == 1 && nobody.err.contains("nobody"), nobody.all().constData());
    }

    void killedWhileItIsSent_leavesNothing()
    {
        QCOMPARE(killedWhileSending(SIGKILL).exitStatus, -1);
        nothingIsThere();
        const Ran given = killedWhileSending(SIGINT);
        QVERIFY2(given.exitStatus == 1 && given.err.contains("giving it up"), given.all().constData());
        nothingIsThere();
    }

    void copies_countOn_sourceRunsOn()
    {
        const Ran ran = restore({u"--as"_s, u"frk-two"_s, u"--copies"_s, u"2"_s});
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        const QJsonArray copies = ran.json()["copies"].toArray();
        QCOMPARE(copies.size(), 2);
        m_sent = ran.json()["bytes"].toDouble();
        QVERIFY2(m_sent > kBallast, ran.out.constData());
        std::vector<int> firsts;
        for (int i = 0; i < 2; ++i) {
            const std::string name = strCat("frk-two-", i + 1);
            QCOMPARE(copies[i]["name"].toString().toStdString(), name);
            QVERIFY2(copies[i]["root_pid"].toInt() > 0, ran.out.constData());
            QCOMPARE(stateOf(name), u"running"_s);
            QVERIFY(countsOn(*m_b, name));
            const std::vector<int> counted = numbers(*m_b, name);
            QVERIFY(isUnbroken(counted));
            firsts.push_back(counted.front());
            QVERIFY(!fs::exists(strCat(m_a->state(), "/containers/", name)));
        }
        QCOMPARE(firsts[0], firsts[1]);
        QVERIFY2(firsts[0] > m_least && firsts[0] <= m_most + 1, strCat(m_least, " ", firsts[0], " ", m_most).c_str());
        QVERIFY(countsOn(*m_a, "frk-web"));
        QVERIFY(isUnbroken(numbers(*m_a, "frk-web")));
        QCOMPARE(idsOf(*m_b), QStringList{m_id});
        QCOMPARE(m_b->gantryctl({u"checkpoints"_s}).json()["checkpoints"].toArray()[0].toObject()["name"].toString(),
                 u"now"_s);
        if (fs::exists(m_a->state() + "/audit.log")) {
            QVERIFY(auditOf(*m_a).find("export") != std::string::npos);
            for (const char *verb : {"import", "restoreCopy"})
                QVERIFY2(auditOf(*m_b).find(verb) != std::string::npos, verb);
        }
    }

    void again_nothingIsSent()
    {
        const Ran ran = restore({u"--as"_s, u"frk-again"_s});
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QVERIFY(ran.json()["known"].toBool());
        QCOMPARE(ran.json()["bytes"].toDouble(-1), 0.0);
        QVERIFY(countsOn(*m_b, "frk-again"));
        // Its name is taken now, which is found out here as everywhere.
        QCOMPARE(restore({u"--as"_s, u"frk-again"_s}).exitStatus, 1);
    }

    void givenUpBetweenCopies_thoseThatRunStay()
    {
        QProcess carrier;
        carrier.start(QStringLiteral(GANTRYCTL), m_a->arguments({u"restore"_s, m_id, u"--on"_s, m_b->name(), u"--as"_s,
                                                                 u"frk-many"_s, u"--copies"_s, QString::number(kMany)},
                                                                false));
        QByteArray said;
        QVERIFY2(QTest::qWaitFor(
                     [&] {
                         said += carrier.readAllStandardError();
                         return said.contains("copy 1/");
                     },
                     kPatience),
                 said.constData());
        ::kill(static_cast<pid_t>(carrier.processId()), SIGINT);
        const Ran ran = finish(carrier, kVerb);
        QVERIFY2(ran.exitStatus == 1 && ran.out.contains(strCat("frk-many-", kMany, " was not tried").c_str()),
                 (said + ran.all()).constData());
        for (int i = 1; i <= kMany; ++i) {
            const std::string name = strCat("frk-many-", i);
            const bool runs = ran.out.contains((name + " runs: pid ").c_str());
            QCOMPARE(stateOf(name), runs ? u"running"_s : QString());
            QVERIFY(!runs || countsOn(*m_b, name));
            QCOMPARE(fs::exists(strCat(m_b->state(), "/containers/", name)), runs);
        }
        QVERIFY(countsOn(*m_a, "frk-web"));
    }

    void laterCheckpoint_onlyWhatChangedIsSent()
    {
        const QString first = std::exchange(m_id, save());
        const Ran ran = restore({u"--as"_s, u"frk-later"_s});
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        const double bytes = ran.json()["bytes"].toDouble();
        QVERIFY2(bytes > 0 && bytes < m_sent / 5, ran.out.constData());
        QVERIFY(countsOn(*m_b, "frk-later"));
        QVERIFY(numbers(*m_b, "frk-later").front() > m_most);
        QCOMPARE(idsOf(*m_b), (QStringList{first, m_id}));
        QCOMPARE(m_b->gantryctl({u"checkpoints"_s}).json()["checkpoints"].toArray()[1].toObject()["parent"].toString(),
                 first);
    }
};

int main(int argc, char *argv[])
{
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestRemoteFork test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_remote_fork.moc"
