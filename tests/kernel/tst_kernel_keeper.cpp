// SPDX-License-Identifier: GPL-3.0-or-later
// gantry-keeper with shells for a runtime: what is left when one fails, hangs, or loses its caller.
#include <QtTest>

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/launch/keeper.h"
#include "engine/process/process.h"
#include "tests/kernel/launched.h"
#include "tests/support/apart.h"

#include <csignal>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using test::isAlive;
using test::kPatience;
using test::parentOf;
using test::patience;
using test::text;

namespace {

std::int32_t pidIn(const std::string &file)
{
    return static_cast<std::int32_t>(parseI64(trim(readFile(file).value_or(""))).value_or(0));
}

} // namespace

class TestKernelKeeper : public QObject
{
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;

private Q_SLOTS:
    void initTestCase() { test::becomeParentOfKeepers(); }
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        m_folder.reset();
    }

    /// As CRIU leaves what it has restored so far when it is killed: in a session of its own, and waiting for ever.
    void programFails_whatItLeftIsEnded()
    {
        const std::string told = state() + "/pids";
        const auto kept = launch::runKept({"/bin/sh", "-c",
                                           strCat("setsid sh -c 'sleep 1000 & echo $! $$ > ", told,
                                                  "; wait' & while [ ! -s ", told, " ]; do sleep 0.01; done; exit 3")},
                                          state() + "/left.log", patience());
        QVERIFY2(kept, kept ? "" : text(kept.error()));
        QCOMPARE(kept->exitCode, 3);
        const auto pids = splitWords(readFile(told).value_or(""));
        QCOMPARE(pids.size(), std::size_t{2});
        for (const std::string &pid : pids)
            QVERIFY2(!isAlive(static_cast<pid_t>(*parseI64(pid))), pid.c_str());
    }

    /// The keeper learns of its end before it has read what it said.
    void programFails_lastWordsAreInTheLog()
    {
        const std::string told = state() + "/pid";
        const std::string log = state() + "/words.log";
        const auto kept = launch::runKept(
            {"/bin/sh", "-c",
             strCat("echo $$ > ", told, "; while [ ! -e ", told, ".go ]; do sleep 0.01; done; echo no room; exit 3")},
            log, patience(), [&](pid_t keeper) -> Result<> {
                if (!QTest::qWaitFor([&] { return readFile(told).value_or("").ends_with('\n'); }, kPatience))
                    return failErrno("test", told, EIO);
                const std::int32_t program = pidIn(told);
                ::kill(keeper, SIGSTOP);
                std::ofstream(told + ".go") << "go";
                const bool ended = QTest::qWaitFor([&] { return !isAlive(program); }, kPatience);
                ::kill(keeper, SIGCONT);
                return ended ? Result<>() : failErrno("test", told, EIO);
            });
        QVERIFY2(kept, kept ? "" : text(kept.error()));
        QCOMPARE(kept->exitCode, 3);
        QCOMPARE(readFile(log).value_or(""), std::string("no room\n"));
    }

    void programIsGivenUp_nothingIsLeft_data()
    {
        QTest::addColumn<QByteArray>("why");
        QTest::addColumn<int>("error");
        QTest::newRow("deadline") << QByteArray("deadline") << ETIMEDOUT;
        QTest::newRow("cancelled") << QByteArray("cancelled") << ECANCELED;
        QTest::newRow("refused") << QByteArray("refused") << EPERM;
        QTest::newRow("refused when it has worked") << QByteArray("late") << EPERM;
    }
    /// What it has started by then is in a session of its own, as what CRIU restores, while the program hangs.
    void programIsGivenUp_nothingIsLeft()
    {
        QFETCH(QByteArray, why);
        QFETCH(int, error);
        const std::string told = state() + "/pids";
        runtime::Patience until = patience();
        std::stop_source stop;
        until.stop = stop.get_token();
        pid_t keeper = 0;
        const auto kept = launch::runKept(
            {"/bin/sh", "-c",
             strCat("echo $$ > ", told, ".of; setsid sh -c 'sleep 1000 & echo $! $$ > ", told, "; wait' & ",
                    why == "late" ? "" : "exec sleep 1000")},
            state() + "/left.log", until, [&](pid_t pid) -> Result<> {
                keeper = pid;
                if (!QTest::qWaitFor([&] { return readFile(told).value_or("").ends_with('\n'); }, kPatience))
                    return failErrno("test", told, EIO);
                // Reaped by the keeper, which has told its exit code then, or is about to.
                if (why == "late" &&
                    !QTest::qWaitFor([&] { return !process::readStat(pidIn(told + ".of")); }, kPatience))
                    return failErrno("test", told, EIO);
                if (why == "refused" || why == "late")
                    return failErrno("test", told, EPERM);
                if (why == "cancelled")
                    stop.request_stop();
                else
                    until.deadline = runtime::Clock::now() + 50ms;
                return {};
            });
        QVERIFY(!kept);
        QCOMPARE(kept.error().posix(), error);
        QVERIFY(!process::readStat(keeper));
        const auto pids = splitWords(readFile(told).value_or("") + readFile(told + ".of").value_or(""));
        QCOMPARE(pids.size(), std::size_t{3});
        for (const std::string &pid : pids)
            QVERIFY2(!isAlive(static_cast<pid_t>(*parseI64(pid))), pid.c_str());
    }

    /// A container lives on when Gantry has ended, also where that was while it came to be.
    void callerDies_programGoesOn()
    {
        const std::string begun = state() + "/begun";
        const std::string told = state() + "/pid";
        const pid_t caller = ::fork();
        if (caller == 0) {
            (void)launch::runKept({"/bin/sh", "-c",
                                   strCat("echo $PPID > ", begun, "; while [ ! -e ", begun,
                                          ".go ]; do sleep 0.01; done; setsid sleep 1000 & echo $! > ", told)},
                                  state() + "/on.log", patience());
            ::_exit(0);
        }
        QVERIFY(QTest::qWaitFor([&] { return readFile(begun).value_or("").ends_with('\n'); }, kPatience));
        ::kill(caller, SIGKILL);
        QCOMPARE(::waitpid(caller, nullptr, 0), caller);
        std::ofstream(begun + ".go") << "go";
        QVERIFY(QTest::qWaitFor([&] { return readFile(told).value_or("").ends_with('\n'); }, kPatience));
        const std::int32_t pid = pidIn(told);
        const std::int32_t keeper = pidIn(begun);
        QVERIFY(QTest::qWaitFor([&] { return parentOf(pid) == keeper; }, kPatience));
        QVERIFY(isAlive(pid));
        QCOMPARE(::kill(pid, SIGKILL), 0);
        QVERIFY(QTest::qWaitFor([&] { return ::waitpid(keeper, nullptr, WNOHANG) == keeper; }, kPatience));
        QVERIFY(!process::readStat(pid));
    }

private:
    [[nodiscard]] std::string state() const { return m_folder->path().toStdString(); }
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestKernelKeeper suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_kernel_keeper.moc"
