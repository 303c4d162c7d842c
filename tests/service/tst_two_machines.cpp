// SPDX-License-Identifier: GPL-3.0-or-later
// Containers between two hosts that share nothing but a wire: namespaces of every kind, an sshd and a gantryd each, and
// another CRIU. What two services beside each other cannot show: the same name and the same pids on both hosts, the
// user's ssh to both, and a cable that is cut without a word.
#include <QtTest>

#include "engine/runtime/tool.h"
#include "tests/service/two_machines.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <memory>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr const char *kName = "mch-web";

} // namespace

class TestTwoMachines : public QObject
{
    Q_OBJECT
    std::unique_ptr<MachineFolder> m_folder;
    std::unique_ptr<Machine> m_a;
    std::unique_ptr<Machine> m_b;

    /// As an admin who sits at the first host.
    void prepare(QProcess &process, const Machine &host, const QStringList &words, bool json) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("GANTRY_SSH", m_folder->ssh());
        process.setProcessEnvironment(environment);
        const QStringList all = m_a->inNetwork() + QStringList{GANTRYCTL, "--host", host.destination()} +
                                (json ? QStringList{"--json"} : QStringList()) + words;
        process.start(all.front(), all.mid(1));
    }
    [[nodiscard]] Ran gantryctl(const Machine &host, const QStringList &words, bool json = true) const
    {
        QProcess process;
        prepare(process, host, words, json);
        return finish(process, kVerb);
    }
    [[nodiscard]] bool countsOn(const Machine &host) const
    {
        const std::vector<int> before = host.numbers(kName);
        return !before.empty() &&
               QTest::qWaitFor([&] { return host.numbers(kName).back() > before.back(); }, kPatience);
    }
    void cable(bool plugged) const
    {
        const Ran done = m_a->ip({"link", "set", "wire", plugged ? "up" : "down"});
        QVERIFY2(done.exitStatus == 0, done.all().constData());
    }

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *tool : {"runc", "ip", "nsenter", "unshare", "sshd", "ssh", "ssh-keygen"})
            QVERIFY2(!runtime::toolPath(tool).empty(), strCat("no ", tool, ": packaging/setup.sh test").c_str());
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        m_folder = std::make_unique<MachineFolder>(std::initializer_list<const char *>{"sh", "sleep"});
        m_a = std::make_unique<Machine>(*m_folder, "mch-a", "10.77.0.1");
        m_b = std::make_unique<Machine>(*m_folder, "mch-b", "10.77.0.2", "/var/lib/elsewhere/criu");
        const auto plug = [](const Machine &machine, const QStringList &words) {
            const Ran done = machine.ip(words);
            QVERIFY2(done.exitStatus == 0, done.all().constData());
        };
        plug(*m_a,
             {"link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", QString::number(m_b->pid())});
        for (const auto &[machine, address] :
             {std::pair(m_a.get(), "10.77.0.1/24"), std::pair(m_b.get(), "10.77.0.2/24")}) {
            plug(*machine, {"addr", "add", address, "dev", "wire"});
            plug(*machine, {"link", "set", "wire", "up"});
        }
        const Ran started =
            gantryctl(*m_a, {"run", "--name", kName, "--rootfs", "/var/lib/rootfs", "--", "/bin/sh", "-c", kCount});
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        QVERIFY(countsOn(*m_a));
    }
    void cleanupTestCase()
    {
        m_a.reset();
        m_b.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }

    void run_eachSeesItsOwn()
    {
        QCOMPARE(gantryctl(*m_a, {"host"}).json()["host_name"].toString(), "mch-a");
        QCOMPARE(gantryctl(*m_b, {"host"}).json()["host_name"].toString(), "mch-b");
        QVERIFY(gantryctl(*m_a, {"show", kName}).exitStatus == 0);
        QVERIFY(gantryctl(*m_b, {"show", kName}).exitStatus != 0);
    }

    void run_thereAndHome_sameNameAndPids()
    {
        const auto move = [this](const Machine &from, const Machine &to) {
            const Ran ran = gantryctl(from, {"migrate", kName, to.destination(), "--keep-source", "--skip", "all"});
            QVERIFY2(ran.exitStatus == 0, ran.all().constData());
            QVERIFY2(ran.json()["way"].toString().startsWith("direct 10.77.0."), ran.all().constData());
            QVERIFY(countsOn(to));
            std::vector<int> all = from.numbers(kName);
            const std::vector<int> rest = to.numbers(kName);
            all.insert(all.end(), rest.begin(), rest.end());
            QVERIFY(isUnbroken(all));
            QCOMPARE(gantryctl(from, {"rmrun", kName}).exitStatus, 0);
        };
        move(*m_a, *m_b);
        move(*m_b, *m_a);
    }

    void run_cableCutWhileItStandsStill_runsOnWhereItWas()
    {
        const std::vector<int> before = m_a->numbers(kName);
        QProcess carrier;
        prepare(carrier, *m_a, {"migrate", kName, m_b->destination(), "--skip", "all"}, false);
        QByteArray said;
        const auto restores = [&] {
            carrier.waitForReadyRead(1);
            said += carrier.readAllStandardError();
            return said.contains("gantryctl: restore") || carrier.state() == QProcess::NotRunning;
        };
        QVERIFY(QTest::qWaitFor(restores, kVerb));
        cable(false);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(countsOn(*m_a)); // 10 s without a sign of the other host
        qInfo("it runs on after %lld ms", static_cast<long long>(timer.elapsed()));
        const Ran ended = finish(carrier, kVerb); // ssh's keep-alive: 20 s
        QVERIFY2(ended.exitStatus > 0, (said + ended.all()).constData());
        cable(true);
        Ran last;
        const auto settles = [&] {
            last = gantryctl(*m_a, {"migrations", m_b->destination()});
            return last.exitStatus == 0 && !fs::exists(m_b->file(strCat("/var/lib/gantry/containers/", kName)));
        };
        QVERIFY2(QTest::qWaitFor(settles, kVerb), (said + last.all()).constData());
        QVERIFY(countsOn(*m_a));
        QVERIFY(isUnbroken(m_a->numbers(kName)));
        QVERIFY(m_a->numbers(kName).size() > before.size());
        QVERIFY(gantryctl(*m_b, {"show", kName}).exitStatus != 0);
    }
};

int main(int argc, char *argv[])
{
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestTwoMachines test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_two_machines.moc"
