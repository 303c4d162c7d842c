// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb through the window, by mouse and keyboard, on a real engine, real cgroups and real processes.
#include <QtTest>

#include "app/console/action_table.h"
#include "app/console/confirmation_menu.h"
#include "tests/gui/console_fixture.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/move_dialog.h"
#include "widgets/dialogs/new_cgroup_dialog.h"
#include "widgets/dialogs/signal_dialog.h"
#include "widgets/models/process_model.h"
#include "widgets/pages/processes_page.h"
#include "widgets/pages/table_panel.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QTableView>
#include <QToolButton>

#include <csignal>
#include <filesystem>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

bool contains(const ScratchCgroup &cgroup, std::string_view controller, pid_t pid, const std::string &below = {})
{
    const std::string procs = cgroup.read(controller, below + "cgroup.procs");
    return ('\n' + procs).find(strCat('\n', pid, '\n')) != std::string::npos;
}

/// State letter of a process, as /proc/PID/stat has it.
char stateOf(pid_t pid)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 'X';
    const QByteArray stat = file.readAll();
    return stat.at(stat.lastIndexOf(')') + 2);
}

bool exists(const ScratchCgroup &cgroup, const char *name)
{
    return std::filesystem::exists(
        strCat(cgroup.hierarchies()->forController("memory")->mountPoint, cgroup.path().text(), '/', name));
}

/// Selects one row of the tree by mouse.
void clickNode(const Console &console, const QString &path, Qt::KeyboardModifiers modifiers = {})
{
    QTreeView *view = console.window.treePanel()->view();
    const QModelIndex index = console.window.hosts().indexOf(
        {console.window.treePanel()->currentHost(), console.window.tree().idOfPath(path)});
    view->scrollTo(index);
    const QRect row = view->visualRect(index);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, modifiers, QPoint(row.left() + 8, row.center().y()));
}

/// Presses a key in the tree, where the verbs have their shortcuts.
void press(Console &console, Qt::Key key, Qt::KeyboardModifiers modifiers = {})
{
    console.window.activateWindow(); // as a window manager does when a dialog has closed
    QVERIFY(QTest::qWaitForWindowActive(&console.window));
    QTest::keyClick(console.window.treePanel()->view(), key, modifiers);
}

/// The row of a process in the page's table, -1 while it is not there.
int rowOf(const ProcessesPage &page, pid_t pid)
{
    const QAbstractItemModel *model = page.table()->view()->model();
    for (int row = 0; row < model->rowCount(); ++row) {
        if (model->index(row, ProcessModel::Pid).data().toString() == QString::number(pid))
            return row;
    }
    return -1;
}

} // namespace

class TestConsoleVerbs : public QObject
{
    Q_OBJECT
private:
    /// Waits until the cgroup is the selected one and its verbs may be used.
    static void choose(Console &console, const QString &path, ActionId id)
    {
        QVERIFY(QTest::qWaitForWindowActive(&console.window));
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(path), 15'000);
        console.window.select(path);
        QTRY_COMPARE(console.currentPath(), path);
        const QAction *action = console.window.action(id);
        QTRY_VERIFY2(action->isEnabled(), qPrintable(action->toolTip()));
    }

private Q_SLOTS:
    void kill_takesMoreThanEnter()
    {
        ChildProcess child(sleepForEver);
        const ScratchCgroup cgroup("kill");
        cgroup.attach(child.pid());
        child.go();
        Console console;
        choose(console, pathOf(cgroup), ActionId::Kill);
        press(console, Qt::Key_Delete);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        auto *dialog = openDialog<ConfirmDialog>(console.window);
        QVERIFY2(dialog->acceptButton()->text().contains(u'1'), qPrintable(dialog->acceptButton()->text()));
        dialog->acceptButton()->setFocus();
        QTest::keyClick(dialog->acceptButton(), Qt::Key_Return);
        QVERIFY(dialog->isVisible());
        QVERIFY(contains(cgroup, "memory", child.pid()));
        // Where the focus stands at first, Enter is a no.
        QTest::keyClick(buttonOf(*dialog, QStringLiteral("Cancel")), Qt::Key_Return);
        QTRY_VERIFY(!openDialog<ConfirmDialog>(console.window));
        QVERIFY(contains(cgroup, "memory", child.pid()));

        press(console, Qt::Key_Delete);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::keyClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::Key_Space);
        QTRY_VERIFY(!contains(cgroup, "memory", child.pid()));
        const int status = child.wait();
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGKILL);
    }

    void kill_ofTwo_wantsTheNameTyped()
    {
        ChildProcess first(sleepForEver);
        ChildProcess second(sleepForEver);
        const ScratchCgroup one("one");
        const ScratchCgroup two("two");
        one.attach(first.pid());
        two.attach(second.pid());
        first.go();
        second.go();
        Console console;
        choose(console, pathOf(two), ActionId::Kill);
        QTRY_VERIFY(console.window.tree().idOfPath(pathOf(one)));
        clickNode(console, pathOf(one), Qt::ControlModifier);
        QAction *kill = console.window.action(ActionId::Kill);
        QTRY_VERIFY2(kill->text().contains(QStringLiteral("2 cgroups")), qPrintable(kill->text()));
        press(console, Qt::Key_Delete);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        auto *dialog = openDialog<ConfirmDialog>(console.window);
        QVERIFY(dialog->nameField());
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QTest::keyClicks(dialog->nameField(), QStringLiteral("/something-else"));
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QVERIFY(dialog->isVisible());
        QVERIFY(contains(one, "memory", first.pid()) && contains(two, "memory", second.pid()));

        dialog->nameField()->clear();
        const auto *list = dialog->findChild<QListWidget *>();
        QTest::keyClicks(dialog->nameField(), list->item(0)->text().section(QStringLiteral(" ("), 0, 0));
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QTest::keyClick(dialog->nameField(), Qt::Key_Return);
        QVERIFY(dialog->isVisible());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY(!contains(one, "memory", first.pid()) && !contains(two, "memory", second.pid()));
        QCOMPARE(WTERMSIG(first.wait()), SIGKILL);
        QCOMPARE(WTERMSIG(second.wait()), SIGKILL);
    }

    void kill_cgroupMadeAgain_isRefused()
    {
        ChildProcess child(sleepForEver);
        ChildProcess innocent(sleepForEver);
        const ScratchCgroup parent("stale");
        parent.makeChild("x");
        parent.attach(child.pid(), "x");
        child.go();
        Console console;
        QString failure;
        connect(&console.window, &MainWindow::failureShown, this, [&](const QString &text) { failure = text; });
        const QString path = pathOf(parent) + QStringLiteral("/x");
        choose(console, path, ActionId::Kill);
        press(console, Qt::Key_Delete);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        // Behind the back of the dialog: another cgroup with the same name, and other processes in it.
        parent.attach(child.pid());
        parent.remove("x");
        parent.makeChild("x");
        parent.attach(innocent.pid(), "x");
        innocent.go();
        QTest::keyClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::Key_Space);
        QTRY_VERIFY(!failure.isEmpty());
        QVERIFY2(failure.contains(path), qPrintable(failure));
        QVERIFY(openDialog<QMessageBox>(console.window));
        QVERIFY(contains(parent, "memory", innocent.pid(), "x/"));
        QVERIFY(contains(parent, "memory", child.pid()));
        QVERIFY(stateOf(innocent.pid()) != 'Z' && stateOf(child.pid()) != 'Z');
    }

    void signal_chosenInTheTable_stopsThatProcess()
    {
        ChildProcess child(sleepForEver);
        ChildProcess other(sleepForEver);
        const ScratchCgroup cgroup("signal");
        cgroup.attach(child.pid());
        cgroup.attach(other.pid());
        child.go();
        other.go();
        Console console;
        choose(console, pathOf(cgroup), ActionId::Signal);
        console.window.showPage(Page::Processes);
        auto *page = console.window.findChild<ProcessesPage *>();
        QTRY_VERIFY(rowOf(*page, child.pid()) >= 0);
        QTableView *table = page->table()->view();
        const QModelIndex cell = table->model()->index(rowOf(*page, child.pid()), ProcessModel::Pid);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(cell).center());
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Signal…")), Qt::LeftButton);
        QTRY_VERIFY(openDialog<SignalDialog>(console.window));
        auto *dialog = openDialog<SignalDialog>(console.window);
        auto *signalList = dialog->findChild<QListWidget *>();
        for (int steps = 0; steps < signalList->count(); ++steps) {
            if (signalList->currentItem()->data(Qt::UserRole).toInt() == SIGSTOP)
                break;
            QTest::keyClick(signalList, Qt::Key_Down);
        }
        QCOMPARE(signalList->currentItem()->data(Qt::UserRole).toInt(), SIGSTOP);
        QTest::mouseClick(buttonOf(*dialog, QStringLiteral("Send")), Qt::LeftButton);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QVERIFY(stateOf(child.pid()) != 'T');
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(stateOf(child.pid()), 'T');
        QVERIFY(stateOf(other.pid()) != 'T');
    }

    void signal_endedProcess_isNamed()
    {
        auto child = std::make_unique<ChildProcess>(sleepForEver);
        const pid_t pid = child->pid();
        const ScratchCgroup cgroup("gone");
        cgroup.attach(pid);
        child->go();
        Console console;
        QString failure;
        connect(&console.window, &MainWindow::failureShown, this, [&](const QString &text) { failure = text; });
        choose(console, pathOf(cgroup), ActionId::Signal);
        press(console, Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<SignalDialog>(console.window));
        child.reset();
        QTest::mouseClick(buttonOf(*openDialog<SignalDialog>(console.window), QStringLiteral("Send")), Qt::LeftButton);
        const auto told = [&] {
            if (auto *dialog = openDialog<ConfirmDialog>(console.window)) {
                for (const QLabel *label : dialog->findChildren<QLabel *>()) {
                    if (label->text().contains(QString::number(pid)))
                        return true;
                }
            }
            return failure.contains(QString::number(pid));
        };
        QTRY_VERIFY(told());
    }

    void move_toAnotherCgroup_arrivesInEveryHierarchy()
    {
        ChildProcess child(sleepForEver);
        const ScratchCgroup from("from");
        const ScratchCgroup to("to");
        from.attach(child.pid());
        child.go();
        Console console;
        choose(console, pathOf(from), ActionId::MoveProcesses);
        QTRY_VERIFY(console.window.tree().idOfPath(pathOf(to)));
        press(console, Qt::Key_V, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<MoveDialog>(console.window));
        auto *dialog = openDialog<MoveDialog>(console.window);
        auto *target = dialog->findChild<QLineEdit *>();
        QPushButton *move = buttonOf(*dialog, QStringLiteral("Move"));
        QTest::keyClicks(target, QStringLiteral("/nowhere"));
        QVERIFY(!move->isEnabled());
        target->clear();
        QTest::keyClicks(target, pathOf(to));
        QTRY_VERIFY(move->isEnabled());
        QTest::mouseClick(move, Qt::LeftButton);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QVERIFY(contains(from, "memory", child.pid()));
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY(contains(to, "memory", child.pid()));
        QVERIFY(contains(to, "pids", child.pid()) && contains(to, "freezer", child.pid()));
        QVERIFY(!contains(from, "memory", child.pid()));
    }

    void lookOnly_greysEveryVerbAndSaysWhy()
    {
        const ScratchCgroup cgroup("look");
        Console console;
        choose(console, pathOf(cgroup), ActionId::Kill);
        QTest::keyClick(&console.window, Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        for (const ActionSpec &spec : actionTable()) {
            const QAction *action = console.window.action(spec.id);
            if (spec.changesHost)
                QVERIFY2(!action->isEnabled() && action->toolTip().contains(QStringLiteral("look only")), spec.name);
        }
        QVERIFY(console.window.findChild<QToolButton *>(QStringLiteral("readOnlyLock"))->isVisible());
        QVERIFY(console.window.settings().readOnly);
        QTest::keyClick(&console.window, Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(console.window.action(ActionId::Kill)->isEnabled());
    }

    void confirmation_silenced_asksNoMore()
    {
        ChildProcess child(sleepForEver);
        const ScratchCgroup cgroup("silent");
        cgroup.attach(child.pid());
        Settings settings;
        settings.silencedConfirmations = {QStringLiteral("freeze"), QStringLiteral("kill")};
        Console console(settings);
        choose(console, pathOf(cgroup), ActionId::Freeze);
        press(console, Qt::Key_F);
        QTRY_COMPARE(trim(cgroup.read("freezer", "freezer.state")), "FROZEN");
        QVERIFY(!openDialog<ConfirmDialog>(console.window));
        // What cannot be undone asks whatever was chosen.
        press(console, Qt::Key_Delete);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::keyClick(openDialog<ConfirmDialog>(console.window), Qt::Key_Escape);

        auto *menu = console.window.findChild<ConfirmationMenu *>();
        auto *freeze = menu->findChild<QAction *>(QStringLiteral("freeze"));
        menu->popup(QPoint());
        QVERIFY(!freeze->isChecked());
        freeze->trigger();
        menu->hide();
        QVERIFY(!console.window.settings().silencedConfirmations.contains(QStringLiteral("freeze")));
    }

    void jump_withCtrlHeld_selectsOneNode()
    {
        const ScratchCgroup one("here");
        const ScratchCgroup two("there");
        Console console;
        choose(console, pathOf(one), ActionId::Freeze);
        QTest::keyPress(&console.window, Qt::Key_Control, Qt::ControlModifier);
        console.window.select(pathOf(two));
        QTRY_COMPARE(console.currentPath(), pathOf(two));
        QCOMPARE(console.window.treePanel()->selectedNodes().size(), 1u);
        QTest::keyRelease(&console.window, Qt::Key_Control);
    }

    void newCgroup_isMadeAndSelected()
    {
        const ScratchCgroup parent("parent");
        Console console;
        choose(console, pathOf(parent), ActionId::NewCgroup);
        press(console, Qt::Key_N, Qt::ControlModifier);
        QTRY_VERIFY(openDialog<NewCgroupDialog>(console.window));
        auto *dialog = openDialog<NewCgroupDialog>(console.window);
        auto *name = dialog->findChild<QLineEdit *>();
        QPushButton *make = buttonOf(*dialog, QStringLiteral("Make"));
        for (const QString &bad : {QStringLiteral(".."), QStringLiteral("a/b"), QStringLiteral("memory.x")}) {
            name->clear();
            QTest::keyClicks(name, bad);
            QVERIFY2(!make->isEnabled(), qPrintable(bad));
        }
        name->clear();
        QTest::keyClicks(name, QStringLiteral("made here"));
        QVERIFY(make->isEnabled());
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_VERIFY(exists(parent, "made here"));
        QTRY_COMPARE(console.currentPath(), pathOf(parent) + QStringLiteral("/made here"));
    }

    void removeCgroup_takesMoreThanEnter()
    {
        const ScratchCgroup parent("removal");
        parent.makeChild("x");
        const QString path = pathOf(parent) + QStringLiteral("/x");
        Console console;
        choose(console, path, ActionId::RemoveCgroup);
        press(console, Qt::Key_Delete, Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        auto *dialog = openDialog<ConfirmDialog>(console.window);
        QTest::keyClick(dialog->acceptButton(), Qt::Key_Return);
        QVERIFY(dialog->isVisible());
        QVERIFY(exists(parent, "x"));
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY(!exists(parent, "x"));
        QTRY_VERIFY(!console.window.tree().idOfPath(path));
    }
};

QTEST_MAIN(TestConsoleVerbs)
#include "tst_console_verbs.moc"
