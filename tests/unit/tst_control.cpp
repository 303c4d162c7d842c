// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/control/control.h"
#include "engine/control/executor.h"
#include "engine/control/limit_warnings.h"
#include "engine/runtime/table.h"
#include "tests/support/silent_source.h"

#include <atomic>
#include <filesystem>
#include <latch>
#include <thread>

#include <sys/stat.h>

using namespace gantry;
using namespace gantry::control;
using namespace std::chrono_literals;

namespace {

cgroup::CgroupPath path(std::string_view text)
{
    return cgroup::CgroupPath::parse(text).value();
}

LimitFacts facts(LimitKey key, LimitValue value, cgroup::Version version, std::optional<std::uint64_t> usage)
{
    return {.key = key,
            .wanted = value,
            .rounded = value,
            .effective = {value, path("/a")},
            .version = version,
            .file = "file",
            .path = path("/a"),
            .usage = usage,
            .kernel = "6.18"};
}

std::vector<WarningCode> codes(const LimitFacts &of)
{
    std::vector<WarningCode> out;
    for (const Warning &warning : limitWarnings(of))
        out.push_back(warning.code);
    return out;
}

AuditRecord record()
{
    return {.verb = "setLimits",
            .target = "/a \"b\"",
            .key = "memory.max",
            .oldValue = "max",
            .newValue = "4096",
            .actor = "root via gantryctl",
            .result = "done"};
}

/// A host with one v1 hierarchy (memory), made of plain files.
class FakeHost
{
public:
    FakeHost()
    {
        std::filesystem::create_directories(root() + "/proc/self");
        write("/proc/self/mountinfo", "30 1 0:30 / /cg/memory rw - cgroup cgroup rw,memory\n");
        write("/proc/cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t1\t1\t1\n");
        std::filesystem::create_directories(root() + "/cg/memory");
    }
    [[nodiscard]] std::string root() const { return m_folder.path().toStdString(); }
    void write(const std::string &file, std::string_view text) const
    {
        QFile out(QString::fromStdString(root() + file));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(text.data(), static_cast<qint64>(text.size()));
    }
    void makeCgroup(const std::string &name) const
    {
        std::filesystem::create_directories(root() + "/cg/memory" + name);
        write("/cg/memory" + name + "/memory.limit_in_bytes", "4096\n");
        write("/cg/memory" + name + "/memory.usage_in_bytes", "4096\n");
        write("/cg/memory" + name + "/cgroup.procs", "");
    }
    [[nodiscard]] cgroup::HierarchiesPtr hierarchies() const
    {
        return cgroup::Hierarchies::discover({.proc = root() + "/proc", .prefix = root(), .checkFileSystem = false})
            .value();
    }

private:
    QTemporaryDir m_folder;
};

/// A result that a verb of the tests gives.
struct Plain : Outcome
{
    int value = 0;
};
std::vector<std::string> resultLines(const Plain &result)
{
    return {"value " + std::to_string(result.value)};
}

} // namespace

class TestControl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void warnings_tellWhatBelowUsageDoes_data()
    {
        QTest::addColumn<int>("key");
        QTest::addColumn<int>("version");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, LimitKey key, int version, WarningCode code) {
            QTest::newRow(name) << static_cast<int>(key) << version << static_cast<int>(code);
        };
        row("max v1", LimitKey::MemoryMax, 1, WarningCode::MayBeBusy);
        row("max v2", LimitKey::MemoryMax, 2, WarningCode::WillOomKill);
        row("high v2", LimitKey::MemoryHigh, 2, WarningCode::WillThrottle);
        row("high v1", LimitKey::MemoryHigh, 1, WarningCode::SoftLimitInert);
        row("swap v2", LimitKey::MemorySwapMax, 2, WarningCode::DrainsSlowly);
        row("pids", LimitKey::PidsMax, 1, WarningCode::ForksWillFail);
    }
    void warnings_tellWhatBelowUsageDoes()
    {
        QFETCH(int, key);
        QFETCH(int, version);
        QFETCH(int, code);
        const auto limit = static_cast<LimitKey>(key);
        const auto below = facts(limit, std::uint64_t{50}, static_cast<cgroup::Version>(version), 100);
        QCOMPARE(codes(below), std::vector{static_cast<WarningCode>(code)});
        const auto first = limitWarnings(below).front();
        if (first.code != WarningCode::SoftLimitInert) {
            QCOMPARE(first.have, 100U);
            QCOMPARE(first.want, 50U);
            QVERIFY(codes(facts(limit, std::uint64_t{50}, static_cast<cgroup::Version>(version), 50)).empty());
        }
        QVERIFY(codes(facts(limit, Unlimited{}, static_cast<cgroup::Version>(version), 100)).empty());
    }

    void warnings_tellAncestorsAndRounding()
    {
        LimitFacts of = facts(LimitKey::MemoryMax, std::uint64_t{5000}, cgroup::Version::V2, {});
        of.rounded = std::uint64_t{4096};
        QCOMPARE(codes(of), (std::vector{WarningCode::WillRound}));
        of.effective = {std::uint64_t{100}, path("/")};
        QCOMPARE(codes(of), (std::vector{WarningCode::AncestorLimits, WarningCode::WillRound}));
    }

    void warnings_keptPeriodIsNoRounding()
    {
        LimitFacts of = facts(LimitKey::CpuMax, CpuMax{Micros(50'000), Micros(0)}, cgroup::Version::V2, {});
        of.rounded = CpuMax{Micros(50'000), Micros(100'000)};
        of.effective.value = of.rounded;
        QVERIFY(codes(of).empty());
    }

    void audit_lineIsJson()
    {
        QByteArray expected("{'time':'2023-11-14T22:13:20.123456Z','verb':'setLimits','target':'/a \\'b\\'',"
                            "'key':'memory.max','old':'max','new':'4096','actor':'root via gantryctl',"
                            "'result':'done'}");
        expected.replace('\'', '"');
        QCOMPARE(QByteArray::fromStdString(auditLine(record(), 1'700'000'000'123'456)), expected);
        AuditRecord bad = record();
        bad.newValue = "a\nb\\";
        QVERIFY(auditLine(bad, 0).find("\"new\":\"a?b\\\\\"") != std::string::npos);
    }

    void audit_appendsPrivateFile()
    {
        const QTemporaryDir folder;
        const std::string state = folder.path().toStdString() + "/state/gantry";
        AuditLog log({.journalSocket = "", .stateFolder = state});
        QVERIFY(log.record(record()));
        QVERIFY(log.record(record()));
        struct stat status = {};
        QCOMPARE(::stat((state + "/audit.log").c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0600U);
        const std::string text = readFile(state + "/audit.log").value();
        QCOMPARE(std::count(text.begin(), text.end(), '\n'), 2);
    }

    void audit_namesWhyItFails()
    {
        const QTemporaryDir folder;
        const std::string file = folder.path().toStdString() + "/file";
        QVERIFY(QFile(QString::fromStdString(file)).open(QIODevice::WriteOnly));
        AuditLog log({.journalSocket = "", .stateFolder = file});
        const auto written = log.record(record());
        QVERIFY(!written);
        QVERIFY(written.error().message().find(file) != std::string::npos);
    }

    void jobs_keepTheLastEnded()
    {
        JobTable jobs;
        const auto running = jobs.add("kill", "/a", "me", true);
        for (std::size_t i = 0; i < JobTable::kEndedKept + 5; ++i)
            jobs.end(jobs.add("freeze", "/a", "me", true), std::nullopt, {"x"});
        const auto all = jobs.since(0);
        QVERIFY(all.snapshot);
        QCOMPARE(all.changed.size(), JobTable::kEndedKept + 1);
        QCOMPARE(all.changed.front().id, running);
        QVERIFY(jobs.since(all.generation).changed.empty());
        jobs.phase(running, "wait");
        const auto next = jobs.since(all.generation);
        QVERIFY(!next.snapshot);
        QCOMPARE(next.changed.size(), 1U);
        QCOMPARE(next.changed.front().phase, std::string("wait"));
        QVERIFY(jobs.since(all.generation + 100).snapshot);
    }

    void jobs_tellRemovals()
    {
        JobTable jobs;
        const auto first = jobs.add("freeze", "/a", "me", true);
        jobs.end(first, std::nullopt, {});
        const auto seen = jobs.since(0).generation;
        for (std::size_t i = 0; i < JobTable::kEndedKept; ++i)
            jobs.end(jobs.add("freeze", "/a", "me", true), std::nullopt, {});
        QCOMPARE(jobs.since(seen).removed, std::vector{first});
    }

    void jobs_cancelOnlyWhatRuns()
    {
        JobTable jobs;
        QCOMPARE(jobs.cancel(7).error().posix(), ENOENT);
        const auto fixed = jobs.add("signal", "pid 3", "me", false);
        QCOMPARE(jobs.cancel(fixed).error().posix(), EBUSY);
        const auto id = jobs.add("kill", "/a", "me", true);
        const std::stop_token stop = jobs.stopToken(id);
        QVERIFY(jobs.cancel(id));
        QVERIFY(stop.stop_requested());
        jobs.end(id, fail(ECANCELED, "kill", "/a", "cancelled").error(), {});
        QCOMPARE(jobs.find(id)->state, JobState::Cancelled);
        QCOMPARE(jobs.cancel(id).error().posix(), EBUSY);
    }

    void jobs_wakeObserversUntilTheyLeave()
    {
        JobTable jobs;
        int woken = 0;
        {
            const auto subscription = jobs.subscribe([&] { ++woken; });
            static_cast<void>(jobs.add("kill", "/a", "me", true));
            QCOMPARE(woken, 1);
        }
        static_cast<void>(jobs.add("kill", "/a", "me", true));
        QCOMPARE(woken, 1);
    }

    void executor_answersAndRecordsTheJob()
    {
        JobTable jobs;
        WorkerPool pool;
        Executor executor(pool, jobs);
        const auto answer = executor.run<Plain>({.verb = "freeze", .subject = "/a"}, {}, [](const Call &call) {
            call.phase("wait");
            Plain out;
            out.value = 5;
            return Result<Plain>(out);
        });
        QCOMPARE(answer.result->value, 5);
        const Job job = jobs.find(answer.job).value();
        QCOMPARE(job.state, JobState::Done);
        QCOMPARE(job.phase, std::string("wait"));
        QCOMPARE(job.results, std::vector<std::string>{"value 5"});
    }

    void executor_goesOnAfterTheDeadlineWhileOthersRun()
    {
        JobTable jobs;
        WorkerPool pool;
        Executor executor(pool, jobs);
        const auto release = std::make_shared<std::latch>(1);
        const auto late =
            executor.run<Plain>({.verb = "setLimits", .subject = "/a", .deadline = std::chrono::milliseconds(20)}, {},
                                [release](const Call &) -> Result<Plain> {
                                    release->wait();
                                    return fail(EBUSY, "write", "/a/memory.max", "truth");
                                });
        QCOMPARE(late.result.error().posix(), ETIMEDOUT);
        QCOMPARE(jobs.find(late.job)->state, JobState::Running);
        const auto other =
            executor.run<Plain>({.verb = "freeze", .subject = "/b"}, {}, [](const Call &) { return Result<Plain>(); });
        QVERIFY(other.result);
        release->count_down();
        QTRY_COMPARE(jobs.find(late.job)->state, JobState::Failed);
        QCOMPARE(jobs.find(late.job)->failure->posix(), EBUSY);
    }

    void setLimits_blockedInAFileHoldsUpNobodyElse()
    {
        const FakeHost host;
        host.makeCgroup("/slow");
        host.makeCgroup("/other");
        // A pipe without a peer: whoever opens this limit's file is stuck in the system call for as long as we like.
        const std::string stuck = host.root() + "/cg/memory/slow/memory.soft_limit_in_bytes";
        QCOMPARE(::mkfifo(stuck.c_str(), 0600), 0);
        AuditLog audit({.journalSocket = "", .stateFolder = host.root() + "/state"});
        JobTable jobs;
        const auto hierarchies = host.hierarchies();
        const Control control(
            hierarchies, [](const cgroup::CgroupPath &) { return std::string(); }, audit);
        WorkerPool pool;
        Executor executor(pool, jobs);
        const auto set = [&](const char *name, LimitKey key, std::chrono::milliseconds deadline) {
            const auto target = cgroup::locate(*hierarchies, path(name)).value();
            return executor.run<SetLimitsResult>(
                {.verb = "setLimits", .subject = name, .deadline = deadline}, {},
                [&control, target, key](const Call &call) {
                    const std::vector<LimitSetting> settings{{key, std::uint64_t{8192}}};
                    return control.setLimits(target, settings, call);
                });
        };
        const auto blocked = set("/slow", LimitKey::MemoryHigh, std::chrono::milliseconds(20));
        QElapsedTimer timer;
        timer.start();
        int written = 0;
        for (int i = 0; i < 20; ++i)
            written +=
                set(i % 2 == 0 ? "/other" : "/slow", LimitKey::MemoryMax, std::chrono::seconds(10)).result ? 1 : 0;
        qInfo() << "20 other writes meanwhile:" << timer.nsecsElapsed() / 1000 << "us";
        const JobState meanwhile = jobs.find(blocked.job)->state;
        // Released before anything is compared: the pool waits for its threads.
        const UniqueFd peer(::open(stuck.c_str(), O_WRONLY | O_CLOEXEC));
        QTRY_VERIFY(jobs.find(blocked.job)->ended());

        QCOMPARE(blocked.result.error().posix(), ETIMEDOUT);
        QCOMPARE(meanwhile, JobState::Running);
        QCOMPARE(written, 20);
        QCOMPARE(readFile(host.root() + "/cg/memory/other/memory.limit_in_bytes").value(), std::string("8192\n"));
        QCOMPARE(jobs.find(blocked.job)->failure->posix(), ESPIPE); // what reading a pipe as a file gives
    }

    void start_waitsForWhatTheRuntimeTellsAfterIt()
    {
        const FakeHost host;
        AuditLog audit({.journalSocket = "", .stateFolder = host.root() + "/state"});
        const Control control(
            host.hierarchies(), [](const cgroup::CgroupPath &) { return std::string(); }, audit);
        const auto tell = [](runtime::State state) {
            auto told = std::make_shared<runtime::Facts>();
            told->name = "web";
            told->state = state;
            told->verbs = {runtime::Verb::Start};
            return runtime::FactsPtr(std::move(told));
        };
        const runtime::Known web{tell(runtime::State::Exited), std::make_shared<const test::SilentSource>()};
        const auto begun = std::chrono::steady_clock::now();
        // Asked again only after more than a second: what it told before the start is no answer.
        const auto slow = [&]() -> runtime::FactsPtr {
            return std::chrono::steady_clock::now() < begun + 1'500ms ? web.facts : tell(runtime::State::Running);
        };
        const auto started = control.actOnContainer(web, runtime::Verb::Start, std::nullopt, slow, {});
        QVERIFY(started);
        QVERIFY(started->newState == runtime::State::Running);
        // One that ends at once is told as that.
        const runtime::FactsPtr ended = tell(runtime::State::Exited);
        const auto again = control.actOnContainer(web, runtime::Verb::Start, std::nullopt, [&] { return ended; }, {});
        QVERIFY(again);
        QVERIFY(again->newState == runtime::State::Exited);
    }
};

QTEST_GUILESS_MAIN(TestControl)
#include "tst_control.moc"
