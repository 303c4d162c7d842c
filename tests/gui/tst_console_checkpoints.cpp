// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints by mouse and keyboard: a real process, real CRIU, the real engine.
#include <QtTest>

#include "engine/process/process.h"
#include "tests/gui/console_fixture.h"
#include "tests/gui/picture.h"
#include "tests/kernel/criu_target.h"
#include "widgets/dialogs/checkpoint_dialog.h"
#include "widgets/dialogs/checkpoint_note_dialog.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/restore_dialog.h"
#include "widgets/dialogs/schedule_dialog.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/processes_page.h"
#include "widgets/pages/table_panel.h"
#include "widgets/pages/timeline_page.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>

#include <csignal>

#include <sys/wait.h>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr int kPatience = 60'000; ///< CRIU beside a sanitizer

} // namespace

class TestConsoleCheckpoints : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(adoptTargets()); }
    void cleanup() { endAllBelow(); }

    void savedFromTheTree_restoredAndRemovedFromThePage()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const ScratchCgroup cgroup("saved", {"memory", "freezer"});
        cgroup.attach(target.pid());
        const Answer before = ask(target.pid(), folder.path().toStdString());
        Console console;
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(pathOf(cgroup)), kPatience);
        console.window.select(pathOf(cgroup));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        QTRY_VERIFY(console.window.action(ActionId::Checkpoint)->isEnabled());
        console.window.action(ActionId::Checkpoint)->trigger();
        auto *dialog = openDialog<CheckpointDialog>(console.window);
        QVERIFY(dialog);
        QVERIFY(!dialog->acceptButton()->isEnabled()); // until it is known that it can be done
        QTRY_VERIFY_WITH_TIMEOUT(dialog->acceptButton()->isEnabled(), kPatience);
        QVERIFY(dialog->findChild<QLabel *>(QStringLiteral("freeze"))->text().contains(QStringLiteral("stand still")));
        QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("name")), QStringLiteral("before it"));
        keepPicture(*dialog, "checkpoint");
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(console.window.statusBar()->currentMessage().contains(QStringLiteral("runs on")) ||
                                     statusText(console).contains(QStringLiteral("runs on")),
                                 kPatience);
        QVERIFY(ask(target.pid(), folder.path().toStdString()).count > before.count);

        CheckpointsPage *page = openPage(console);
        QTRY_COMPARE_WITH_TIMEOUT(page->table()->view()->model()->rowCount(), 1, kPatience);
        keepPicture(console.window, "checkpoints");
        QVERIFY(!buttonOf(*page, QStringLiteral("Restore…"))->isEnabled()); // nothing is selected
        page->table()->selectSourceRow(0);
        QVERIFY(buttonOf(*page, QStringLiteral("Restore…"))->isEnabled());

        // It runs: that it would end is said before, and it is saved first unless that is unticked.
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Restore…")), Qt::LeftButton);
        auto *restore = openDialog<RestoreDialog>(console.window);
        QVERIFY(restore);
        QTRY_VERIFY_WITH_TIMEOUT(restore->acceptButton()->isEnabled(), kPatience);
        QVERIFY2(labels(*restore).contains(QStringLiteral("will end: %1").arg(target.pid())),
                 qPrintable(labels(*restore)));
        QVERIFY(restore->findChild<QCheckBox *>()->isChecked());
        keepPicture(*restore, "restore-in-place");
        QTest::keyClick(restore, Qt::Key_Escape);

        ::kill(target.pid(), SIGKILL);
        ::waitpid(target.pid(), nullptr, 0);
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Restore…")), Qt::LeftButton);
        acceptRestore(console, "restore");
        QVERIFY2(QTest::qWaitFor([&] { return process::readStat(target.pid()).has_value(); }, kPatience),
                 qPrintable(shownFailure(console)));
        QTRY_VERIFY_WITH_TIMEOUT(statusText(console).contains(QStringLiteral("runs again")), kPatience);
        QCOMPARE(ask(target.pid(), folder.path().toStdString()).sum, before.sum);

        page->table()->selectSourceRow(0);
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Remove…")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(openDialog<ConfirmDialog>(console.window), kPatience);
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(page->table()->view()->model()->rowCount(), 0, kPatience);
        ::kill(target.pid(), SIGKILL);
    }

    void schedule_isSetShownAndRemoved()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const ScratchCgroup cgroup("ticked", {"memory", "freezer"});
        cgroup.attach(target.pid());
        Console console;
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(pathOf(cgroup)), kPatience);
        console.window.select(pathOf(cgroup));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        QTRY_VERIFY(console.window.action(ActionId::Schedule)->isEnabled());
        console.window.action(ActionId::Schedule)->trigger();
        auto *dialog = openDialog<ScheduleDialog>(console.window);
        QVERIFY(dialog);
        dialog->findChild<QComboBox *>()->setCurrentIndex(0); // seconds
        dialog->findChildren<QDoubleSpinBox *>().front()->setValue(1);
        QTRY_VERIFY_WITH_TIMEOUT(dialog->acceptButton()->isEnabled(), kPatience);
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(statusText(console).contains(QStringLiteral("by itself from now on")), kPatience);
        CheckpointsPage *page = openPage(console);
        QTRY_VERIFY_WITH_TIMEOUT(page->table()->view()->model()->rowCount() > 0, kPatience);

        console.window.select(pathOf(cgroup));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        QTRY_VERIFY(console.window.action(ActionId::Schedule)->isEnabled());
        console.window.action(ActionId::Schedule)->trigger();
        dialog = openDialog<ScheduleDialog>(console.window);
        QVERIFY(dialog);
        QTRY_VERIFY_WITH_TIMEOUT(labels(*dialog).contains(QStringLiteral("It has a schedule: runs")), kPatience);
        QCOMPARE(dialog->request().period_ms(), std::uint64_t{1'000});
        keepPicture(*dialog, "schedule-runs");
        for (QPushButton *button : dialog->findChildren<QPushButton *>()) {
            if (button->text().contains(QStringLiteral("Remove")))
                QTest::mouseClick(button, Qt::LeftButton);
        }
        QTRY_VERIFY_WITH_TIMEOUT(openDialog<ConfirmDialog>(console.window), kPatience);
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(statusText(console).contains(QStringLiteral("is removed")), kPatience);
        ::kill(target.pid(), SIGKILL);
    }

    /// Two checkpoints, back to the first, a third: what is told of them, from the page Timeline alone.
    void timeline_savesGoesBackAndForksOff()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const ScratchCgroup cgroup("forked", {"memory", "freezer"});
        cgroup.attach(target.pid());
        Console console;
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(pathOf(cgroup)), kPatience);
        console.window.select(pathOf(cgroup));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        console.window.showPage(Page::Timeline);
        auto *page = console.window.findChild<TimelinePage *>();
        TimelineView &view = *page->view();
        QTRY_VERIFY(view.isVisible());
        const auto mark = [&view](std::size_t i) -> const TimelineMark & { return view.scene().marks().at(i); };

        saveFromPage(console, *page, QStringLiteral("first"));
        QTRY_COMPARE_WITH_TIMEOUT(view.scene().marks().size(), std::size_t{1}, kPatience);
        const Answer before = ask(target.pid(), folder.path().toStdString());
        saveFromPage(console, *page, QStringLiteral("second"));
        QTRY_COMPARE_WITH_TIMEOUT(view.scene().marks().size(), std::size_t{2}, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(view.scene().presents().size(), std::size_t{1}, kPatience); // it runs

        // Named anew, pinned, and both undone.
        console.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&console.window));
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_End);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.selection(), std::vector{mark(0).id});
        QTest::keyClick(&view, Qt::Key_F2);
        auto *names = openDialog<CheckpointNoteDialog>(console.window);
        QVERIFY(names);
        names->findChild<QLineEdit *>(QStringLiteral("name"))->setText(QStringLiteral("the first"));
        QTest::keyClick(names, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(mark(0).name, QStringLiteral("the first"), kPatience);
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Pin")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(mark(0).pinned, kPatience);
        console.window.action(ActionId::Undo)->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!mark(0).pinned, kPatience);
        console.window.action(ActionId::Undo)->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(mark(0).name, QStringLiteral("first"), kPatience);

        // Back to the first while it runs: the present is saved first.
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Home);
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Restore…")), Qt::LeftButton);
        acceptRestore(console, "timeline-restore");
        QTRY_VERIFY_WITH_TIMEOUT(statusText(console).contains(QStringLiteral("runs again")), kPatience);
        const Answer after = ask(target.pid(), folder.path().toStdString());
        QCOMPARE(after.sum, before.sum);
        QTRY_COMPARE_WITH_TIMEOUT(view.scene().marks().size(), std::size_t{3}, kPatience);
        QCOMPARE(mark(2).trigger, TimelineTrigger::BeforeRestore);
        QCOMPARE(mark(2).parent, mark(1).id);
        // The present is another future of the first one.
        QTRY_VERIFY_WITH_TIMEOUT(!view.scene().presents().empty() && view.scene().presents().front().from == 0,
                                 kPatience);
        QCOMPARE(view.scene().presents().front().row, std::size_t{1});
        keepPicture(console.window, "timeline-restored");

        saveFromPage(console, *page, QStringLiteral("third"));
        QTRY_COMPARE_WITH_TIMEOUT(view.scene().marks().size(), std::size_t{4}, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(view.scene().presents().front().from, std::size_t{3}, kPatience);
        console.window.resize(1280, 800);
        keepPicture(console.window, "timeline-1280");
        console.window.resize(1000, 650);
        keepPicture(console.window, "timeline-1000");
        // The engine's own word for what it went on from.
        QCOMPARE(mark(1).parent, mark(0).id);
        QCOMPARE(mark(3).parent, mark(0).id);
        const BranchLayout &layout = view.scene().layout();
        QCOMPARE(layout.branches.size(), std::size_t{2});
        QCOMPARE(layout.branches.at(0).marks, (std::vector<std::size_t>{0, 1, 2}));
        QCOMPARE(layout.branches.at(1).from, std::size_t{0});
        ::kill(target.pid(), SIGKILL);
    }

    void whatCannotBeSaved_isSaidInTheDialog()
    {
        const QTemporaryDir folder;
        const Target target("io-uring", folder.path().toStdString());
        QVERIFY(target.isReady());
        const ScratchCgroup cgroup("refused", {"memory", "freezer"});
        cgroup.attach(target.pid());
        Console console;
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(pathOf(cgroup)), kPatience);
        console.window.select(pathOf(cgroup));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        QTRY_VERIFY(console.window.action(ActionId::Checkpoint)->isEnabled());
        console.window.action(ActionId::Checkpoint)->trigger();
        auto *dialog = openDialog<CheckpointDialog>(console.window);
        QVERIFY(dialog);
        QTRY_VERIFY_WITH_TIMEOUT(labels(*dialog).contains(QStringLiteral("io_uring")), kPatience);
        QVERIFY(labels(*dialog).contains(QStringLiteral("It cannot be checkpointed.")));
        QVERIFY(!dialog->acceptButton()->isEnabled());
        keepPicture(*dialog, "checkpoint-refused");
        QTest::keyClick(dialog, Qt::Key_Escape);
        QCOMPARE(process::readStat(target.pid())->state, 'S');
    }

private:
    /// The page's button, then the dialog with a name.
    static void saveFromPage(Console &console, const TimelinePage &page, const QString &name)
    {
        QToolButton *button = nullptr;
        for (QToolButton *one : page.findChildren<QToolButton *>()) {
            if (one->defaultAction() == console.window.action(ActionId::Checkpoint))
                button = one;
        }
        QVERIFY(button != nullptr && button->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(button->isEnabled(), kPatience);
        QTest::mouseClick(button, Qt::LeftButton);
        auto *dialog = openDialog<CheckpointDialog>(console.window);
        QVERIFY(dialog);
        QTRY_VERIFY_WITH_TIMEOUT(dialog->acceptButton()->isEnabled(), kPatience);
        QTest::keyClicks(dialog->findChild<QLineEdit *>(QStringLiteral("name")), name);
        QTest::keyClick(dialog, Qt::Key_Return);
    }

    /// The dialog that is open or opens: waits until it can be done, and does it.
    static void acceptRestore(const Console &console, const char *pictureName)
    {
        QVERIFY(QTest::qWaitFor([&] { return openDialog<RestoreDialog>(console.window) != nullptr; }, kPatience));
        auto *dialog = openDialog<RestoreDialog>(console.window);
        QVERIFY2(QTest::qWaitFor([&] { return dialog->acceptButton()->isEnabled(); }, kPatience),
                 qPrintable(labels(*dialog)));
        keepPicture(*dialog, pictureName);
        QTest::keyClick(dialog, Qt::Key_Return);
    }

    static QString labels(const QWidget &widget)
    {
        QStringList out;
        for (const QLabel *label : widget.findChildren<QLabel *>()) {
            if (label->isVisible())
                out << label->text();
        }
        return out.join(u'\n');
    }
    static QString statusText(const Console &console)
    {
        return labels(*console.window.statusBar()) + console.window.statusBar()->currentMessage();
    }
    static QString shownFailure(const Console &console) { return labels(console.window); }

    /// The host's page, by its tab.
    static CheckpointsPage *openPage(Console &console)
    {
        console.window.treePanel()->selectNode(NodeId::host());
        console.window.showPage(Page::Checkpoints);
        return console.window.findChild<CheckpointsPage *>();
    }
};

QTEST_MAIN(TestConsoleCheckpoints)
#include "tst_console_checkpoints.moc"
