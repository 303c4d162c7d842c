// SPDX-License-Identifier: GPL-3.0-or-later
// What the console offers on a host with cgroup v2 and systemd, by mouse and keyboard, on an engine that plays one.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "tests/gui/fake_engine.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/limit_route_dialog.h"
#include "widgets/models/limit_model.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/limits_page.h"
#include "widgets/pages/table_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QTableView>
#include <QToolButton>

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
};

QTEST_MAIN(TestConsoleV2)
#include "tst_console_v2.moc"
