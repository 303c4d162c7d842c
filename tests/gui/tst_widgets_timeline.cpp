// SPDX-License-Identifier: GPL-3.0-or-later
// The time line of checkpoints: the layout of branches, mouse and keyboard on the axis.
#include <QAccessible>
#include <QElapsedTimer>
#include <QHelpEvent>
#include <QToolTip>
#include <QtTest>

#include "tests/gui/shown_timeline.h"
#include "widgets/charts/time_ticks.h"
#include "widgets/text/format.h"
#include "widgets/timeline/branch_layout.h"
#include "widgets/timeline/timeline_view.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace gantry;
using namespace gantry::test;

namespace {

/// "a", "b<a", "c<a", "d@other": an id each, its parent, its subject; a minute between them.
std::vector<BranchMark> marksOf(const QString &text)
{
    std::vector<BranchMark> out;
    for (const QString &word : text.split(u' ', Qt::SkipEmptyParts)) {
        const QString subject = word.section(u'@', 1, 1);
        const QString hung = word.section(u'@', 0, 0);
        out.push_back({hung.section(u'<', 0, 0).toStdString(), hung.section(u'<', 1, 1).toStdString(),
                       subject.isEmpty() ? "one" : subject.toStdString(),
                       static_cast<std::int64_t>(out.size() + 1) * kMinute});
    }
    return out;
}

/// "row: marks; ..." of every branch, "?" before what is presumed, "^x" where it forks off x.
QString drawn(const std::vector<BranchMark> &marks, const BranchLayout &layout)
{
    QStringList out;
    for (const Branch &branch : layout.branches) {
        QStringList names;
        for (const std::size_t mark : branch.marks)
            names << (layout.marks[mark].presumed ? QStringLiteral("?") : QString()) + text::utf8(marks[mark].id);
        const QString from = branch.from == kNone ? QString() : u'^' + text::utf8(marks[branch.from].id) + u' ';
        out << QStringLiteral("%1: %2%3").arg(branch.row).arg(from, names.join(u' '));
    }
    return out.join(QStringLiteral("; "));
}

/// Every mark is once on a branch, in time, and hangs on an older one.
QString problemWith(const std::vector<BranchMark> &marks, const BranchLayout &layout)
{
    std::vector<int> seen(marks.size());
    for (std::size_t b = 0; b < layout.branches.size(); ++b) {
        const Branch &branch = layout.branches[b];
        if (branch.marks.empty() || branch.row >= layout.rows)
            return QStringLiteral("a branch without marks or row");
        for (std::size_t i = 0; i < branch.marks.size(); ++i) {
            const std::size_t mark = branch.marks[i];
            ++seen[mark];
            if (layout.marks[mark].branch != b)
                return QStringLiteral("a mark on another branch");
            if (i > 0 && marks[branch.marks[i - 1]].timeUsec > marks[mark].timeUsec)
                return QStringLiteral("a branch goes back in time");
            const std::size_t parent = layout.marks[mark].parent;
            if (parent != kNone && (parent == mark || marks[parent].timeUsec > marks[mark].timeUsec))
                return QStringLiteral("a parent is younger than its child");
        }
    }
    return std::ranges::all_of(seen, [](int times) { return times == 1; }) ? QString()
                                                                           : QStringLiteral("not each mark once");
}

QPoint placeOf(const TimelineView &view, const std::string &id)
{
    return view.scene().placeOf(view.scene().indexOf(id)).toPoint();
}

} // namespace

class TestWidgetsTimeline : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void layout_puts_data()
    {
        QTest::addColumn<QString>("marks");
        QTest::addColumn<QString>("expected");
        QTest::newRow("nothing") << QString() << QString();
        QTest::newRow("one") << QStringLiteral("a") << QStringLiteral("0: a");
        QTest::newRow("one after the other") << QStringLiteral("a b<a c<b") << QStringLiteral("0: a b c");
        QTest::newRow("back to the first") << QStringLiteral("a b<a c<a d<c") << QStringLiteral("0: a b; 1: ^a c d");
        QTest::newRow("back twice") << QStringLiteral("a b<a c<a d<a") << QStringLiteral("0: a b; 1: ^a c; 2: ^a d");
        QTest::newRow("branch of a branch")
            << QStringLiteral("a b<a c<a d<c e<c f<b") << QStringLiteral("0: a b f; 1: ^a c d; 2: ^c e");
        // c's row is free again: the old future had ended when e forked off d.
        QTest::newRow("row used again") << QStringLiteral("a b<a c<a d<b e<d f<d")
                                        << QStringLiteral("0: a b d e; 1: ^a c; 1: ^d f");
        QTest::newRow("both futures go on")
            << QStringLiteral("a b<a c<a d<b e<c") << QStringLiteral("0: a b d; 1: ^a c e");
        QTest::newRow("not known") << QStringLiteral("a b c") << QStringLiteral("0: a ?b ?c");
        QTest::newRow("gone") << QStringLiteral("a c<b d<c") << QStringLiteral("0: a ?c d");
        QTest::newRow("its own parent") << QStringLiteral("a b<b") << QStringLiteral("0: a ?b");
        QTest::newRow("a circle") << QStringLiteral("a<c b<a c<b") << QStringLiteral("0: a b c");
        QTest::newRow("younger parent") << QStringLiteral("a<b b") << QStringLiteral("0: a ?b");
        QTest::newRow("the same id twice") << QStringLiteral("a a<a b<a") << QStringLiteral("0: a a; 1: ^a b");
        QTest::newRow("two subjects") << QStringLiteral("a x@two b<a y<x@two c<a z<x@two")
                                      << QStringLiteral("0: a b; 2: x y; 1: ^a c; 3: ^x z");
        QTest::newRow("parent of another subject") << QStringLiteral("a b<a@two") << QStringLiteral("0: a; 1: ^a b");
    }
    void layout_puts()
    {
        QFETCH(QString, marks);
        QFETCH(QString, expected);
        const std::vector<BranchMark> list = marksOf(marks);
        const BranchLayout layout = layOutBranches(list);
        QCOMPARE(problemWith(list, layout), QString());
        QCOMPARE(drawn(list, layout), expected);
    }

    void layout_doesNotDependOnTheOrderGiven()
    {
        std::vector<BranchMark> list = marksOf(QStringLiteral("a b<a c<a d<c e<b f<c"));
        const QString expected = drawn(list, layOutBranches(list));
        std::ranges::reverse(list);
        QCOMPARE(drawn(list, layOutBranches(list)), expected);
    }

    /// Whatever 10 000 marks hang on, it takes no time; with a quadratic step it would be seconds.
    void layout_ofManyIsFast_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("a chain") << 0;
        QTest::newRow("all off the first") << 1;
        QTest::newRow("each off the one before the last") << 2;
        QTest::newRow("anything off anything") << 3;
        QTest::newRow("a subject each") << 4;
        QTest::newRow("all at the same time") << 5;
    }
    void layout_ofManyIsFast()
    {
        QFETCH(int, kind);
        constexpr int kMany = 10'000;
        std::mt19937 random(7);
        std::vector<BranchMark> list;
        for (int i = 0; i < kMany; ++i) {
            const int off = kind == 1 ? 0 : kind == 2 ? i - 2 : kind == 3 ? static_cast<int>(random() % kMany) : i - 1;
            list.push_back({std::to_string(i), off < 0 ? std::string() : std::to_string(off),
                            kind == 4 ? std::to_string(i) : "one", kind == 5 ? kMinute : i * kMinute});
        }
        QElapsedTimer clock;
        clock.start();
        const BranchLayout layout = layOutBranches(list);
        const qint64 took = clock.elapsed();
        QCOMPARE(problemWith(list, layout), QString());
        QVERIFY2(took < 2'000, qPrintable(QStringLiteral("%1 ms").arg(took)));
        qInfo("%lld ms, %zu branches, %zu rows", static_cast<long long>(took), layout.branches.size(), layout.rows);
    }

    void ticks_areRoundAndFew_data()
    {
        QTest::addColumn<double>("length");
        for (const double length : {3.0, 60.0, 600.0, 7'200.0, 86'400.0, 604'800.0, 4e7, 1e9})
            QTest::addRow("%.0f s", length) << length;
    }
    void ticks_areRoundAndFew()
    {
        QFETCH(double, length);
        const double from = 1'764'195'123.4;
        const auto ticks = timeTicks(from, from + length, 6);
        QVERIFY(!ticks.empty() && ticks.size() <= 7);
        for (const TimeTick &tick : ticks) {
            QVERIFY(tick.time >= from && tick.time <= from + length);
            QVERIFY(!tick.label.isEmpty());
        }
        QVERIFY(timeTicks(from, from, 6).empty());
        QVERIFY(timeTicks(-1e300, 1e300, 6).empty());
        QVERIFY(timeTicks(std::nan(""), from, 6).empty());
    }

    void view_isChosenWithTheMouse()
    {
        Shown shown;
        TimelineView &view = *shown.page.view();
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, placeOf(view, "b"));
        QCOMPARE(view.selection(), Ids{"b"});
        QTest::mouseClick(view.viewport(), Qt::LeftButton, Qt::ControlModifier, placeOf(view, "d"));
        QCOMPARE(view.current(), std::string("d"));
        QCOMPARE(view.selection(), (Ids{"b", "d"}));
        QTest::mouseClick(view.viewport(), Qt::LeftButton, Qt::ControlModifier, placeOf(view, "b"));
        QCOMPARE(view.selection(), Ids{"d"});
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(view.leftEdge() + 2, 30));
        QCOMPARE(view.selection(), Ids{});
    }

    void view_isChosenWithTheKeys()
    {
        Shown shown;
        TimelineView &view = *shown.page.view();
        view.setFocus();
        const auto press = [&view](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
            QTest::keyClick(&view, key, modifiers);
            return view.selection();
        };
        QCOMPARE(press(Qt::Key_Left), Ids{"d"}); // from nowhere: the newest
        QCOMPARE(press(Qt::Key_Left), Ids{"c"});
        QCOMPARE(press(Qt::Key_Left), Ids{"a"}); // what its branch forks off
        QCOMPARE(press(Qt::Key_Left), Ids{"a"});
        QCOMPARE(press(Qt::Key_Right), Ids{"b"}); // along the branch
        QCOMPARE(press(Qt::Key_End), Ids{"s"});
        QCOMPARE(press(Qt::Key_Down), Ids{"c"}); // the nearest in time
        QCOMPARE(press(Qt::Key_Up), Ids{"s"});
        QCOMPARE(press(Qt::Key_Home), Ids{"a"});
        QCOMPARE(press(Qt::Key_Right, Qt::ShiftModifier), (Ids{"a", "b"}));
        QCOMPARE(press(Qt::Key_Escape), Ids{});
    }

    void view_zoomsPansAndStopsAtItsEnds()
    {
        Shown shown;
        TimelineView &view = *shown.page.view();
        QVERIFY(view.isLive());
        const double length = view.to() - view.from();
        const QPoint middle(view.width() / 2, 60);
        const double at = view.scene().timeAt(middle.x());
        wheel(view, middle, 120);
        QVERIFY(!view.isLive());
        QVERIFY(view.to() - view.from() < length);
        QVERIFY(std::abs(view.scene().timeAt(middle.x()) - at) < 1); // what is under the mouse stays there
        for (int i = 0; i < 60; ++i)
            wheel(view, middle, 120);
        QVERIFY(view.to() - view.from() >= 4.99);
        for (int i = 0; i < 90; ++i)
            wheel(view, middle, -120);
        const double whole = view.to() - view.from();
        QVERIFY(whole > 7'200 && whole < 9'000); // two hours of graphs, and air
        for (int i = 0; i < 5; ++i)
            wheel(view, middle, 120);
        const double from = view.from();
        QTest::mousePress(view.viewport(), Qt::LeftButton, {}, middle);
        QTest::mouseMove(view.viewport(), middle + QPoint(40, 0));
        QTest::mouseRelease(view.viewport(), Qt::LeftButton, {}, middle + QPoint(40, 0));
        QVERIFY(view.from() < from);
        QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, QPoint(view.leftEdge() + 2, 30));
        QVERIFY(view.isLive());
        QVERIFY(std::abs((view.to() - view.from()) - length) < length / 10);
    }

    void view_gathersWhatStandsTooNear()
    {
        v1::ListCheckpointsReply list;
        const std::int64_t now = nowUsec();
        for (int i = 0; i < 10'000; ++i)
            *list.add_checkpoints() = checkpoint("c" + std::to_string(i), now - (10'000 - i) * kMinute,
                                                 i == 0 ? std::string() : "c" + std::to_string(i - 1));
        Shown shown(list);
        TimelineView &view = *shown.page.view();
        const auto clusters = view.scene().clustersOf(0);
        QVERIFY(clusters.size() < 100);
        std::size_t all = 0;
        for (const TimelineCluster &cluster : clusters)
            all += cluster.count;
        QCOMPARE(all, std::size_t{10'000});
        QElapsedTimer clock;
        clock.start();
        constexpr int kPaints = 20;
        for (int i = 0; i < kPaints; ++i)
            (void)view.grab();
        QVERIFY2(clock.elapsed() < kPaints * 100, qPrintable(QString::number(clock.elapsed())));
        qInfo("%lld ms a picture", static_cast<long long>(clock.elapsed() / kPaints));
        // A click takes the newest of them, a double click shows them one by one.
        const TimelineCluster &one = clusters[clusters.size() / 2];
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, one.place.toPoint());
        QCOMPARE(view.selection(), Ids{view.scene().marks()[view.scene().markOf(one, one.count - 1)].id});
        const double length = view.to() - view.from();
        QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, one.place.toPoint());
        QVERIFY(view.to() - view.from() < length / 4);
        keepPicture(shown.page, "timeline-many");
    }

    void view_saysWhatAMarkIs()
    {
        Shown shown;
        TimelineView &view = *shown.page.view();
        const QPoint place = placeOf(view, "a");
        QHelpEvent help(QEvent::ToolTip, place, view.viewport()->mapToGlobal(place));
        QApplication::sendEvent(view.viewport(), &help);
        const QString tip = QToolTip::text();
        for (const char *part :
             {"before the update", "140 MiB", "by hand", "Pinned", "the last one with the old library"})
            QVERIFY2(tip.contains(QLatin1String(part)), qPrintable(tip));
        QAccessibleInterface *heard = QAccessible::queryAccessibleInterface(&view);
        QVERIFY(heard);
        QCOMPARE(heard->role(), QAccessible::Chart);
        QCOMPARE(heard->text(QAccessible::Name), QStringLiteral("Timeline"));
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, place);
        const QString description = heard->text(QAccessible::Description);
        QVERIFY2(description.contains(QStringLiteral("5 checkpoint")) &&
                     description.contains(QStringLiteral("before the update")),
                 qPrintable(description));
    }

    void view_hangsThePresentOnWhatWasRestored()
    {
        Shown shown;
        TimelineView &view = *shown.page.view();
        shown.page.setRunning({"/web"});
        QCOMPARE(view.scene().presents().size(), std::size_t{1});
        QVERIFY(view.scene().presents().front().presumed); // nobody said so
        QCOMPARE(view.scene().presents().front().from, view.scene().indexOf("d"));
        shown.page.noteRestored(shown.list.checkpoints(1)); // b, which has a future: a row of its own
        QCOMPARE(view.scene().presents().front().from, view.scene().indexOf("b"));
        QVERIFY(!view.scene().presents().front().presumed);
        QCOMPARE(view.scene().presents().front().row, std::size_t{2});
        *shown.list.add_checkpoints() = checkpoint("e", nowUsec() + 1'000'000, "b");
        shown.page.setList(shown.list);
        QCOMPARE(view.scene().presents().front().from, view.scene().indexOf("e"));
        QVERIFY(!view.scene().presents().front().presumed);
    }

    void view_bearsAnyTime()
    {
        v1::ListCheckpointsReply list;
        *list.add_checkpoints() = checkpoint("a", std::numeric_limits<std::int64_t>::min());
        *list.add_checkpoints() = checkpoint("b", 0, "a");
        *list.add_checkpoints() = checkpoint("c", std::numeric_limits<std::int64_t>::max(), "b");
        Shown shown(list);
        shown.page.setRunning({"/web"});
        TimelineView &view = *shown.page.view();
        (void)view.grab();
        for (int i = 0; i < 40; ++i)
            wheel(view, QPoint(200, 60), i < 20 ? -120 : 120);
        view.showMark("b");
        (void)view.grab();
        QVERIFY(std::isfinite(view.from()) && view.from() < view.to());
    }

private:
    static void wheel(TimelineView &view, const QPoint &at, int delta)
    {
        QWheelEvent event(at, view.viewport()->mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(view.viewport(), &event);
    }
};

QTEST_MAIN(TestWidgetsTimeline)
#include "tst_widgets_timeline.moc"
