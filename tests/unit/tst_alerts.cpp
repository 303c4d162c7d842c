// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/alerts/alert_book.h"
#include "engine/alerts/counters.h"
#include "engine/alerts/foreign_writes.h"
#include "engine/alerts/frame_rules.h"
#include "engine/alerts/rule_store.h"
#include "engine/base/fd.h"

#include <filesystem>
#include <optional>
#include <set>

using namespace gantry;
using namespace gantry::alerts;

namespace {

constexpr NodeId kNode = NodeId::cgroup(1, 42);

Moment at(double seconds)
{
    return {Micros(static_cast<std::uint64_t>((seconds + 1000) * 1e6)), static_cast<std::int64_t>(seconds * 1e6) + 1};
}

AlertRule metricRule(double soft, double hard, double seconds, double hysteresis)
{
    const Micros duration(static_cast<std::uint64_t>(seconds * 1e6));
    return {.id = "test",
            .name = "Test",
            .source = AlertSource::Metric,
            .metric = Metric::PressureMemoryFullAvg10,
            .soft = {true, soft, duration, hysteresis},
            .hard = {true, hard, duration, hysteresis},
            .repeat = Micros(10'000'000)};
}

AlertRule eventRule()
{
    return {.id = "kill",
            .name = "Kill",
            .source = AlertSource::Event,
            .metric = Metric::MemoryEventsOomKill,
            .hard = {.enabled = true},
            .hold = Micros(5'000'000)};
}

/// A book with these rules.
struct Book
{
    explicit Book(std::vector<AlertRule> rules)
    {
        book.setRules(std::make_shared<const std::vector<AlertRule>>(std::move(rules)), at(0));
    }
    std::vector<Alert> alerts() { return book.alerts().since(0).changed; }
    std::vector<EventKind> kinds() const
    {
        std::vector<EventKind> out;
        for (const Event &event : events.since(0).events)
            out.push_back(event.kind);
        return out;
    }

    EventLog events;
    std::set<NodeId> gone;
    AlertBook book{events, [this](NodeId node) -> std::optional<std::string> {
                       return gone.contains(node)      ? std::nullopt
                              : node == NodeId::host() ? std::optional<std::string>("/")
                                                       : "/a/b";
                   }};
};

sampler::Column column(Metric metric, std::vector<std::uint64_t> values)
{
    return {metric, std::vector(values.size(), CellState::Value), std::move(values), {}};
}

std::string refusal(const AlertRule &rule)
{
    const auto checked = checkRule(rule);
    return checked ? std::string() : checked.error().subject;
}

} // namespace

class TestAlerts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rules_builtInAreLegalAndReadBack()
    {
        for (const AlertRule &rule : builtInRules())
            QVERIFY2(checkRule(rule), rule.id.c_str());
        auto back = parseRules(formatRules(builtInRules()));
        QVERIFY2(back, back ? "" : back.error().message().c_str());
        for (AlertRule &rule : *back)
            rule.builtIn = true;
        QVERIFY(*back == builtInRules());
    }

    void rules_refusalNamesTheField()
    {
        const AlertRule good = metricRule(10, 40, 1, 5);
        QCOMPARE(refusal(good), std::string());
        AlertRule rule = good;
        rule.id = "a b";
        QCOMPARE(refusal(rule), std::string("id"));
        rule = good;
        rule.name = "a\nb";
        QCOMPARE(refusal(rule), std::string("name"));
        rule = good;
        rule.hard.value = 5;
        rule.hard.hysteresis = 0;
        QCOMPARE(refusal(rule), std::string("hard.value"));
        rule = good;
        rule.soft.value = std::numeric_limits<double>::quiet_NaN();
        QCOMPARE(refusal(rule), std::string("soft.value"));
        rule = good;
        rule.soft.hysteresis = 11;
        QCOMPARE(refusal(rule), std::string("soft.hysteresis"));
        rule = good;
        rule.source = AlertSource::Ratio;
        rule.reference = Metric::PidsMax;
        QCOMPARE(refusal(rule), std::string("reference_metric"));
        rule = good;
        rule.source = AlertSource::Event;
        QCOMPARE(refusal(rule), std::string("metric"));
        rule = good;
        rule.scopePath = "a";
        QCOMPARE(refusal(rule), std::string("scope_path"));
        // The file of rules would not be read again.
        rule = good;
        rule.hard.duration = Micros(std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(refusal(rule), std::string("hard.duration"));
        rule = good;
        rule.repeat = Micros(std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(refusal(rule), std::string("repeat"));
    }

    void rules_badTextNamesTheLine_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("where");
        QTest::newRow("no section") << QByteArray("name = x\n") << QByteArray("line 1");
        QTest::newRow("no equals") << QByteArray("[rule a]\nname\n") << QByteArray("line 2");
        QTest::newRow("field") << QByteArray("[rule a]\n\ncolour = red\n") << QByteArray("line 3");
        QTest::newRow("metric") << QByteArray("[rule a]\nmetric = memory.nothing\n") << QByteArray("line 2");
        QTest::newRow("number") << QByteArray("[rule a]\nsoft.value = ten\n") << QByteArray("line 2");
        QTest::newRow("seconds") << QByteArray("[rule a]\nsoft.seconds = -1\n") << QByteArray("line 2");
        QTest::newRow("incomplete") << QByteArray("[rule a]\nname = x\n[rule b]\n") << QByteArray("line 3");
        QTest::newRow("twice") << QByteArray::fromStdString(formatRules({eventRule()}) + "[rule kill]\n")
                               << QByteArray("line 20");
    }
    void rules_badTextNamesTheLine()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, where);
        const auto rules = parseRules(text.toStdString());
        QVERIFY(!rules);
        QCOMPARE(QByteArray::fromStdString(rules.error().subject), where);
    }

    void store_keepsChangesOverARestart()
    {
        const QTemporaryDir folder;
        const std::string file = folder.path().toStdString() + "/state/alerts.rules";
        RuleStore store(file);
        QVERIFY(store.load());
        AlertRule changed = builtInRules().front();
        changed.soft.value = 70;
        QVERIFY(store.set(changed));
        AlertRule own = metricRule(10, 40, 1, 5);
        own.id.clear();
        const auto kept = store.set(own);
        QVERIFY(kept);
        QVERIFY(!kept->id.empty() && !kept->builtIn);

        RuleStore again(file);
        QVERIFY(again.load());
        QVERIFY(*again.rules() == *store.rules());
        QCOMPARE(again.rules()->front().soft.value, 70.0);
        QVERIFY(again.rules()->front().builtIn);
        QCOMPARE(again.rules()->size(), builtInRules().size() + 1);

        QVERIFY(again.remove(kept->id));
        QVERIFY(again.remove(changed.id));
        QVERIFY(*again.rules() == builtInRules());
        QCOMPARE(again.remove(changed.id).error().posix(), EPERM);
        QCOMPARE(again.remove("nothing").error().posix(), ENOENT);
    }

    void store_badFileIsNamedAndKept()
    {
        const QTemporaryDir folder;
        const std::string file = folder.path().toStdString() + "/alerts.rules";
        {
            QFile out(QString::fromStdString(file));
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.write("[rule a]\nrubbish\n");
        }
        RuleStore store(file);
        const auto loaded = store.load();
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().subject, file + ", line 2");
        QVERIFY(*store.rules() == builtInRules());
        QVERIFY(store.set(eventRule()));
        QCOMPARE(readFile(file + ".bad").value(), std::string("[rule a]\nrubbish\n"));
    }

    void level_waitsForItsDurationAndHysteresis()
    {
        const AlertRule rule = metricRule(10, 40, 5, 3);
        LevelState state;
        QCOMPARE(state.update(rule, 12, at(0).monotonic), Severity::None);
        QVERIFY(!state.isIdle());
        QCOMPARE(state.update(rule, 9, at(3).monotonic), Severity::None);
        QVERIFY(state.isIdle());
        QCOMPARE(state.update(rule, 12, at(4).monotonic), Severity::None);
        QCOMPARE(state.update(rule, 50, at(9).monotonic), Severity::Warning);
        QCOMPARE(state.update(rule, 50, at(14).monotonic), Severity::Critical);
        QCOMPARE(state.update(rule, 38, at(15).monotonic), Severity::Critical);
        QCOMPARE(state.update(rule, 36, at(16).monotonic), Severity::Warning);
        QCOMPARE(state.update(rule, 8, at(17).monotonic), Severity::Warning);
        QCOMPARE(state.update(rule, 6, at(18).monotonic), Severity::None);
    }

    void book_raisesChangesResolves()
    {
        Book it({metricRule(10, 40, 0, 0)});
        it.book.update(0, kNode, 5, at(1));
        QVERIFY(it.alerts().empty());
        it.book.update(0, kNode, 12, at(2));
        QCOMPARE(it.alerts().size(), 1U);
        const Alert raised = it.alerts().front();
        QCOMPARE(raised.severity, Severity::Warning);
        QCOMPARE(raised.path, std::string("/a/b"));
        QCOMPARE(raised.level, 10.0);
        it.book.alerts().update(raised.id, [](Alert &alert) { alert.acknowledged = true; });
        it.book.update(0, kNode, 45, at(3));
        QCOMPARE(it.alerts().front().severity, Severity::Critical);
        QVERIFY(!it.alerts().front().acknowledged);
        it.book.update(0, kNode, 1, at(4));
        QVERIFY(it.alerts().front().resolved);
        QCOMPARE(it.kinds(), (std::vector{EventKind::AlertRaised, EventKind::AlertResolved}));
    }

    void book_comingBackSoonIsTheSameAlert()
    {
        Book it({metricRule(10, 40, 0, 0)});
        for (int i = 0; i < 4; ++i)
            it.book.update(0, kNode, i % 2 == 0 ? 12 : 1, at(i));
        it.book.update(0, kNode, 12, at(5));
        QCOMPARE(it.alerts().size(), 1U);
        QCOMPARE(it.alerts().front().count, 3U);
        it.book.update(0, kNode, 1, at(6));
        it.book.update(0, kNode, 12, at(30));
        QCOMPARE(it.alerts().size(), 2U);
    }

    void book_olderSamplesDoNotTurnTimeBack()
    {
        Book it({metricRule(10, 40, 5, 0)});
        it.book.update(0, kNode, 12, at(10));
        it.book.update(0, kNode, 12, at(9));
        QVERIFY(it.alerts().empty());
    }

    void book_eventIsHeldAndCounted()
    {
        Book it({eventRule()});
        it.book.counted(Metric::MemoryEventsOomKill, kNode, 1, at(0));
        it.book.counted(Metric::MemoryEventsOomKill, kNode, 2, at(3));
        it.book.counted(Metric::MemoryEventsHigh, kNode, 2, at(3));
        it.book.tick(at(7));
        QCOMPARE(it.alerts().size(), 1U);
        QCOMPARE(it.alerts().front().count, 2U);
        QCOMPARE(it.alerts().front().severity, Severity::Critical);
        QVERIFY(!it.alerts().front().resolved);
        it.book.tick(at(9));
        QVERIFY(it.alerts().front().resolved);
    }

    void book_removedNodeAndChangedRuleResolve()
    {
        Book it({metricRule(10, 40, 0, 0), eventRule()});
        it.book.update(0, kNode, 12, at(0));
        it.book.counted(Metric::MemoryEventsOomKill, kNode, 1, at(0));
        AlertRule changed = metricRule(20, 40, 0, 0);
        it.book.setRules(std::make_shared<const std::vector<AlertRule>>(std::vector{eventRule(), changed}), at(1));
        QVERIFY(it.alerts().at(0).resolved);
        QVERIFY(!it.alerts().at(1).resolved);
        it.book.forget(kNode, at(2));
        QVERIFY(it.alerts().at(1).resolved);
    }

    void book_scopeLimitsARule()
    {
        AlertRule rule = metricRule(10, 40, 0, 0);
        rule.scopePath = "/a";
        Book it({rule});
        it.book.update(0, NodeId::host(), 50, at(0));
        QVERIFY(it.alerts().empty());
        it.book.update(0, kNode, 50, at(0));
        QCOMPARE(it.alerts().size(), 1U);
    }

    void book_lateSampleOfARemovedNode_raisesNothing()
    {
        Book it({metricRule(10, 40, 0, 0), eventRule()});
        it.book.update(0, kNode, 50, at(0));
        QCOMPARE(it.alerts().size(), 1U);
        it.book.forget(kNode, at(1));
        it.gone.insert(kNode);
        it.book.update(0, kNode, 50, at(2));
        it.book.counted(Metric::MemoryEventsOomKill, kNode, 1, at(2));
        QCOMPARE(it.alerts().size(), 1U);
        QVERIFY(it.alerts().front().resolved);
        QCOMPARE(it.alerts().front().path, std::string("/a/b"));
        for (const Event &event : it.events.since(0).events)
            QCOMPARE(event.path, std::string("/a/b"));
    }

    void book_stormIsBounded()
    {
        Book it({metricRule(10, 40, 0, 0)});
        it.book.update(0, kNode, 50, at(0));
        it.book.update(0, kNode, 0, at(1));
        for (std::uint64_t i = 0; i < AlertBook::kMost + 10; ++i)
            it.book.update(0, NodeId::cgroup(2, i + 1), 50, at(2));
        QCOMPARE(it.alerts().size(), AlertBook::kMost);
        QVERIFY(it.alerts().front().id != 1U); // the resolved one made room
        QCOMPARE(it.book.suppressed(), 10U);
    }

    void frame_givesRatiosTheirValues()
    {
        AlertRule rule = builtInRules().at(1); // memory-near-max
        Book it({rule});
        sampler::Frame frame;
        frame.monotonic = at(0).monotonic;
        frame.nodes = {NodeId::host(), kNode};
        for (const Metric metric : kTreeMetrics)
            frame.columns.push_back(column(metric, {1, 1}));
        const auto set = [&frame](Metric metric, std::uint64_t value, CellState state) {
            for (sampler::Column &each : frame.columns) {
                if (each.metric == metric) {
                    each.integers[1] = value;
                    each.states[1] = state;
                }
            }
        };
        set(Metric::MemoryCurrent, 95, CellState::Value);
        set(Metric::MemoryMax, 0, CellState::Unlimited);
        for (sampler::Column &each : frame.columns)
            each.states[0] = CellState::Absent;
        applyFrame(frame, it.book);
        QVERIFY(it.alerts().empty());
        set(Metric::MemoryMax, 100, CellState::Value);
        applyFrame(frame, it.book);
        QCOMPARE(it.alerts().size(), 1U);
        QCOMPARE(it.alerts().front().value, 95.0);
        set(Metric::MemoryCurrent, 0, CellState::Unreadable);
        applyFrame(frame, it.book);
        QVERIFY(!it.alerts().front().resolved);
        set(Metric::MemoryMax, 0, CellState::Unlimited);
        set(Metric::MemoryCurrent, 95, CellState::Value);
        applyFrame(frame, it.book);
        QVERIFY(it.alerts().front().resolved);
    }

    void thresholds_followTheRules()
    {
        const auto both = thresholdsOf(builtInRules(), {.high = 1000, .max = 2000});
        QCOMPARE(both, (std::vector{Bytes(900), Bytes(1800)}));
        QVERIFY(thresholdsOf(builtInRules(), {}).empty());
    }

    void counters_tellGrowthOnce()
    {
        Counters counters;
        QVERIFY(!counters.note(4, kNode, 7));
        QCOMPARE(counters.note(4, kNode, 9), std::optional<std::uint64_t>(2));
        QVERIFY(!counters.note(4, kNode, 9));
        QVERIFY(!counters.note(4, kNode, 7)); // a sample older than the notification
        QVERIFY(!counters.note(4, kNode, 9));
        QVERIFY(!counters.note(4, kNode, 1));
        QVERIFY(!counters.note(4, kNode, 1)); // it stays: somebody reset it
        QCOMPARE(counters.note(4, kNode, 2), std::optional<std::uint64_t>(1));
        const NodeId fresh = NodeId::cgroup(1, 43);
        counters.startAtZero(fresh);
        QCOMPARE(counters.note(0, fresh, 1), std::optional<std::uint64_t>(1));
    }

    void eventLog_tellsWhatWasLost()
    {
        EventLog log(3);
        for (int i = 0; i < 5; ++i)
            log.append({.kind = EventKind::Oom});
        QCOMPARE(log.since(0).events.size(), 3U);
        QCOMPARE(log.since(0).lost, 0U);
        QCOMPARE(log.since(1).lost, 1U);
        QCOMPARE(log.since(3).events.front().sequence, 4U);
        QCOMPARE(log.since(3, 1).events.size(), 1U);
        QVERIFY(log.since(5).events.empty());
        QVERIFY(log.since(4).events.front().realtimeMicros != 0);
    }

    void files_belongToTheirLimits()
    {
        QCOMPARE(limitKeyOfFile("memory.max"), std::optional(LimitKey::MemoryMax));
        QCOMPARE(limitKeyOfFile("memory.limit_in_bytes"), std::optional(LimitKey::MemoryMax));
        QCOMPARE(limitKeyOfFile("cpu.cfs_period_us"), std::optional(LimitKey::CpuMax));
        QVERIFY(!limitKeyOfFile("memory.current"));
        QVERIFY(!limitKeyOfFile(""));
    }
};

QTEST_GUILESS_MAIN(TestAlerts)
#include "tst_alerts.moc"
