// SPDX-License-Identifier: GPL-3.0-or-later
// What goes along with a container that is migrated: limits, labels, schedule, alert rules, and its checkpoints where
// that is wanted. Two services of their own, real runc, real CRIU, as in tst_migration.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/runtime/tool.h"
#include "engine/service/channel.h"
#include "engine/service/migration_timeline.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <memory>
#include <thread>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

std::shared_ptr<grpc::Channel> linkTo(const Host &host)
{
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!connectWithin(std::chrono::seconds(10), socket.get(), *socketAddress(host.socket()), host.socket()))
        qFatal("gantryd does not take a connection");
    return *service::channelOverFd(std::move(socket));
}

/// Paths that alert rules of a host are about.
std::vector<std::string> scopesOf(const Host &host)
{
    grpc::ClientContext context;
    v1::RuleList rules;
    if (!v1::Alerts::NewStub(linkTo(host))->ListRules(&context, {}, &rules).ok())
        return {"no answer"};
    std::vector<std::string> out;
    for (const v1::AlertRule &rule : rules.rules()) {
        if (!rule.scope_path().empty())
            out.push_back(rule.scope_path());
    }
    return out;
}

void addRule(const Host &host, const std::string &path)
{
    v1::SetRuleRequest request;
    v1::AlertRule &rule = *request.mutable_rule();
    rule.set_name("much of " + path);
    rule.set_source(v1::ALERT_SOURCE_METRIC);
    rule.set_metric(1);
    rule.set_scope_path(path);
    rule.set_enabled(true);
    rule.mutable_hard()->set_enabled(true);
    rule.mutable_hard()->set_value(1e12);
    grpc::ClientContext context;
    v1::AlertRule kept;
    const grpc::Status done = v1::Alerts::NewStub(linkTo(host))->SetRule(&context, request, &kept);
    QVERIFY2(done.ok(), done.error_message().c_str());
}

/// {"subject", "period_ms", "keep", ...} of each.
QJsonArray schedulesOf(const Host &host)
{
    return host.gantryctl({u"schedule"_s, u"list"_s}).json()[u"schedules"].toArray();
}

QString notesOf(const Ran &ran)
{
    QStringList out;
    for (const QJsonValue one : ran.json()[u"notes"].toArray())
        out << one.toString();
    return out.join(u'\n');
}

/// Names of the checkpoints that a host shows as those of a subject; those without a name are "-".
QStringList checkpointsOf(const Host &host, const QString &subject)
{
    QStringList out;
    for (const QJsonValue one : host.gantryctl({u"checkpoints"_s}).json()[u"checkpoints"].toArray()) {
        if (one[u"subject"].toString() == subject)
            out << (one[u"name"].isNull() ? u"-"_s : one[u"name"].toString());
    }
    return out;
}

/// Until a host knows whose it is: runc is looked for every five seconds, and it is another node then.
bool isKnown(const Host &host, const QString &container)
{
    return QTest::qWaitFor(
        [&] {
            return host.gantryctl({u"show"_s, container}).json()[u"node"][u"runtime"].toString() == u"runc";
        },
        kPatience);
}

/// A limit as it is now.
QJsonValue limitOf(const Host &host, const QString &container, const QString &key)
{
    const Ran shown = host.gantryctl({u"show"_s, container});
    for (const QJsonValue one : shown.json()[u"limits"].toArray()) {
        if (one[u"key"].toString() == key)
            return one[u"configured"];
    }
    return QString::fromUtf8(shown.all());
}

} // namespace

class TestMigrationAlong : public QObject
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
        const Ran started = m_a->gantryctl({u"run"_s, u"--name"_s, u"alg-web"_s, u"--rootfs"_s,
                                            QString::fromStdString(kRoot), u"--memory-max"_s, u"64M"_s, u"--label"_s,
                                            u"team=blue"_s, u"--"_s, u"/bin/sh"_s, u"-c"_s, kCount});
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        QVERIFY(isKnown(*m_a, u"alg-web"_s));
    }
    void cleanupTestCase()
    {
        // It would bring back what is deleted by hand.
        for (const Host *host : {m_a.get(), m_b.get()}) {
            for (const QJsonValue one : schedulesOf(*host))
                QCOMPARE(host->gantryctl({u"schedule"_s, u"remove"_s, one[u"id"].toString()}).exitStatus, 0);
        }
        for (const std::string name : {"alg-web", "alg-moved", "alg-copy"})
            QVERIFY(removeContainer({m_a.get(), m_b.get()}, name));
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        fs::remove_all(kFolder);
    }

    /// The tests go on from each other: there, killed on its way home, home.
    void there_allIsThere()
    {
        for (const auto &name : {u"one"_s, u"two"_s}) {
            const Ran saved = m_a->gantryctl({u"checkpoint"_s, u"alg-web"_s, u"--name"_s, name});
            QVERIFY2(saved.exitStatus == 0, saved.all().constData());
        }
        const Ran set = m_a->gantryctl(
            {u"schedule"_s, u"set"_s, u"alg-web"_s, u"--every"_s, u"1h"_s, u"--keep"_s, u"30"_s, u"--restart"_s});
        QVERIFY2(set.exitStatus == 0, set.all().constData());
        // It begins at once.
        QTRY_VERIFY_WITH_TIMEOUT(schedulesOf(*m_a)[0][u"taken"].toInt() > 0, kPatience);
        for (const char *path : {"/gantry/alg-web", "/gantry"})
            addRule(*m_a, path);
        QVERIFY(isSet(u"pids.max"_s, 40));

        // One limit more is changed on the way, while a round is sent.
        QProcess carrier;
        carrier.start(QStringLiteral(GANTRYCTL),
                      m_a->arguments({u"migrate"_s, u"alg-web"_s, m_b->name(), u"--as"_s, u"alg-moved"_s,
                                      u"--with-timeline"_s, u"--limit-rate"_s, u"80K"_s, u"--rounds"_s, u"1"_s},
                                     false));
        QByteArray said;
        const auto hasSaid = [&](const char *words) {
            return QTest::qWaitFor(
                [&] {
                    carrier.waitForReadyRead(20);
                    said += carrier.readAllStandardError();
                    return said.contains(words);
                },
                kPatience);
        };
        QVERIFY2(hasSaid("gantryctl: send"), said.constData());
        QVERIFY(isSet(u"memory.max"_s, 48 << 20));
        carrier.waitForReadyRead(1);
        said += carrier.readAllStandardError();
        QVERIFY2(!said.contains("gantryctl: dump"), said.constData()); // it came in time
        const Ran moved = finish(carrier, kVerb);
        QVERIFY2(moved.exitStatus == 0, (said + moved.all()).constData());
        QVERIFY2((said + moved.err).contains("gantryctl: timeline, sent"), (said + moved.err).constData());
        for (const char *note : {"its checkpoint schedule went along: every 3600000 ms, keep 30, restart",
                                 "\"much of /gantry/alg-web\" went along", "about all of /gantry, and stays",
                                 "checkpoints that were copied along: "})
            QVERIFY2(moved.out.contains(note), moved.out.constData());
        QVERIFY(!moved.out.contains("copied along: 0"));

        QVERIFY(countsOn(*m_b, "alg-moved"));
        QVERIFY(isKnown(*m_b, u"alg-moved"_s));
        QCOMPARE(limitOf(*m_b, u"alg-moved"_s, u"memory.max"_s), QJsonValue(48 << 20));
        QCOMPARE(limitOf(*m_b, u"alg-moved"_s, u"pids.max"_s), QJsonValue(40));
        const QJsonObject node = m_b->gantryctl({u"show"_s, u"alg-moved"_s}).json()[u"node"].toObject();
        QCOMPARE(node[u"labels"][u"team"].toString(), u"blue"_s);

        QVERIFY(schedulesOf(*m_a).isEmpty());
        const QJsonArray there = schedulesOf(*m_b);
        QCOMPARE(there.size(), 1);
        QCOMPARE(there[0][u"subject"].toString(), u"alg-moved"_s);
        QCOMPARE(there[0][u"period_ms"].toDouble(), 3'600'000.0);
        QCOMPARE(there[0][u"keep"].toInt(), 30);
        QVERIFY(there[0][u"restart"].toBool());
        QTRY_COMPARE_WITH_TIMEOUT(schedulesOf(*m_b)[0][u"state"].toString(), u"runs"_s, kPatience);
        QCOMPARE(scopesOf(*m_a), std::vector<std::string>{"/gantry"});
        QCOMPARE(scopesOf(*m_b), std::vector<std::string>{"/gantry/alg-moved"});

        // Its past, and what it came back from, are its own under its new name; the source has them still. The schedule
        // takes one at once on either host.
        const QStringList kept = checkpointsOf(*m_a, u"alg-web"_s);
        const QStringList past = checkpointsOf(*m_b, u"alg-moved"_s);
        for (const QStringList &names : {kept, past})
            QVERIFY2(names.contains(u"one"_s) && names.contains(u"two"_s), qPrintable(names.join(u' ')));
        QVERIFY2(past.size() >= kept.size(), qPrintable(past.join(u' ')));
        QVERIFY(checkpointsOf(*m_b, u"alg-web"_s).isEmpty());
        const Ran copy = m_b->gantryctl({u"restore"_s, u"one"_s, u"--as"_s, u"alg-copy"_s});
        QVERIFY2(copy.exitStatus == 0, copy.all().constData());
        QVERIFY(QTest::qWaitFor([this] { return countsOn(*m_b, "alg-copy"); }, kPatience));
        for (const Host *host : {m_a.get(), m_b.get()})
            QCOMPARE(entriesOf(host->state() + "/migrations", "at-work."), std::size_t{0});
    }

    /// The one that has to remove it dies when it is handed over: it is on both hosts at most, until they are settled.
    void killedAtTheCommit_scheduleIsWhereItRuns()
    {
        QProcess carrier;
        carrier.start(QStringLiteral(GANTRYCTL), m_b->arguments({u"migrate"_s, u"alg-moved"_s, m_a->name(), u"--as"_s,
                                                                 u"alg-web"_s, u"--rounds"_s, u"0"_s},
                                                                false));
        QByteArray said;
        QVERIFY2(QTest::qWaitFor(
                     [&] {
                         carrier.waitForReadyRead(20);
                         said += carrier.readAllStandardError();
                         return said.contains("gantryctl: commit");
                     },
                     kPatience),
                 said.constData());
        m_b->kill();
        QVERIFY(carrier.state() == QProcess::NotRunning || carrier.waitForFinished(kVerb));
        m_b->start();
        const auto settles = [&] {
            const Ran done = m_a->gantryctl({u"migrations"_s, m_b->name()}, false);
            return done.exitStatus == 0 && unfinishedOf(*m_a).isEmpty() && unfinishedOf(*m_b).isEmpty();
        };
        QVERIFY(QTest::qWaitFor(settles, kVerb));
        const bool isHome = countsOn(*m_a, "alg-web");
        QVERIFY(isHome != countsOn(*m_b, "alg-moved"));
        qInfo("%s", isHome ? "moved" : "stays");
        QCOMPARE(schedulesOf(isHome ? *m_a : *m_b).size(), 1);
        QVERIFY(schedulesOf(isHome ? *m_b : *m_a).isEmpty());
        QCOMPARE(scopesOf(isHome ? *m_a : *m_b).size(), std::size_t(isHome ? 2 : 1));
        if (isHome) { // for the next one
            const Ran again = m_a->gantryctl(
                {u"migrate"_s, u"alg-web"_s, m_b->name(), u"--as"_s, u"alg-moved"_s, u"--rounds"_s, u"0"_s});
            QVERIFY2(again.exitStatus == 0, again.all().constData());
        }
    }

    void home_allComesBack()
    {
        QVERIFY(isKnown(*m_b, u"alg-moved"_s));
        QCOMPARE(m_b->gantryctl({u"checkpoint"_s, u"alg-moved"_s, u"--name"_s, u"away"_s}).exitStatus, 0);
        const Ran back = m_b->gantryctl({u"migrate"_s, u"alg-moved"_s, m_a->name(), u"--as"_s, u"alg-web"_s,
                                         u"--with-timeline"_s, u"--rounds"_s, u"0"_s});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY2(notesOf(back).contains(u"went along"_s), back.out.constData());
        QVERIFY(countsOn(*m_a, "alg-web"));
        QVERIFY(schedulesOf(*m_b).isEmpty());
        QCOMPARE(schedulesOf(*m_a).size(), 1);
        QCOMPARE(schedulesOf(*m_a)[0][u"subject"].toString(), u"alg-web"_s);
        QVERIFY(scopesOf(*m_b).empty());
        QCOMPARE(scopesOf(*m_a).size(), std::size_t{2});
        const QStringList past = checkpointsOf(*m_a, u"alg-web"_s);
        QVERIFY2(past.contains(u"one"_s) && past.contains(u"away"_s), qPrintable(past.join(u' ')));
        QCOMPARE(past.count(u"one"_s), 1); // which it had
        QVERIFY(isKnown(*m_a, u"alg-web"_s));
        QCOMPARE(limitOf(*m_a, u"alg-web"_s, u"memory.max"_s), QJsonValue(48 << 20));
    }

    /// The checkpoints do not come: that is a note of what went well.
    void noWayForThem_isANote()
    {
        const auto a = linkTo(*m_a);
        const auto b = linkTo(*m_b);
        const auto storeA = v1::Checkpoint::NewStub(a);
        const auto storeB = v1::Checkpoint::NewStub(b);
        const auto giver = v1::Transfer::NewStub(a);
        const auto taker = v1::Transfer::NewStub(b);
        m_b->kill();
        v1::MigrationDone done;
        service::takeTimelineAlong({*storeA, *giver}, {*storeB, *taker},
                                   {.container = "alg-web", .name = "", .last = ""}, done, {}, {});
        QCOMPARE(done.notes_size(), 1);
        QVERIFY2(done.notes(0).starts_with("its checkpoints are not all with it") &&
                     done.notes(0).find("gantryctl export") != std::string::npos,
                 done.notes(0).c_str());
        m_b->start();
    }

private:
    /// Sets a limit of the container at home, until it holds: now and then "set" was answered well there and the old
    /// value was back a moment later, before anything was migrated. What goes along is what holds.
    [[nodiscard]] bool isSet(const QString &key, int value)
    {
        return QTest::qWaitFor(
            [&] {
                const Ran set = m_a->gantryctl({u"set"_s, u"alg-web"_s, u"%1=%2"_s.arg(key).arg(value)});
                return set.exitStatus == 0 && limitOf(*m_a, u"alg-web"_s, key) == QJsonValue(value);
            },
            kPatience);
    }
};

int main(int argc, char *argv[])
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationAlong test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_along.moc"
