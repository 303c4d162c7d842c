// SPDX-License-Identifier: GPL-3.0-or-later
// Dump and restore by real CRIU of real processes; above all, what becomes of the process when that fails.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/checkpoint/criu.h"
#include "engine/checkpoint/criu_run.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_case.h"

#include <QTemporaryDir>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using test::Answer;
using test::ask;
using test::findCriu;
using test::patience;
using test::Target;
using test::text;

namespace {

constexpr Bytes kRoom{std::uint64_t{256} << 20};

} // namespace

class TestKernelCheckpoint : public QObject
{
    Q_OBJECT
    Means m_means;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        findCriu(m_means);
    }
    void cleanup() { test::endAllBelow(); }

    void dump_leavesItRunning()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder.path().toStdString());
        QVERIFY(before.count >= 0);
        const auto images = folderInMemory(kRoom);
        QVERIFY2(images, images ? "" : text(images.error()));
        std::vector<std::string> notices;
        char whileSaved = '?';
        CriuRun run = dumpOf(target, *images);
        run.onNotice = [&](std::string_view notice, std::int32_t) -> Result<> {
            notices.emplace_back(notice);
            if (notice == "post-dump")
                whileSaved = process::readStat(target.pid())->state;
            return {};
        };
        const auto done = runCriu(m_means.criu.path, run, patience());
        QVERIFY2(done, done ? "" : text(done.error()));
        QVERIFY(notices.size() >= 2);
        QCOMPARE(notices[0], std::string("pre-dump"));
        QVERIFY(std::ranges::find(notices, "post-dump") != notices.end());
        QVERIFY2(whileSaved == 't' || whileSaved == 'T', &whileSaved); // it stood still
        const Answer after = ask(target.pid(), folder.path().toStdString());
        QCOMPARE(after.secret, before.secret);
        QCOMPARE(after.sum, before.sum);
        QVERIFY(after.count > before.count);
        TextBuffer buffer;
        const auto image = buffer.readAt(images->get(), "stats-dump");
        QVERIFY(image);
        const auto stats = parseDumpStats(*image);
        QVERIFY2(stats, stats ? "" : text(stats.error()));
        QVERIFY(stats->frozen > 0us && stats->frozen < 10s);
        QVERIFY(stats->pagesWritten >= (std::uint64_t{8} << 20) / 4'096);
    }

    void dumpThatEndsIt_thenRestore_bringsItsMemoryBack()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder.path().toStdString());
        const auto images = folderInMemory(kRoom);
        QVERIFY(images);
        CriuRun run = dumpOf(target, *images);
        run.leaveRunning = false;
        const auto done = runCriu(m_means.criu.path, run, patience());
        QVERIFY2(done, done ? "" : text(done.error()));
        // Its pid is free only when its parent has reaped it.
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        QVERIFY(!process::readStat(target.pid()));

        const auto back = runCriu(m_means.criu.path, restoreFrom(*images), patience());
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(*back, target.pid());
        const Answer after = ask(target.pid(), folder.path().toStdString());
        QCOMPARE(after.secret, before.secret);
        QCOMPARE(after.sum, before.sum);
        QVERIFY(after.count >= before.count);
        QCOMPARE(process::readStat(target.pid())->parentPid, ::getpid()); // ours to reap
    }

    void restore_pidTaken_isRefusedAndTheOtherRunsOn()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const auto images = folderInMemory(kRoom);
        QVERIFY(images);
        QVERIFY(runCriu(m_means.criu.path, dumpOf(target, *images), patience()));
        const auto back = runCriu(m_means.criu.path, restoreFrom(*images), patience());
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), EEXIST);
        QVERIFY(ask(target.pid(), folder.path().toStdString()).count >= 0);
    }

    void refusedAtANotice_runsOn_data()
    {
        QTest::addColumn<QByteArray>("notice");
        for (const char *notice : {"pre-dump", "post-dump"})
            QTest::newRow(notice) << QByteArray(notice);
    }
    void refusedAtANotice_runsOn()
    {
        QFETCH(QByteArray, notice);
        endedAtANotice(notice, EDQUOT, [](std::stop_source &) { return fail(EDQUOT, "save", "repository", "full"); });
    }

    void cancelledAtANotice_runsOn_data() { refusedAtANotice_runsOn_data(); }
    void cancelledAtANotice_runsOn()
    {
        QFETCH(QByteArray, notice);
        // What is asked for during the last notice comes too late: the dump is there.
        endedAtANotice(notice, notice == "post-dump" ? 0 : ECANCELED, [](std::stop_source &stop) -> Result<> {
            stop.request_stop();
            return {};
        });
    }

    void criuKilledAtANotice_runsOn_data() { refusedAtANotice_runsOn_data(); }
    void criuKilledAtANotice_runsOn()
    {
        QFETCH(QByteArray, notice);
        endedAtANotice(notice, EPIPE, [](std::stop_source &) -> Result<> {
            const std::vector<std::int32_t> below = treeOf(::getpid()).value_or(std::vector<std::int32_t>());
            for (const std::int32_t pid : below) {
                // A private CRIU runs by a loader of its own.
                const std::string comm = process::readStat(pid).value_or(process::Stat()).comm;
                if (comm.starts_with("criu") || comm.starts_with("ld-linux"))
                    ::kill(pid, SIGKILL);
            }
            return {};
        });
    }

    void noRoomForImages_runsOn()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const auto images = folderInMemory(Bytes{std::uint64_t{1} << 20});
        QVERIFY(images);
        const auto done = runCriu(m_means.criu.path, dumpOf(target, *images), patience());
        QVERIFY(!done);
        QCOMPARE(done.error().posix(), EIO);
        QVERIFY2(done.error().detail.find("No space left") != std::string::npos, text(done.error()));
        QVERIFY(ask(target.pid(), folder.path().toStdString()).count >= 0);
    }

    void whatCriuRefuses_runsOn()
    {
        const QTemporaryDir folder;
        const Target target("io-uring", folder.path().toStdString());
        QVERIFY(target.isReady());
        const auto images = folderInMemory(kRoom);
        QVERIFY(images);
        CriuRun run = dumpOf(target, *images);
        run.stateFolder = folder.path().toStdString();
        const auto done = runCriu(m_means.criu.path, run, patience());
        QVERIFY(!done);
        QCOMPARE(done.error().posix(), EIO);
        QVERIFY2(done.error().detail.find("io_uring") != std::string::npos, text(done.error()));
        QVERIFY2(done.error().detail.find("CRIU: Error (") != std::string::npos, text(done.error()));
        // All of the log is where the remedy says.
        const std::string &remedy = done.error().remedy;
        const std::string report = remedy.substr(std::min(remedy.find(run.stateFolder), remedy.size()));
        const std::string told = readFile(report).value_or("");
        QVERIFY2(told.find("io_uring") != std::string::npos, remedy.c_str());
        QVERIFY2(told.find("Dumping FAILED") != std::string::npos, told.c_str());
        QVERIFY2(done.error().detail.find("rlimit") == std::string::npos, text(done.error()));
        QVERIFY(QTest::qWaitFor([&target] { return process::readStat(target.pid())->state == 'S'; }));
    }

    void noSuchProcess_noSuchCriu()
    {
        const auto images = folderInMemory(kRoom);
        QVERIFY(images);
        CriuRun run{.images = images->get(), .pid = 0x3fffff, .options = {}, .findings = {}, .onNotice = {}};
        QCOMPARE(runCriu(m_means.criu.path, run, patience()).error().posix(), ESRCH);
        QCOMPARE(runCriu("/nowhere/criu", run, patience()).error().posix(), ENOENT);
        // A program that is not CRIU says nothing.
        QCOMPARE(runCriu("true", run, patience()).error().posix(), EPIPE);
    }

private:
    static CriuRun dumpOf(const Target &target, const UniqueFd &images)
    {
        return {.images = images.get(), .pid = target.pid(), .options = {}, .findings = {}, .onNotice = {}};
    }
    static CriuRun restoreFrom(const UniqueFd &images)
    {
        return {.verb = CriuRun::Verb::Restore, .images = images.get(), .options = {}, .findings = {}, .onNotice = {}};
    }

    /// A dump to which that happens at that notice ends with that errno, the target runs on and can be dumped again.
    void endedAtANotice(const QByteArray &where, int expected,
                        const std::function<Result<>(std::stop_source &)> &what) const
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder.path().toStdString());
        const auto images = folderInMemory(kRoom);
        QVERIFY(images);
        std::stop_source stop;
        bool reached = false;
        CriuRun run = dumpOf(target, *images);
        run.onNotice = [&](std::string_view notice, std::int32_t) -> Result<> {
            if (notice != where.toStdString())
                return {};
            reached = true;
            return what(stop);
        };
        const auto done = runCriu(m_means.criu.path, run, {runtime::Clock::now() + 60s, stop.get_token()});
        QVERIFY(reached);
        QCOMPARE(done ? 0 : done.error().posix(), expected);
        const Answer after = ask(target.pid(), folder.path().toStdString());
        QCOMPARE(after.sum, before.sum);
        QVERIFY(after.count > before.count);
        QCOMPARE(process::readStatus(target.pid())->tracerPid, 0);
        const auto again = folderInMemory(kRoom);
        QVERIFY(again);
        const auto second = runCriu(m_means.criu.path, dumpOf(target, *again), patience());
        QVERIFY2(second, second ? "" : text(second.error()));
    }
};

QTEST_GUILESS_MAIN(TestKernelCheckpoint)
#include "tst_kernel_checkpoint.moc"
