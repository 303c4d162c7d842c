// SPDX-License-Identifier: GPL-3.0-or-later
// The file of schedules, the time of the next tick, and how often something is brought back.
#include <QtTest>

#include "engine/schedule/policy.h"
#include "engine/schedule/state.h"
#include "engine/schedule/ticks.h"

using namespace gantry;
using namespace gantry::schedule;
using namespace std::chrono_literals;

namespace {

Policy whole()
{
    Policy out;
    out.key = "cgroup /a/b";
    out.subject = "/a/b";
    out.follow = Follow::Cgroup;
    out.where = "/a/b";
    out.every = 30s;
    out.retention = {.count = 5, .age = std::chrono::hours(168), .bytes = Bytes{std::uint64_t{10} << 30}};
    out.restart = true;
    out.by = "root via gantryctl";
    return out;
}

} // namespace

class TestSchedule : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void policies_areReadBack()
    {
        Policy bare;
        bare.key = "boot 5 6";
        bare.subject = "pid 5 (\"quoted\")";
        bare.where = "boot 5 6";
        const std::vector<Policy> all{whole(), bare};
        const auto text = formatPolicies(all);
        QVERIFY(text);
        const auto back = parsePolicies(*text);
        QVERIFY2(back, back ? "" : back.error().message().c_str());
        QVERIFY(*back == all);
        QVERIFY(!back->at(1).retention.count && !back->at(1).retention.age && !back->at(1).retention.bytes);
        bare.subject = "\xff";
        QCOMPARE(formatPolicies({bare}).error().posix(), EILSEQ);
    }

    void policies_whatIsNone_isRefused_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<int>("error");
        const auto row = [](const char *name, const char *from, const char *to, int error) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(to) << error;
        };
        row("newer", "\"format\": 1", "\"format\": 2", ENOTSUP);
        row("no format", "\"format\": 1", "\"format\": -1", EBADMSG);
        row("no JSON", "{\n", "(", EBADMSG);
        row("no list", "\"schedules\": [", "\"others\": [", EBADMSG);
        row("no key", "\"key\": ", "\"kee\": ", EBADMSG);
        row("empty key", "cgroup /a/b", "", EINVAL);
        row("too often", "30000", "999", EINVAL);
        row("negative", "30000", "-30000", EBADMSG);
        row("huge", "30000", "18446744073709551615", EBADMSG);
        row("text for a number", "\"keep\": 5", "\"keep\": \"5\"", EBADMSG);
        row("keeps none", "\"keep\": 5", "\"keep\": 0", EINVAL);
        row("for no time", "604800", "0", EINVAL);
        row("for ever and more", "604800", "18446744073709551615", EBADMSG);
        row("follows nothing", "\"follow\": \"cgroup\"", "\"follow\": \"sun\"", EBADMSG);
        row("perhaps", "true", "\"perhaps\"", EBADMSG);
    }
    void policies_whatIsNone_isRefused()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(int, error);
        QByteArray text = QByteArray::fromStdString(*formatPolicies({whole()}));
        QVERIFY(text.contains(from));
        text.replace(from, to);
        const auto back = parsePolicies(text.toStdString());
        QVERIFY2(!back, text.constData());
        QCOMPARE(back.error().posix(), error);
    }

    void policies_twice_isRefused()
    {
        QCOMPARE(parsePolicies(*formatPolicies({whole(), whole()})).error().posix(), EBADMSG);
    }

    void states_areReadBack()
    {
        State state;
        state.key = "k";
        state.life = "boot 5 6";
        state.note = "runs";
        state.nextMicros = 5;
        state.lastMicros = -1;
        state.lastError = "why";
        state.taken = 7;
        state.skipped = 1;
        state.restarts = 2;
        const auto back = parseStates(formatStates({state, State{}}));
        QVERIFY(back && back->size() == 2);
        QVERIFY(back->front() == state && back->back() == State{});
        state.note = "\xff";
        QVERIFY(parseStates(formatStates({state})));
        for (const char *bad : {"", "[]", "{\"states\": [5]}", "{\"states\": [{\"key\": \"k\"}]}"})
            QVERIFY2(!parseStates(bad), bad);
    }

    void nextTick_isOnTheGrid_andMissedOnesAreGone()
    {
        const Clock::time_point start{};
        QVERIFY(nextTick(start + 5s, 10s, start) == start + 5s);
        QVERIFY(nextTick(start, 10s, start) == start + 10s);
        QVERIFY(nextTick(start, 10s, start + 9'999ms) == start + 10s);
        QVERIFY(nextTick(start, 10s, start + 10s) == start + 20s);
        QVERIFY(nextTick(start, 10s, start + 95s) == start + 100s);
    }

    void firstTick_goesOnWhereAnotherStopped()
    {
        const Clock::time_point now{};
        QVERIFY(firstTick(std::nullopt, 10s, now) == now);
        QVERIFY(firstTick(3s, 10s, now) == now + 7s);
        QVERIFY(firstTick(50s, 10s, now) == now);
        QVERIFY(firstTick(-5s, 10s, now) == now); // the clock was put back
    }

    void restarts_backOff_andEnd()
    {
        Restarts restarts;
        Clock::time_point now{};
        for (const auto delay : {0s, 1s, 2s, 4s, 8s}) {
            const auto next = restarts.next(now);
            QVERIFY(next && *next == now + delay);
            restarts.add(*next);
            now = *next + 1s;
        }
        QVERIFY(!restarts.next(now));
        QCOMPARE(restarts.inWindow(), Restarts::kMost);
        // The first of them are long ago.
        const auto later = restarts.next(now + Restarts::kWindow);
        QVERIFY(later && *later == now + Restarts::kWindow);
    }
};

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
