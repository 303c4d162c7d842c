// SPDX-License-Identifier: GPL-3.0-or-later
// What the console offers on a host with cgroup v2 and systemd, by mouse and keyboard, on an engine that plays one.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "tests/gui/fake_engine.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/controllers_dialog.h"
#include "widgets/dialogs/limit_route_dialog.h"
#include "widgets/dialogs/reclaim_dialog.h"
#include "widgets/models/limit_model.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/limits_page.h"
#include "widgets/pages/table_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QStatusBar>
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
    HostClient client{[this]() -> Result<std::shared_ptr<grpc::Channel>> { return engine.channel(); }};
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

/// Keeps the picture of a dialog where GANTRY_PICTURES says.
void keepPicture(QWidget &widget, const char *name)
{
    if (const QString folder = qEnvironmentVariable("GANTRY_PICTURES"); !folder.isEmpty())
        widget.grab().save(QStringLiteral("%1/%2.png").arg(folder, QString::fromLatin1(name)));
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
};

QTEST_MAIN(TestConsoleV2)
#include "tst_console_v2.moc"
