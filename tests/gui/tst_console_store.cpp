// SPDX-License-Identifier: GPL-3.0-or-later
// A store of checkpoints that wants a passphrase, by mouse and keyboard: the real engine and a real store.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "tests/gui/picture.h"
#include "tests/kernel/criu_target.h"
#include "tests/support/repository_fixture.h"
#include "tests/support/verify.h"
#include "widgets/dialogs/busy_line.h"
#include "widgets/dialogs/checkpoint_dialog.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/new_store_dialog.h"
#include "widgets/dialogs/passphrase_field.h"
#include "widgets/dialogs/unlock_dialog.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/store_banner.h"
#include "widgets/pages/table_panel.h"
#include "widgets/pages/timeline_page.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>
#include <QStatusBar>
#include <QTableView>
#include <QToolButton>

#include <csignal>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr int kPatience = 60'000;
const QString kWords = QStringLiteral("Größe und Pferd");

std::string pathIn(const Console &console)
{
    return console.state.path().toStdString() + "/repository";
}

/// A store with a passphrase, and one checkpoint.
void makeLocked(const Console &console)
{
    repository::StoreOptions options;
    options.key = repository::Passphrase{kWords.toStdString()};
    auto store = repository::Store::create(pathIn(console), std::move(options));
    GANTRY_VERIFY(store);
    GANTRY_VERIFY(
        save(*store, {{"pages-1.img", {repository::StreamKind::Pages, noise(1, 40'960)}}}, manifestNamed("secret")));
}

int rowsOf(const CheckpointsPage &page)
{
    return page.table()->view()->model()->rowCount();
}

CheckpointsPage *openPage(Console &console)
{
    console.window.treePanel()->selectNode(NodeId::host());
    console.window.showPage(Page::Checkpoints);
    auto *page = console.window.findChild<CheckpointsPage *>();
    [&] { QTRY_VERIFY_WITH_TIMEOUT(page->store()->isVisible(), kPatience); }();
    return page;
}

/// With a store that nobody has unlocked.
CheckpointsPage *openLockedPage(Console &console)
{
    makeLocked(console);
    CheckpointsPage *page = openPage(console);
    [&] { QTRY_VERIFY_WITH_TIMEOUT(page->store()->isLocked(), kPatience); }();
    return page;
}

/// Presses the banner's button, by the keyboard.
UnlockDialog *openUnlock(const QWidget &window, const StoreBanner &banner)
{
    QPushButton *button = buttonOf(banner, QStringLiteral("Unlock…"));
    if (button == nullptr || !button->isEnabled())
        return nullptr;
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    return openDialog<UnlockDialog>(window);
}

/// Types it, and Enter.
void enter(UnlockDialog &dialog, const QString &words)
{
    dialog.field()->edit()->clear();
    // keyClicks() knows Latin letters alone.
    dialog.field()->edit()->insert(words);
    QTest::keyClick(dialog.field()->edit(), Qt::Key_Return);
}

} // namespace

class TestConsoleStore : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        qunsetenv("GANTRY_KEY_FILE");
        qunsetenv("GANTRY_PASSPHRASE_FILE");
        QVERIFY(adoptTargets());
    }
    void cleanup() { endAllBelow(); }

    void locked_wrongThenRight()
    {
        Console console;
        CheckpointsPage *page = openLockedPage(console);
        QVERIFY2(page->store()->words().contains(QStringLiteral("needs its passphrase")),
                 qPrintable(page->store()->words()));
        QCOMPARE(rowsOf(*page), 0);
        QVERIFY(!buttonOf(*page, QStringLiteral("Import…"))->isEnabled());
        keepPicture(console.window, "store-locked");

        UnlockDialog *dialog = openUnlock(console.window, *page->store());
        QVERIFY(dialog);
        QVERIFY(!dialog->acceptButton()->isEnabled()); // nothing is typed
        QCOMPARE(dialog->field()->edit()->echoMode(), QLineEdit::Password);
        QVERIFY(!dialog->findChild<BusyLine *>()->isVisible());
        QTest::keyClicks(dialog->field()->edit(), QStringLiteral("wrong"));
        QTest::mouseClick(dialog->field()->showButton(), Qt::LeftButton);
        QCOMPARE(dialog->field()->edit()->echoMode(), QLineEdit::Normal);
        QTest::mouseClick(dialog->field()->showButton(), Qt::LeftButton);
        QCOMPARE(dialog->field()->edit()->echoMode(), QLineEdit::Password);
        QVERIFY(dialog->acceptButton()->isEnabled());
        QTest::keyClick(dialog->field()->edit(), Qt::Key_Return);
        // The answer comes by the event loop, which has not run: the window waits for nobody.
        QVERIFY(dialog->isBusy() && dialog->findChild<BusyLine *>()->isVisible());
        QVERIFY(dialog->field()->edit()->isReadOnly() && !dialog->acceptButton()->isEnabled());
        QTest::keyClick(dialog->field()->edit(), Qt::Key_Return); // once more changes nothing
        QVERIFY(dialog->isVisible() && dialog->isBusy());
        keepPicture(*dialog, "store-busy");
        QTRY_VERIFY_WITH_TIMEOUT(!dialog->isBusy(), kPatience);
        QVERIFY2(dialog->problem().contains(QStringLiteral("not the passphrase")), qPrintable(dialog->problem()));
        QVERIFY(dialog->isVisible() && dialog->field()->edit()->text().isEmpty());
        QVERIFY(!dialog->field()->edit()->isReadOnly());
        QVERIFY(page->store()->isLocked());
        keepPicture(*dialog, "store-wrong");

        enter(*dialog, kWords);
        QVERIFY(dialog->isBusy() && dialog->problem().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(!openDialog<UnlockDialog>(console.window), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(rowsOf(*page), 1, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!page->store()->isLocked(), kPatience);
        QVERIFY2(page->store()->words().contains(QStringLiteral("encrypted with a passphrase, unlocked")),
                 qPrintable(page->store()->words()));
        QVERIFY(!buttonOf(*page->store(), QStringLiteral("Unlock…")));
        QVERIFY(buttonOf(*page, QStringLiteral("Import…"))->isEnabled());
        keepPicture(console.window, "store-unlocked");
    }

    void givenUp_staysLocked()
    {
        Console console;
        CheckpointsPage *page = openLockedPage(console);
        UnlockDialog *dialog = openUnlock(console.window, *page->store());
        QVERIFY(dialog);
        QTest::keyClicks(dialog->field()->edit(), QStringLiteral("never mind"));
        QTest::keyClick(dialog->field()->edit(), Qt::Key_Escape);
        QTRY_VERIFY(!openDialog<UnlockDialog>(console.window));
        // Closed while it is looked at: whoever asked is gone, and the answer finds nobody.
        dialog = openUnlock(console.window, *page->store());
        QVERIFY(dialog);
        enter(*dialog, QStringLiteral("another wrong one"));
        QVERIFY(dialog->isBusy());
        const QPointer<UnlockDialog> gone(dialog);
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY(gone.isNull());
        // A third one is answered after it, or told that it is still looked at.
        dialog = openUnlock(console.window, *page->store());
        QVERIFY(dialog);
        enter(*dialog, QStringLiteral("wrong"));
        QTRY_VERIFY_WITH_TIMEOUT(!dialog->isBusy(), kPatience);
        QVERIFY(!dialog->problem().isEmpty());
        QVERIFY(page->store()->isLocked());
        QCOMPARE(rowsOf(*page), 0);
    }

    void tooManyWrongOnes_saysHowLong()
    {
        Console console;
        CheckpointsPage *page = openLockedPage(console);
        UnlockDialog *dialog = openUnlock(console.window, *page->store());
        QVERIFY(dialog);
        for (int i = 0; i < 6; ++i) {
            enter(*dialog, QStringLiteral("guess"));
            QTRY_VERIFY_WITH_TIMEOUT(!dialog->isBusy(), kPatience);
        }
        QVERIFY2(dialog->problem().contains(QStringLiteral("try again in")), qPrintable(dialog->problem()));
        QCOMPARE(dialog->field()->edit()->text(), QStringLiteral("guess")); // it was not looked at
        keepPicture(*dialog, "store-too-many");
    }

    void timelineAndCheckpointDialog_sayIt()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const ScratchCgroup cgroup("locked", {"memory", "freezer"});
        cgroup.attach(target.pid());
        Console console;
        makeLocked(console);
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(pathOf(cgroup)), kPatience);
        console.window.select(pathOf(cgroup));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        console.window.showPage(Page::Timeline);
        auto *page = console.window.findChild<TimelinePage *>();
        QTRY_VERIFY_WITH_TIMEOUT(page->store()->isVisible(), kPatience);
        keepPicture(console.window, "store-timeline");

        QTRY_VERIFY(console.window.action(ActionId::Checkpoint)->isEnabled());
        console.window.action(ActionId::Checkpoint)->trigger();
        auto *dialog = openDialog<CheckpointDialog>(console.window);
        QVERIFY(dialog);
        auto *banner = dialog->findChild<StoreBanner *>();
        QVERIFY(banner);
        QTRY_VERIFY_WITH_TIMEOUT(banner->isVisible(), kPatience);
        // It could be saved, but for the store.
        const auto labels = [dialog] {
            QString out;
            for (const QLabel *label : dialog->findChildren<QLabel *>())
                out += label->isVisible() ? label->text() : QString();
            return out;
        };
        QTRY_VERIFY_WITH_TIMEOUT(labels().contains(QStringLiteral("its key is not there")), kPatience);
        QVERIFY(!dialog->acceptButton()->isEnabled());
        keepPicture(*dialog, "store-checkpoint");
        UnlockDialog *unlock = openUnlock(console.window, *banner);
        QVERIFY(unlock);
        QCOMPARE(unlock->parentWidget(), dialog);
        enter(*unlock, kWords);
        QTRY_VERIFY_WITH_TIMEOUT(dialog->acceptButton()->isEnabled(), kPatience);
        QVERIFY(!banner->isVisible());
        QVERIFY(!labels().contains(QStringLiteral("its key is not there")));
        keepPicture(*dialog, "store-checkpoint-unlocked");
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(page->view()->scene().marks().size(), std::size_t{1}, kPatience);
        QVERIFY(!page->store()->isVisible());
        ::kill(target.pid(), SIGKILL);
    }

    void lookingOnly_mayNotUnlock()
    {
        Settings settings;
        settings.readOnly = true;
        Console console(settings);
        CheckpointsPage *page = openLockedPage(console);
        const QPushButton *button = buttonOf(*page->store(), QStringLiteral("Unlock…"));
        QVERIFY(button && !button->isEnabled());
        QVERIFY2(button->toolTip().contains(QStringLiteral("look only")), qPrintable(button->toolTip()));
    }

    void keyFileThatIsMissing_isNamed()
    {
        Console console;
        const QString key = console.state.filePath(QStringLiteral("key"));
        QFile file(key);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(32, 'k')) == 32);
        file.close();
        repository::StoreOptions options;
        options.key = repository::KeyFile{key.toStdString()};
        GANTRY_VERIFY(repository::Store::create(pathIn(console), std::move(options)));
        QFile note(console.state.filePath(QStringLiteral("repository.key")));
        QVERIFY(note.open(QIODevice::WriteOnly) && note.write(key.toUtf8() + '\n') > 0);
        note.close();
        CheckpointsPage *page = openPage(console);
        QTRY_VERIFY_WITH_TIMEOUT(page->store()->words().contains(QStringLiteral("encrypted with the key file")),
                                 kPatience);
        QVERIFY(file.rename(key + QStringLiteral(".away")));
        QTRY_VERIFY_WITH_TIMEOUT(page->store()->isLocked(), kPatience);
        QVERIFY2(page->store()->words().contains(key), qPrintable(page->store()->words()));
        QVERIFY(!buttonOf(*page->store(), QStringLiteral("Unlock…")));
        keepPicture(console.window, "store-key-file-missing");
    }

    void setUp_withAPassphrase()
    {
        Console console;
        CheckpointsPage *page = openPage(console);
        QVERIFY2(page->store()->words().contains(QStringLiteral("no store yet")), qPrintable(page->store()->words()));
        keepPicture(console.window, "store-none");
        QTest::mouseClick(buttonOf(*page->store(), QStringLiteral("Set up…")), Qt::LeftButton);
        auto *dialog = openDialog<NewStoreDialog>(console.window);
        QVERIFY(dialog && !dialog->acceptButton()->isEnabled());
        const auto fields = dialog->findChildren<PassphraseField *>();
        QCOMPARE(fields.size(), 2);
        fields[0]->edit()->insert(kWords);
        fields[1]->edit()->insert(QStringLiteral("Pferd"));
        QVERIFY2(dialog->problem().contains(QStringLiteral("not the same")), qPrintable(dialog->problem()));
        QVERIFY(!dialog->acceptButton()->isEnabled());
        keepPicture(*dialog, "store-set-up-differ");
        fields[1]->edit()->selectAll();
        fields[1]->edit()->insert(kWords);
        QVERIFY(dialog->problem().isEmpty() && dialog->acceptButton()->isEnabled());
        const auto command = [dialog] { return dialog->findChild<CommandLine *>()->findChild<QLineEdit *>()->text(); };
        QCOMPARE(command(), QStringLiteral("gantryctl repo init --passphrase"));
        keepPicture(*dialog, "store-set-up");
        QTest::keyClick(fields[1]->edit(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!openDialog<NewStoreDialog>(console.window), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(page->store()->words().contains(QStringLiteral("passphrase, unlocked")), kPatience);
        QVERIFY(!buttonOf(*page->store(), QStringLiteral("Set up…")));
        repository::StoreOptions options;
        options.write = false;
        options.key = repository::Passphrase{kWords.toStdString()};
        GANTRY_VERIFY(repository::Store::open(pathIn(console), std::move(options)));
    }

    void setUp_withAKeyFile_tellsWhatIsWrong()
    {
        Console console;
        CheckpointsPage *page = openPage(console);
        QTest::mouseClick(buttonOf(*page->store(), QStringLiteral("Set up…")), Qt::LeftButton);
        auto *dialog = openDialog<NewStoreDialog>(console.window);
        QVERIFY(dialog);
        dialog->findChildren<QRadioButton *>()[1]->click();
        QLineEdit *file = nullptr;
        for (QLineEdit *edit : dialog->findChildren<QLineEdit *>()) {
            if (edit->placeholderText().contains(QStringLiteral("absolute")))
                file = edit;
        }
        QVERIFY(file);
        file->setText(QStringLiteral("key"));
        QVERIFY2(dialog->problem().contains(QStringLiteral("absolute path")), qPrintable(dialog->problem()));
        const QString key = console.state.filePath(QStringLiteral("key"));
        file->setText(key);
        QVERIFY(dialog->problem().isEmpty());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog->problem().isEmpty(), kPatience);
        QVERIFY2(dialog->problem().contains(key), qPrintable(dialog->problem()));
        keepPicture(*dialog, "store-set-up-refused");
        QFile made(key);
        QVERIFY(made.open(QIODevice::WriteOnly) && made.write(QByteArray(32, 'k')) == 32);
        QVERIFY(made.setPermissions(QFile::ReadOwner));
        made.close();
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!openDialog<NewStoreDialog>(console.window), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(page->store()->words().contains(QStringLiteral("encrypted with the key file ") + key),
                                 kPatience);
    }
};

QTEST_MAIN(TestConsoleStore)
#include "tst_console_store.moc"
