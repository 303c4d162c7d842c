// SPDX-License-Identifier: GPL-3.0-or-later
// What the console offers on a host with cgroup v2 and systemd, by mouse and keyboard, on an engine that plays one.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "tests/gui/fake_engine.h"
#include "tests/gui/picture.h"
#include "widgets/dialogs/check_dialog.h"
#include "widgets/dialogs/checkpoint_help_dialog.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/controllers_dialog.h"
#include "widgets/dialogs/limit_route_dialog.h"
#include "widgets/dialogs/new_cgroup_dialog.h"
#include "widgets/dialogs/reclaim_dialog.h"
#include "widgets/models/file_model.h"
#include "widgets/models/limit_model.h"
#include "widgets/models/oomd_model.h"
#include "widgets/pages/files_page.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/limits_page.h"
#include "widgets/pages/oomd_page.h"
#include "widgets/pages/table_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRadioButton>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QTreeView>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

const QString kApp = QString::fromLatin1(FakeEngine::kAppPath);
const QString kCron = QString::fromLatin1(FakeEngine::kCronPath);

/// The console on the engine that plays a host.
struct V2Console
{
    FakeEngine engine;
    HostClient client{
        [this](const std::stop_token &) -> Result<std::shared_ptr<grpc::Channel>> { return engine.channel(); }};
    MainWindow window;

    explicit V2Console(std::uint32_t version = 2) : engine(version), window(client, {})
    {
        window.resize(1280, 800);
        window.show();
        client.start();
    }

    [[nodiscard]] QString currentPath() const { return window.tree().pathOf(window.treePanel()->currentNode()); }

    /// Presses a key in the tree, where the verbs have their shortcuts.
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers)
    {
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::keyClick(window.treePanel()->view(), key, modifiers);
    }
    void choose(const QString &path)
    {
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTRY_VERIFY_WITH_TIMEOUT(window.tree().idOfPath(path), 15'000);
        window.select(path);
        QTRY_COMPARE(currentPath(), path);
    }
};

/// Every sentence and every line of text that a widget shows.
QString shownText(const QWidget &widget)
{
    QStringList texts;
    for (const QLabel *label : widget.findChildren<QLabel *>()) {
        if (label->isVisible())
            texts << label->text();
    }
    for (const QLineEdit *line : widget.findChildren<QLineEdit *>()) {
        if (line->isVisible())
            texts << line->text();
    }
    return texts.join(u'\n');
}

} // namespace

class TestConsoleV2 : public QObject
{
    Q_OBJECT
private:
    /// Types a new value on the Limits page of a cgroup and waits for its dry run.
    static void type(V2Console &console, const char *key, const QString &typed)
    {
        console.window.showPage(Page::Limits);
        auto *page = console.window.findChild<LimitsPage *>();
        QTableView *view = page->table()->view();
        const auto cell = [&]() -> QModelIndex {
            for (int row = 0; row < view->model()->rowCount(); ++row) {
                if (view->model()->index(row, LimitModel::Name).data().toString().contains(QLatin1String(key)))
                    return view->model()->index(row, LimitModel::New);
            }
            return {};
        };
        QTRY_VERIFY(cell().isValid() && cell().flags().testFlag(Qt::ItemIsEditable));
        view->edit(cell());
        auto *editor = view->findChild<QLineEdit *>();
        QVERIFY(editor);
        editor->selectAll();
        QTest::keyClicks(editor, typed);
        QTest::keyClick(editor, Qt::Key_Return);
    }
    /// The button of the strip below the table, once the dry run is there; nullptr while it is not.
    static QPushButton *applyButton(const V2Console &console, const QString &text)
    {
        QPushButton *button = buttonOf(*console.window.findChild<LimitsPage *>(), text);
        return button && button->isEnabled() ? button : nullptr;
    }
    /// Opens the question of a value that systemd keeps.
    static void openRoute(V2Console &console, const QString &typed)
    {
        type(console, "memory.max", typed);
        QTRY_VERIFY(applyButton(console, QStringLiteral("Apply…")));
        QTest::mouseClick(applyButton(console, QStringLiteral("Apply…")), Qt::LeftButton);
        QTRY_VERIFY(openDialog<LimitRouteDialog>(console.window));
    }
    static QRadioButton *radio(const LimitRouteDialog &dialog, const QString &begin)
    {
        for (QRadioButton *button : dialog.findChildren<QRadioButton *>()) {
            if (QString(button->text()).remove(u'&').startsWith(begin))
                return button;
        }
        return nullptr;
    }

private Q_SLOTS:
    void limitOfNobody_isAppliedWithoutADialog()
    {
        V2Console console;
        console.choose(kCron);
        type(console, "pids.max", QStringLiteral("100"));
        QTRY_VERIFY(applyButton(console, QStringLiteral("Apply")));
        QTest::mouseClick(applyButton(console, QStringLiteral("Apply")), Qt::LeftButton);
        QTRY_COMPARE(console.engine.limitRequests().size(), 1u);
        QVERIFY(!openDialog<LimitRouteDialog>(console.window));
        QVERIFY(!console.engine.limitRequests().front().by_file());
    }

    void limitOfSystemd_asksHowLong_andUndoIsTheSame()
    {
        V2Console console;
        console.choose(kCron);
        openRoute(console, QStringLiteral("300M"));
        auto *dialog = openDialog<LimitRouteDialog>(console.window);
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("set-property --runtime cron.service MemoryMax=314572800")),
                 qPrintable(shownText(*dialog)));
        keepPicture(*dialog, "limit-route");
        QVERIFY(radio(*dialog, QStringLiteral("Until"))->isChecked());
        QTest::mouseClick(radio(*dialog, QStringLiteral("For ever")), Qt::LeftButton, {}, QPoint(8, 8));
        QVERIFY(!dialog->acceptButton()->isEnabled()); // the dry run is on its way
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("set-property cron.service MemoryMax=314572800")),
                 qPrintable(shownText(*dialog)));
        QVERIFY(shownText(*dialog).contains(QStringLiteral("--permanent")));
        QVERIFY(console.engine.limitRequests().empty());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.limitRequests().size(), 1u);
        QCOMPARE(console.engine.limitRequests()[0].persistence(), v1::PERSISTENCE_PERMANENT);

        QTRY_VERIFY(console.window.action(ActionId::Undo)->isEnabled());
        console.window.action(ActionId::Undo)->trigger();
        QTRY_COMPARE(console.engine.limitRequests().size(), 2u);
        QCOMPARE(console.engine.limitRequests()[1].persistence(), v1::PERSISTENCE_PERMANENT);
        QCOMPARE(console.engine.limitRequests()[1].settings(0).value().number(), 512 * FakeEngine::kMiB);
    }

    void limitOfSystemd_choiceIsRemembered_andKeysAreEnough()
    {
        V2Console console;
        console.choose(kCron);
        openRoute(console, QStringLiteral("300M"));
        auto *dialog = openDialog<LimitRouteDialog>(console.window);
        QTRY_VERIFY(radio(*dialog, QStringLiteral("Until"))->hasFocus());
        QTest::keyClick(dialog->focusWidget(), Qt::Key_Down);
        QTRY_VERIFY(radio(*dialog, QStringLiteral("For ever"))->isChecked());
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QTest::keyClick(dialog->focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(console.engine.limitRequests().size(), 1u);
        QCOMPARE(console.engine.limitRequests()[0].persistence(), v1::PERSISTENCE_PERMANENT);
        QTRY_VERIFY(!openDialog<LimitRouteDialog>(console.window));
        QTRY_VERIFY(console.window.action(ActionId::Undo)->isEnabled()); // the answer is here

        openRoute(console, QStringLiteral("200M"));
        dialog = openDialog<LimitRouteDialog>(console.window);
        QVERIFY(radio(*dialog, QStringLiteral("For ever"))->isChecked());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!openDialog<LimitRouteDialog>(console.window));
        QCOMPARE(console.engine.limitRequests().size(), 1u);
    }

    void limitOfSystemd_fileIsBehindAnExpander()
    {
        V2Console console;
        console.choose(kCron);
        openRoute(console, QStringLiteral("300M"));
        auto *dialog = openDialog<LimitRouteDialog>(console.window);
        auto *byFile = dialog->findChild<QCheckBox *>();
        QVERIFY(!byFile->isVisible());
        for (QToolButton *button : dialog->findChildren<QToolButton *>()) {
            if (button->isCheckable())
                QTest::mouseClick(button, Qt::LeftButton);
        }
        QVERIFY(byFile->isVisible());
        QTest::mouseClick(byFile, Qt::LeftButton, {}, QPoint(8, byFile->height() / 2));
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("may undo the change")), qPrintable(shownText(*dialog)));
        QVERIFY(shownText(*dialog).contains(QStringLiteral("> /sys/fs/cgroup/system.slice/cron.service/memory.max")));
        QVERIFY(shownText(*dialog).contains(QStringLiteral("--by-file")));
        keepPicture(*dialog, "limit-by-file");
        // Enter is a no here.
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_VERIFY(!openDialog<LimitRouteDialog>(console.window));
        QVERIFY(console.engine.limitRequests().empty());

        QTRY_VERIFY(applyButton(console, QStringLiteral("Apply…")));
        QTest::mouseClick(applyButton(console, QStringLiteral("Apply…")), Qt::LeftButton);
        QTRY_VERIFY(openDialog<LimitRouteDialog>(console.window));
        dialog = openDialog<LimitRouteDialog>(console.window);
        byFile = dialog->findChild<QCheckBox *>();
        QVERIFY(!byFile->isChecked()); // that choice is not remembered
        byFile->click();
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.limitRequests().size(), 1u);
        QVERIFY(console.engine.limitRequests()[0].by_file());
        QTRY_VERIFY(console.window.action(ActionId::Undo)->isEnabled());
        console.window.action(ActionId::Undo)->trigger();
        QTRY_COMPARE(console.engine.limitRequests().size(), 2u);
        QVERIFY(console.engine.limitRequests()[1].by_file());
    }

    void controllers_previewTellsTheChildren_andUndoSetsTheOldSet()
    {
        V2Console console;
        console.engine.setProcesses(0);
        console.choose(kApp);
        QTRY_VERIFY(console.window.action(ActionId::Controllers)->isEnabled());
        console.press(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<ControllersDialog>(console.window));
        auto *dialog = openDialog<ControllersDialog>(console.window);
        QVERIFY(dialog->box("memory")->isChecked() && !dialog->box("cpu")->isChecked());
        QVERIFY(!dialog->box("io")); // not in cgroup.controllers
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QTest::mouseClick(dialog->box("cpu"), Qt::LeftButton, {}, QPoint(8, 8));
        QTest::mouseClick(dialog->box("memory"), Qt::LeftButton, {}, QPoint(8, 8));
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("limits that are lost: a: memory.max 64M")),
                 qPrintable(shownText(*dialog)));
        QVERIFY(shownText(*dialog).contains(QStringLiteral("gantryctl controllers /app +cpu -memory")));
        QVERIFY(!dialog->leafBox()->isVisible());
        keepPicture(*dialog, "controllers");
        QCOMPARE(console.engine.enabled(), std::set<std::string>({"memory"}));
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.enabled(), std::set<std::string>({"cpu"}));

        QTRY_VERIFY(console.window.action(ActionId::Undo)->isEnabled());
        console.window.action(ActionId::Undo)->trigger();
        // The children change again.
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.enabled(), std::set<std::string>({"memory"}));
        QTRY_VERIFY(console.window.action(ActionId::Redo)->isEnabled());
        QVERIFY(!console.window.action(ActionId::Undo)->isEnabled());
    }

    void controllers_choiceTakenBack_isNothing()
    {
        V2Console console;
        console.engine.setProcesses(0);
        console.choose(kApp);
        QTRY_VERIFY(console.window.action(ActionId::Controllers)->isEnabled());
        console.window.action(ActionId::Controllers)->trigger();
        QTRY_VERIFY(openDialog<ControllersDialog>(console.window));
        auto *dialog = openDialog<ControllersDialog>(console.window);
        dialog->box("cpu")->click();
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        dialog->box("cpu")->click();
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QTest::qWait(300); // an answer to the first click would be here by now
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QVERIFY(!shownText(*dialog).contains(QStringLiteral("counted")));
    }

    void controllers_withProcesses_offerALeaf()
    {
        V2Console console;
        console.choose(kApp);
        QTRY_VERIFY(console.window.action(ActionId::Controllers)->isEnabled());
        console.window.action(ActionId::Controllers)->trigger();
        QTRY_VERIFY(openDialog<ControllersDialog>(console.window));
        auto *dialog = openDialog<ControllersDialog>(console.window);
        dialog->box("cpu")->click();
        QTRY_VERIFY(dialog->leafBox()->isVisible());
        QVERIFY2(dialog->leafBox()->text().contains(QStringLiteral("/app/leaf")) &&
                     dialog->leafBox()->text().contains(u'3'),
                 qPrintable(dialog->leafBox()->text()));
        QVERIFY(!dialog->leafBox()->isChecked() && !dialog->acceptButton()->isEnabled());
        QVERIFY(shownText(*dialog).contains(QStringLiteral("processes of its own")) ||
                shownText(*dialog).contains(QStringLiteral("process(es) of its own")));
        keepPicture(*dialog, "controllers-leaf");
        dialog->leafBox()->click();
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY(shownText(*dialog).contains(QStringLiteral("--make-leaf")));
        dialog->leafBox()->click();
        QTRY_VERIFY(dialog->leafBox()->isVisible() && !dialog->acceptButton()->isEnabled());
        dialog->leafBox()->click();
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.controllerRequests().size(), 1u);
        QVERIFY(console.engine.controllerRequests()[0].make_leaf());
        QCOMPARE(console.engine.enabled(), std::set<std::string>({"cpu", "memory"}));
    }

    void reclaim_tellsTheUsageAndWhatCameOfIt()
    {
        V2Console console;
        console.choose(kApp);
        QTRY_VERIFY(console.window.action(ActionId::Reclaim)->isEnabled());
        console.press(Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<ReclaimDialog>(console.window));
        auto *dialog = openDialog<ReclaimDialog>(console.window);
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("200 MiB")), qPrintable(shownText(*dialog)));
        auto *amount = dialog->findChild<QLineEdit *>(QStringLiteral("amount"));
        for (const QString &bad : {QStringLiteral("plenty"), QStringLiteral("max"), QStringLiteral("0"), QString()}) {
            amount->clear();
            QTest::keyClicks(amount, bad);
            QTest::qWait(200);
            QVERIFY2(!dialog->acceptButton()->isEnabled(), qPrintable(bad));
        }
        QTest::keyClicks(amount, QStringLiteral("1G"));
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("uses only 200 MiB")), qPrintable(shownText(*dialog)));
        keepPicture(*dialog, "reclaim");
        amount->selectAll();
        QTest::keyClicks(amount, QStringLiteral("64M"));
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QTRY_VERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY(!shownText(*dialog).contains(QStringLiteral("uses only")));
        QVERIFY(console.engine.reclaimRequests().empty());
        QTest::keyClick(amount, Qt::Key_Return);
        QTRY_COMPARE(console.engine.reclaimRequests().size(), 1u);
        QCOMPARE(console.engine.reclaimRequests()[0].bytes(), 64 * FakeEngine::kMiB);
        QTRY_VERIFY2(shownText(*console.window.statusBar()).contains(QStringLiteral("48 MiB of 64 MiB")) ||
                         console.window.statusBar()->currentMessage().contains(QStringLiteral("48 MiB of 64 MiB")),
                     qPrintable(shownText(*console.window.statusBar()) + console.window.statusBar()->currentMessage()));
    }

    void check_tellsWhatStandsInTheWay_andLooksAgain()
    {
        V2Console console;
        console.choose(kApp);
        QTRY_VERIFY(console.window.action(ActionId::Check)->isEnabled());
        console.press(Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<CheckDialog>(console.window));
        auto *dialog = openDialog<CheckDialog>(console.window);
        QTRY_VERIFY2(dialog->verdict().startsWith(QStringLiteral("app cannot be checkpointed now. 2 process(es), 70 MiB")),
                     qPrintable(dialog->verdict()));
        QVERIFY2(dialog->findings().contains(QStringLiteral("In the way: fd 14 -> anon_inode:[io_uring] of pid 812")),
                 qPrintable(dialog->findings()));
        QVERIFY(dialog->findings().contains(QStringLiteral("(redis <1>)")));
        QVERIFY(dialog->findings().contains(QStringLiteral("CRIU gets --tcp-established.")));
        QVERIFY(shownText(*dialog).contains(QStringLiteral("gantryctl check /app")) ||
                dialog->findChild<QLineEdit *>()->text() == QStringLiteral("gantryctl check /app"));
        keepPicture(*dialog, "check");
        QTest::keyClick(dialog, Qt::Key_F1);
        QTRY_VERIFY(dialog->findChild<CheckpointHelpDialog *>());
        delete dialog->findChild<CheckpointHelpDialog *>();
        dialog->activateWindow();
        QTest::keyClick(dialog, Qt::Key_A, Qt::AltModifier);
        QTRY_VERIFY(dialog->verdict().startsWith(QStringLiteral("app can be checkpointed.")));
        QVERIFY(dialog->verdict().contains(QStringLiteral("It needs --tcp-established.")));
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(!openDialog<CheckDialog>(console.window));
        console.window.activateWindow();
        console.choose(kCron);
        QTRY_VERIFY(console.window.action(ActionId::Check)->isEnabled());
        console.window.action(ActionId::Check)->trigger();
        QTRY_VERIFY(openDialog<CheckDialog>(console.window));
        QTRY_VERIFY2(openDialog<CheckDialog>(console.window)->verdict().contains(QStringLiteral("could not be looked at")),
                     qPrintable(openDialog<CheckDialog>(console.window)->verdict()));
    }

    void verbsOfV2_areGreyedOnV1_withTheReason()
    {
        V2Console console(1);
        console.choose(kApp);
        for (const ActionId id : {ActionId::Controllers, ActionId::Reclaim}) {
            const QAction *action = console.window.action(id);
            QTRY_VERIFY2(action->toolTip().contains(QStringLiteral("v2")), qPrintable(action->toolTip()));
            QVERIFY(!action->isEnabled());
        }
    }

    void newCgroup_showsWhatTheEngineSays()
    {
        V2Console console;
        console.choose(kApp);
        QTRY_VERIFY(console.window.action(ActionId::NewCgroup)->isEnabled());
        console.window.action(ActionId::NewCgroup)->trigger();
        QTRY_VERIFY(openDialog<NewCgroupDialog>(console.window));
        auto *dialog = openDialog<NewCgroupDialog>(console.window);
        auto *name = dialog->findChild<QLineEdit *>();
        QPushButton *make = buttonOf(*dialog, QStringLiteral("Make"));
        QTest::keyClicks(name, QStringLiteral("fresh"));
        QTRY_VERIFY2(shownText(*dialog).contains(QStringLiteral("systemd owns /app/fresh")),
                     qPrintable(shownText(*dialog)));
        QVERIFY(make->isEnabled());
        keepPicture(*dialog, "new-cgroup");
        name->clear();
        QVERIFY(!shownText(*dialog).contains(QStringLiteral("systemd owns")));
        QTest::keyClicks(name, QStringLiteral("refused"));
        QTRY_VERIFY(!make->isEnabled());
        QVERIFY2(shownText(*dialog).contains(QStringLiteral("the parent is full")), qPrintable(shownText(*dialog)));
    }

    void removeCgroup_showsTheWarnings()
    {
        V2Console console;
        console.choose(QStringLiteral("/app/a"));
        QTRY_VERIFY(console.window.action(ActionId::RemoveCgroup)->isEnabled());
        console.window.action(ActionId::RemoveCgroup)->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QVERIFY2(shownText(*openDialog<ConfirmDialog>(console.window)).contains(QStringLiteral("systemd owns /app/a")),
                 qPrintable(shownText(*openDialog<ConfirmDialog>(console.window))));
    }

    void files_areReadOnlyWhileShown_andKeepTheirPlace()
    {
        V2Console console;
        console.choose(kApp);
        QTest::qWait(100);
        QCOMPARE(console.engine.filesAsked(), 0);
        console.window.showPage(Page::Files);
        auto *page = console.window.findChild<FilesPage *>();
        const QAbstractItemModel *model = page->table()->view()->model();
        QTRY_COMPARE(model->rowCount(), 5);
        const auto rowOf = [&](const QString &name) {
            for (int row = 0; row < model->rowCount(); ++row) {
                if (model->index(row, FileModel::Name).data().toString() == name)
                    return row;
            }
            return -1;
        };
        const auto cell = [&](const char *name, int column) {
            return model->index(rowOf(QLatin1String(name)), column).data().toString();
        };
        QCOMPARE(cell("memory.max", FileModel::Writable), QStringLiteral("yes"));
        QCOMPARE(cell("memory.stat", FileModel::Writable), QStringLiteral("no"));
        QCOMPARE(cell("memory.max", FileModel::Hierarchy), QStringLiteral("/sys/fs/cgroup"));
        QVERIFY(cell("memory.swap.peak", FileModel::Text).startsWith(QStringLiteral("Unreadable.")));
        QVERIFY(model->index(rowOf(QStringLiteral("memory.max")), FileModel::Text).data(Qt::FontRole).isValid());

        // Several lines are several lines high, but not all seven of memory.stat.
        QTableView *view = page->table()->view();
        QTRY_VERIFY(view->rowHeight(rowOf(QStringLiteral("memory.stat"))) >
                    3 * view->rowHeight(rowOf(QStringLiteral("memory.max"))));
        const QModelIndex stat = model->index(rowOf(QStringLiteral("memory.stat")), FileModel::Name);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(stat).center());
        QCOMPARE(page->textView()->toPlainText().count(u'\n'), 6);
        keepPicture(console.window, "files");
        QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("anon 1048576\nfile 4096")));

        console.engine.setFileText("67108864");
        QTest::keyClick(&console.window, Qt::Key_F5);
        QTRY_COMPARE(cell("memory.max", FileModel::Text), QStringLiteral("67108864"));
        QCOMPARE(page->textView()->toPlainText().count(u'\n'), 6); // still memory.stat
        const int asked = console.engine.filesAsked();
        QTRY_VERIFY_WITH_TIMEOUT(console.engine.filesAsked() > asked, 4'000); // every 2 s

        auto *filter = page->table()->findChild<QLineEdit *>();
        QTest::keyClicks(filter, QStringLiteral("shmem"));
        QTRY_COMPARE(model->rowCount(), 1);
        filter->clear();
        console.window.showPage(Page::Events);
        const int before = console.engine.filesAsked();
        QTest::qWait(2'500);
        QCOMPARE(console.engine.filesAsked(), before);
    }

    void oomd_notThere_saysWhy_andOnlyTheHostHasThePage()
    {
        V2Console console;
        console.choose(kApp);
        const auto *tabs = console.window.findChild<QTabWidget *>();
        QVERIFY(!tabs->isTabVisible(static_cast<int>(Page::Oomd)));
        console.window.showPage(Page::Oomd);
        console.window.treePanel()->selectNode(NodeId::host());
        QTRY_COMPARE(tabs->currentIndex(), static_cast<int>(Page::Oomd));
        auto *page = console.window.findChild<OomdPage *>();
        QTRY_VERIFY2(shownText(*page).contains(QStringLiteral("does not run on this host: systemd is not PID 1 here")),
                     qPrintable(shownText(*page)));
        QCOMPARE(page->watchedTable()->view()->model()->rowCount(), 0);
        keepPicture(console.window, "oomd-absent");
        const int asked = console.engine.oomdAsked();
        console.choose(kApp);
        QVERIFY(!tabs->isTabVisible(static_cast<int>(Page::Oomd)));
        QVERIFY(tabs->currentIndex() != static_cast<int>(Page::Oomd));
        QCOMPARE(console.engine.oomdAsked(), asked);
    }

    void oomd_listsWatchedAndCandidates()
    {
        V2Console console;
        v1::OomdState state;
        state.set_swap_used_percent(12);
        state.set_swap_limit_percent(90);
        v1::OomdState::Watched &slice = *state.add_watched();
        slice.set_cgroup_path("/system.slice");
        slice.set_reason("memory-pressure");
        slice.set_limit_percent(60);
        slice.set_now_percent(72.5);
        for (const char *path : {"/system.slice/cron.service", "/system.slice/batch.service"}) {
            v1::OomdState::Candidate &candidate = *slice.add_candidates();
            candidate.set_cgroup_path(path);
            candidate.set_pgscan(4'711);
            candidate.set_memory_bytes(64 * FakeEngine::kMiB);
            candidate.set_preference("none");
        }
        slice.mutable_candidates(1)->set_preference("omit");
        console.engine.setOomd(state);
        console.choose(kApp);
        console.window.treePanel()->selectNode(NodeId::host());
        console.window.showPage(Page::Oomd);
        auto *page = console.window.findChild<OomdPage *>();
        const QAbstractItemModel *watched = page->watchedTable()->view()->model();
        const QAbstractItemModel *candidates = page->candidateTable()->view()->model();
        QTRY_COMPARE(watched->rowCount(), 1);
        QTRY_COMPARE(candidates->rowCount(), 2);
        QCOMPARE(watched->index(0, OomdWatchedModel::State).data().toString(), QStringLiteral("at or above the limit"));
        QCOMPARE(watched->index(0, OomdWatchedModel::First).data().toString(), kCron);
        QCOMPARE(candidates->index(0, OomdCandidateModel::Cgroup).data().toString(), kCron);
        QCOMPARE(candidates->index(1, OomdCandidateModel::Preference).data().toString(),
                 QStringLiteral("never killed"));
        QVERIFY2(shownText(*page).contains(QStringLiteral("12.0 % used")), qPrintable(shownText(*page)));
        keepPicture(console.window, "oomd");
        const int asked = console.engine.oomdAsked();
        state.mutable_watched(0)->set_now_percent(10);
        console.engine.setOomd(state);
        QTRY_VERIFY_WITH_TIMEOUT(
            watched->index(0, OomdWatchedModel::State).data().toString() == QStringLiteral("below the limit"), 7'000);
        QCOMPARE(console.engine.oomdAsked(), asked + 1);
        // A double click goes there.
        QTableView *view = page->candidateTable()->view();
        const QPoint cell = view->visualRect(candidates->index(0, OomdCandidateModel::Cgroup)).center();
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, cell);
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, cell);
        QTRY_COMPARE(console.currentPath(), kCron);
    }
};

QTEST_MAIN(TestConsoleV2)
#include "tst_console_v2.moc"
