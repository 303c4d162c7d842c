// SPDX-License-Identifier: GPL-3.0-or-later
// Which of several migrations begins when, and which host each goes to.
#include <QtTest>

#include "engine/service/migration_queue.h"

using namespace gantry::service;
using enum QueuedState;

namespace {

std::vector<std::size_t> begun(MigrationQueue &queue)
{
    std::vector<std::size_t> out;
    while (const auto item = queue.next())
        out.push_back(*item);
    return out;
}

using Items = std::vector<std::size_t>;
using Places = std::vector<std::optional<std::size_t>>;

} // namespace

class TestMigrationQueue : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theyBegin_inTheirOrder_soManyAtATime()
    {
        MigrationQueue queue(4, 2, false);
        QCOMPARE(begun(queue), (Items{0, 1}));
        QCOMPARE(begun(queue), Items{});
        queue.end(1, Done);
        QCOMPARE(begun(queue), Items{2});
        queue.end(0, Done);
        queue.end(2, Done);
        QVERIFY(!queue.isOver());
        QCOMPARE(begun(queue), Items{3});
        QVERIFY(!queue.isOver());
        queue.end(3, Done);
        QVERIFY(queue.isOver());
        QCOMPARE(queue.count(Done), std::size_t{4});
        QVERIFY(MigrationQueue(0, 1, false).isOver());
    }

    void failure_stopsTheOthers_onlyWhereThatIsWanted_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("failed") << static_cast<int>(Failed);
        QTest::newRow("unknown") << static_cast<int>(Unknown);
    }
    void failure_stopsTheOthers_onlyWhereThatIsWanted()
    {
        QFETCH(const int, how);
        MigrationQueue goesOn(3, 1, false);
        QCOMPARE(begun(goesOn), Items{0});
        goesOn.end(0, static_cast<QueuedState>(how));
        QCOMPARE(begun(goesOn), Items{1});

        MigrationQueue stops(4, 2, true);
        QCOMPARE(begun(stops), (Items{0, 1}));
        stops.end(0, static_cast<QueuedState>(how));
        QCOMPARE(begun(stops), Items{});
        QVERIFY(stops.state(1) == AtWork); // what is under way goes on
        QVERIFY(stops.state(2) == GivenUp && stops.state(3) == GivenUp);
        stops.end(1, Done);
        QVERIFY(stops.isOver());
        QVERIFY(stops.state(1) == Done);
        // One that somebody gave up is no error.
        MigrationQueue given(2, 1, true);
        QCOMPARE(begun(given), Items{0});
        given.end(0, GivenUp);
        QCOMPARE(begun(given), Items{1});
    }

    void givingUp_oneOrAll()
    {
        MigrationQueue queue(4, 2, false);
        QCOMPARE(begun(queue), (Items{0, 1}));
        QVERIFY(!queue.giveUp(2)); // nobody is to be stopped for it
        QVERIFY(queue.state(2) == GivenUp);
        QVERIFY(queue.giveUp(0));
        QVERIFY(queue.state(0) == Stopping);
        QVERIFY(!queue.giveUp(0));
        QCOMPARE(begun(queue), Items{}); // it takes its place until it has ended
        queue.end(0, Done);              // too late
        QVERIFY(queue.state(0) == Done);
        QVERIFY(!queue.giveUp(0));
        QVERIFY(queue.state(0) == Done);
        QCOMPARE(begun(queue), Items{3});
        QCOMPARE(queue.giveUpAll(), (Items{1, 3}));
        queue.end(1, GivenUp);
        queue.end(3, GivenUp);
        QVERIFY(queue.isOver());
        QCOMPARE(queue.count(GivenUp), std::size_t{3});
    }

    void retry_isForWhatStayed()
    {
        MigrationQueue queue(3, 3, false);
        QCOMPARE(begun(queue), (Items{0, 1, 2}));
        QVERIFY(!queue.retry(0));
        queue.end(0, Failed);
        queue.end(1, Done);
        queue.end(2, Unknown);
        QVERIFY(!queue.retry(1));
        QVERIFY(!queue.retry(2)); // it might run there
        QVERIFY(queue.retry(0));
        QCOMPARE(begun(queue), Items{0});
    }

    void places_mostMemoryFirst_amongThoseThatMayBe()
    {
        // Two hosts with 100 and 80; the biggest is placed first.
        const auto of = [](std::uint64_t wanted, bool a = true, bool b = true) {
            return std::vector<Judged>{{a, 100, wanted}, {b, 80, wanted}};
        };
        QCOMPARE(placeContainers({of(10), of(50), of(20)}), (Places{1, 0, 1}));
        QCOMPARE(placeContainers({of(10, false), of(10, false, false)}), (Places{1, std::nullopt}));
        // Full.
        QCOMPARE(placeContainers({of(90), of(70), of(60)}), (Places{0, 1, std::nullopt}));
        // A warning about memory was passed over: into an empty one it goes.
        QCOMPARE(placeContainers({of(120)}), (Places{0}));
        // A host that does not tell.
        QCOMPARE(placeContainers({{{true, 0, 10}}, {{true, 0, 10}}}), (Places{0, 0}));
        QCOMPARE(placeContainers({}), Places{});
        QCOMPARE(placeContainers({{}}), Places{std::nullopt});
    }
};

QTEST_GUILESS_MAIN(TestMigrationQueue)
#include "tst_migration_queue.moc"
