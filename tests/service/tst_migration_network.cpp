// SPDX-License-Identifier: GPL-3.0-or-later
// Containers with an address of their own on two hosts, each a net namespace with a bridge, and a wire between them.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/runtime/tool.h"
#include "tests/service/talk.h"
#include "tests/service/two_networks.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <csignal>
#include <memory>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using test::Host;
using test::kPatience;
using test::Networks;
using test::Ran;
using test::ran;
using test::Space;
using test::Talk;

namespace {

constexpr const char *kName = "net-web"; ///< on the first host; of no other suite: they share /gantry
constexpr const char *kThere = "net-moved";
constexpr const char *kCopied = "net-copied";
constexpr const char *kAddress = "10.77.0.5";
constexpr std::uint16_t kPort = 7'000;
} // namespace

class TestMigrationNetwork : public QObject
{
    Q_OBJECT
    std::unique_ptr<Networks> m_networks;
    const Space *m_here = nullptr;
    const Space *m_there = nullptr;
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *tool : {"runc", "ip", "nsenter", "unshare"})
            QVERIFY2(!runtime::toolPath(tool).empty(), strCat("no ", tool, ": packaging/setup.sh test").c_str());
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        test::makeBusyboxRoot(test::kRoot, {"sh", "cat", "nc", "sleep"});
    }
    void init()
    {
        m_networks = std::make_unique<Networks>();
        m_here = &m_networks->here;
        m_there = &m_networks->there;
        m_a = std::make_unique<Host>("a", m_here->enter());
        m_b = std::make_unique<Host>("b", m_there->enter());
    }
    void cleanup()
    {
        for (const auto &[host, name] : {std::pair(m_a.get(), kName), std::pair(m_b.get(), kThere)})
            QVERIFY(test::removeContainer({host}, name));
        QCOMPARE(m_here->links() + m_there->links(), 0);
        m_a.reset();
        m_b.reset();
        m_networks.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        QCOMPARE(readFile("/proc/self/mountinfo")->find(test::kFolder + "/a"), std::string::npos);
        QCOMPARE(readFile("/proc/self/mountinfo")->find(test::kFolder + "/b"), std::string::npos);
        std::filesystem::remove_all(test::kFolder + "/a");
        std::filesystem::remove_all(test::kFolder + "/b");
    }

    void run_wrongNetwork_isRefused()
    {
        const auto refusal = [this](const QStringList &network) {
            const Ran refused = start(kName, network);
            return refused.exitStatus == 0 ? QByteArray("it runs") : refused.err;
        };
        QVERIFY(refusal({"--network", "br9", "--ip", "10.77.0.5/24"}).contains("no such bridge"));
        QVERIFY(refusal({"--network", "wire", "--ip", "10.77.0.5/24"}).contains("no bridge"));
        // On the other side of the wire.
        QVERIFY(refusal({"--network", "br0", "--ip", "10.77.0.2/24"}).contains("already in use"));
        QVERIFY(refusal({"--network", "br0", "--ip", "10.77.0.1/24"}).contains("already in use"));
        QVERIFY(refusal({"--network", "br0", "--ip", "10.77.0.255/24"}).contains("no address"));
        QVERIFY(refusal({"--network", "br0", "--ip", "10.77.0.5"}).contains("prefix"));
        QVERIFY(refusal({"--network", "br0"}).contains("--ip"));
        QVERIFY(refusal({"--network", "br0", "--ip", "10.77.0.5/24", "--gateway", "10.78.0.1"}).contains("gateway"));
        QVERIFY(!std::filesystem::exists(m_a->state() + "/containers/" + kName));
    }

    void thereAndBack_connectionLives()
    {
        serve();
        const Talk talk(*m_there, kAddress, kPort);
        QVERIFY(talk.goesOn());
        const Ran moved = m_a->gantryctl({"migrate", kName, m_b->name(), "--as", kThere});
        QVERIFY2(moved.exitStatus == 0, moved.all().constData());
        QVERIFY(talk.goesOn());
        QCOMPARE(m_here->links(), 0);
        QCOMPARE(m_there->links(), 1);
        const Ran back = m_b->gantryctl({"migrate", kThere, m_a->name(), "--as", kName});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(talk.goesOn());
        QCOMPARE(m_there->links(), 0);
        qInfo("%d answers", talk.answers());
    }

    void savedAndEnded_comesBackWithItsConnection()
    {
        serve();
        const Talk talk(*m_there, kAddress, kPort);
        QVERIFY(talk.goesOn());
        const Ran saved = m_a->gantryctl({"checkpoint", kName, "--stop"});
        QVERIFY2(saved.exitStatus == 0, saved.all().constData());
        QCOMPARE(m_here->links(), 0);
        const Ran back = m_a->gantryctl({"restore", saved.json()["checkpoint"].toObject()["id"].toString()});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(talk.goesOn());
    }

    void sourceIsKilled_connectionLives_data()
    {
        QTest::addColumn<QString>("phase");
        QTest::newRow("while it is saved") << QStringLiteral("dump");
        QTest::newRow("while it is sent") << QStringLiteral("write");
        QTest::newRow("while it is restored") << QStringLiteral("restore");
        QTest::newRow("after it was handed over") << QStringLiteral("commit");
    }
    void sourceIsKilled_connectionLives()
    {
        QFETCH(const QString, phase);
        serve();
        const Talk talk(*m_there, kAddress, kPort);
        QVERIFY(talk.goesOn());
        QProcess carrier;
        carrier.start(QStringLiteral(GANTRYCTL),
                      m_a->arguments({"migrate", kName, m_b->name(), "--as", kThere, "--rounds", "0"}, false));
        QByteArray said;
        const auto isThere = [&] {
            carrier.waitForReadyRead(20);
            said += carrier.readAllStandardError();
            return said.contains("gantryctl: " + phase.toUtf8()) || carrier.state() == QProcess::NotRunning;
        };
        QVERIFY2(QTest::qWaitFor(isThere, kPatience), said.constData());
        m_a->kill();
        QVERIFY(carrier.state() == QProcess::NotRunning || carrier.waitForFinished(test::kVerb));
        m_a->start();
        const auto settles = [this] {
            return m_a->gantryctl({"migrations", m_b->name()}, false).exitStatus == 0 &&
                   test::unfinishedOf(*m_a).isEmpty() && test::unfinishedOf(*m_b).isEmpty();
        };
        QVERIFY2(QTest::qWaitFor(settles, test::kVerb), said.constData());
        QVERIFY2(talk.goesOn(), said.constData());
        QCOMPARE(m_here->links() + m_there->links(), 1);
    }

    void otherNetwork_isSaidBeforehand()
    {
        serve();
        const Talk talk(*m_here, kAddress, kPort);
        QVERIFY(talk.goesOn());
        (void)m_here->ip({"link", "set", "wire", "down"});
        const auto found = [this](const QStringList &more) {
            const Ran told =
                m_a->gantryctl(QStringList{"migrate", kName, m_b->name(), "--as", kThere, "--check-only"} + more);
            return std::pair(told.exitStatus, told.json()["findings"].toArray().first().toObject());
        };
        const auto [stops, finding] = found({});
        QCOMPARE(stops, 1);
        QCOMPARE(finding["cause"].toString(), QStringLiteral("network"));
        QCOMPARE(finding["severity"].toString(), QStringLiteral("warning"));
        QVERIFY2(finding["why"].toString().contains("10.77.0.1:"), qPrintable(finding["why"].toString()));
        QCOMPARE(found({"--skip", "network"}).first, 0);
        // Somebody else there has its address.
        (void)m_there->ip({"addr", "add", "10.77.0.5/24", "dev", "br0"});
        QCOMPARE(found({"--skip", "network"}).second["severity"].toString(), QStringLiteral("error"));
        (void)m_there->ip({"addr", "del", "10.77.0.5/24", "dev", "br0"});
        (void)m_there->ip({"link", "del", "br0"});
        QVERIFY(found({"--skip", "network"}).second["why"].toString().contains("no such bridge"));
        QVERIFY(talk.goesOn());
    }

    void copy_takesNobodysAddress()
    {
        serve();
        const Talk talk(*m_there, kAddress, kPort);
        QVERIFY(talk.goesOn());
        const Ran saved = m_a->gantryctl({"checkpoint", kName});
        QVERIFY2(saved.exitStatus == 0, saved.all().constData());
        const Ran copied =
            m_a->gantryctl({"restore", saved.json()["checkpoint"].toObject()["id"].toString(), "--as", kCopied});
        QVERIFY2(copied.exitStatus == 0, copied.all().constData());
        QCOMPARE(test::stateOf(kCopied), QStringLiteral("running"));
        QVERIFY2(copied.out.contains("It has no network"), copied.all().constData());
        QVERIFY(talk.goesOn());
        (void)ran("runc", {"delete", "--force", kCopied});
        const auto isGone = [this] { return m_a->gantryctl({"rmrun", kCopied}).exitStatus == 0; };
        QVERIFY(QTest::qWaitFor(isGone, kPatience));
        QVERIFY(talk.goesOn());
    }

private:
    [[nodiscard]] Ran start(const QString &name, const QStringList &network) const
    {
        return m_a->gantryctl(QStringList{"run", "--name", name, "--rootfs", QString::fromStdString(test::kRoot)} +
                              network +
                              QStringList{"--", "/bin/nc", "-ll", "-p", QString::number(kPort), "-e", "/bin/cat"});
    }
    /// One that sends back what it hears.
    void serve() const
    {
        const Ran started = start(kName, {"--network", "br0", "--ip", QStringLiteral("%1/24").arg(kAddress)});
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        // An engine whose runtime had no container before looks for one every 5 s.
        const auto isKnown = [this] {
            return !m_a->gantryctl({"migrate", kName, m_b->name(), "--check-only"}).json()["findings"].isUndefined();
        };
        QVERIFY(QTest::qWaitFor(isKnown, kPatience));
    }
};

int main(int argc, char *argv[])
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationNetwork test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_network.moc"
