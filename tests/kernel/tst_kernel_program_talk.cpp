// SPDX-License-Identifier: GPL-3.0-or-later
// A program that is told of its checkpoints, by real CRIU: that it can hold one, for a bounded time, and that nothing
// of this keeps it from being saved and restored.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/program_talk.h"
#include "engine/checkpoint/save.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_case.h"

#include <QTemporaryDir>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using repository::Store;
using test::findCriu;
using test::newStore;
using test::patience;
using test::Target;
using test::text;
using test::wishFor;

class TestKernelProgramTalk : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder; ///< the store, and the target's working directory
    std::optional<Store> m_store;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        findCriu(m_means);
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_means.spillFolder = folder();
        m_store = newStore(folder());
        QVERIFY(m_store);
    }
    void cleanup()
    {
        test::endAllBelow();
        m_store.reset();
        m_folder.reset();
    }

    void sockets_areFoundByTheirName()
    {
        const auto found = parseNamedSockets(
            "Num       RefCount Protocol Flags    Type St Inode Path\n"
            "0000000000000000: 00000002 00000000 00000000 0002 01   811 /run/db.gantry-checkpoint\n"
            "0000000000000000: 00000002 00000000 00000000 0002 01   812 /run/a name.gantry-checkpoint\n"
            "0000000000000000: 00000002 00000000 00010000 0001 01   813 /run/stream.gantry-checkpoint\n"
            "0000000000000000: 00000002 00000000 00000000 0002 01   814 relative.gantry-checkpoint\n"
            "0000000000000000: 00000002 00000000 00000000 0002 01   815 @abstract.gantry-checkpoint\n"
            "0000000000000000: 00000002 00000000 00000000 0002 01   816\n",
            ProgramTalk::kSuffix);
        QCOMPARE(found.size(), std::size_t{2});
        QCOMPARE(found[0].inode, std::uint64_t{811});
        QCOMPARE(found[1].path, std::string("/run/a name.gantry-checkpoint"));
    }

    void answers_areTakenLiterally()
    {
        QVERIFY(!parseAnswer("ready\n")->has_value());
        QCOMPARE(parseAnswer("wait 5")->value(), 5s);
        QCOMPARE(parseAnswer("wait 3600")->value(), ProgramTalk::kMostPatience);
        for (const char *words : {"", "readily", "ready 5", "wait", "wait -1", "wait 5 s"})
            QVERIFY2(!parseAnswer(words), words);
    }

    void told_holdsIt_thenIsSaved_thenIsToldThatItWasRestored()
    {
        const Target target("told", folder());
        QVERIFY(target.isReady());
        ProgramTalk talk = ProgramTalk::with(*treeOf(target.pid()));
        QCOMPARE(talk.size(), std::size_t{1});
        const auto begun = runtime::Clock::now();
        const auto silent = talk.untilReady({});
        const auto took = runtime::Clock::now() - begun;
        QVERIFY(silent.empty());
        QVERIFY(took >= 300ms && took < 2s);
        QCOMPARE(heard(), QByteArray("before-checkpoint\nready\n"));
        const auto kept = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(kept, kept ? "" : text(kept.error()));
        talk.tell("after-checkpoint X");
        QTRY_COMPARE(heard(), QByteArray("before-checkpoint\nready\nafter-checkpoint X\n"));

        // In the run that is restored nobody has told it that it was saved.
        ::kill(target.pid(), SIGKILL);
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        QVERIFY(QFile::remove(m_folder->filePath(QStringLiteral("heard"))));
        const auto back = restore(kept->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        const ProgramTalk again = ProgramTalk::with(*treeOf(back->pid));
        QCOMPARE(again.size(), std::size_t{1});
        again.tell("restored X");
        QTRY_COMPARE(heard(), QByteArray("restored X\n"));
    }

    void asksForTime_getsIt()
    {
        const Target target("told-waits", folder());
        QVERIFY(target.isReady());
        const auto begun = runtime::Clock::now();
        const auto silent = ProgramTalk::with(*treeOf(target.pid())).untilReady({});
        const auto took = runtime::Clock::now() - begun;
        QVERIFY(silent.empty());
        QVERIFY(took >= 2'500ms && took < 6s);
    }

    /// What was not read waits in its socket, and is saved with it.
    void neverAnswers_isNamed_andIsSavedAllTheSame()
    {
        const Target target("told-silent", folder());
        QVERIFY(target.isReady());
        ProgramTalk talk = ProgramTalk::with(*treeOf(target.pid()));
        const auto begun = runtime::Clock::now();
        const auto silent = talk.untilReady({});
        const auto took = runtime::Clock::now() - begun;
        QVERIFY(took >= ProgramTalk::kPatience && took < ProgramTalk::kPatience + 3s);
        QCOMPARE(silent.size(), std::size_t{1});
        QCOMPARE(silent.front().cause, Cause::SilentProgram);
        QCOMPARE(silent.front().pid, target.pid());
        QVERIFY(silent.front().object.ends_with("/told.gantry-checkpoint"));
        SaveWish wish = wishFor(target);
        wish.leaveRunning = false;
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(ProgramTalk::with(*treeOf(back->pid)).size(), std::size_t{1});

        // One that reads nothing for ever costs no more than its time, and never blocks us.
        ProgramTalk once = ProgramTalk::with(*treeOf(back->pid));
        for (int i = 0; i < 1'000; ++i)
            once.tell("no-checkpoint");
        const auto full = runtime::Clock::now();
        QCOMPARE(once.untilReady({}).size(), std::size_t{1});
        QVERIFY(runtime::Clock::now() - full < 1s);
    }

    void nobodyWantsToKnow_costsNothing()
    {
        const Target target("remember", folder());
        QVERIFY(target.isReady());
        ProgramTalk talk = ProgramTalk::with(*treeOf(target.pid()));
        QCOMPARE(talk.size(), std::size_t{0});
        QVERIFY(talk.untilReady({}).empty());
    }

    void cancelled_doesNotWait()
    {
        const Target target("told-silent", folder());
        QVERIFY(target.isReady());
        std::stop_source stop;
        stop.request_stop();
        const auto begun = runtime::Clock::now();
        (void)ProgramTalk::with(*treeOf(target.pid())).untilReady(stop.get_token());
        QVERIFY(runtime::Clock::now() - begun < 1s);
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    [[nodiscard]] QByteArray heard() const
    {
        return QByteArray::fromStdString(readFile(folder() + "/heard").value_or(""));
    }
};

QTEST_GUILESS_MAIN(TestKernelProgramTalk)
#include "tst_kernel_program_talk.moc"
