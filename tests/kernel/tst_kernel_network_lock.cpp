// SPDX-License-Identifier: GPL-3.0-or-later
// What a CRIU holds back of a tree's connections, and that they go on whatever becomes of it: real TCP, real CRIU that
// is killed or hangs; nft(8) tells what it has left.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/criu.h"
#include "engine/checkpoint/kept_lock.h"
#include "engine/checkpoint/network_lock.h"
#include "engine/checkpoint/save.h"
#include "engine/runtime/tool.h"
#include "tests/kernel/criu_case.h"

#include <QTemporaryDir>

#include <csignal>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using test::Answer;
using test::ask;
using test::findCriu;
using test::newStore;
using test::patience;
using test::runningCriu;
using test::Target;
using test::text;

namespace {

constexpr Bytes kRoom{std::uint64_t{256} << 20};

/// CRIU's tables in the net namespace of that process; "?" where nft(8) does not tell.
std::set<std::string> tablesOf(std::int32_t pid)
{
    const auto told =
        runtime::runTool({"nsenter", strCat("--net=/proc/", pid, "/ns/net"), "nft", "list", "tables"}, patience(20s));
    if (!told || told->exitCode != 0)
        return {"?"};
    std::set<std::string> out;
    std::string_view rest = told->standardOutput;
    while (auto line = takeLine(rest)) {
        constexpr std::string_view kOurs = "table inet CRIU-";
        if (line->starts_with(kOurs))
            out.emplace(line->substr(std::string_view("table inet ").size()));
    }
    return out;
}

void signalCriu(int signal)
{
    for (const std::int32_t pid : runningCriu())
        ::kill(pid, signal);
}

} // namespace

class TestKernelNetworkLock : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::set<std::string> m_before; ///< others may use CRIU on this machine at the same time
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        findCriu(m_means);
        QVERIFY(!QTest::currentTestFailed());
        QVERIFY2(!tablesOf(::getpid()).contains("?"), "no nft: packaging/setup.sh installs it");
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_means.spillFolder = folder();
        m_before = tablesOf(::getpid());
    }
    void cleanup()
    {
        test::endAllBelow();
        m_folder.reset();
    }

    void lockTable_data()
    {
        QTest::addColumn<QByteArray>("log");
        QTest::addColumn<QByteArray>("table");
        // Read off `nft list tables` beside the log of the same run.
        QTest::newRow("4.2.1") << QByteArray(
                                      "(00.000000) CRIU run id = e6945491-187a-4a20-b628-a68f8aa84e3c\n(00.000061) V")
                               << QByteArray("CRIU-e6945491-187a-4a20-b6");
        QTest::newRow("4.2.1 by RPC") << QByteArray("(00.000000) CRIU run id = 852f66f9-3f96-4aaf-b0b1-0ee154ee17de\n"
                                                    "(00.000000) CRIU run id = e36ef894-b590-4c37-90cf-5696f3a87313\n")
                                      << QByteArray("CRIU-e36ef894-b590-4c37-90");
        QTest::newRow("3.17.1") << QByteArray("(00.000000) Version: 3.17.1 (gitid 0)\n") << QByteArray("CRIU-812");
        QTest::newRow("no log") << QByteArray() << QByteArray();
    }
    void lockTable()
    {
        QFETCH(QByteArray, log);
        QFETCH(QByteArray, table);
        QCOMPARE(QByteArray::fromStdString(checkpoint::lockTable(log.toStdString(), 812)), table);
    }

    void criuIsKilled_connectionsGoOn_data()
    {
        QTest::addColumn<QByteArray>("where");
        QTest::newRow("in the host's net namespace") << QByteArray("tcp-talk");
        QTest::newRow("in one of its own") << QByteArray("tcp-talk-apart");
    }
    void criuIsKilled_connectionsGoOn()
    {
        QFETCH(QByteArray, where);
        const Target target(where.toStdString(), folder());
        QVERIFY(target.isReady());
        QVERIFY(talks(target));
        std::set<std::string> meanwhile;
        const auto done = dump(target, [&](std::string_view notice) {
            if (notice != "post-dump")
                return;
            meanwhile = newTables(target.pid());
            signalCriu(SIGKILL);
        });
        QVERIFY(!done);
        QCOMPARE(done.error().posix(), EPIPE);
        // What is to be taken away was there.
        QVERIFY(!meanwhile.empty());
        QVERIFY(nothingLeft(target));
        QVERIFY(talks(target));
        // And it can be saved, and talk on, once more.
        const auto again = dump(target, {});
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY(talks(target));
        QVERIFY(nothingLeft(target));
    }

    /// It is ended while the tree still stands: no call of it fails.
    void criuHangs_connectionsGoOn_withoutAnError_data() { criuIsKilled_connectionsGoOn_data(); }
    void criuHangs_connectionsGoOn_withoutAnError()
    {
        QFETCH(QByteArray, where);
        const Target target(where.toStdString(), folder());
        QVERIFY(target.isReady());
        QVERIFY(talks(target));
        const auto done = dump(
            target,
            [&](std::string_view notice) {
                if (notice == "post-dump")
                    signalCriu(SIGSTOP);
            },
            1s, 1s);
        QVERIFY(!done);
        QCOMPARE(done.error().posix(), ETIMEDOUT);
        QVERIFY(runningCriu().empty());
        QVERIFY(nothingLeft(target));
        QVERIFY(talks(target));
        QCOMPARE(ask(target.pid(), folder()).secret, 0);
    }

    void notInRepairMode_isLeftAlone()
    {
        const Target target("tcp-talk", folder());
        QVERIFY(target.isReady());
        const auto lock = NetworkLock::of(target.pid());
        QVERIFY2(lock, lock ? "" : text(lock.error()));
        QVERIFY(lock->isOutside());
        const auto tree = treeOf(target.pid());
        QVERIFY(tree);
        const auto ended = endRepair(*tree);
        QVERIFY2(ended, ended ? "" : text(ended.error()));
        QCOMPARE(*ended, 0U);
        QVERIFY(lock->letGo("CRIU-that-is-not-there"));
        QCOMPARE(lock->removeTable("CRIU-that-is-not-there").value_or(true), false);
        QVERIFY(talks(target));
    }

    /// CRIU 3 calls its table by the pid, and refuses a tree that has one already.
    void tableOfAnOlderCriu_isGoneAfterTheNextDump()
    {
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        const std::string table = strCat("CRIU-", target.pid());
        QCOMPARE(runtime::runTool({"nft", "add", "table", "inet", table}, patience(20s))->exitCode, 0);
        QVERIFY(tablesOf(::getpid()).contains(table));
        const auto done = dump(target, {});
        QVERIFY2(done, done ? "" : text(done.error()));
        QVERIFY(!tablesOf(::getpid()).contains(table));
    }

    void endedTree_withoutConnections_leavesNothing()
    {
        auto store = newStore(folder());
        QVERIFY(store);
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(nothingNew(::getpid()));
    }

    /// The connections of an ended tree wait for it; they go on when it is restored, from an older checkpoint, too.
    void endedTree_keepsItsConnections_untilItRunsAgain()
    {
        auto store = newStore(folder());
        QVERIFY(store);
        const Target target("tcp-talk", folder());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.leaveRunning = true;
        const auto older = save(wish, m_means, *store, patience(), {});
        QVERIFY2(older, older ? "" : text(older.error()));
        wish.leaveRunning = false;
        const auto newer = save(wish, m_means, *store, patience(), {});
        QVERIFY2(newer, newer ? "" : text(newer.error()));
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        QVERIFY(!newTables(::getpid()).empty());
        for (const repository::CheckpointId &id : {older->id, newer->id}) {
            const auto back = restore(id, m_means, *store, patience(), {});
            QVERIFY2(back, back ? "" : text(back.error()));
            QVERIFY(nothingNew(::getpid()));
            QVERIFY(talks(target));
            ::kill(target.pid(), SIGKILL);
            QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        }
    }

    void endedTree_thatIsForgotten_leavesNothing()
    {
        auto store = newStore(folder());
        QVERIFY(store);
        const Target target("tcp-talk", folder());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(!newTables(::getpid()).empty());
        letKeptGo(*store->manifest(saved->id));
        QVERIFY(nothingNew(::getpid()));
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    static SaveWish wishFor(const Target &target)
    {
        SaveWish wish = test::wishFor(target);
        wish.leaveRunning = false;
        return wish;
    }
    Result<std::int32_t> dump(const Target &target, const std::function<void(std::string_view)> &atNotice,
                              std::chrono::seconds time = 60s, std::chrono::seconds grace = 30s) const
    {
        const auto images = folderInMemory(kRoom);
        if (!images)
            return std::unexpected(images.error());
        CriuRun run{.images = images->get(),
                    .pid = target.pid(),
                    .options = {"tcp-established"},
                    .findings = {},
                    .onNotice = {},
                    .grace = grace};
        run.onNotice = [&](std::string_view notice, std::int32_t) -> Result<> {
            if (atNotice)
                atNotice(notice);
            return {};
        };
        return runCriu(m_means.criu.path, run, patience(time));
    }
    /// Bytes come, in order, 20 of them within 10 s.
    [[nodiscard]] bool talks(const Target &target) const
    {
        const Answer first = ask(target.pid(), folder());
        const auto last = runtime::Clock::now() + 10s;
        while (first.count >= 0 && runtime::Clock::now() < last) {
            if (ask(target.pid(), folder()).count >= first.count + 20)
                return true;
        }
        return false;
    }
    [[nodiscard]] std::set<std::string> newTables(std::int32_t pid) const
    {
        std::set<std::string> out = tablesOf(pid);
        for (const std::string &table : m_before)
            out.erase(table);
        return out;
    }
    /// Waits for the end of others' CRIUs.
    [[nodiscard]] bool nothingNew(std::int32_t pid) const
    {
        return QTest::qWaitFor([&] { return newTables(pid).empty(); }, 20'000);
    }
    [[nodiscard]] bool nothingLeft(const Target &target) const
    {
        return nothingNew(target.pid()) && nothingNew(::getpid());
    }
};

QTEST_GUILESS_MAIN(TestKernelNetworkLock)
#include "tst_kernel_network_lock.moc"
