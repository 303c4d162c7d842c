// SPDX-License-Identifier: GPL-3.0-or-later
// Containers of two hosts that talk to each other over TCP, saved at one instant and restored together. The numbers
// that one sends come back from the other one, several on their way at any time; both log them: a message that was
// lost, or that came twice, is a hole or a repetition in a log.
#include <QtTest>

#include "app/link/connection.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/criu.h"
#include "engine/runtime/tool.h"
#include "gantry/v1/group.grpc.pb.h"
#include "tests/service/two_networks.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

using namespace gantry;
using test::Host;
using test::kPatience;
using test::Networks;
using test::Ran;
using test::ran;

namespace {

constexpr const char *kServer = "grp-serve";       ///< on the first host; of no other suite: they share /gantry
constexpr const char *kClient = "grp-ask";         ///< on the second one
const std::string kFail = test::kFolder + "/fail"; ///< as long as it is there no CRIU of the second host works
const std::string kCriu = test::kFolder + "/criu";
constexpr const char *kServe = "#!/bin/sh\nwhile read n; do echo $n >&2; echo $n; done\n";
constexpr const char *kAsk = R"(#!/bin/sh
mkfifo /in /out
nc 10.77.0.5 7000 < /in > /out &
exec 3> /in 4< /out
i=0
while :; do
    for five in 1 2 3 4 5; do i=$((i+1)); echo $i >&3; done
    sleep 0.01
done &
while read n <&4; do echo $n; done
)";

void writeProgram(const std::string &path, const std::string &text)
{
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

/// From the first place on.
bool isUnbrokenFrom(const std::vector<int> &all, std::size_t first)
{
    return first < all.size() && test::isUnbroken({all.begin() + static_cast<std::ptrdiff_t>(first), all.end()});
}

constexpr int kLease = 1'000; ///< ms

/// A caller that leads one member. Thread: the test's.
class Call
{
public:
    Call(const Host &host, bool restores)
        : m_connection(link::Connection::dial(*link::parseDestination("unix:" + host.socket()), options()))
    {
        if (!m_connection)
            qFatal("%s", m_connection.error().message().c_str());
        m_stub = v1::Group::NewStub((*m_connection)->channel());
        m_stream = restores ? m_stub->Restore(&m_context) : m_stub->Save(&m_context);
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;
    Call(Call &&) = delete;
    Call &operator=(Call &&) = delete;
    /// Is gone.
    ~Call()
    {
        m_context.TryCancel();
        for (v1::GroupNews news; m_stream->Read(&news);) {
        }
        (void)m_stream->Finish();
    }
    [[nodiscard]] bool begin(const v1::GroupBegin &begin)
    {
        v1::GroupOrder order;
        *order.mutable_begin() = begin;
        return m_stream->Write(order) && hears(v1::GroupNews::kReady);
    }
    [[nodiscard]] bool give(v1::GroupOrder::Step *(v1::GroupOrder::*step)(), v1::GroupNews::PartCase answer)
    {
        v1::GroupOrder order;
        (order.*step)();
        return m_stream->Write(order) && hears(answer);
    }
    void live()
    {
        v1::GroupOrder order;
        order.mutable_alive();
        m_stream->Write(order);
    }
    [[nodiscard]] bool hears(v1::GroupNews::PartCase kind)
    {
        for (v1::GroupNews news; m_stream->Read(&news); news.Clear()) {
            if (news.part_case() == kind)
                return true;
            if (news.has_failure())
                qWarning("%s", news.failure().detail().c_str());
        }
        return false;
    }

private:
    static link::DialOptions options()
    {
        link::DialOptions out;
        out.client = "tst_group_checkpoint";
        return out;
    }
    const Result<std::unique_ptr<link::Connection>> m_connection;
    std::unique_ptr<v1::Group::Stub> m_stub;
    grpc::ClientContext m_context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::GroupOrder, v1::GroupNews>> m_stream;
};

} // namespace

class TestGroupCheckpoint : public QObject
{
    Q_OBJECT
    std::unique_ptr<Networks> m_networks;
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *tool : {"runc", "ip", "nsenter", "unshare"})
            QVERIFY2(!runtime::toolPath(tool).empty(), strCat("no ", tool, ": packaging/setup.sh test").c_str());
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        test::makeBusyboxRoot(test::kRoot, {"sh", "cat", "nc", "sleep", "mkfifo"});
        writeProgram(test::kRoot + "/serve", kServe);
        writeProgram(test::kRoot + "/ask", kAsk);
        const std::string criu = checkpoint::criuPath();
        writeProgram(kCriu, strCat("#!/bin/sh\n[ ! -e ", kFail, " ] || exit 1\nexec ", criu, " \"$@\"\n"));
        m_networks = std::make_unique<Networks>();
        m_a = std::make_unique<Host>("a", m_networks->here.enter());
        qputenv("GANTRY_CRIU", kCriu.c_str());
        m_b = std::make_unique<Host>("b", m_networks->there.enter());
    }
    void cleanup()
    {
        std::filesystem::remove(kFail);
        for (const Host *host : {m_a.get(), m_b.get()}) {
            for (const QString &id : checkpoints(*host))
                QCOMPARE(host->gantryctl({"rmcheckpoint", id}).exitStatus, 0);
        }
    }
    void cleanupTestCase()
    {
        QVERIFY(removeAll());
        m_a.reset();
        m_b.reset();
        m_networks.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }

    void savedAndEnded_comeBackWithAllMessages()
    {
        start();
        const Ran looked = save({"--dry-run"});
        QVERIFY2(looked.exitStatus == 0, looked.all().constData());
        QVERIFY(looked.json()["possible"].toBool());
        QVERIFY(checkpoints(*m_a).isEmpty() && checkpoints(*m_b).isEmpty());
        const Ran saved = save({"--stop", "--name", "cut"});
        QVERIFY2(saved.exitStatus == 0, saved.all().constData());
        for (const char *name : {kServer, kClient})
            QCOMPARE(test::stateOf(name), QString());
        const QJsonObject told = saved.json();
        QVERIFY(told["one_clock"].toBool());
        QVERIFY(told["skew_usec"].toInt() > 0);
        qInfo("skew: %d us", told["skew_usec"].toInt());
        // Each knows its group.
        const QJsonObject one = told["members"].toArray()[1].toObject()["checkpoint"].toObject();
        QCOMPARE(one["group"], told["group"]);
        QCOMPARE(one["group_members"].toArray().size(), 2);
        QCOMPARE(one["group_member"].toString(), m_b->name() + "/" + kClient);
        QCOMPARE(one["group_skew_usec"], told["skew_usec"]);
        const std::size_t before = test::numbers(*m_b, kClient).size();
        const Ran back = m_a->gantryctl({"restore", "--group", "cut"});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(talks(before));
        for (const auto &[host, name] : {std::pair(m_a.get(), kServer), std::pair(m_b.get(), kClient)}) {
            const std::vector<int> all = test::numbers(*host, name);
            QCOMPARE(all.front(), 1);
            QVERIFY2(test::isUnbroken(all), name);
        }
        // They run: neither is touched.
        const Ran again = m_a->gantryctl({"restore", "--group", "cut", "--dry-run"});
        QCOMPARE(again.exitStatus, 1);
        QVERIFY2(!again.json()["possible"].toBool(), again.all().constData());
        QVERIFY(talks(test::numbers(*m_b, kClient).size()));
    }

    void oneFails_noneIsSaved_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::newRow("runs on") << QStringList();
        QTest::newRow("stop") << QStringList{"--stop"};
    }
    void oneFails_noneIsSaved()
    {
        start();
        QFETCH(const QStringList, more);
        std::ofstream(kFail) << "1";
        const std::size_t before = test::numbers(*m_b, kClient).size();
        const Ran saved = save(more);
        QCOMPARE(saved.exitStatus, 1);
        QVERIFY2(saved.err.contains((m_b->name() + "/" + kClient).toUtf8()), saved.err.constData());
        QVERIFY(talks(before));
        QVERIFY(test::isUnbroken(test::numbers(*m_a, kServer)));
        QVERIFY(test::isUnbroken(test::numbers(*m_b, kClient)));
        QVERIFY(checkpoints(*m_a).isEmpty() && checkpoints(*m_b).isEmpty());
    }

    void oneCannotBeRestored_noneIs()
    {
        start();
        const Ran saved = save({"--stop"});
        QVERIFY2(saved.exitStatus == 0, saved.all().constData());
        const std::size_t before = test::numbers(*m_b, kClient).size();
        const QString group = saved.json()["group"].toString();
        std::ofstream(kFail) << "1";
        const Ran failed = m_a->gantryctl({"restore", "--group", group});
        QCOMPARE(failed.exitStatus, 1);
        QVERIFY2(failed.err.contains((m_b->name() + "/" + kClient).toUtf8()), failed.err.constData());
        for (const char *name : {kServer, kClient})
            QCOMPARE(test::stateOf(name), QString());
        QCOMPARE(m_networks->here.links() + m_networks->there.links(), 0);
        std::filesystem::remove(kFail);
        {
            Call call(*m_a, true);
            v1::GroupBegin begin;
            begin.set_group(group.toStdString());
            begin.set_checkpoint(checkpoints(*m_a).front().toStdString());
            QVERIFY(call.begin(begin));
            QVERIFY(call.give(&v1::GroupOrder::mutable_hold, v1::GroupNews::kHeld));
            QCOMPARE(test::stateOf(kServer), QStringLiteral("paused"));
        } // its caller is gone
        QVERIFY(QTest::qWaitFor([] { return test::stateOf(kServer).isEmpty(); }, kPatience));
        QTRY_COMPARE_WITH_TIMEOUT(m_networks->here.links(), 0, kPatience);
        const Ran back = m_a->gantryctl({"restore", "--group", group});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(talks(before));
        QVERIFY(test::isUnbroken(test::numbers(*m_b, kClient)));
        // One of it alone: the group is not whole.
        QCOMPARE(m_b->gantryctl({"rmcheckpoint", checkpoints(*m_b).front()}).exitStatus, 0);
        const Ran part = m_a->gantryctl({"restore", "--group", group});
        QCOMPARE(part.exitStatus, 1);
        QVERIFY2(part.err.contains("not whole"), part.err.constData());
    }

    void callerIsGone_runsOn_data()
    {
        QTest::addColumn<bool>("silent");
        QTest::newRow("its connection breaks") << false;
        QTest::newRow("nothing is heard of it") << true;
    }
    void callerIsGone_runsOn()
    {
        start();
        QFETCH(const bool, silent);
        {
            Call call(*m_a, false);
            v1::GroupBegin begin;
            begin.set_group(std::string(32, 'a'));
            begin.add_members(kServer);
            begin.mutable_target()->set_container(kServer);
            begin.set_lease_ms(kLease);
            begin.set_stop(true);
            QVERIFY(call.begin(begin));
            QVERIFY(call.give(&v1::GroupOrder::mutable_freeze, v1::GroupNews::kFrozen));
            QCOMPARE(test::stateOf(kServer), QStringLiteral("paused"));
            for (int i = 0; silent && i < 3; ++i) {
                QTest::qWait(kLease * 2 / 3);
                call.live();
            }
            QCOMPARE(test::stateOf(kServer), QStringLiteral("paused"));
            if (silent)
                QVERIFY(call.hears(v1::GroupNews::kFailure));
        }
        QVERIFY(QTest::qWaitFor([] { return test::stateOf(kServer) == QStringLiteral("running"); }, kPatience));
        QVERIFY(talks(test::numbers(*m_b, kClient).size()));
        QVERIFY(checkpoints(*m_a).isEmpty());
    }

    void serviceDiesWhileItStands_runsOn()
    {
        start();
        QProcess caller;
        caller.start(QStringLiteral(GANTRYCTL), m_a->arguments(words({}), false));
        const auto isPaused = [] { return test::stateOf(kServer) == QStringLiteral("paused"); };
        QVERIFY(QTest::qWaitFor(isPaused, kPatience));
        m_a->kill();
        QVERIFY(caller.waitForFinished(test::kVerb));
        const QByteArray said = caller.readAllStandardError();
        // Either it had all been saved by then, or nothing is left of it.
        m_a->start();
        QVERIFY2(QTest::qWaitFor([] { return test::stateOf(kServer) == QStringLiteral("running"); }, kPatience),
                 said.constData());
        QVERIFY2(talks(test::numbers(*m_b, kClient).size()), said.constData());
        QVERIFY(test::isUnbroken(test::numbers(*m_b, kClient)));
    }

    /// The last one: their logs have a repetition after it.
    void savedAndRunOn_comeBackAsTheyWere()
    {
        start();
        const std::size_t before = test::numbers(*m_b, kClient).size();
        const Ran saved = save({});
        QVERIFY2(saved.exitStatus == 0, saved.all().constData());
        QVERIFY(talks(before));
        std::vector<std::size_t> lines;
        for (const auto &[host, name] : {std::pair(m_a.get(), kServer), std::pair(m_b.get(), kClient)}) {
            (void)ran("runc", {"delete", "--force", name});
            QVERIFY(QTest::qWaitFor([name = name] { return test::stateOf(name).isEmpty(); }, kPatience));
            const std::vector<int> all = test::numbers(*host, name);
            QVERIFY2(test::isUnbroken(all), name);
            lines.push_back(all.size());
        }
        const Ran back = m_b->gantryctl({"restore", "--group", saved.json()["group"].toString()});
        QVERIFY2(back.exitStatus == 0, back.all().constData());
        QVERIFY(talks(lines[1]));
        // What was said after the cut is said once more, from there on.
        const std::vector<int> served = test::numbers(*m_a, kServer);
        const std::vector<int> heard = test::numbers(*m_b, kClient);
        QVERIFY(isUnbrokenFrom(served, lines[0]));
        QVERIFY(isUnbrokenFrom(heard, lines[1]));
        QVERIFY(served[lines[0]] <= served[lines[0] - 1]);
        QVERIFY(heard[lines[1]] <= served[lines[0]]);
    }

private:
    [[nodiscard]] static QStringList checkpoints(const Host &host)
    {
        QStringList out;
        for (const QJsonValue one : host.gantryctl({"checkpoints"}).json()["checkpoints"].toArray())
            out << one.toObject()["id"].toString();
        return out;
    }
    [[nodiscard]] QStringList words(const QStringList &more) const
    {
        return QStringList{"checkpoint", "--together", kServer, m_b->name() + "/" + kClient} + more;
    }
    [[nodiscard]] Ran save(const QStringList &more) const { return m_a->gantryctl(words(more)); }
    /// More numbers come back than there were.
    [[nodiscard]] bool talks(std::size_t before) const
    {
        constexpr std::size_t kMore = 50;
        return QTest::qWaitFor([&] { return test::numbers(*m_b, kClient).size() > before + kMore; }, kPatience);
    }
    void run(const Host &host, const char *name, const char *address, const QStringList &program) const
    {
        const Ran started =
            host.gantryctl(QStringList{"run", "--name", name, "--rootfs", QString::fromStdString(test::kRoot),
                                       "--network", "br0", "--ip", QStringLiteral("%1/24").arg(address), "--"} +
                           program);
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        // An engine whose runtime had no container before looks for one every 5 s.
        Ran checked;
        const auto canBeSaved = [&] { return (checked = host.gantryctl({"check", name})).exitStatus == 0; };
        QVERIFY2(QTest::qWaitFor(canBeSaved, kPatience), checked.all().constData());
    }
    /// @return false: something of them is left.
    [[nodiscard]] bool removeAll() const
    {
        return test::removeContainer({m_a.get()}, kServer) && test::removeContainer({m_b.get()}, kClient) &&
               m_networks->here.links() + m_networks->there.links() == 0;
    }
    /// Unless they run since an earlier test.
    void start() const
    {
        if (test::stateOf(kServer) == QStringLiteral("running") && test::stateOf(kClient) == QStringLiteral("running"))
            return;
        QVERIFY(removeAll());
        run(*m_a, kServer, "10.77.0.5", {"/bin/nc", "-ll", "-p", "7000", "-e", "/serve"});
        run(*m_b, kClient, "10.77.0.6", {"/bin/sh", "/ask"});
        QVERIFY(talks(0));
    }
};

int main(int argc, char *argv[])
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestGroupCheckpoint test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_group_checkpoint.moc"
