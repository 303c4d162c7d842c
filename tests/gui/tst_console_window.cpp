// SPDX-License-Identifier: GPL-3.0-or-later
// The window on a real engine and real cgroups: what a hand does must arrive in the kernel's files.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "widgets/charts/metric_chart.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/models/roles.h"
#include "widgets/models/usage.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/namespaces_page.h"
#include "widgets/pages/overview_page.h"

#include <QAction>
#include <QLabel>
#include <QMenuBar>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QTranslator>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kLimit = 128 * kMiB;

MetricChart *memoryChart(const MainWindow &window)
{
    for (MetricChart *chart : window.findChildren<MetricChart *>()) {
        // The page Timeline has one as well.
        if (chart->isVisible() && chart->series().front().metric == Metric::MemoryCurrent)
            return chart;
    }
    return nullptr;
}

/// The part of a chart that takes the mouse.
QWidget *plotOf(const MetricChart *chart)
{
    for (QWidget *child : chart->findChildren<QWidget *>()) {
        if (child->inherits("QCustomPlot"))
            return child;
    }
    return nullptr;
}

/// The button of the strip below the graphs that is shown and says `text`.
QPushButton *stripButton(const MainWindow &window, const QString &text)
{
    const auto *page = window.findChild<OverviewPage *>();
    for (QPushButton *button : page->findChild<LimitStrip *>()->findChildren<QPushButton *>()) {
        if (QString(button->text()).remove(u'&') == text)
            return button;
    }
    return nullptr;
}

} // namespace

class TestConsoleWindow : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void newCgroup_appearsAndGoes()
    {
        Console console;
        QTRY_COMPARE(console.client.state(), LinkState::Live);
        QTRY_VERIFY(console.window.tree().nodeCount() > 1);
        QString path;
        {
            const ScratchCgroup cgroup("seen");
            path = pathOf(cgroup);
            QTRY_VERIFY(console.window.tree().idOfPath(path));
        }
        QTRY_VERIFY(!console.window.tree().idOfPath(path));
    }

    void limitLine_dragged_isWrittenAndUndone()
    {
        ChildProcess child(test::allocate(48 * kMiB));
        const ScratchCgroup cgroup("drag");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(kLimit));
        cgroup.attach(child.pid());
        child.go();
        Console console;
        MainWindow &window = console.window;
        window.select(pathOf(cgroup));
        QTRY_COMPARE(window.tree().pathOf(window.treePanel()->currentNode()), pathOf(cgroup));
        QVERIFY(QTest::qWaitForWindowActive(&window));

        MetricChart *chart = memoryChart(window);
        QVERIFY(chart);
        QWidget *plot = plotOf(chart);
        QVERIFY(plot);
        const auto pointOf = [&](double bytes) {
            return plot->mapFrom(chart, QPoint(chart->width() / 2, qRound(chart->pixelOf(bytes))));
        };
        // The line is there when usage and limit are: then it lies inside the plot.
        QTRY_VERIFY_WITH_TIMEOUT(plot->rect().contains(pointOf(kLimit)) && pointOf(kLimit).y() > 10 &&
                                     chart->summary().contains(QStringLiteral("128")),
                                 15'000);
        const QPoint target = pointOf(96 * kMiB);
        dragTo(plot, pointOf(kLimit), target);
        const double dropped = chart->valueAt(plot->mapTo(chart, target).y());
        QPushButton *apply = stripButton(window, QStringLiteral("Apply"));
        QVERIFY(apply);
        QTRY_VERIFY(apply->isVisible() && apply->isEnabled());
        QCOMPARE(limitOf(cgroup), kLimit);
        QTest::mouseClick(apply, Qt::LeftButton);
        QTRY_VERIFY(limitOf(cgroup) != kLimit);
        const std::uint64_t dragged = limitOf(cgroup);
        QVERIFY2(std::abs(static_cast<double>(dragged) - dropped) < 2.0 * kMiB,
                 qPrintable(QStringLiteral("%1 instead of %2").arg(dragged).arg(dropped)));

        QTRY_VERIFY(window.action(ActionId::Undo)->isEnabled());
        QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(limitOf(cgroup), kLimit);
        QTRY_VERIFY(window.action(ActionId::Redo)->isEnabled());
        window.action(ActionId::Redo)->trigger();
        QTRY_COMPARE(limitOf(cgroup), dragged);
    }

    void freeze_confirmed_stopsAndThaws()
    {
        ChildProcess child(test::sleepForEver);
        const ScratchCgroup cgroup("freeze");
        cgroup.attach(child.pid());
        Console console;
        MainWindow &window = console.window;
        window.select(pathOf(cgroup));
        QTRY_COMPARE(window.tree().pathOf(window.treePanel()->currentNode()), pathOf(cgroup));
        QAction *freeze = window.action(ActionId::Freeze);
        QTRY_VERIFY2(freeze->isEnabled(), qPrintable(freeze->toolTip()));

        freeze->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(window));
        QCOMPARE(trim(cgroup.read("freezer", "freezer.state")), "THAWED");
        QTest::mouseClick(openDialog<ConfirmDialog>(window)->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(trim(cgroup.read("freezer", "freezer.state")), "FROZEN");
        QTRY_VERIFY(!openDialog<ConfirmDialog>(window));

        QTRY_VERIFY(QString(freeze->text()).remove(u'&') == QStringLiteral("Thaw"));
        freeze->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(window));
        QTest::mouseClick(openDialog<ConfirmDialog>(window)->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(trim(cgroup.read("freezer", "freezer.state")), "THAWED");
    }

    void freeze_cancelled_changesNothing()
    {
        const ScratchCgroup cgroup("calm");
        Console console;
        MainWindow &window = console.window;
        window.select(pathOf(cgroup));
        QTRY_VERIFY(window.action(ActionId::Freeze)->isEnabled());
        window.action(ActionId::Freeze)->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(window));
        QTest::keyClick(openDialog<ConfirmDialog>(window), Qt::Key_Escape);
        QTRY_VERIFY(!openDialog<ConfirmDialog>(window));
        QCOMPARE(trim(cgroup.read("freezer", "freezer.state")), "THAWED");
    }

    void rootCgroup_actionsAreGreyWithAReason()
    {
        Console console;
        MainWindow &window = console.window;
        window.select(QStringLiteral("/"));
        QTRY_COMPARE(window.tree().pathOf(window.treePanel()->currentNode()), QStringLiteral("/"));
        QAction *kill = window.action(ActionId::Kill);
        QTRY_VERIFY(kill->toolTip().contains(QStringLiteral("root cgroup")));
        QVERIFY(!kill->isEnabled());
        QVERIFY(!kill->statusTip().isEmpty());
    }

    void usageNearTheLimit_putsABadgeOnEveryAncestor()
    {
        ChildProcess child(test::allocate(62 * kMiB));
        const ScratchCgroup cgroup("alert");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(64 * kMiB));
        Console console;
        const NodeTreeModel &tree = console.window.tree();
        QTRY_VERIFY(tree.idOfPath(pathOf(cgroup)));
        cgroup.attach(child.pid());
        child.go();
        const auto badge = [&](const QString &path) {
            return tree.indexOf(tree.idOfPath(path), NodeTreeModel::Alerts).data(BadgeRole).value<Badge>();
        };
        QTRY_VERIFY_WITH_TIMEOUT(badge(pathOf(cgroup)).count > 0, 15'000);
        QVERIFY(badge(QStringLiteral("/")).count > 0);
        QVERIFY(console.window.findChild<AlertsPanel *>()->openCount() > 0);
    }

    void namespaceRow_activated_isShownInTheTree()
    {
        Console console;
        MainWindow &window = console.window;
        window.select(QStringLiteral("/"));
        QTRY_COMPARE(console.currentPath(), QStringLiteral("/"));
        window.showPage(Page::Namespaces);
        QTableView *table = window.findChild<NamespacesPage *>()->findChild<QTableView *>();
        QTRY_VERIFY(table->model()->rowCount() > 0);
        const QModelIndex cell = table->model()->index(0, 0);
        const auto wanted = cell.data(IdRole).toULongLong();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(cell).center());
        QTest::keyClick(table, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(window.treePanel()->currentNode().v, wanted, 10'000);
    }

    void missingPage_isNamed_withThoseThereAre()
    {
        const ScratchCgroup cgroup("pages");
        Console console;
        MainWindow &window = console.window;
        window.select(pathOf(cgroup));
        QVERIFY(window.missingPage(QStringLiteral("checkpoints")).isEmpty()); // it is still to come
        QTRY_COMPARE_WITH_TIMEOUT(console.currentPath(), pathOf(cgroup), 10'000);
        const QString sentence = window.missingPage(QStringLiteral("checkpoints"));
        QVERIFY2(sentence.contains(QStringLiteral("no page “checkpoints”")), qPrintable(sentence));
        QVERIFY2(sentence.contains(QStringLiteral("overview, processes, limits")) &&
                     !sentence.contains(QStringLiteral("runtimes")),
                 qPrintable(sentence));
        QCOMPARE(window.missingPage(QStringLiteral("limits")), QString());
        QCOMPARE(window.missingPage(QString()), QString());
        window.select(QStringLiteral("/none"));
        QVERIFY(window.missingPage(QStringLiteral("checkpoints")).isEmpty());
    }

    void mnemonics_areUnique_data()
    {
        QTest::addColumn<QString>("catalogue");
        QTest::newRow("English") << QStringLiteral("gantry_en");
        QTest::newRow("German") << QStringLiteral("gantry_de");
    }
    void mnemonics_areUnique()
    {
        QFETCH(QString, catalogue);
        QTranslator translator;
        QVERIFY(translator.load(catalogue, QStringLiteral(":/i18n")));
        QCoreApplication::installTranslator(&translator);
        Console console;
        const auto *tabs = console.window.findChild<QTabWidget *>();
        for (int page = 0; page < tabs->count(); ++page) {
            console.window.showPage(static_cast<Page>(page));
            QMap<QKeySequence, QString> seen;
            for (const QString &text : mnemonicTexts(console.window, *tabs)) {
                const QKeySequence keys = QKeySequence::mnemonic(text);
                QVERIFY2(keys.isEmpty() || !seen.contains(keys),
                         qPrintable(QStringLiteral("%1 and %2").arg(text, seen.value(keys))));
                seen.insert(keys, text);
            }
            QVERIFY(seen.size() > 10);
        }
    }

    void missingNode_isNamed()
    {
        Console console;
        QString failure;
        connect(&console.window, &MainWindow::selectFailed, this, [&](const QString &text) { failure = text; });
        QTRY_VERIFY(console.window.tree().nodeCount() > 1);
        console.window.select(QStringLiteral("no-such-container"));
        QTRY_VERIFY2(failure.contains(QStringLiteral("no-such-container")), qPrintable(failure));
    }

private:
    /// Every text with a key of its own that can be on screen together with the current page.
    static QStringList mnemonicTexts(const MainWindow &window, const QTabWidget &tabs)
    {
        QStringList texts;
        for (const QAction *action : window.menuBar()->actions())
            texts << action->text();
        for (int i = 0; i < tabs.count(); ++i)
            texts << tabs.tabText(i);
        for (const QAbstractButton *button : window.findChildren<QAbstractButton *>()) {
            const bool here = !tabs.isAncestorOf(button) || tabs.currentWidget()->isAncestorOf(button);
            if (here && !qobject_cast<const QToolButton *>(button))
                texts << button->text();
        }
        for (const QLabel *label : window.findChildren<QLabel *>()) {
            if (label->buddy())
                texts << label->text();
        }
        return texts;
    }

    static void dragTo(QWidget *plot, const QPoint &from, const QPoint &to)
    {
        QTest::mouseMove(plot, from);
        QTest::mousePress(plot, Qt::LeftButton, {}, from);
        QTest::mouseMove(plot, (from + to) / 2);
        QTest::mouseMove(plot, to);
        QTest::mouseRelease(plot, Qt::LeftButton, {}, to);
    }
};

QTEST_MAIN(TestConsoleWindow)
#include "tst_console_window.moc"
