// SPDX-License-Identifier: GPL-3.0-or-later
// Events made of the kernel's OOM reports, of counters and of changed limits.
#include <QtTest>

#include "engine/alerts/kernel_log.h"
#include "engine/alerts/limit_changes.h"
#include "engine/alerts/oom_ledger.h"
#include "engine/alerts/oom_stories.h"
#include "engine/base/strings.h"
#include "engine/sampler/frame.h"
#include "tests/support/oom_lines.h"

#include <algorithm>
#include <array>
#include <latch>
#include <map>
#include <numeric>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::alerts;
using test::killedLine;
using test::victimLine;

namespace {

constexpr Micros kStart{1'000'000'000};

Event limitEvent(const std::string &path, const std::string &key, const std::string &value)
{
    return {.realtimeMicros = 1'767'323'045'000'000,
            .kind = EventKind::LimitChanged,
            .node = NodeId::cgroup(1, 7),
            .path = path,
            .key = key,
            .oldValue = "max",
            .newValue = value,
            .actor = "root via gantryctl"};
}

/// Stories on a loop of their own, from a log the test writes.
class Telling
{
public:
    explicit Telling(bool hierarchical = true)
    {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
            qFatal("socketpair");
        m_out = UniqueFd(ends[0]);
        call([&] {
            m_stories = std::make_unique<OomStories>(*m_loop, m_events, hierarchical,
                                                     [this](NodeId node) { m_counted.push_back(node); });
            m_stories->watch(UniqueFd(ends[1]));
        });
    }
    Telling(const Telling &) = delete;
    Telling &operator=(const Telling &) = delete;
    Telling(Telling &&) = delete;
    Telling &operator=(Telling &&) = delete;
    ~Telling()
    {
        call([this] { m_stories.reset(); });
        m_loop->stop();
    }

    void call(const std::function<void()> &task)
    {
        std::latch done(1);
        m_loop->post([&] {
            task();
            done.count_down();
        });
        done.wait();
    }
    void log(const std::string &text, int priority = 6)
    {
        const std::string record = strCat(priority, ',', ++m_sequence, ",1,-;", text, '\n');
        while (::write(m_out.get(), record.data(), record.size()) < 0)
            std::this_thread::yield(); // its buffer is full: the reader is at it
    }
    void hangUp() { m_out.reset(); }
    void grew(const std::string &path, std::uint64_t by) { grew({{path, by}}); }
    /// As one frame tells it: no pause of a busy host comes between. @param lines that the log tells at once.
    void grew(const std::vector<std::pair<std::string, std::uint64_t>> &counters,
              const std::vector<std::string> &lines = {})
    {
        call([&] {
            for (const auto &[path, by] : counters)
                m_stories->grew({NodeId::cgroup(1, 5), path, by, by, Moment::now()});
            for (const std::string &line : lines)
                log(line);
        });
    }
    std::vector<Event> kills() const
    {
        std::vector<Event> out;
        for (Event &event : m_events.since(0).events) {
            if (event.kind == EventKind::OomKill)
                out.push_back(std::move(event));
        }
        return out;
    }
    [[nodiscard]] std::uint64_t killed() const
    {
        const auto events = kills();
        return std::accumulate(events.begin(), events.end(), std::uint64_t{0},
                               [](std::uint64_t sum, const Event &event) { return sum + event.delta; });
    }
    OomStories &stories() { return *m_stories; }
    EventLog &events() { return m_events; }
    std::vector<NodeId> counted()
    {
        std::vector<NodeId> out;
        call([&] { out = m_counted; });
        return out;
    }

private:
    std::unique_ptr<EventLoop> m_loop = EventLoop::create().value();
    EventLog m_events;
    std::vector<NodeId> m_counted;         ///< on the loop
    std::unique_ptr<OomStories> m_stories; ///< on the loop
    UniqueFd m_out;
    int m_sequence = 0;
    std::jthread m_thread{[this] { m_loop->run(); }}; ///< last: joins first
};

} // namespace

class TestOomStories : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ledger_tellsEachKillOnce()
    {
        const auto growth = [](const std::string &path, std::uint64_t by) {
            return OomLedger::Growth{NodeId::cgroup(1, 5), path, by, by, {}};
        };
        const Micros later = kStart + OomLedger::kPatience;
        OomLedger v2(true);
        v2.told("/a/b", 1, kStart);
        for (const char *path : {"/a", "/a/b"})
            v2.grew(growth(path, 1), kStart);
        QVERIFY(!v2.next());
        // Counted first, told then.
        for (const char *path : {"/a", "/a/b"})
            v2.grew(growth(path, 2), kStart);
        QCOMPARE(v2.onlyOwing(), std::optional(std::string("/a/b")));
        v2.told("/a/b", 2, kStart);
        QVERIFY(!v2.next());
        // Never told: once, where it was.
        for (const auto &[path, by] :
             std::map<std::string, std::uint64_t>{{"/a", 3}, {"/a/b", 2}, {"/a/b/c", 2}, {"/a/d", 1}})
            v2.grew(growth(path, by), kStart);
        QVERIFY(v2.due(kStart).empty());
        QVERIFY(!v2.onlyOwing());
        const auto due = v2.due(later);
        QCOMPARE(due.size(), 2U);
        QCOMPARE(due[0].path, std::string("/a/b/c"));
        QCOMPARE(due[0].by, std::uint64_t{2});
        QCOMPARE(due[1].path, std::string("/a/d"));

        OomLedger v1(false);
        v1.told("/a/b", 1, kStart);
        v1.grew(growth("/a", 1), kStart);
        QCOMPARE(v1.due(later).size(), 1U);
        // Nobody knew where: the next that grew.
        v1.told({}, 1, kStart);
        v1.grew(growth("/x", 1), kStart);
        QVERIFY(!v1.next());
        // What nobody counted is not held against a kill of later.
        v1.told("/old", 1, kStart);
        v1.grew(growth("/old", 1), kStart + OomLedger::kCountedWithin + Micros(1));
        QVERIFY(v1.next());
    }

    void ledger_hostCountsEveryKill_data()
    {
        QTest::addColumn<bool>("hierarchical");
        QTest::newRow("v1") << false;
        QTest::newRow("v2") << true;
    }
    void ledger_hostCountsEveryKill()
    {
        QFETCH(const bool, hierarchical);
        const auto growth = [](const std::string &path, std::uint64_t by) {
            return OomLedger::Growth{NodeId::cgroup(1, 5), path, by, by, {}};
        };
        OomLedger ledger(hierarchical);
        ledger.told("/a/b", 2, kStart);
        ledger.told({}, 1, kStart); // nobody knows where
        ledger.grew(growth("/", 3), kStart);
        QVERIFY(!ledger.next());
        // Of a cgroup that was counted and not told: there, and not for the host again.
        ledger.grew(growth("/", 1), kStart);
        ledger.grew(growth("/c", 2), kStart); // one of them may be what nobody knew
        QCOMPARE(ledger.onlyOwing(), std::optional(std::string("/c")));
        const auto due = ledger.due(kStart + OomLedger::kHostPatience);
        QCOMPARE(due.size(), 1U);
        QCOMPARE(due[0].path, std::string("/c"));
        // Where no cgroup counted, too: it was removed.
        ledger.grew(growth("/", 1), kStart);
        QVERIFY(!ledger.onlyOwing());
        QVERIFY(ledger.due(kStart + OomLedger::kPatience).empty());
        QCOMPARE(ledger.due(kStart + OomLedger::kHostPatience).size(), 1U);
    }

    void limitChange_lastOneIsKept()
    {
        EventLog log(4);
        LimitChanges changes;
        log.append(limitEvent("/a", "memory.max", "134217728"));
        changes.follow(log);
        for (int i = 0; i < 10; ++i) // the log forgets, and others change other things
            log.append(limitEvent("/a", "pids.max", "5"));
        Event failed = limitEvent("/a", "memory.max", "1");
        failed.failure = Error{};
        log.append(failed);
        changes.follow(log);
        const LimitChanges::Change *change = changes.lastOf("/a", NodeId::cgroup(1, 7));
        QVERIFY(change != nullptr);
        QCOMPARE(change->sequence, std::uint64_t{1});
        QCOMPARE(change->text, std::string("memory.max set from max to 128 MiB by root via gantryctl at "
                                           "2026-01-02 03:04:05 UTC"));
        QVERIFY(changes.lastOf("/a", NodeId{}) != nullptr);
        QVERIFY(changes.lastOf("/a", NodeId::cgroup(1, 8)) == nullptr); // another cgroup of that path
        QVERIFY(changes.lastOf("/a/b", NodeId{}) == nullptr);
        log.append(limitEvent("/a", "memory.high", "1500"));
        changes.follow(log);
        QVERIFY(changes.lastOf("/a", NodeId{})->text.starts_with("memory.high set from max to 1500 B by"));
        for (std::size_t i = 0; i < LimitChanges::kMost; ++i) {
            log.append(limitEvent(strCat("/n", i), "memory.max", "max"));
            changes.follow(log);
        }
        QVERIFY(changes.lastOf("/a", NodeId{}) == nullptr);
    }

    void story_hasSampleAndChange_thoughTheCgroupIsGone()
    {
        Telling telling;
        const NodeId parent = NodeId::cgroup(1, 7);
        const NodeId child = NodeId::cgroup(1, 8);
        auto frame = std::make_shared<sampler::Frame>();
        frame->monotonic = Moment::now().monotonic;
        frame->nodes = {parent, child};
        const std::vector states(2, CellState::Value);
        frame->columns = {{Metric::MemoryCurrent, states, {100, 90}, {}}, {Metric::MemoryMax, states, {200, 90}, {}}};
        telling.events().append(limitEvent("/a", "memory.max", "16777216"));
        telling.call([&] {
            telling.stories().onCgroupAdded(parent, "/a");
            telling.stories().onCgroupAdded(child, "/a/b");
            telling.stories().onFrame(frame);
            telling.stories().onCgroupRemoved(child, "/a/b");
        });
        for (const char *text : {"web invoked oom-killer: gfp_mask=0, order=0, oom_score_adj=0",
                                 "memory: usage 16384kB, limit 16384kB, failcnt 82"})
            telling.log(text);
        telling.log(victimLine("/a", "/a/b", "web", 812));
        telling.log(killedLine("web", 812));
        telling.log(victimLine("/a", "/a/b", "forged", 813), 14);
        QTRY_COMPARE(telling.kills().size(), 1U);
        const Event event = telling.kills().front();
        QCOMPARE(event.node, child);
        QCOMPARE(event.path, std::string("/a/b"));
        QCOMPARE(event.delta, std::uint64_t{1});
        QVERIFY(event.oom != nullptr);
        QCOMPARE(event.oom->limitUsage, std::optional(Bytes(100)));
        QCOMPARE(event.oom->victimUsage, std::optional(Bytes(90)));
        QCOMPARE(event.oom->limitMax, std::optional(Bytes(16U << 20)));
        QCOMPARE(event.oom->sampledMonotonicMicros, std::uint64_t{frame->monotonic.count()});
        QCOMPARE(event.oom->lastChangeSequence, std::uint64_t{1});
        QVERIFY(event.oom->lastChange.ends_with("by root via gantryctl at 2026-01-02 03:04:05 UTC"));
        QVERIFY(telling.counted().empty()); // it is gone
    }

    void counters_addNothingToAStory()
    {
        Telling telling;
        telling.call([&] { telling.stories().onCgroupAdded(NodeId::cgroup(1, 8), "/a/b"); });
        telling.grew({{"/a", 1}}, {victimLine("/a", "/a/b", "web", 812), killedLine("web", 812)});
        QTRY_COMPARE(telling.kills().size(), 1U);
        QCOMPARE(telling.counted(), std::vector{NodeId::cgroup(1, 8)});
        telling.grew("/a/b", 1);
        // A second one, of which the log did not tell.
        telling.grew({{"/a", 1}, {"/a/b", 1}});
        QTRY_COMPARE(telling.kills().size(), 2U);
        QCOMPARE(telling.kills().back().path, std::string("/a/b"));
        QVERIFY(telling.kills().back().oom == nullptr);
    }

    void killWithoutAPlace_isWhereTheCounterGrew()
    {
        Telling telling;
        telling.log(killedLine("web", 812));
        telling.grew({{"/a", 1}, {"/a/b", 1}});
        QTRY_COMPARE(telling.kills().size(), 1U);
        QCOMPARE(telling.kills().front().path, std::string("/a/b"));
        QCOMPARE(telling.kills().front().oom->victimPid, 812);
        QVERIFY(telling.kills().front().oom->victimPath.empty());
        // Nobody counts: told after a while all the same.
        telling.log(killedLine("other", 813));
        QTRY_COMPARE(telling.kills().size(), 2U);
        QVERIFY(telling.kills().back().path.empty());
        // Two cgroups grew: the places are told, the name would be a guess.
        telling.log(killedLine("third", 814));
        telling.log(killedLine("fourth", 815));
        telling.grew({{"/x", 2}, {"/y", 1}});
        QTRY_COMPARE(telling.killed(), std::uint64_t{4}); // one of the three stands for "other"
        QTest::qWait(static_cast<int>(OomStories::kNamelessPatience.count() / 1000) + 100);
        QCOMPARE(telling.killed(), std::uint64_t{4});
    }

    void flood_isFolded()
    {
        constexpr int kKills = 1000;
        Telling telling;
        for (int i = 0; i < kKills; ++i) {
            telling.log(victimLine("/a", strCat("/a/b", i % 10), "web", i + 1));
            telling.log(killedLine("web", i + 1));
        }
        QTRY_COMPARE_WITH_TIMEOUT(telling.killed(), std::uint64_t{kKills}, 20'000);
        const auto kills = telling.kills();
        const auto stories = std::ranges::count_if(kills, [](const Event &event) { return event.oom != nullptr; });
        QVERIFY(stories >= 50);
        // A second's stories, and ten cgroups; a slow host needs some seconds.
        QVERIFY2(kills.size() <= 5 * (OomStories::kMostInSecond + 10), qPrintable(QString::number(kills.size())));
    }

    void flood_withoutPlaces_isFoldedWhereTheCounterGrew_data()
    {
        QTest::addColumn<bool>("hierarchical");
        QTest::newRow("v1") << false;
        QTest::newRow("v2") << true;
    }
    /// What the kernel's rate limit leaves of hundreds of kills in one cgroup, which the host counts too.
    void flood_withoutPlaces_isFoldedWhereTheCounterGrew()
    {
        QFETCH(const bool, hierarchical);
        constexpr std::uint64_t kKills = 300;
        Telling telling(hierarchical);
        for (std::uint64_t i = 0; i < kKills; ++i) {
            telling.log(killedLine("web", static_cast<int>(i) + 1));
            telling.grew("/a/b", 1);
            if (hierarchical)
                telling.grew("/a", 1);
        }
        telling.grew("/", kKills);
        QTRY_COMPARE_WITH_TIMEOUT(telling.killed(), kKills, 10'000);
        QTest::qWait(static_cast<int>(OomLedger::kHostPatience.count() / 1000) + 500);
        QCOMPARE(telling.killed(), kKills);
        for (const Event &event : telling.kills())
            QCOMPARE(event.path, std::string("/a/b"));
        QVERIFY(telling.kills().size() > 10 && telling.kills().size() <= 3 * (OomStories::kMostInSecond + 1));
    }

    void log_thatCannotBeRead_isSaid()
    {
        const auto none = KernelLog::open("/nonexistent/kmsg");
        QVERIFY(!none);
        Telling telling;
        QVERIFY(telling.stories().problem().empty());
        telling.hangUp();
        QTRY_VERIFY(!telling.stories().problem().empty());
        telling.call([&] {
            QVERIFY(!telling.stories().isWatching());
            telling.stories().watch(std::unexpected(none.error()));
        });
        QVERIFY(telling.stories().problem().find("/nonexistent/kmsg") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestOomStories)
#include "tst_oom_stories.moc"
