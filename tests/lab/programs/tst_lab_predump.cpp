// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that is saved in rounds before a tree stands still, on a kernel that tells what has changed (the build
// machine's does not): what a process finds after a restore is right, and whatever ends a round leaves it running. Runs
// as root in a guest of the lab.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/checkpoint/image_diff.h"
#include "engine/checkpoint/save.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_case.h"

#include <QTemporaryDir>

#include <csignal>
#include <filesystem>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using repository::Store;
using test::Answer;
using test::newStore;
using test::Target;
using test::text;

namespace {

constexpr int kPatience = 120'000; ///< ms: a guest without KVM beside a busy host
constexpr const char *kSaveAndDie = "--save-and-die";

runtime::Patience patience()
{
    return test::patience(300s);
}

/// Processes below this one that have this name.
std::vector<std::int32_t> below(std::string_view name)
{
    std::vector<std::int32_t> out;
    for (const std::int32_t pid : treeOf(::getpid()).value_or(std::vector<std::int32_t>())) {
        const auto stat = process::readStat(pid);
        if (stat && stat->comm == name && stat->state != 'Z')
            out.push_back(pid);
    }
    return out;
}

std::int32_t tracerOf(std::int32_t pid)
{
    const auto status = process::readStatus(pid);
    return status ? status->tracerPid : -1;
}

/// Until CRIU has let go of it in a round: what it does now is to read memory. @return false: it did not.
bool awaitReading(std::int32_t pid)
{
    bool held = false;
    for (const auto last = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < last;) {
        const bool now = tracerOf(pid) > 0;
        if (held && !now)
            return true;
        held = held || now;
        std::this_thread::sleep_for(500us);
    }
    return false;
}

/// Asked until it answers: all of its memory is looked at for that.
Answer ask(std::int32_t pid, const std::string &folder)
{
    Answer out;
    for (const auto last = std::chrono::steady_clock::now() + 100s;
         out.count < 0 && std::chrono::steady_clock::now() < last;)
        out = test::ask(pid, folder);
    return out;
}

/// All below this process, and their zombies, which would keep their pids.
void endAll()
{
    test::endAllBelow();
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
}

/// Of all processes, and what they share.
std::uint64_t pagesOf(const SavedTree &tree)
{
    std::uint64_t out = 0;
    for (const SavedTask &task : tree.tasks)
        out += task.pages.pagesIn(0, ~std::uint64_t{0});
    for (const auto &[id, map] : tree.sharedMemory)
        out += map.pagesIn(0, ~std::uint64_t{0});
    return out;
}

Means meansIn(const std::string &folder)
{
    Means out;
    out.criu = probeCriu(criuPath(), patience());
    out.hierarchies = *cgroup::Hierarchies::discover();
    out.spillFolder = folder;
    return out;
}

SaveWish wishFor(std::int32_t pid, PreDumpWish rounds = PreDumpWish::Always)
{
    SaveWish wish;
    wish.pids = *treeOf(pid);
    wish.manifest.container.runtime = "bare";
    wish.manifest.trigger = "manual";
    wish.preDump = rounds;
    return wish;
}

/// Another engine, which is killed while a round reads. @param words folder, pid.
int saveAndDie(char **words)
{
    const std::string folder = words[0];
    const auto pid = static_cast<std::int32_t>(parseI64(words[1]).value_or(0));
    auto store = Store::open(folder + "/store", {});
    if (!store)
        return 1;
    std::jthread killer;
    static_cast<void>(save(wishFor(pid), meansIn(folder), *store, patience(), [&](std::string_view phase) {
        if (phase.starts_with("pre-dump 1"))
            killer = std::jthread([pid] {
                if (awaitReading(pid))
                    ::kill(::getpid(), SIGKILL);
            });
    }));
    return 2;
}

} // namespace

class TestLabPredump : public QObject
{
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<Store> m_store;
    Means m_means;
    std::optional<Target> m_target;
    Answer m_before;

    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    /// It goes on, with the memory it had; nobody holds it, and nothing is left of CRIU.
    void runsOn()
    {
        QCOMPARE(tracerOf(m_target->pid()), 0);
        QTRY_VERIFY_WITH_TIMEOUT(below("criu").empty(), kPatience);
        const Answer now = ask(m_target->pid(), folder());
        QCOMPARE(now.sum, m_before.sum);
        QVERIFY(now.count >= m_before.count);
        QVERIFY2(!QFile::exists(m_folder->filePath("wrong")), "its memory is not what it was");
        for (const auto &entry : std::filesystem::directory_iterator(folder()))
            QVERIFY2(!entry.path().filename().string().starts_with("images."), entry.path().c_str());
    }
    /// @return milliseconds.
    [[nodiscard]] static double ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1'000; }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::geteuid() == 0 && ::access("/usr/local/bin/lab-images", X_OK) == 0,
                 "this runs in a guest of the lab, as root");
        QVERIFY(test::adoptTargets());
        m_means = meansIn({});
        QCOMPARE(m_means.criu.problem, std::string());
        QVERIFY(m_means.criu.has("mem_dirty_track"));
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_means.spillFolder = folder();
        m_store = newStore(folder());
        QVERIFY(m_store);
        m_target.emplace(QByteArrayView(QTest::currentTestFunction()) == "memoryThatIsMovedAndEmptied_isRight"
                             ? "busy-memory"
                             : "write-memory",
                         folder());
        QVERIFY(m_target->isReady());
        m_before = ask(m_target->pid(), folder());
        QVERIFY(m_before.count >= 0);
    }
    void cleanup()
    {
        m_target.reset();
        test::endAllBelow();
        m_store.reset();
        m_folder.reset();
    }

    void fewerPagesAreSavedWhileItStandsStill_andAllAreThere()
    {
        const auto plain = save(wishFor(m_target->pid(), PreDumpWish::Never), m_means, *m_store, patience(), {});
        QVERIFY2(plain, plain ? "" : text(plain.error()));
        QVERIFY(plain->preDump.rounds.empty());
        SaveWish wish = wishFor(m_target->pid());
        wish.leaveRunning = true;
        std::size_t told = 0;
        const auto running = save(wish, m_means, *m_store, patience(),
                                  [&](std::string_view phase) { told += phase.starts_with("pre-dump ") ? 1U : 0U; });
        QVERIFY2(running, running ? "" : text(running.error()));
        const auto &rounds = running->preDump.rounds;
        QVERIFY2(!rounds.empty(), running->preDump.why.c_str());
        QVERIFY(rounds.size() <= kMostPreDumpRounds);
        QCOMPARE(rounds.size(), told);
        QVERIFY(running->savedStill.v < plain->savedStill.v / 2);
        qInfo("without rounds: stood still %.0f ms, %.1f MiB; with: %.0f ms, %.1f MiB", ms(plain->stood),
              static_cast<double>(plain->savedStill.v) / 0x1p20, ms(running->stood),
              static_cast<double>(running->savedStill.v) / 0x1p20);
        for (const PreDumpRound &round : rounds)
            qInfo("  a round of %.1f MiB stood still %.0f ms", static_cast<double>(round.saved.v) / 0x1p20,
                  ms(round.stood));
        runsOn();
        QVERIFY(!QTest::currentTestFailed());
        // As one set of images: nothing of rounds is in the store, and both can be looked at and compared.
        const auto streams = m_store->streams(running->id);
        QVERIFY(streams);
        for (const repository::StreamInfo &stream : *streams)
            QVERIFY2(stream.name != "parent" && !stream.name.starts_with("pre-dump"), stream.name.c_str());
        auto one = m_store->look(plain->id);
        auto other = m_store->look(running->id);
        QVERIFY(one && other);
        const auto plainTree = readTree(*one);
        const auto tree = readTree(*other);
        QVERIFY2(plainTree && tree, tree ? "" : text(tree.error()));
        QCOMPARE(tree->tasks.size(), std::size_t{2});
        QVERIFY(pagesOf(*tree) > pagesOf(*plainTree) * 9 / 10);
        const auto differences = diff(*one, *other, {});
        QVERIFY2(differences, differences ? "" : text(differences.error()));

        wish.leaveRunning = false;
        const auto ended = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(ended, ended ? "" : text(ended.error()));
        QVERIFY2(!ended->preDump.rounds.empty(), ended->preDump.why.c_str());
        const std::int32_t pid = m_target->pid();
        QCOMPARE(::waitpid(pid, nullptr, 0), pid);
        endAll();
        for (const repository::CheckpointId &id : {ended->id, running->id}) {
            const auto back = restore(id, m_means, *m_store, patience(), {});
            QVERIFY2(back, back ? "" : text(back.error()));
            runsOn();
            QVERIFY(!QTest::currentTestFailed());
            const Answer later = ask(pid, folder());
            QCOMPARE(later.secret, m_before.secret);
            QTRY_VERIFY_WITH_TIMEOUT(ask(pid, folder()).count > later.count, kPatience);
            endAll();
        }
    }

    /// Pages that move, are empty again, are mapped anew, and children that have them too: the worst for rounds.
    void memoryThatIsMovedAndEmptied_isRight()
    {
        SaveWish wish = wishFor(m_target->pid(), PreDumpWish::Auto);
        wish.leaveRunning = false;
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY2(!saved->preDump.rounds.empty(), saved->preDump.why.c_str());
        const std::int32_t pid = m_target->pid();
        QCOMPARE(::waitpid(pid, nullptr, 0), pid);
        endAll();
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        runsOn();
    }

    void cancelledInARound_runsOn()
    {
        // At once, while CRIU starts, while it holds the process, while it reads.
        for (const int after : {0, 60, 400, -1}) {
            std::stop_source stop;
            std::jthread stopper;
            std::chrono::steady_clock::time_point asked;
            const auto cancel = [&] {
                if (after < 0)
                    awaitReading(m_target->pid());
                else
                    std::this_thread::sleep_for(std::chrono::milliseconds(after));
                asked = std::chrono::steady_clock::now();
                stop.request_stop();
            };
            const auto saved = save(wishFor(m_target->pid()), m_means, *m_store,
                                    {runtime::Clock::now() + 300s, stop.get_token()}, [&](std::string_view phase) {
                                        if (phase.starts_with("pre-dump 1"))
                                            stopper = std::jthread(cancel);
                                    });
            const auto ended = std::chrono::steady_clock::now();
            stopper.join();
            QVERIFY(!saved);
            QCOMPARE(saved.error().posix(), ECANCELED);
            qInfo("cancelled after %d ms: ended %.0f ms later", after,
                  ms(std::chrono::duration_cast<std::chrono::microseconds>(ended - asked)));
            runsOn();
            QVERIFY(!QTest::currentTestFailed());
        }
        QVERIFY(m_store->list()->checkpoints.empty());
    }

    void criuIsKilledInARound_savedWithoutRounds()
    {
        std::jthread killer;
        const auto saved = save(wishFor(m_target->pid()), m_means, *m_store, patience(), [&](std::string_view phase) {
            if (phase.starts_with("pre-dump 1"))
                killer = std::jthread([pid = m_target->pid()] {
                    if (!awaitReading(pid))
                        return;
                    for (const std::int32_t criu : below("criu"))
                        ::kill(criu, SIGKILL);
                });
        });
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(saved->preDump.rounds.empty());
        QVERIFY2(saved->preDump.why.starts_with("A round before it failed"), saved->preDump.why.c_str());
        QVERIFY(saved->savedStill.v > std::uint64_t{16} << 20);
        runsOn();
    }

    void engineIsKilledInARound_runsOn_andCanBeSaved()
    {
        m_store.reset();
        const std::string pid = std::to_string(m_target->pid());
        const pid_t engine = ::fork();
        if (engine == 0) {
            ::execl("/proc/self/exe", "tst_lab_predump", kSaveAndDie, folder().c_str(), pid.c_str(), nullptr);
            ::_exit(1);
        }
        int status = 0;
        QCOMPARE(::waitpid(engine, &status, 0), engine);
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(below("criu").empty(), kPatience);
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        runsOn();
        QVERIFY(!QTest::currentTestFailed());
        auto store = Store::open(folder() + "/store", {});
        QVERIFY2(store, store ? "" : text(store.error()));
        m_store = *std::move(store);
        QVERIFY(m_store->list()->checkpoints.empty());
        const auto saved = save(wishFor(m_target->pid()), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY2(!saved->preDump.rounds.empty(), saved->preDump.why.c_str());
        runsOn();
    }

    void anotherOneHasTheTurn_savedWithoutRounds()
    {
        const UniqueFd other(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string name("\0gantry-dirty-memory", 20);
        name.copy(static_cast<char *>(address.sun_path), name.size());
        QCOMPARE(::bind(other.get(), reinterpret_cast<const sockaddr *>(&address),
                        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
                 0);
        const auto saved = save(wishFor(m_target->pid()), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(saved->preDump.rounds.empty());
        QVERIFY2(saved->preDump.why.starts_with("Another checkpoint"), saved->preDump.why.c_str());
        runsOn();
    }
};

int main(int count, char **words)
{
    if (count == 4 && std::string_view(words[1]) == kSaveAndDie)
        return saveAndDie(words + 2);
    QCoreApplication app(count, words);
    TestLabPredump test;
    return QTest::qExec(&test, count, words);
}
#include "tst_lab_predump.moc"
