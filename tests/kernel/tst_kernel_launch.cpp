// SPDX-License-Identifier: GPL-3.0-or-later
// Containers that Gantry starts by runc, and checkpoint and restore of them by runc's own verb: real runc, real CRIU,
// in a mount namespace with nothing in /run (runApart). Busybox is all they have.
#include <QtTest>

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/launch/launch.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "tests/kernel/launched.h"
#include "tests/support/apart.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using launch::Place;
using launch::Started;
using launch::Wish;
using repository::Store;
using runtime::State;
using test::findRuncAndCriu;
using test::isAlive;
using test::kCount;
using test::knownByRunc;
using test::kPatience;
using test::LaunchFolder;
using test::limitOf;
using test::newStore;
using test::patience;
using test::text;

namespace {

const std::string kName = "t1";

/// Processes of a program, by what stands in their command lines.
std::vector<std::int32_t> processesOf(const std::string &word, const std::string &other)
{
    std::vector<std::int32_t> out;
    for (const std::int32_t pid : process::listPids().value_or(std::vector<std::int32_t>()))
        if (const auto words = process::readArguments(pid); words && isAlive(pid)) {
            const std::string line = joined(*words);
            if (line.find(word) != std::string::npos && line.find(other) != std::string::npos)
                out.push_back(pid);
        }
    return out;
}

} // namespace

class TestKernelLaunch : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<LaunchFolder> m_folder;
    std::optional<Store> m_store;
    std::atomic<bool> m_full = false;
    std::set<std::string> m_foldersBefore;

private Q_SLOTS:
    void initTestCase()
    {
        findRuncAndCriu(m_means);
        QVERIFY(m_means.hierarchies);
        m_foldersBefore = cgroupFolders();
    }
    void init()
    {
        m_full = false;
        m_folder = std::make_unique<LaunchFolder>(std::initializer_list<const char *>{"sh", "sleep", "awk", "cat"});
        m_means.spillFolder = state();
        repository::StoreOptions options;
        options.hook = [this](repository::DiskStep step, std::string_view) {
            return m_full && step == repository::DiskStep::Write ? ENOSPC : 0;
        };
        m_store = newStore(state(), std::move(options));
        QVERIFY(m_store);
    }
    void cleanup()
    {
        (void)runtime::runTool({"runc", "--root", "/run/runc", "delete", "--force", kName}, patience());
        m_store.reset();
        (void)launch::remove(kName, state(), patience());
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        m_folder.reset();
    }

    void started_runs_isLimited_logs_andLeavesNothing()
    {
        Wish wish = counting();
        wish.limits = {{LimitKey::MemoryMax, std::uint64_t{64} << 20},
                       {LimitKey::PidsMax, std::uint64_t{30}},
                       {LimitKey::CpuMax, CpuMax{Micros(50'000), Micros(100'000)}}};
        wish.environment = {"GREETING=hello"};
        wish.command = {"/bin/sh", "-c",
                        "echo $GREETING; rm /data/old; echo $$ $(cat /proc/1/comm) > /data/pid; " + kCount};
        const auto started = launch::run(wish, state(), patience(), {});
        QVERIFY2(started, started ? "" : text(started.error()));
        QVERIFY(isAlive(started->pid) && isAlive(started->keeper));
        QVERIFY(reaches(3));
        const runtime::Known known = knownByRunc();
        QVERIFY(known.facts != nullptr);
        QCOMPARE(known.facts->name, kName);
        QCOMPARE(known.facts->state, State::Running);
        QCOMPARE(known.facts->initPid, started->pid);
        // It is alone in its namespaces.
        for (const char *kind : {"pid", "mnt", "uts", "ipc", "net", "cgroup"})
            QVERIFY2(fs::read_symlink(strCat("/proc/", started->pid, "/ns/", kind)) !=
                         fs::read_symlink(strCat("/proc/self/ns/", kind)),
                     kind);
        // The root was not written to.
        QVERIFY(fs::exists(root() + "/data/old") && !fs::exists(root() + "/data/n"));
        QVERIFY(!fs::exists(place().root() + "/data/old"));
        QCOMPARE(readFile(place().upper() + "/data/pid").value_or(""), std::string("1 sh\n"));
        QCOMPARE(limitFile("memory", "memory.limit_in_bytes", "memory.max"), std::string("67108864"));
        QCOMPARE(limitFile("pids", "pids.max", "pids.max"), std::string("30"));

        const auto log = known.owner->tailLog(*known.facts, 1'000, patience());
        QVERIFY2(log, log ? "" : text(log.error()));
        QVERIFY(log->lines.size() > 3);
        QCOMPARE(log->lines.front().text, std::string("hello"));
        QCOMPARE(log->source, place().log());

        QCOMPARE(launch::run(wish, state(), patience(), {}).error().posix(), EEXIST);
        QCOMPARE(launch::remove(kName, state(), patience()).error().posix(), EBUSY);
        QVERIFY(known.owner->act(*known.facts, runtime::Verb::Pause, patience()));
        QCOMPARE(knownByRunc().facts->state, State::Paused);
        QVERIFY(known.owner->act(*known.facts, runtime::Verb::Unpause, patience()));
        QVERIFY(known.owner->act(*known.facts, runtime::Verb::Kill, patience()));
        // The keeper reaps it, and ends.
        QVERIFY(QTest::qWaitFor([&] { return ::waitpid(started->keeper, nullptr, WNOHANG) == started->keeper; },
                                kPatience));
        QVERIFY(!process::readStat(started->pid));
        const auto removed = launch::remove(kName, state(), patience());
        QVERIFY2(removed, removed ? "" : text(removed.error()));
        QVERIFY(!place().exists());
        QCOMPARE(cgroupsLeft(), QByteArray());
        QCOMPARE(readFile("/proc/self/mountinfo")->find(state()), std::string::npos);
        QCOMPARE(launch::remove(kName, state(), patience()).error().posix(), ENOENT);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<int>("error");
        QTest::newRow("no name") << QByteArray("name") << EINVAL;
        QTest::newRow("a name with a slash") << QByteArray("slash") << EINVAL;
        QTest::newRow("nothing for its root") << QByteArray("root") << EINVAL;
        QTest::newRow("a folder that is not there") << QByteArray("folder") << ENOENT;
        QTest::newRow("the host's root") << QByteArray("host") << EINVAL;
        QTest::newRow("an image and a folder") << QByteArray("both") << EINVAL;
        QTest::newRow("no command") << QByteArray("command") << EINVAL;
        QTest::newRow("a program that is not in it") << QByteArray("program") << EIO;
        QTest::newRow("a limit that no container starts with") << QByteArray("limit") << ENOTSUP;
        QTest::newRow("a runtime that is none") << QByteArray("runtime") << EINVAL;
    }
    void refused()
    {
        QFETCH(QByteArray, what);
        QFETCH(int, error);
        Wish wish = counting();
        if (what == "name")
            wish.name.clear();
        else if (what == "slash")
            wish.name = "../t1";
        else if (what == "root")
            wish.rootFolder.clear();
        else if (what == "folder")
            wish.rootFolder = root() + "/none";
        else if (what == "host")
            wish.rootFolder = "/";
        else if (what == "both")
            wish.image = "busybox";
        else if (what == "command")
            wish.command.clear();
        else if (what == "program")
            wish.command = {"/bin/none"};
        else if (what == "limit")
            wish.limits = {{LimitKey::MemoryHigh, std::uint64_t{64} << 20}};
        else if (what == "runtime")
            wish.runtime = "rm";
        const auto started = launch::run(wish, state(), patience(), {});
        QVERIFY(!started);
        QCOMPARE(started.error().posix(), error);
        if (what == "program")
            QVERIFY2(started.error().detail.find("no such file") != std::string::npos, started.error().detail.c_str());
        QVERIFY(!place().exists());
        QCOMPARE(cgroupsLeft(), QByteArray());
        QVERIFY(processesOf("gantry-keeper", state()).empty());
    }

    void saved_runsOn_thenRestored_withItsFiles()
    {
        const auto started = launch::run(counting(), state(), patience(), {});
        QVERIFY2(started, started ? "" : text(started.error()));
        QVERIFY(reaches(3));
        writeInside("kept", "as it was");
        fs::remove(place().root() + "/data/old"); // a whiteout
        const auto saved = save(true);
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(saved->files && saved->stood > 0us);
        const std::int64_t then = count();
        QVERIFY(reaches(then + 3)); // it runs on
        writeInside("kept", "changed");
        writeInside("late", "made afterwards");

        const auto early = restore(saved->id);
        QVERIFY(!early); // it runs
        QCOMPARE(early.error().posix(), EEXIST);
        kill();
        const std::int64_t last = count();
        fs::remove(place().log());
        const auto back = restore(saved->id);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(isAlive(back->pid));
        QVERIFY(QTest::qWaitFor([&] { return firstInLog() > 0; }, kPatience));
        // It goes on from what was in its memory.
        QVERIFY2(firstInLog() <= then + 1 && firstInLog() < last, strCat(firstInLog(), " after ", then).c_str());
        QVERIFY(firstInLog() > 1);
        QCOMPARE(readFile(place().root() + "/data/kept").value_or(""), std::string("as it was"));
        QVERIFY(!fs::exists(place().root() + "/data/late"));
        QVERIFY(!fs::exists(place().root() + "/data/old"));
        QVERIFY(fs::exists(root() + "/data/old"));
        QCOMPARE(knownByRunc().facts->state, State::Running);
        // Once more from the same checkpoint, after what was restored has ended; its keeper has reaped it.
        kill();
        QVERIFY(QTest::qWaitFor([&] { return ::waitpid(back->child, nullptr, WNOHANG) == back->child; }, kPatience));
        QVERIFY(restore(saved->id));
    }

    void ended_losesNothing()
    {
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(5));
        const std::int32_t first = knownByRunc().facts->initPid;
        const auto saved = save(false);
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(!isAlive(first));
        QVERIFY(knownByRunc().facts == nullptr); // runc does not know it any more
        const std::int64_t last = count();
        QVERIFY(restore(saved->id));
        QVERIFY(reaches(last + 3));
        // Every number once, in their order: what it did before its end is what was saved.
        std::int64_t expected = 0;
        std::string log = readFile(place().log()).value_or("");
        log.resize(log.rfind('\n') + 1);
        std::string_view rest = log;
        while (const auto line = takeLine(rest))
            QCOMPARE(std::string(*line), std::to_string(++expected));
        QVERIFY(expected >= last + 3);
    }

    void storeIsFull_runsOn_data()
    {
        QTest::addColumn<bool>("stays");
        QTest::newRow("it was to run on") << true;
        QTest::newRow("it was to end") << false;
    }
    void storeIsFull_runsOn()
    {
        QFETCH(bool, stays);
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(2));
        m_full = true;
        const auto saved = save(stays);
        QVERIFY(!saved);
        QCOMPARE(saved.error().posix(), ENOSPC);
        QVERIFY(reaches(count() + 3));
        QVERIFY(m_store->list()->checkpoints.empty());
    }

    void criuIsKilled_runsOn_data()
    {
        QTest::addColumn<QString>("left");
        QTest::newRow("all of it") << QString();
        // As CRIU's own that tries what the kernel can.
        QTest::newRow("a child of its has the socket") << QStringLiteral(
            "bash -c 'exec -a \"criu swrk\" sleep 1000' & while ! grep -q swrk /proc/$!/cmdline; do :; done");
    }
    void criuIsKilled_runsOn()
    {
        QFETCH(const QString, left);
        Wish wish = counting();
        // 60 MB, so that there is something to dump.
        wish.command = {"/bin/awk", "BEGIN { s = sprintf(\"%60000000d\", 1); "
                                    "while (1) { print ++i; fflush(); system(\"sleep 0.05\") } }"};
        QVERIFY(launch::run(wish, state(), patience(), {}));
        QVERIFY(reaches(2));
        // A CRIU that is killed as soon as it is to dump, which is the second time that runc starts it: first it asks
        // for its version. Not later: killed while its code is in a process, it takes that one along.
        const std::string asked = state() + "/asked";
        Means means = m_means;
        means.criu.path = state() + "/criu";
        std::ofstream(means.criu.path) << "#!/bin/sh\nif [ -e " << asked << " ]; then\n    echo killed > " << asked
                                       << "\n    " << left.toStdString() << "\n    kill -KILL $$\nfi\n: > " << asked
                                       << "\nexec " << m_means.criu.path << " \"$@\"\n";
        fs::permissions(means.criu.path, fs::perms::owner_all);
        const auto saved = test::saveKnown(kName, false, means, *m_store);
        QCOMPARE(readFile(asked).value_or(""), std::string("killed\n"));
        QVERIFY(!saved && saved.error().posix() != ETIMEDOUT);
        QVERIFY(reaches(count() + 3));
        QVERIFY(m_store->list()->checkpoints.empty());
        const auto again = save(true);
        QVERIFY2(again, again ? "" : text(again.error()));
        qInfo("64 MiB stood still for %lld us", static_cast<long long>(again->stood.count()));
        QVERIFY(reaches(count() + 3));
    }

    void makerDies_runsOn_data()
    {
        QTest::addColumn<bool>("leavesWork");
        QTest::newRow("alone") << false;
        QTest::newRow("what it has started goes on, and freezes again at its end") << true;
    }
    /// Whoever makes the checkpoint dies while the container is paused.
    void makerDies_runsOn()
    {
        QFETCH(bool, leavesWork);
        const std::string mark = strCat("gantry-test-mark-", ::getpid());
        const std::string freezesAgain = strCat(root(), "/froze");
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(2));
        const pid_t maker = ::fork();
        if (maker == 0) {
            const auto guard =
                launch::Guard::post({runtime::toolPath("runc"), "--root", "/run/runc", "resume", kName}, mark);
            if (leavesWork)
                (void)runtime::runTool(
                    {"sh", "-c",
                     strCat("setsid sh -c 'sleep 2; until runc --root /run/runc pause ", kName,
                            "; do sleep 0.2; done; touch ", freezesAgain, "; sleep 1' ", mark, " > /dev/null 2>&1 &")},
                    patience());
            (void)runtime::runTool({"runc", "--root", "/run/runc", "pause", kName}, patience());
            ::pause();
        }
        QVERIFY(QTest::qWaitFor([] { return knownByRunc().facts->state == State::Paused; }, kPatience));
        ::kill(maker, SIGKILL);
        QCOMPARE(::waitpid(maker, nullptr, 0), maker);
        QVERIFY(reaches(count() + 3));
        if (leavesWork) {
            QTRY_VERIFY_WITH_TIMEOUT(fs::exists(freezesAgain), kPatience);
            QTRY_COMPARE_WITH_TIMEOUT(knownByRunc().facts->state, State::Running, kPatience);
        }
        QVERIFY(reaches(count() + 3));
        QCOMPARE(knownByRunc().facts->state, State::Running);
    }

    void restoreFails_oldFilesAreBack()
    {
        Wish wish = counting();
        std::ofstream(root() + "/data/big") << std::string(10'000, 'x');
        wish.command = {"/bin/sh", "-c", "exec 5</data/big; " + kCount};
        QVERIFY(launch::run(wish, state(), patience(), {}));
        QVERIFY(reaches(2));
        const auto saved = save(true);
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        writeInside("late", "made afterwards");
        kill();
        // What it has open has another size now.
        QVERIFY(place().unmount());
        std::ofstream(root() + "/data/big") << "small";
        const auto back = restore(saved->id);
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), EIO);
        QVERIFY2(back.error().message().find("/data/big") != std::string::npos, text(back.error()));
        QVERIFY(!back.error().remedy.empty());
        QCOMPARE(readFile(place().root() + "/data/late").value_or(""), std::string("made afterwards"));
        QVERIFY(place().isMounted());
        QVERIFY(knownByRunc().facts == nullptr);
        QVERIFY(processesOf("gantry-keeper", state()).empty());

        QVERIFY(place().unmount());
        std::ofstream(root() + "/data/big") << std::string(10'000, 'x');
        const auto good = restore(saved->id);
        QVERIFY2(good, good ? "" : text(good.error()));
        QVERIFY(!fs::exists(place().root() + "/data/late"));
    }

    /// runc binds its root below its state folder while it restores, and cannot clean up when it is killed: what
    /// removes that folder must not go on into the root.
    void restoreIsGivenUp_nothingIsLeft_andItsRootIsUntouched()
    {
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(2));
        const auto saved = save(false);
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        writeInside("late", "made afterwards");
        const auto checkpoint = m_store->checkpoint(saved->id);
        const auto container = containerOf(checkpoint->manifest);
        const auto images = readAllImages(*checkpoint, m_means, *m_store, {});
        QVERIFY(container && images);
        // A CRIU that hangs as soon as it is to restore.
        const std::string hung = state() + "/hung";
        Means means = m_means;
        means.criu.path = state() + "/criu";
        std::ofstream(means.criu.path) << "#!/bin/sh\nif grep -q /run/runc/ /proc/self/mountinfo; then\n    echo $$ > "
                                       << hung << "\n    exec sleep 1000\nfi\nexec " << m_means.criu.path
                                       << " \"$@\"\n";
        fs::permissions(means.criu.path, fs::perms::owner_all);
        const auto back = runRestore(checkpoint->manifest, *container, *images, place().log(), means, patience(), {},
                                     [&hung](std::int32_t, const std::string &) -> Result<> {
                                         const bool hangs = QTest::qWaitFor(
                                             [&] { return readFile(hung).value_or("").ends_with('\n'); }, kPatience);
                                         return failErrno("test", kName, hangs ? EPERM : EIO);
                                     });
        QCOMPARE(back.error().posix(), EPERM);
        QVERIFY(!isAlive(static_cast<pid_t>(*parseI64(trim(*readFile(hung))))));
        QCOMPARE(readFile(place().root() + "/data/old").value_or(""), std::string("from the root"));
        QCOMPARE(readFile(place().root() + "/data/late").value_or(""), std::string("made afterwards"));
        const std::string mounts = readFile("/proc/self/mountinfo").value_or("");
        QVERIFY2(mounts.find("/run/runc/") == std::string::npos, mounts.c_str());
        const auto again = restore(saved->id);
        QVERIFY2(again, again ? "" : text(again.error()));
    }

    void restoreRefused_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<int>("error");
        QTest::newRow("its bundle has changed") << QByteArray("changed") << ESTALE;
        QTest::newRow("its bundle is gone") << QByteArray("gone") << ENOENT;
        QTest::newRow("an older CRIU") << QByteArray("criu") << ENOTSUP;
    }
    void restoreRefused()
    {
        QFETCH(QByteArray, what);
        QFETCH(int, error);
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(2));
        const auto saved = save(false);
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        Means means = m_means;
        if (what == "changed")
            std::ofstream(place().config(), std::ios::app) << "\n";
        else if (what == "gone")
            fs::rename(place().config(), place().config() + ".away");
        else
            means.criu.version = "3.0";
        const auto back = restoreByRuntime(saved->id, means, *m_store, patience(), {});
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), error);
        QVERIFY(knownByRunc().facts == nullptr);
    }

private:
    [[nodiscard]] std::string root() const { return m_folder->root(); }
    [[nodiscard]] std::string state() const { return m_folder->state(); }
    [[nodiscard]] Place place() const { return {state(), kName}; }
    [[nodiscard]] Wish counting() const { return test::countingBy(kName, root()); }
    void writeInside(const std::string &name, const std::string &content) const
    {
        std::ofstream(place().root() + "/data/" + name) << content;
    }
    /// The last whole line of its log; 0: there is none.
    [[nodiscard]] std::int64_t count() const
    {
        std::string log = readFile(place().log()).value_or("");
        log.resize(log.rfind('\n') == std::string::npos ? 0 : log.rfind('\n'));
        return parseI64(std::string_view(log).substr(log.rfind('\n') + 1)).value_or(0);
    }
    [[nodiscard]] std::int64_t firstInLog() const
    {
        const std::string log = readFile(place().log()).value_or("");
        return log.find('\n') == std::string::npos ? 0 : parseI64(log.substr(0, log.find('\n'))).value_or(0);
    }
    [[nodiscard]] bool reaches(std::int64_t least) const
    {
        return QTest::qWaitFor([&] { return count() >= least; }, kPatience);
    }
    Result<Saved> save(bool leaveRunning) { return test::saveKnown(kName, leaveRunning, m_means, *m_store); }
    Result<Restored> restore(const repository::CheckpointId &id)
    {
        return restoreByRuntime(id, m_means, *m_store, patience(), {});
    }
    void kill()
    {
        const runtime::Known known = knownByRunc();
        const std::int32_t pid = known.facts->initPid;
        QVERIFY(known.owner->act(*known.facts, runtime::Verb::Kill, patience()));
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(pid); }, kPatience));
    }
    /// The cgroups of launched containers and of the folder they have in common.
    [[nodiscard]] std::set<std::string> cgroupFolders() const
    {
        std::set<std::string> out;
        for (const cgroup::Hierarchy &hierarchy : m_means.hierarchies->all()) {
            const fs::path common = hierarchy.mountPoint + "/gantry";
            std::error_code none;
            if (fs::is_directory(common, none))
                out.insert(common);
            for (const auto &entry : fs::directory_iterator(common, none))
                if (entry.is_directory(none))
                    out.insert(entry.path());
        }
        return out;
    }
    /// Those that were not there before this test. Another's container may be.
    [[nodiscard]] QByteArray cgroupsLeft() const
    {
        std::string out;
        for (const std::string &folder : cgroupFolders())
            if (!m_foldersBefore.contains(folder))
                out += folder + "\n";
        return QByteArray::fromStdString(out);
    }
    [[nodiscard]] std::string limitFile(const char *controller, const char *v1, const char *v2) const
    {
        return limitOf(*m_means.hierarchies, kName, controller, v1, v2);
    }
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestKernelLaunch suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_kernel_launch.moc"
