// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints by mouse and keyboard: a real process, real CRIU, the real engine.
#include <QtTest>

#include "engine/process/process.h"
#include "tests/gui/console_fixture.h"
#include "tests/gui/picture.h"
#include "tests/kernel/criu_target.h"
#include "widgets/dialogs/checkpoint_dialog.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/processes_page.h"
#include "widgets/pages/table_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>

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

        // It runs: the dry run says so, and nobody is asked.
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Restore…")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(shownFailure(console).contains(QStringLiteral("is taken by")), kPatience);
        QVERIFY(!openDialog<ConfirmDialog>(console.window));

        ::kill(target.pid(), SIGKILL);
        ::waitpid(target.pid(), nullptr, 0);
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Restore…")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(openDialog<ConfirmDialog>(console.window), kPatience);
        keepPicture(*openDialog<ConfirmDialog>(console.window), "restore");
        QTest::keyClick(openDialog<ConfirmDialog>(console.window), Qt::Key_Return);
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
