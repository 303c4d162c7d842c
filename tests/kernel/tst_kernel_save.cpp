// SPDX-License-Identifier: GPL-3.0-or-later
// From a running process into the store and back, by real CRIU; and that it runs on when any of it fails.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/cgroup/procs.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/placement.h"
#include "engine/checkpoint/save.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_case.h"
#include "tests/support/scratch_cgroup.h"

#include <QTemporaryDir>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using repository::Store;
using test::Answer;
using test::ask;
using test::findCriu;
using test::newStore;
using test::patience;
using test::Target;
using test::text;
using test::wishFor;

class TestKernelSave : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder; ///< the store, and the target's working directory
    std::optional<Store> m_store;
    std::atomic<bool> m_full = false;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        findCriu(m_means);
    }
    void init()
    {
        m_full = false;
        m_folder = std::make_unique<QTemporaryDir>();
        m_means.spillFolder = folder();
        repository::StoreOptions options;
        options.hook = [this](repository::DiskStep step, std::string_view) {
            return m_full && step == repository::DiskStep::Write ? ENOSPC : 0;
        };
        m_store = newStore(folder(), std::move(options));
        QVERIFY(m_store);
    }
    void cleanup()
    {
        test::endAllBelow();
        m_store.reset();
        m_folder.reset();
    }

    void saved_runsOn_thenEnded_thenRestored()
    {
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder());
        SaveWish wish = wishFor(target);
        std::vector<std::string> phases;
        const auto first =
            save(wish, m_means, *m_store, patience(), [&](std::string_view phase) { phases.emplace_back(phase); });
        QVERIFY2(first, first ? "" : text(first.error()));
        QCOMPARE(phases, (std::vector<std::string>{"check", "dump", "write"}));
        QVERIFY(first->stood > 0us);
        QVERIFY(first->sizes.logical.v > std::uint64_t{8} << 20);
        const Answer between = ask(target.pid(), folder());
        QCOMPARE(between.sum, before.sum);
        QVERIFY(between.count > before.count);

        // The second one costs what changed, and its process ends once it is stored.
        wish.leaveRunning = false;
        wish.manifest.parent = first->id;
        const auto second = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(second, second ? "" : text(second.error()));
        QVERIFY2(second->sizes.fresh.v < first->sizes.fresh.v / 4, qPrintable(QString::number(second->sizes.fresh.v)));
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        QCOMPARE(m_store->list()->checkpoints.size(), std::size_t{2});

        for (const repository::CheckpointId &id : {second->id, first->id}) {
            const auto back = restore(id, m_means, *m_store, patience(), {});
            QVERIFY2(back, back ? "" : text(back.error()));
            QCOMPARE(back->pid, target.pid());
            const Answer after = ask(target.pid(), folder());
            QCOMPARE(after.secret, before.secret);
            QCOMPARE(after.sum, before.sum);
            QVERIFY(after.count >= before.count);
            ::kill(target.pid(), SIGKILL);
            QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        }
    }

    void rounds_areMadeWhereTheKernelCan_elseItSaysWhy()
    {
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder());
        SaveWish wish = wishFor(target);
        wish.preDump = PreDumpWish::Always;
        std::size_t rounds = 0;
        const auto saved = save(wish, m_means, *m_store, patience(),
                                [&](std::string_view phase) { rounds += phase.starts_with("pre-dump ") ? 1U : 0U; });
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        const bool can = m_means.criu.has("mem_dirty_track");
        QCOMPARE(saved->preDump.rounds.size(), rounds);
        QCOMPARE(rounds > 0, can);
        QCOMPARE(saved->preDump.why.find("CONFIG_MEM_SOFT_DIRTY") != std::string::npos, !can);
        QVERIFY(saved->savedStill.v > 0 && saved->resident.v > std::uint64_t{8} << 20);
        QCOMPARE(ask(target.pid(), folder()).sum, before.sum);
        const auto streams = m_store->streams(saved->id);
        QVERIFY(streams);
        for (const repository::StreamInfo &stream : *streams)
            QVERIFY2(!stream.name.starts_with("pre-dump"), stream.name.c_str());
    }

    void restored_isInItsCgroupsAgain()
    {
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        {
            const test::ScratchCgroup cgroup("placed", {"memory", "freezer"});
            cgroup.attach(target.pid());
            SaveWish wish = wishFor(target);
            wish.leaveRunning = false;
            const auto saved = save(wish, m_means, *m_store, patience(), {});
            QVERIFY2(saved, saved ? "" : text(saved.error()));
            QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
            const auto back = restore(saved->id, m_means, *m_store, patience(), {});
            QVERIFY2(back, back ? "" : text(back.error()));
            QVERIFY(ask(target.pid(), folder()).count >= 0);
            const auto paths = cgroup::cgroupsOf(*m_means.hierarchies, target.pid());
            QVERIFY(paths);
            for (const char *controller : {"memory", "freezer"})
                QCOMPARE(paths->at(m_means.hierarchies->forController(controller)->index), cgroup.path().text());
            ::kill(target.pid(), SIGKILL);
            QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        }
        // The cgroup is gone: said before anything is done.
        const auto checkpoint = m_store->checkpoint(m_store->list()->checkpoints.front().id);
        const auto checked = checkRestore(*checkpoint, m_means);
        QVERIFY(!checked);
        QCOMPARE(checked.error().posix(), ENOENT);
        QVERIFY2(checked.error().detail.find("is gone from") != std::string::npos, text(checked.error()));
    }

    void manifest_saysWhatItNeedsToComeBack()
    {
        const Target target("children", folder());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.manifest.name = "before the upgrade";
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        const auto manifest = m_store->manifest(saved->id);
        QVERIFY(manifest);
        QCOMPARE(manifest->name, std::string("before the upgrade"));
        QCOMPARE(manifest->criuVersion, m_means.criu.version);
        QVERIFY(!manifest->kernelRelease.empty());
        QVERIFY(manifest->time.time_since_epoch() > 0us);
        QCOMPARE(std::ranges::count(manifest->values.at("pids"), ' ') + 1, saved->processes);
        QVERIFY(saved->processes > 1);
    }

    void storeIsFull_runsOn_data()
    {
        QTest::addColumn<bool>("leaveRunning");
        QTest::newRow("that runs on") << true;
        QTest::newRow("that was to end") << false;
    }
    void storeIsFull_runsOn()
    {
        QFETCH(bool, leaveRunning);
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder());
        SaveWish wish = wishFor(target);
        wish.leaveRunning = leaveRunning;
        m_full = true;
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY(!saved);
        QCOMPARE(saved.error().posix(), ENOSPC);
        const Answer after = ask(target.pid(), folder());
        QCOMPARE(after.sum, before.sum);
        QVERIFY(after.count > before.count);
        m_full = false;
        QVERIFY(m_store->list()->checkpoints.empty());
        const auto again = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(again, again ? "" : text(again.error()));
    }

    void whatPreflightRefuses_isNotTouched()
    {
        const Target target("io-uring", folder());
        QVERIFY(target.isReady());
        std::vector<std::string> phases;
        const auto saved = save(wishFor(target), m_means, *m_store, patience(),
                                [&](std::string_view phase) { phases.emplace_back(phase); });
        QCOMPARE(saved.error().posix(), ENOTSUP);
        QVERIFY2(saved.error().detail.find("io_uring") != std::string::npos, text(saved.error()));
        QVERIFY(!saved.error().remedy.empty());
        QCOMPARE(phases, std::vector<std::string>{"check"});
    }

    void imagesThatMemoryDoesNotHold_areOnDisk_andNothingIsLeft()
    {
        constexpr Bytes kTooMuch{std::uint64_t{1} << 50};
        const QDir disk(m_folder->path());
        const auto folders = [&disk] { return disk.entryList({QStringLiteral("images.*")}, QDir::Dirs); };
        QVERIFY(disk.mkdir(QStringLiteral("images.left"))); // of an engine that was killed
        {
            const auto first = ImageFolder::create(kTooMuch, folder());
            QVERIFY2(first, first ? "" : text(first.error()));
            QCOMPARE(folders().size(), 1);
            QVERIFY(folders() != QStringList{QStringLiteral("images.left")});
            // One that is in use stays.
            const auto second = ImageFolder::create(kTooMuch, folder());
            QVERIFY(second);
            QCOMPARE(folders().size(), 2);
            const Target target("remember", folder());
            QVERIFY(target.isReady());
            const CriuRun run{
                .images = second->fd(), .pid = target.pid(), .options = {}, .findings = {}, .onNotice = {}};
            const auto done = runCriu(m_means.criu.path, run, patience());
            QVERIFY2(done, done ? "" : text(done.error()));
        }
        QVERIFY(folders().isEmpty());
    }

    void logThatGrew_isGoneOnWith_andNothingOfItIsLost()
    {
        const Target target("log", folder());
        QVERIFY(target.isReady());
        QVERIFY(ask(target.pid(), folder()).count >= 0);
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(ask(target.pid(), folder()).count >= 0); // it has written more by then
        ended(target);
        const std::string before = *readFile(folder() + "/log");
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->notes.size(), std::size_t{1});
        QVERIFY2(back->notes.front().find("/log is ") != std::string::npos, back->notes.front().c_str());
        const Answer after = ask(target.pid(), folder());
        QVERIFY(after.count >= 0);
        ended(target);
        const std::string now = *readFile(folder() + "/log");
        QVERIFY(now.size() > before.size());
        QVERIFY(now.starts_with(before));
        // What follows is what the restored one counts, without a hole.
        std::string_view rest = std::string_view(now).substr(before.size());
        auto expected = parseI64(rest.substr(0, rest.find('\n')));
        QVERIFY(expected);
        while (const auto line = takeLine(rest)) {
            if (rest.empty())
                break; // it was ended in the midst of it
            QCOMPARE(parseI64(*line).value_or(-1), *expected);
            ++*expected;
        }

        // Cut since, as logrotate(8) does with copytruncate.
        QCOMPARE(::truncate((folder() + "/log").c_str(), 0), 0);
        const auto again = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY(ask(target.pid(), folder()).count >= 0);
        ended(target);
        QVERIFY(!readFile(folder() + "/log")->starts_with('\0'));

        ::unlink((folder() + "/log").c_str());
        const auto gone = restore(saved->id, m_means, *m_store, patience(), {});
        QCOMPARE(gone.error().posix(), ENOENT);
        QVERIFY2(gone.error().subject.ends_with("/log"), text(gone.error()));
    }

    void dataThatChanged_isRefusedByName()
    {
        const Target target("data", folder());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        ended(target);
        QCOMPARE(::truncate((folder() + "/data").c_str(), 8'193), 0);
        const auto refused = restore(saved->id, m_means, *m_store, patience(), {});
        QCOMPARE(refused.error().posix(), ESTALE);
        QVERIFY2(refused.error().subject.ends_with("/data"), text(refused.error()));
        QVERIFY2(refused.error().detail.find("8192") != std::string::npos, text(refused.error()));
        QCOMPARE(::truncate((folder() + "/data").c_str(), 8'192), 0);
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(back->notes.empty());
    }

    void restore_pidTaken_namesWho()
    {
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QCOMPARE(back.error().posix(), EEXIST);
        QVERIFY2(back.error().detail.find("is taken by checkpoint_targ") != std::string::npos, text(back.error()));
        QVERIFY(ask(target.pid(), folder()).count >= 0);
    }

    void restore_ofANewerCriu_isRefused()
    {
        auto writer = m_store->write();
        QVERIFY(writer);
        repository::Manifest manifest;
        manifest.criuVersion = "99.1";
        const auto id = writer->commit(manifest);
        QVERIFY2(id, id ? "" : text(id.error()));
        const auto back = restore(*id, m_means, *m_store, patience(), {});
        QCOMPARE(back.error().posix(), ENOTSUP);
        QVERIFY2(back.error().detail.find("99.1") != std::string::npos, text(back.error()));
    }

    void placesOf_leavesOutWhoHasEnded()
    {
        const pid_t gone = ::fork();
        if (gone == 0)
            ::_exit(0);
        QCOMPARE(::waitpid(gone, nullptr, 0), gone);
        const std::array<std::int32_t, 2> pids{gone, ::getpid()};
        const auto places = placesOf(*m_means.hierarchies, pids);
        QVERIFY2(places, places ? "" : text(places.error()));
        QVERIFY(!places->empty());
        for (const Place &place : *places)
            QCOMPARE(place.pid, ::getpid());
    }

    void isOlderVersion_data()
    {
        QTest::addColumn<QByteArray>("a");
        QTest::addColumn<QByteArray>("b");
        QTest::addColumn<bool>("older");
        QTest::newRow("same") << QByteArray("4.2") << QByteArray("4.2.0") << false;
        QTest::newRow("by number, not by text") << QByteArray("4.9") << QByteArray("4.10") << true;
        QTest::newRow("longer") << QByteArray("4.2") << QByteArray("4.2.1") << true;
        QTest::newRow("newer") << QByteArray("4.2.1") << QByteArray("3.17.1") << false;
        QTest::newRow("not known") << QByteArray("4.2.1") << QByteArray() << false;
    }
    void isOlderVersion()
    {
        QFETCH(QByteArray, a);
        QFETCH(QByteArray, b);
        QFETCH(bool, older);
        QCOMPARE(checkpoint::isOlderVersion(a.toStdString(), b.toStdString()), older);
    }

private:
    static void ended(const Target &target)
    {
        ::kill(target.pid(), SIGKILL);
        ::waitpid(target.pid(), nullptr, 0);
    }
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
};

QTEST_GUILESS_MAIN(TestKernelSave)
#include "tst_kernel_save.moc"
