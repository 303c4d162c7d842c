// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel notifications of real cgroups become events and alerts, and how long that takes.
#include <QtTest>

#include "engine/alerts/alert_engine.h"
#include "engine/alerts/oom_stories.h"
#include "engine/base/parse.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/watcher.h"
#include "engine/sampler/frame.h"
#include "tests/support/greedy_child.h"
#include "tests/support/scratch_cgroup.h"

#include <atomic>
#include <latch>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::alerts;
using gantry::test::ChildProcess;
using gantry::test::GreedyChild;
using gantry::test::ScratchCgroup;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

/// An alert engine on a loop of its own, told of the cgroups of a test by the real watcher.
class Watching
{
public:
    Watching()
    {
        m_loop->post([this] {
            m_engine = std::make_unique<AlertEngine>(
                *m_loop, m_hierarchies, [this](NodeId node) { return find(node); }, m_rules, m_events);
            m_changes = m_engine->alerts().subscribe([this] {
                const auto now = static_cast<std::int64_t>(monotonicMicros());
                if (const std::size_t kills = alerts("oom-kill").size(); kills != std::exchange(m_kills, kills))
                    m_latest = now;
            });
            m_watcher = cgroup::TreeWatcher::create(*m_loop, m_hierarchies, [this](const cgroup::TreeEvent &event) {
                            onTree(event);
                        }).value();
        });
        call([] {});
    }
    Watching(const Watching &) = delete;
    Watching &operator=(const Watching &) = delete;
    Watching(Watching &&) = delete;
    Watching &operator=(Watching &&) = delete;
    ~Watching()
    {
        call([this] {
            m_watcher.reset();
            m_engine.reset();
        });
        m_loop->stop();
    }

    void add(const cgroup::Cgroup &cgroup)
    {
        call([&] {
            cgroup::keepCached(*m_hierarchies, cgroup); // as the inventory does
            m_known.push_back(cgroup);
            m_engine->onCgroupAdded(cgroup, true);
        });
    }
    void remove(const cgroup::Cgroup &cgroup)
    {
        call([&] {
            std::erase_if(m_known, [&](const cgroup::Cgroup &each) { return each.id == cgroup.id; });
            m_engine->onCgroupRemoved(cgroup);
        });
    }
    void watchKernelLog(Result<UniqueFd> log)
    {
        call([&] { m_engine->watchKernelLog(std::move(log)); });
    }
    /// A frame without rows.
    void frame()
    {
        call([this] { m_engine->onFrame(std::make_shared<const sampler::Frame>()); });
    }
    /// Waits until everything posted before has run.
    void settle()
    {
        call([] {});
    }

    std::vector<Event> events(EventKind kind) const
    {
        std::vector<Event> out;
        for (const Event &event : m_events.since(0).events) {
            if (event.kind == kind)
                out.push_back(event);
        }
        return out;
    }
    std::vector<Alert> alerts(const std::string &rule)
    {
        std::vector<Alert> out;
        for (const Alert &alert : m_engine->alerts().since(0).changed) {
            if (alert.ruleId == rule)
                out.push_back(alert);
        }
        return out;
    }
    AlertEngine &engine() { return *m_engine; }
    RuleStore &rules() { return m_rules; }
    /// CLOCK_MONOTONIC when the latest alert of an OOM kill was in the table, in microseconds.
    [[nodiscard]] std::int64_t latest() const { return m_latest.load(); }
    [[nodiscard]] std::string directory(const cgroup::Cgroup &cgroup) const
    {
        return m_hierarchies->forController("memory")->mountPoint + cgroup.path.text();
    }

private:
    void call(const std::function<void()> &task)
    {
        std::latch done(1);
        m_loop->post([&] {
            task();
            done.count_down();
        });
        done.wait();
    }
    std::optional<cgroup::Cgroup> find(NodeId node) const
    {
        const auto found = std::ranges::find(m_known, node, &cgroup::Cgroup::id);
        return found == m_known.end() ? std::nullopt : std::optional(*found);
    }
    void onTree(const cgroup::TreeEvent &event)
    {
        if (event.kind != cgroup::TreeEvent::Kind::Written)
            return;
        for (const cgroup::Cgroup &cgroup : m_known) {
            if (cgroup.inodes.at(event.hierarchy) == event.parentInode) {
                m_engine->onWritten({cgroup, event.name, event.pid, event.byKernel});
                return;
            }
        }
    }

    cgroup::HierarchiesPtr m_hierarchies = cgroup::Hierarchies::discover().value();
    std::unique_ptr<EventLoop> m_loop = EventLoop::create().value();
    RuleStore m_rules{""};
    EventLog m_events;
    std::atomic<std::int64_t> m_latest = 0;
    std::size_t m_kills = 0; ///< on the loop
    Observers::Subscription m_changes;
    std::vector<cgroup::Cgroup> m_known;              ///< on the loop
    std::unique_ptr<AlertEngine> m_engine;            ///< on the loop
    std::unique_ptr<cgroup::TreeWatcher> m_watcher;   ///< on the loop
    std::jthread m_thread{[this] { m_loop->run(); }}; ///< last: joins first
};

/// Body of a child that reads a file over and over which is larger than its cgroup's memory: each round waits for pages
/// that were just taken from it, which is what PSI counts as a stall for memory.
std::function<int()> thrash(int file, std::uint64_t bytes)
{
    return [file, bytes] {
        const auto *memory = static_cast<const volatile char *>(::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0));
        char sum = 0;
        while (memory != MAP_FAILED) {
            for (std::uint64_t at = 0; at < bytes; at += 4096)
                sum = static_cast<char>(sum + memory[at]);
        }
        return static_cast<int>(sum);
    };
}

/// The one event about the kill of this process, if there is just one by now and no other kill is told.
std::optional<Event> onlyKill(const Watching &watching)
{
    const auto kills = watching.events(EventKind::OomKill);
    return kills.size() == 1 ? std::optional(kills.front()) : std::nullopt;
}

/// Kernel: no more than ten reports in five seconds (oom_kill_process()), whoever is killed; then a line each.
bool isRateLimited(const Event &event)
{
    return event.oom != nullptr && event.oom->limitPath.empty();
}
constexpr int kRateLimitMillis = 5'500;
constexpr int kMostTurns = 4;

/// Time in which a kill that is told twice would be.
int patience()
{
    return static_cast<int>(OomLedger::kPatience.count() / 1000) + 200;
}

/// Lets a child write a file of the cgroup.
pid_t writtenByOther(const ScratchCgroup &scratch, std::string_view controller, const std::string &file,
                     const std::string &text)
{
    ChildProcess child([&] {
        scratch.write(controller, file, text);
        return 0;
    });
    const pid_t pid = child.pid();
    child.go();
    child.wait();
    return pid;
}

} // namespace

class TestKernelAlerts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oomKill_hasItsStory_data()
    {
        QTest::addColumn<bool>("removed");
        QTest::newRow("cgroup stays") << false;
        QTest::newRow("cgroup is removed at once") << true;
    }
    void oomKill_hasItsStory()
    {
        QFETCH(const bool, removed);
        for (int turn = 0; turn < kMostTurns; ++turn) {
            auto log = OomStories::open();
            if (!log)
                QSKIP(log.error().message().c_str());
            const GreedyChild greedy(64 * kMiB);
            ChildProcess child(greedy.body());
            const pid_t pid = child.pid();
            const ScratchCgroup scratch("story", {"memory"});
            const cgroup::Cgroup victim = scratch.makeChild("b,task=c)");
            Watching watching;
            watching.watchKernelLog(std::move(log));
            watching.add(scratch.cgroup());
            watching.add(victim);
            const pid_t writer =
                writtenByOther(scratch, "memory", scratch.file("memory.max"), std::to_string(16 * kMiB));
            QTRY_COMPARE(watching.events(EventKind::LimitChanged).size(), 1U);
            scratch.attach(child.pid(), "b,task=c)");
            child.go();
            const int status = child.wait();
            QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            if (removed) {
                scratch.remove("b,task=c)");
                watching.remove(victim);
            }
            QTRY_VERIFY(onlyKill(watching));
            QTest::qWait(patience());
            QVERIFY(onlyKill(watching));
            const Event event = *onlyKill(watching);
            QVERIFY(event.oom != nullptr);
            if (isRateLimited(event)) {
                QTest::qWait(kRateLimitMillis);
                continue;
            }
            checkStory(event, scratch.path().text(), victim, pid);
            if (QTest::currentTestFailed())
                return;
            const Event change = watching.events(EventKind::LimitChanged).front();
            QCOMPARE(event.oom->lastChangeSequence, change.sequence);
            QVERIFY(event.oom->lastChange.starts_with("memory.max set"));
            QVERIFY(event.oom->lastChange.find(strCat("pid ", writer)) != std::string::npos);
            if (!removed)
                QTRY_VERIFY(isAlert(watching, victim.path.text()));
            return;
        }
        QFAIL("the kernel's reports were cut short by its rate limit each time");
    }

    void oomGroup_isOneEventOfAllItsKills()
    {
        for (int turn = 0; turn < kMostTurns; ++turn) {
            auto log = OomStories::open();
            if (!log)
                QSKIP(log.error().message().c_str());
            const GreedyChild greedy(64 * kMiB);
            ChildProcess child(greedy.body());
            ChildProcess other(test::sleepForEver);
            ChildProcess third(test::sleepForEver);
            const ScratchCgroup scratch("group", {"memory"});
            if (scratch.isV1("memory"))
                QSKIP("v2 only: v1 has no memory.oom.group");
            Watching watching;
            watching.watchKernelLog(std::move(log));
            watching.add(scratch.cgroup());
            scratch.write("memory", "memory.oom.group", "1");
            scratch.write("memory", "memory.max", std::to_string(16 * kMiB));
            for (ChildProcess *each : {&other, &third, &child}) {
                scratch.attach(each->pid());
                each->go();
            }
            for (ChildProcess *each : {&child, &other, &third})
                QVERIFY(WIFSIGNALED(each->wait()));
            QTRY_VERIFY(onlyKill(watching));
            QTest::qWait(patience());
            QVERIFY(onlyKill(watching));
            const Event event = *onlyKill(watching);
            if (isRateLimited(event)) {
                QTest::qWait(kRateLimitMillis);
                continue;
            }
            QCOMPARE(event.delta, std::uint64_t{3});
            QVERIFY(event.oom->group);
            QCOMPARE(event.oom->victimPath, scratch.path().text());
            return;
        }
        QFAIL("the kernel's reports were cut short by its rate limit each time");
    }

    void oomKill_withoutTheLog_isToldByItsCounter()
    {
        const GreedyChild greedy(64 * kMiB);
        ChildProcess child(greedy.body());
        const ScratchCgroup scratch("nolog", {"memory"});
        Watching watching;
        watching.watchKernelLog(KernelLog::open("/nonexistent/kmsg"));
        QVERIFY(watching.engine().oomStoryProblem().find("No such file") != std::string::npos);
        watching.add(scratch.cgroup());
        scratch.write("memory", scratch.file("memory.max"), std::to_string(16 * kMiB));
        watching.settle();
        scratch.attach(child.pid());
        child.go();
        child.wait();
        QTRY_VERIFY(onlyKill(watching));
        const Event event = *onlyKill(watching);
        QVERIFY(event.oom == nullptr);
        QCOMPARE(event.path, scratch.path().text());
        QCOMPARE(event.delta, std::uint64_t{1});
    }

    void oomKill_isAnAlertAtOnce()
    {
        Watching watching;
        const GreedyChild greedy(64 * kMiB);
        std::vector<std::int64_t> sinceTouch;
        std::vector<std::int64_t> inTable;
        for (int i = 0; i < 9; ++i) {
            ChildProcess child(greedy.body());
            const ScratchCgroup scratch("oom", {"memory"});
            watching.add(scratch.cgroup());
            scratch.write("memory", scratch.file("memory.max"), std::to_string(16 * kMiB));
            watching.settle();
            QTRY_VERIFY(!watching.events(EventKind::CgroupCreated).empty());
            scratch.attach(child.pid());
            child.go();
            const int status = child.wait();
            QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
            const auto count = static_cast<std::size_t>(i) + 1;
            QTRY_COMPARE(watching.alerts("oom-kill").size(), count);
            QCOMPARE(watching.events(EventKind::OomKill).size(), count);
            const Event event = watching.events(EventKind::AlertRaised).back();
            QCOMPARE(event.path, scratch.path().text());
            const Alert alert = watching.alerts("oom-kill").back();
            const auto kernel = static_cast<std::int64_t>(alert.sourceMonotonicMicros);
            sinceTouch.push_back(kernel - greedy.touched());
            inTable.push_back(watching.latest() - greedy.touched());
        }
        std::ranges::sort(sinceTouch);
        std::ranges::sort(inTable);
        qInfo() << "after the victim's last page, us: kernel's notice read" << sinceTouch[4] << "(most"
                << sinceTouch.back() << "), alert in the table" << inTable[4] << "(most" << inTable.back() << ')';
    }

    void threshold_raisesWithoutASample()
    {
        ChildProcess child(test::allocate(15 * kMiB));
        const ScratchCgroup scratch("limit", {"memory"});
        if (!scratch.isV1("memory"))
            QSKIP("v1 only: v2 has no thresholds, samples raise it");
        Watching watching;
        watching.add(scratch.cgroup());
        const cgroup::Cgroup seen = scratch.cgroup();
        scratch.write("memory", scratch.file("memory.max"), std::to_string(16 * kMiB));
        scratch.attach(child.pid());
        watching.settle();
        child.go();
        QTRY_COMPARE(watching.alerts("memory-near-max").size(), 1U);
        const Alert alert = watching.alerts("memory-near-max").front();
        QVERIFY(alert.value >= 90 && alert.value <= 100);
        QCOMPARE(alert.path, seen.path.text());
        const std::vector<std::uint64_t> ids{alert.id};
        QVERIFY(watching.engine().acknowledge(ids, "seen", "root"));
        QVERIFY(watching.alerts("memory-near-max").front().acknowledged);
        const std::vector<std::uint64_t> unknown{alert.id + 100};
        QCOMPARE(watching.engine().acknowledge(unknown, "", "root").error().posix(), ENOENT);
    }

    void pressure_isWatchedAgainAfterARuleChanged()
    {
        constexpr std::uint64_t kFile = 64 * kMiB;
        // Not in /tmp, which may be memory itself: that is never read again, the child is killed instead.
        QTemporaryFile file(QCoreApplication::applicationDirPath() + QStringLiteral("/thrash-XXXXXX"));
        QVERIFY(file.open());
        const QByteArray block(kMiB, 'x');
        for (std::uint64_t written = 0; written < kFile; written += kMiB)
            QCOMPARE(file.write(block), block.size());
        // Pages that are there already are charged to whom wrote them, and stay.
        QVERIFY(file.flush() && ::fsync(file.handle()) == 0);
        QCOMPARE(::posix_fadvise(file.handle(), 0, 0, POSIX_FADV_DONTNEED), 0);
        ChildProcess child(thrash(file.handle(), kFile));
        const ScratchCgroup scratch("psi", {"memory", "unified"});
        Watching watching;
        watching.add(scratch.cgroup());
        watching.settle();

        AlertRule rule = *std::ranges::find(*watching.rules().rules(), "memory-pressure", &AlertRule::id);
        rule.soft.value = 1;
        rule.soft.hysteresis = 0;
        QVERIFY(watching.rules().set(rule));
        watching.settle();
        scratch.write("memory", scratch.file("memory.max"), std::to_string(8 * kMiB));
        scratch.attach(child.pid());
        child.go();
        const auto told = [&] {
            const auto events = watching.events(EventKind::Pressure);
            return std::ranges::any_of(events, [&](const Event &event) { return event.path == scratch.path().text(); });
        };
        QTRY_VERIFY_WITH_TIMEOUT(told(), 30'000);
    }

    void limitsBeyondTheMost_areToldAsLongAsTheyAre()
    {
        constexpr std::size_t kMostMemory = 256; // as alerts::KernelWatches has it
        Watching watching;
        const ScratchCgroup scratch("many", {"memory"});
        if (!scratch.isV1("memory"))
            QSKIP("v1 only: v2 tells through one file-system mark, whatever the number");
        std::vector<cgroup::Cgroup> made;
        for (std::size_t i = 0; i < kMostMemory + 2; ++i) {
            made.push_back(scratch.makeChild("n" + std::to_string(i)));
            QVERIFY(
                writeFileAt(AT_FDCWD, watching.directory(made.back()) + "/" + scratch.file("memory.max"), "16777216"));
            watching.add(made.back());
        }
        watching.frame();
        QCOMPARE(watching.engine().incompleteReason(),
                 std::string("258 cgroups have a memory limit, 256 are watched; the others are only sampled"));
        watching.remove(made[kMostMemory]);
        watching.remove(made[kMostMemory + 1]);
        watching.frame();
        QCOMPARE(watching.engine().incompleteReason(), std::string());
    }

    void removal_isNoOom()
    {
        Watching watching;
        const ScratchCgroup scratch("gone", {"memory"});
        const cgroup::Cgroup child = scratch.makeChild("b");
        watching.add(child);
        QVERIFY(writeFileAt(AT_FDCWD, watching.directory(child) + "/" + scratch.file("memory.max"),
                            std::to_string(16 * kMiB)));
        watching.settle();
        scratch.remove("b");
        watching.settle();
        watching.remove(child);
        QVERIFY(watching.alerts("oom-kill").empty());
        QVERIFY(watching.events(EventKind::OomKill).empty());
        QCOMPARE(watching.events(EventKind::CgroupRemoved).size(), 1U);
    }

    void writesOfOthers_areEventsWithTheirAuthor()
    {
        Watching watching;
        const ScratchCgroup scratch("other", {"memory", "pids", "freezer"});
        watching.add(scratch.cgroup());
        scratch.write("pids", "pids.max", "77"); // our own: the service logs that
        // Its notice is read before the next write: the value that is there then would be taken for ours.
        watching.settle();
        watching.settle();
        const pid_t pid = writtenByOther(scratch, "pids", "pids.max", "55");
        QTRY_COMPARE(watching.events(EventKind::LimitChanged).size(), 1U);
        const Event changed = watching.events(EventKind::LimitChanged).front();
        QCOMPARE(changed.key, std::string("pids.max"));
        QCOMPARE(changed.newValue, std::string("55"));
        QCOMPARE(changed.pid, pid);
        QVERIFY(changed.oldValue == "77" || changed.oldValue.empty());

        writtenByOther(scratch, "freezer", scratch.file("cgroup.freeze"), scratch.freezerWord(true));
        QTRY_COMPARE(watching.events(EventKind::Frozen).size(), 1U);
        writtenByOther(scratch, "freezer", scratch.file("cgroup.freeze"), scratch.freezerWord(false));
        QTRY_COMPARE(watching.events(EventKind::Thawed).size(), 1U);
        ChildProcess moved(test::sleepForEver);
        writtenByOther(scratch, "memory", "cgroup.procs", std::to_string(moved.pid()));
        QTRY_COMPARE(watching.events(EventKind::ProcessesMoved).size(), 1U);
    }

    void populated_isToldOnV2()
    {
        Watching watching;
        ChildProcess child(test::sleepForEver);
        const ScratchCgroup scratch("full", {"unified"});
        cgroup::keepCached(*scratch.hierarchies(), scratch.cgroup());
        watching.add(scratch.cgroup());
        scratch.attach(child.pid());
        QTRY_COMPARE(watching.events(EventKind::Populated).size(), 1U);
        ::kill(child.pid(), SIGKILL);
        child.wait();
        QTRY_COMPARE(watching.events(EventKind::Empty).size(), 1U);
    }

private:
    static bool isAlert(Watching &watching, const std::string &path)
    {
        const auto alerts = watching.alerts("oom-kill");
        return std::ranges::any_of(alerts, [&](const Alert &alert) { return alert.path == path; });
    }
    static void checkStory(const Event &event, const std::string &limitPath, const cgroup::Cgroup &victim, pid_t pid)
    {
        QCOMPARE(event.node, victim.id);
        QCOMPARE(event.path, victim.path.text());
        QCOMPARE(event.delta, std::uint64_t{1});
        const OomRecord &oom = *event.oom;
        QCOMPARE(oom.limitPath, limitPath);
        QCOMPARE(oom.victimPath, victim.path.text());
        QCOMPARE(oom.victimPid, pid);
        QCOMPARE(oom.victimComm, std::string(trim(readFile("/proc/self/comm").value())));
        QCOMPARE(oom.victimUid, ::getuid());
        QCOMPARE(oom.constraint, std::string("memcg"));
        QVERIFY(oom.anonRss.v > 0 && oom.totalVm.v > 64 * kMiB);
        QCOMPARE(oom.limitMax, std::optional(Bytes(16 * kMiB)));
        QVERIFY(oom.kernelLog.size() >= 3);
        QVERIFY(!oom.group);
    }
};

QTEST_GUILESS_MAIN(TestKernelAlerts)
#include "tst_kernel_alerts.moc"
