// SPDX-License-Identifier: GPL-3.0-or-later
// Export and import from the page Checkpoints: the real engine and a store of the test's own.
#include <QtTest>

#include "app/console/verbs.h"
#include "tests/gui/console_fixture.h"
#include "tests/gui/picture.h"
#include "tests/support/repository_fixture.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/transfer_dialog.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/table_panel.h"

#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QProgressBar>
#include <QTableView>
#include <QTemporaryDir>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr int kPatience = 60'000;

/// The folder of states has two checkpoints of podman's kind, by name.
struct Stored
{
    explicit Stored(const Console &console, std::size_t bytes)
        : path(console.state.path().toStdString() + "/repository")
    {
        auto store = repository::Store::create(path, {});
        if (!store)
            qFatal("%s", store.error().message().c_str());
        for (const char *name : {"first", "second"}) {
            const auto id =
                save(*store, {{"pages-1.img", {StreamKind::Pages, noise(++seed, bytes)}}}, manifestNamed(name));
            if (!id)
                qFatal("%s", id.error().message().c_str());
            ids.push_back(*id);
        }
    }
    void remove(const repository::CheckpointId &id) const
    {
        auto store = repository::Store::open(path, {});
        if (!store || !store->remove(id))
            qFatal("the store is in use");
    }
    std::string path;
    std::uint64_t seed = 0;
    std::vector<repository::CheckpointId> ids;
};

QString labels(const QWidget &widget)
{
    QStringList out;
    for (const QLabel *label : widget.findChildren<QLabel *>()) {
        if (label->isVisible())
            out << label->text();
    }
    return out.join(u'\n');
}

} // namespace

class TestConsoleTransfer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void exported_removed_imported()
    {
        Console console;
        const Stored stored(console, std::size_t{3} << 20);
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("two.gantry"));
        CheckpointsPage *page = openPage(console, 2);
        QVERIFY(!buttonOf(*page, QStringLiteral("Export…"))->isEnabled()); // nothing is selected
        QVERIFY(buttonOf(*page, QStringLiteral("Import…"))->isEnabled());
        page->table()->view()->selectAll();
        keepPicture(console.window, "transfer-page");
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Export…")), Qt::LeftButton);
        choose(console, file);
        TransferDialog *dialog = ended(console);
        QVERIFY(dialog);
        keepPicture(*dialog, "transfer-export");
        QVERIFY2(labels(*dialog).contains(QStringLiteral("2 checkpoint(s) exported")), qPrintable(labels(*dialog)));
        QVERIFY2(commandOf(*dialog).endsWith(QStringLiteral("two.gantry")), qPrintable(commandOf(*dialog)));
        QVERIFY(QFileInfo(file).size() > (6 << 20));
        QCOMPARE(QProcess::execute(QStringLiteral("tar"), {QStringLiteral("tf"), file}), 0);
        QTest::keyClick(dialog, Qt::Key_Escape);

        stored.remove(stored.ids.front());
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Import…")), Qt::LeftButton);
        choose(console, file);
        dialog = ended(console);
        QVERIFY(dialog);
        keepPicture(*dialog, "transfer-import");
        QVERIFY2(labels(*dialog).contains(QStringLiteral("1 checkpoint(s) imported")), qPrintable(labels(*dialog)));
        QVERIFY2(labels(*dialog).contains(QStringLiteral("here before")), qPrintable(labels(*dialog)));
        QTest::mouseClick(buttonOf(*dialog, QStringLiteral("Close")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(page->table()->view()->model()->rowCount(), 2, kPatience);

        // Not one of ours: named, in the dialog.
        QFile other(folder.filePath(QStringLiteral("other")));
        QSignalSpy changes(console.window.findChild<Verbs *>(), &Verbs::checkpointsChanged);
        QVERIFY(other.open(QIODevice::WriteOnly) && other.write(QByteArray(3'000, 'x')) == 3'000);
        other.close();
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Import…")), Qt::LeftButton);
        choose(console, other.fileName());
        dialog = ended(console);
        QVERIFY(dialog);
        keepPicture(*dialog, "transfer-refused");
        QVERIFY2(labels(*dialog).contains(QStringLiteral("neither")), qPrintable(labels(*dialog)));
        QVERIFY2(labels(*dialog).contains(QStringLiteral("Nothing was imported")), qPrintable(labels(*dialog)));
        QCOMPARE(changes.count(), 1); // a failure can come when they are in the store already
    }

    void aFileThatIsThere_isReplaced_asTheCommandSays()
    {
        Console console;
        const Stored stored(console, std::size_t{1} << 20);
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("old.gantry")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        CheckpointsPage *page = openPage(console, 2);
        page->table()->view()->selectAll();
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Export…")), Qt::LeftButton);
        openDialog<QFileDialog>(console.window)->setOption(QFileDialog::DontConfirmOverwrite); // a box of its own asks
        choose(console, file.fileName());
        TransferDialog *dialog = ended(console);
        QVERIFY(dialog);
        QVERIFY2(labels(*dialog).contains(QStringLiteral("2 checkpoint(s) exported")), qPrintable(labels(*dialog)));
        QVERIFY2(commandOf(*dialog).endsWith(QStringLiteral("old.gantry --force")), qPrintable(commandOf(*dialog)));
        QVERIFY(file.size() > (2 << 20));
    }

    void anotherFailureAfterCancel_isSaidAsItIs()
    {
        Console console;
        const Stored stored(console, std::size_t{1} << 20);
        const QTemporaryDir folder;
        CheckpointsPage *page = openPage(console, 2);
        page->table()->view()->selectAll();
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Export…")), Qt::LeftButton);
        auto *files = openDialog<QFileDialog>(console.window);
        QVERIFY(files);
        // Its file cannot be made, whether or not somebody cancels; how it ended is told by the event loop only.
        Q_EMIT files->fileSelected(folder.filePath(QStringLiteral("nowhere/big.gantry")));
        auto *dialog = openDialog<TransferDialog>(console.window);
        QVERIFY(dialog);
        buttonOf(*dialog, QStringLiteral("Cancel"))->click();
        dialog = ended(console);
        QVERIFY(dialog);
        const QString said = dialog->findChild<QLabel *>(QStringLiteral("result"))->text();
        QVERIFY2(!said.contains(QStringLiteral("cancelled")) && said.contains(QStringLiteral("nowhere")),
                 qPrintable(said));
    }

    void cancelled_leavesNothing()
    {
        Console console;
        const Stored stored(console, std::size_t{96} << 20);
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("big.gantry"));
        CheckpointsPage *page = openPage(console, 2);
        page->table()->view()->selectAll();
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Export…")), Qt::LeftButton);
        choose(console, file);
        auto *dialog = openDialog<TransferDialog>(console.window);
        QVERIFY(dialog);
        QTRY_VERIFY_WITH_TIMEOUT(dialog->findChild<QProgressBar *>()->value() > 0, kPatience);
        keepPicture(*dialog, "transfer-progress");
        QPushButton *cancel = buttonOf(*dialog, QStringLiteral("Cancel"));
        QVERIFY(cancel);
        QTest::mouseClick(cancel, Qt::LeftButton);
        dialog = ended(console);
        QVERIFY(dialog);
        QVERIFY2(labels(*dialog).contains(QStringLiteral("cancelled")), qPrintable(labels(*dialog)));
        QVERIFY(QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).isEmpty());
    }

    void windowCloses_whileItRuns_leavesNothing()
    {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("big.gantry"));
        {
            Console console;
            const Stored stored(console, std::size_t{96} << 20);
            CheckpointsPage *page = openPage(console, 2);
            page->table()->view()->selectAll();
            QTest::mouseClick(buttonOf(*page, QStringLiteral("Export…")), Qt::LeftButton);
            choose(console, file);
            QVERIFY(openDialog<TransferDialog>(console.window));
        }
        QVERIFY(!QFile::exists(file));
    }

private:
    static CheckpointsPage *openPage(Console &console, int rows)
    {
        console.window.treePanel()->selectNode(NodeId::host());
        console.window.showPage(Page::Checkpoints);
        auto *page = console.window.findChild<CheckpointsPage *>();
        [&] { QTRY_COMPARE_WITH_TIMEOUT(page->table()->view()->model()->rowCount(), rows, kPatience); }();
        return page;
    }
    /// In the dialog for files that is open.
    static void choose(const Console &console, const QString &file)
    {
        auto *dialog = openDialog<QFileDialog>(console.window);
        QVERIFY(dialog);
        dialog->selectFile(file);
        QMetaObject::invokeMethod(dialog, "accept");
        QTRY_VERIFY_WITH_TIMEOUT(openDialog<TransferDialog>(console.window), kPatience);
    }
    static QString commandOf(const TransferDialog &dialog)
    {
        return dialog.findChild<CommandLine *>()->findChild<QLineEdit *>()->text();
    }
    /// The dialog, when it tells how it ended.
    static TransferDialog *ended(const Console &console)
    {
        auto *dialog = openDialog<TransferDialog>(console.window);
        const auto isEnded = [&] {
            const auto *result = dialog->findChild<QLabel *>(QStringLiteral("result"));
            return result != nullptr && result->isVisible();
        };
        return dialog != nullptr && QTest::qWaitFor(isEnded, kPatience) ? dialog : nullptr;
    }
};

QTEST_MAIN(TestConsoleTransfer)
#include "tst_console_transfer.moc"
