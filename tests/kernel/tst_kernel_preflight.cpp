// SPDX-License-Identifier: GPL-3.0-or-later
// The verdict of pre-flight on real processes, compared with what CRIU then does.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/preflight.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_target.h"

#include <QTemporaryDir>

#include <set>

using namespace gantry;
using namespace gantry::checkpoint;
using test::Target;
using namespace std::chrono_literals;

namespace {

QByteArray namesOf(const std::vector<Finding> &findings)
{
    std::set<std::string> names;
    for (const Finding &finding : findings)
        names.insert(std::string(finding.info().name));
    std::vector<std::string> sorted(names.begin(), names.end());
    return QByteArray::fromStdString(joined(sorted));
}

char stateOf(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    return stat ? stat->state : '?';
}

} // namespace

class TestKernelPreflight : public QObject
{
    Q_OBJECT
    CriuFacts m_criu;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        m_criu = probeCriu(criuPath(), {runtime::Clock::now() + 60s});
        QVERIFY2(!m_criu.path.empty(), "no CRIU: packaging/setup.sh installs one");
        QCOMPARE(m_criu.problem, std::string());
    }

    void cleanup() { test::endAllBelow(); }

    void verdict_isCriusOwn_data()
    {
        QTest::addColumn<QByteArray>("causes"); // sorted
        QTest::addColumn<bool>("possible");
        for (const char *name :
             {"plain",         "eventfd",       "timerfd",     "epoll",          "signalfd",   "inotify",
              "memfd",         "shared-memory", "pipe",        "fifo",           "socketpair", "udp",
              "netlink",       "packet",        "threads",     "unix-listening", "zombie",     "own-net",
              "tcp-listening", "children",      "device-null", "session-inside"})
            QTest::newRow(name) << QByteArray() << true;
        const auto row = [](const char *name, const char *causes, bool possible) {
            QTest::newRow(name) << QByteArray(causes) << possible;
        };
        row("tcp-inside", "tcp-connection", true);
        row("tcp-outside", "tcp-connection", true);
        row("tcp-pending", "tcp-handshake", true);
        row("unix-datagram-outside", "unix-datagram-outside", true);
        row("file-lock", "file-lock", true);
        row("deleted-small", "deleted-file", true);
        row("deleted-big", "big-deleted-file", true);
        row("deleted-linked", "deleted-name", true);
        row("no-session", "not-session-leader", true);
        row("unix-stream-outside", "unix-peer-outside", false);
        row("unix-packets-outside", "unix-peer-outside", false);
        row("unix-nameless-outside", "unix-nameless-peer", false);
        row("mptcp", "socket-protocol", false);
        row("vsock", "socket-protocol", false);
        row("io-uring", "io-uring", false);
        row("io-uring-mapped", "device-mapping io-uring", false);
        row("sysv-shared-memory", "host-shared-memory", false);
        row("leader-gone", "leader-gone", false);
        row("userfaultfd", "unsupported-file", false);
        row("perf", "unsupported-file", false);
        row("device-fuse", "device", false);
        row("own-uts", "nested-namespace", false);
        row("own-time", "nested-namespace", false);
        row("own-ipc", "nested-namespace", false);
        row("own-pid", "nested-namespace session-outside-namespace", false);
        row("own-user", "nested-namespace", false);
        row("traced", "traced", false);
        row("child-traced", "traced", false);
        row("file-outside", "file-outside", false);
    }
    void verdict_isCriusOwn()
    {
        QFETCH(QByteArray, causes);
        QFETCH(bool, possible);
        const QTemporaryDir folder;
        const Target target(QTest::currentDataTag(), folder.path().toStdString());
        QVERIFY(target.isReady());
        QVERIFY(qstrcmp(QTest::currentDataTag(), "leader-gone") != 0 || target.reaches('Z'));
        const auto look = lookAtTree(*treeOf(target.pid()), {});
        QVERIFY2(look, QByteArray::fromStdString(look ? "" : look.error().message()));
        // It was not stopped for that.
        QVERIFY(look->tasks.front().tracerPid != 0 || QByteArray("RSZ").contains(stateOf(target.pid())));
        const auto findings = judge(*look, m_criu);
        QCOMPARE(namesOf(findings), causes);
        QCOMPARE(isPossible(findings), possible);
        QCOMPARE(dumps(target.pid(), findings, folder.path().toStdString()), possible);
    }

    void sessionOfAnOuterPidNamespace_isNamed()
    {
        const QTemporaryDir folder;
        const Target target("own-pid", folder.path().toStdString());
        QVERIFY(target.isReady());
        const std::vector<std::int32_t> outer = *treeOf(target.pid());
        const auto look = lookAtTree(*treeOf(outer.back()), {});
        QVERIFY(look);
        QCOMPARE(look->tasks.size(), std::size_t{1}); // only the one inside
        const auto findings = judge(*look, m_criu);
        QVERIFY2(namesOf(findings).contains("session-outside-namespace"), namesOf(findings));
        QVERIFY(!isPossible(findings));
        QVERIFY(!dumps(outer.back(), findings, folder.path().toStdString()));
    }

    void otherUser_needsACapabilityThatMayBeMissing()
    {
        const QTemporaryDir folder;
        const Target target("other-uid", folder.path().toStdString());
        QVERIFY(target.isReady());
        const auto look = lookAtTree(*treeOf(target.pid()), {});
        QVERIFY(look);
        const auto findings = judge(*look, m_criu);
        QCOMPARE(isPossible(findings), look->hasSysResource);
        QCOMPARE(dumps(target.pid(), findings, folder.path().toStdString()), look->hasSysResource);
    }

    void processThatEnds_isNoTree()
    {
        std::int32_t pid = 0;
        {
            const QTemporaryDir folder;
            const Target target("plain", folder.path().toStdString());
            QVERIFY(target.isReady());
            pid = target.pid();
        }
        QCOMPARE(treeOf(pid).error().posix(), ESRCH);
        QCOMPARE(lookAtTree(std::vector{pid}, {}).error().posix(), ESRCH);
    }

private:
    /// CRIU's own answer, with the options that pre-flight chose; the target runs on.
    [[nodiscard]] bool dumps(std::int32_t pid, const std::vector<Finding> &findings, const std::string &folder) const
    {
        return test::dump(m_criu, pid, chosenOptions(findings), folder).done;
    }
};

QTEST_GUILESS_MAIN(TestKernelPreflight)
#include "tst_kernel_preflight.moc"
