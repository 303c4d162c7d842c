// SPDX-License-Identifier: GPL-3.0-or-later
// Looking into checkpoints and comparing two, by mouse and keyboard: a real process, real CRIU, the real engine.
#include <QtTest>

#include "app/console/verbs.h"
#include "tests/gui/console_fixture.h"
#include "tests/gui/picture.h"
#include "tests/kernel/criu_target.h"
#include "widgets/dialogs/inspect_dialog.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/table_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>

#include <csignal>

#include <unistd.h>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr int kPatience = 60'000; ///< CRIU beside a sanitizer

} // namespace

class TestConsoleInspect : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(adoptTargets()); }
    void cleanup() { endAllBelow(); }

    void lookedInto_compared_copied()
    {
        const QTemporaryDir folder;
        const Target target("1", folder.path().toStdString());
        QVERIFY(target.isReady());
        Console console;
        QTRY_COMPARE_WITH_TIMEOUT(console.client.state(), LinkState::Live, kPatience);
        saveByService(console, target);
        ::kill(target.pid(), SIGUSR1);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(folder.filePath(QStringLiteral("changed"))), kPatience);
        saveByService(console, target);
        console.window.treePanel()->selectNode(NodeId::host());
        console.window.showPage(Page::Checkpoints);
        auto *page = console.window.findChild<CheckpointsPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(page->table()->view()->model()->rowCount(), 2, kPatience);
        QVERIFY(!buttonOf(*page, QStringLiteral("Inspect…"))->isEnabled()); // nothing is selected
        QVERIFY(!buttonOf(*page, QStringLiteral("Compare…"))->isEnabled());

        // Enter looks into the one that is selected; the console goes on beside it.
        page->table()->selectSourceRow(0);
        page->table()->view()->setFocus();
        QTest::keyClick(page->table()->view(), Qt::Key_Return);
        auto *inspect = openDialog<InspectDialog>(console.window);
        QVERIFY(inspect);
        QVERIFY(!inspect->isModal());
        QTRY_VERIFY_WITH_TIMEOUT(rows(*inspect, InspectDialog::Processes).size() == 3, kPatience);
        QVERIFY2(inspect->sentence().contains(QStringLiteral("were saved")), qPrintable(inspect->sentence()));
        QVERIFY(rows(*inspect, InspectDialog::Processes).first().contains(QStringLiteral("inspect_target 1")));
        QVERIFY(rows(*inspect, InspectDialog::Descriptors)
                    .join(u'\n')
                    .contains(folder.filePath(QStringLiteral("appended"))));
        QCOMPARE(rows(*inspect, InspectDialog::Sockets).size(), 3);
        QVERIFY(rows(*inspect, InspectDialog::Sockets).join(u'\n').contains(QStringLiteral("listen")));
        QVERIFY(rows(*inspect, InspectDialog::Memory).join(u'\n').contains(QStringLiteral("[heap]")));
        QVERIFY(rows(*inspect, InspectDialog::Files).join(u'\n').contains(QStringLiteral("inspect_target")));
        for (int tab = 0; tab < inspect->tabs()->count(); ++tab) {
            inspect->tabs()->setCurrentIndex(tab);
            keepPicture(*inspect, qPrintable(QStringLiteral("inspect-%1").arg(tab)));
        }
        filteredAndCopied(*inspect);
        QTest::keyClick(inspect, Qt::Key_Escape);
        QTRY_VERIFY(!openDialog<InspectDialog>(console.window));

        page->table()->view()->selectAll();
        keepPicture(console.window, "checkpoints-two");
        QVERIFY(!buttonOf(*page, QStringLiteral("Inspect…"))->isEnabled());
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Compare…")), Qt::LeftButton);
        auto *diff = openDialog<DiffDialog>(console.window);
        QVERIFY(diff);
        QTRY_COMPARE_WITH_TIMEOUT(rows(*diff, DiffDialog::Descriptors).size(), 3, kPatience);
        QVERIFY2(diff->sentence().contains(QStringLiteral("have other content")), qPrintable(diff->sentence()));
        QVERIFY(rows(*diff, DiffDialog::Descriptors).join(u'\n').contains(folder.filePath(QStringLiteral("opened"))));
        QVERIFY(rows(*diff, DiffDialog::Memory).first().contains(QStringLiteral("148 KiB"))); // 37 pages
        QCOMPARE(rows(*diff, DiffDialog::Files).size(), 2);
        QVERIFY(rows(*diff, DiffDialog::Processes).isEmpty());
        for (int tab = 0; tab < diff->tabs()->count(); ++tab) {
            diff->tabs()->setCurrentIndex(tab);
            keepPicture(*diff, qPrintable(QStringLiteral("diff-%1").arg(tab)));
        }
    }

    void whatIsGone_isSaidInTheDialog()
    {
        Console console;
        QTRY_COMPARE_WITH_TIMEOUT(console.client.state(), LinkState::Live, kPatience);
        auto *verbs = console.window.findChild<Verbs *>();
        QVERIFY(verbs);
        verbs->inspectCheckpoint(QStringLiteral("123456"));
        auto *inspect = openDialog<InspectDialog>(console.window);
        QVERIFY(inspect);
        QTRY_VERIFY_WITH_TIMEOUT(
            inspect->sentence().startsWith(QStringLiteral("The checkpoint cannot be looked into.")), kPatience);
        keepPicture(*inspect, "inspect-gone");
        verbs->compareCheckpoints(QStringLiteral("123456"), QStringLiteral("1234567"));
        auto *diff = openDialog<DiffDialog>(console.window);
        QVERIFY(diff);
        QTRY_VERIFY_WITH_TIMEOUT(diff->sentence().startsWith(QStringLiteral("The checkpoints cannot be compared.")),
                                 kPatience);
    }

private:
    static void saveByService(Console &console, const Target &target)
    {
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_pid(target.pid());
        std::optional<Result<v1::CreateCheckpointReply>> answer;
        console.client.call(method::kCreateCheckpoint, request, &console.window,
                            [&answer](const Result<v1::CreateCheckpointReply> &reply) { answer = reply; });
        QTRY_VERIFY_WITH_TIMEOUT(answer.has_value(), kPatience);
        QVERIFY2(answer->has_value(), answer->has_value() ? "" : answer->error().message().c_str());
    }

    /// What is shown, a row each, tabs between cells.
    static QStringList rows(const FactTabs &dialog, int tab)
    {
        const QAbstractItemModel &model = *dialog.table(tab)->view()->model();
        QStringList out;
        for (int row = 0; row < model.rowCount(); ++row) {
            QStringList cells;
            for (int column = 0; column < model.columnCount(); ++column)
                cells << model.index(row, column).data().toString();
            out << cells.join(QLatin1Char('\t'));
        }
        return out;
    }

    static void filteredAndCopied(InspectDialog &inspect)
    {
        inspect.tabs()->setCurrentIndex(InspectDialog::Sockets);
        TablePanel *sockets = inspect.table(InspectDialog::Sockets);
        QTest::keyClicks(sockets->findChild<QLineEdit *>(), QStringLiteral("tcp"));
        QCOMPARE(rows(inspect, InspectDialog::Sockets).size(), 1);
        sockets->view()->setFocus();
        sockets->view()->selectAll();
        QTest::keySequence(sockets->view(), QKeySequence::Copy);
        QCOMPARE(QGuiApplication::clipboard()->text(), rows(inspect, InspectDialog::Sockets).first());
    }
};

QTEST_MAIN(TestConsoleInspect)
#include "tst_console_inspect.moc"
