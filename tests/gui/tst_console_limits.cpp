// SPDX-License-Identifier: GPL-3.0-or-later
// The Limits page on a real engine: what is typed arrives in the kernel's file, or a sentence says why it does not.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/models/limit_model.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/limits_page.h"
#include "widgets/pages/table_panel.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QTableView>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

/// The page with the table's cells by kernel name.
class Limits
{
public:
    explicit Limits(const Console &console) : m_page(console.window.findChild<LimitsPage *>()) {}

    [[nodiscard]] QModelIndex cell(const char *key, LimitModel::Column column) const
    {
        const QAbstractItemModel *model = view()->model();
        for (int row = 0; row < model->rowCount(); ++row) {
            if (model->index(row, LimitModel::Name).data().toString().contains(QLatin1String(key)))
                return model->index(row, column);
        }
        return {};
    }
    [[nodiscard]] QString text(const char *key, LimitModel::Column column) const
    {
        return cell(key, column).data().toString();
    }
    /// Types into the cell of the new value, as after a double click, and ends with Enter.
    void type(const char *key, const QString &typed) const
    {
        const QModelIndex index = cell(key, LimitModel::New);
        const QPoint point = view()->visualRect(index).center();
        QTest::mouseClick(view()->viewport(), Qt::LeftButton, {}, point);
        QTest::mouseDClick(view()->viewport(), Qt::LeftButton, {}, point);
        auto *editor = view()->findChild<QLineEdit *>();
        QVERIFY(editor);
        editor->selectAll();
        QTest::keyClicks(editor, typed);
        QTest::keyClick(editor, Qt::Key_Return);
    }
    /// Every sentence the page shows.
    [[nodiscard]] QString shownText() const
    {
        QStringList texts;
        for (const QLabel *label : m_page->findChildren<QLabel *>()) {
            if (label->isVisible())
                texts << label->text();
        }
        return texts.join(u'\n');
    }
    [[nodiscard]] QPushButton *apply() const { return buttonOf(*m_page, QStringLiteral("Apply")); }
    [[nodiscard]] QTableView *view() const { return m_page->table()->view(); }

private:
    LimitsPage *m_page;
};

} // namespace

class TestConsoleLimits : public QObject
{
    Q_OBJECT
private:
    static void openPage(Console &console, const QString &path)
    {
        QVERIFY(QTest::qWaitForWindowActive(&console.window));
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(path), 15'000);
        console.window.select(path);
        QTRY_COMPARE(console.currentPath(), path);
        console.window.showPage(Page::Limits);
        const Limits limits(console);
        QTRY_VERIFY(limits.cell("memory.max", LimitModel::New).isValid());
        QTRY_VERIFY(limits.cell("memory.max", LimitModel::New).flags().testFlag(Qt::ItemIsEditable));
    }

private Q_SLOTS:
    void typedLimit_isWrittenAndUndone()
    {
        const ScratchCgroup cgroup("typed");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(128 * kMiB));
        Console console;
        openPage(console, pathOf(cgroup));
        const Limits limits(console);
        QTRY_VERIFY2(limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("128")),
                     qPrintable(limits.text("memory.max", LimitModel::Configured)));
        limits.type("memory.max", QStringLiteral("96M"));
        QTRY_VERIFY(limits.apply() && limits.apply()->isEnabled());
        QCOMPARE(limitOf(cgroup), 128 * kMiB);
        QTest::mouseClick(limits.apply(), Qt::LeftButton);
        QTRY_COMPARE(limitOf(cgroup), 96 * kMiB);
        QTRY_VERIFY(limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("96")));

        QTRY_VERIFY(console.window.action(ActionId::Undo)->isEnabled());
        QTest::keyClick(&console.window, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(limitOf(cgroup), 128 * kMiB);
        QTRY_VERIFY(limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("128")));
        // It was us.
        QVERIFY2(!limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("outside")),
                 qPrintable(limits.text("memory.max", LimitModel::Configured)));
    }

    void badValue_isNamedAndNotWritten_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("typed");
        QTest::newRow("no number") << "memory.max" << "plenty";
        QTest::newRow("unknown unit") << "memory.max" << "12parsec";
        QTest::newRow("negative") << "memory.max" << "-5";
        QTest::newRow("out of range") << "memory.max" << "99999999999999999999999";
        QTest::newRow("weight out of range") << "cpu.weight" << "0";
    }
    void badValue_isNamedAndNotWritten()
    {
        QFETCH(QString, key);
        QFETCH(QString, typed);
        const ScratchCgroup cgroup("bad");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(128 * kMiB));
        const std::string shares = cgroup.read("cpu", "cpu.shares");
        Console console;
        openPage(console, pathOf(cgroup));
        const Limits limits(console);
        limits.type(qPrintable(key), typed);
        QTRY_VERIFY2(limits.shownText().contains(key) && limits.shownText().contains(typed),
                     qPrintable(limits.shownText()));
        QVERIFY(!limits.apply() || !limits.apply()->isEnabled());
        QCOMPARE(limits.text(qPrintable(key), LimitModel::New), QString());
        QCOMPARE(limitOf(cgroup), 128 * kMiB);
        QCOMPARE(cgroup.read("cpu", "cpu.shares"), shares);
    }

    void belowTheUsage_asksAgain()
    {
        ChildProcess child(allocate(48 * kMiB));
        const ScratchCgroup cgroup("below");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(128 * kMiB));
        cgroup.attach(child.pid());
        child.go();
        const auto usage = [&] {
            const std::string text = cgroup.read("memory", "memory.usage_in_bytes");
            return parseU64(trim(text)).value_or(0);
        };
        QTRY_VERIFY(usage() > 40 * kMiB);
        Console console;
        openPage(console, pathOf(cgroup));
        const Limits limits(console);
        limits.type("memory.max", QStringLiteral("16M"));
        const auto *page = console.window.findChild<LimitsPage *>();
        const auto apply = [&] { return buttonOf(*page, QStringLiteral("Apply…")); };
        QTRY_VERIFY(apply() && apply()->isEnabled());
        QTest::mouseClick(apply(), Qt::LeftButton);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::keyClick(openDialog<ConfirmDialog>(console.window), Qt::Key_Return);
        QTRY_VERIFY(!openDialog<ConfirmDialog>(console.window));
        QCOMPARE(limitOf(cgroup), 128 * kMiB);
        QTest::mouseClick(apply(), Qt::LeftButton);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        // Kernel: v1 refuses what it cannot reclaim; with swap it may manage. Half of it is never there.
        const auto isRefused = [&] { return limits.shownText().contains(QStringLiteral("still using")); };
        QTRY_VERIFY_WITH_TIMEOUT(limitOf(cgroup) == 16 * kMiB || isRefused(), 20'000);
        QCOMPARE(limitOf(cgroup), isRefused() ? 128 * kMiB : 16 * kMiB);
    }

    void refresh_keepsWhatIsTyped()
    {
        const ScratchCgroup cgroup("typing");
        Console console;
        openPage(console, pathOf(cgroup));
        const Limits limits(console);
        const QModelIndex index = limits.cell("memory.max", LimitModel::New);
        limits.view()->edit(index);
        auto *editor = limits.view()->findChild<QLineEdit *>();
        QVERIFY(editor);
        editor->selectAll();
        QTest::keyClicks(editor, QStringLiteral("30"));
        QSignalSpy refreshed(limits.view()->model(), &QAbstractItemModel::dataChanged);
        console.window.action(ActionId::Refresh)->trigger();
        QTRY_VERIFY(refreshed.count() > 0);
        QCOMPARE(editor->text(), QStringLiteral("30"));
        QTest::keyClicks(editor, QStringLiteral("0M"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_COMPARE(limits.text("memory.max", LimitModel::New), QStringLiteral("300 MiB"));
    }

    void writtenByAnother_isMarked()
    {
        const ScratchCgroup cgroup("outside");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(128 * kMiB));
        Console console;
        openPage(console, pathOf(cgroup));
        const Limits limits(console);
        QTRY_VERIFY(limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("128")));
        cgroup.write("memory", "memory.limit_in_bytes", strCat(64 * kMiB));
        QTRY_VERIFY2(limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("64")) &&
                         limits.text("memory.max", LimitModel::Configured).contains(QStringLiteral("outside")),
                     qPrintable(limits.text("memory.max", LimitModel::Configured)));
    }

    void lowerAncestor_isEffectiveAndNamed()
    {
        const ScratchCgroup parent("above");
        parent.write("memory", "memory.limit_in_bytes", strCat(64 * kMiB));
        parent.makeChild("below");
        Console console;
        openPage(console, pathOf(parent) + QStringLiteral("/below"));
        const Limits limits(console);
        QTRY_VERIFY2(limits.text("memory.max", LimitModel::Effective).contains(QStringLiteral("64")),
                     qPrintable(limits.text("memory.max", LimitModel::Effective)));
        QCOMPARE(limits.text("memory.max", LimitModel::LimitedBy), pathOf(parent));
    }

    void cgroupMadeAgain_isRefusedWithADialog()
    {
        const ScratchCgroup parent("again");
        parent.makeChild("x");
        const QString path = pathOf(parent) + QStringLiteral("/x");
        Console console;
        QString failure;
        connect(&console.window, &MainWindow::failureShown, this, [&](const QString &text) { failure = text; });
        openPage(console, path);
        const Limits limits(console);
        limits.type("memory.max", QStringLiteral("96M"));
        QTRY_VERIFY(limits.apply() && limits.apply()->isEnabled());
        parent.remove("x");
        parent.makeChild("x");
        QTest::mouseClick(limits.apply(), Qt::LeftButton);
        QTRY_VERIFY(!failure.isEmpty());
        QVERIFY2(failure.contains(path), qPrintable(failure));
        QVERIFY(openDialog<QMessageBox>(console.window));
        const std::string limit = parent.read("memory", "x/memory.limit_in_bytes");
        QVERIFY(parseU64(trim(limit)).value_or(0) > 1'000'000 * kMiB);
        QVERIFY(!console.window.action(ActionId::Undo)->isEnabled());
    }

    void filter_findsByKernelName()
    {
        const ScratchCgroup cgroup("names");
        Console console;
        openPage(console, pathOf(cgroup));
        const Limits limits(console);
        auto *filter = console.window.findChild<LimitsPage *>()->table()->findChild<QLineEdit *>();
        QTest::keyClicks(filter, QStringLiteral("pids.max"));
        QTRY_COMPARE(limits.view()->model()->rowCount(), 1);
        QVERIFY(limits.cell("pids.max", LimitModel::Name).isValid());
        filter->clear();
        QTest::keyClicks(filter, QStringLiteral("process limit"));
        QTRY_COMPARE(limits.view()->model()->rowCount(), 1);
        QVERIFY(limits.cell("pids.max", LimitModel::Name).isValid());
    }
};

QTEST_MAIN(TestConsoleLimits)
#include "tst_console_limits.moc"
