// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint restored as new containers, from the page Checkpoints, on an engine that plays a host.
#include <QtTest>

#include "tests/gui/console_fixture.h"
#include "tests/gui/fake_engine.h"
#include "tests/gui/picture.h"
#include "widgets/dialogs/copy_dialog.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/pages/checkpoints_page.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QSet>
#include <QSpinBox>
#include <QStatusBar>
#include <QTableView>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr int kPatience = 15'000; ///< ms

struct CopyConsole
{
    FakeEngine engine;
    HostClient client{
        [this](const std::stop_token &) -> Result<std::shared_ptr<grpc::Channel>> { return engine.channel(); }};
    MainWindow window;

    CopyConsole() : window(client, Settings())
    {
        window.resize(1280, 800);
        window.show();
        client.start();
    }
    [[nodiscard]] QString status() const
    {
        QStringList texts{window.statusBar()->currentMessage()};
        for (const QLabel *label : window.statusBar()->findChildren<QLabel *>())
            texts << label->text();
        return texts.join(u'\n');
    }
};

QString words(const QWidget &widget)
{
    QStringList texts;
    for (const QLabel *label : widget.findChildren<QLabel *>()) {
        if (label->isVisible())
            texts << label->text();
    }
    for (const QLineEdit *line : widget.findChildren<QLineEdit *>())
        texts << line->text();
    return texts.join(u'\n');
}

void isShown(CopyDialog &dialog, const QString &text)
{
    QVERIFY2(QTest::qWaitFor([&] { return words(dialog).contains(text); }, kPatience), qPrintable(words(dialog)));
}

} // namespace

class TestConsoleCopies : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void namedByTheUser_whatStandsInTheWayIsListed_thenTheyRun()
    {
        CopyConsole console;
        console.window.treePanel()->selectNode(NodeId::host());
        console.window.showPage(Page::Checkpoints);
        auto *page = console.window.findChild<CheckpointsPage *>();
        QTRY_COMPARE_WITH_TIMEOUT(page->table()->view()->model()->rowCount(), 1, kPatience);
        QVERIFY(!buttonOf(*page, QStringLiteral("Fork…"))->isEnabled());
        page->table()->selectSourceRow(0);
        keepPicture(console.window, "copies-page");
        QTest::mouseClick(buttonOf(*page, QStringLiteral("Fork…")), Qt::LeftButton);
        auto *dialog = openDialog<CopyDialog>(console.window);
        QVERIFY(dialog);
        QVERIFY(!dialog->acceptButton()->isEnabled());
        QCOMPARE(dialog->nameEdit()->text(), QStringLiteral("web-copy"));
        isShown(*dialog, QStringLiteral("stand in the way"));
        isShown(*dialog, QStringLiteral("web-copy"));
        QVERIFY(!dialog->acceptButton()->isEnabled());
        dialog->nameEdit()->setText(QStringLiteral("shop"));
        dialog->countBox()->setValue(3);
        isShown(*dialog, QStringLiteral("3 new container(s): shop-1, shop-2, shop-3"));
        QVERIFY(dialog->acceptButton()->isEnabled());
        QVERIFY(console.engine.copyRequests().empty());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(console.engine.copyRequests().size(), std::size_t{1}, kPatience);
        QCOMPARE(console.engine.copyRequests().front().copies(), 3U);
        QCOMPARE(console.engine.copyRequests().front().actor().program(), std::string("gantry"));
        // What did not become of it is said, one by one.
        QVERIFY2(QTest::qWaitFor([&] { return words(console.window).contains(QStringLiteral("shop-3 was not tried")); },
                                 kPatience),
                 qPrintable(words(console.window)));
        QVERIFY(words(console.window).contains(QStringLiteral("shop-2 does not run")));
    }

    void dialog_asksAgainAtEachChange()
    {
        CopyDialog dialog(FakeEngine::webCheckpoint(), {});
        QSignalSpy asked(&dialog, &CopyDialog::previewRequested);
        dialog.start();
        dialog.show();
        QCOMPARE(asked.count(), 1);
        QVERIFY(asked.takeFirst().at(0).value<v1::CopyCheckpointRequest>().dry_run());
        dialog.nameEdit()->clear();
        QCOMPARE(asked.count(), 0);                   // nothing to ask
        dialog.setPreview(v1::CopyCheckpointReply()); // of the question before
        QVERIFY(!dialog.acceptButton()->isEnabled());
        dialog.nameEdit()->setText(QStringLiteral("shop"));
        dialog.countBox()->setValue(8);
        QCOMPARE(asked.count(), 2);
        const auto request = asked.last().at(0).value<v1::CopyCheckpointRequest>();
        QCOMPARE(request.name(), std::string("shop"));
        QCOMPARE(request.copies(), 8U);
        v1::CopyCheckpointReply reply;
        for (int i = 1; i <= 8; ++i)
            reply.add_copies()->set_name(strCat("shop-", i));
        reply.add_notes("the host name inside is web, as it was saved");
        dialog.setPreview(reply);
        QVERIFY(dialog.acceptButton()->isEnabled());
        const QString said = words(dialog);
        for (const char *part : {"8 new container(s): shop-1, shop-2", "shop-6, … shop-8", "host name inside is web",
                                 "--as shop --copies 8"})
            QVERIFY2(said.contains(QString::fromUtf8(part)), qPrintable(said));
        dialog.countBox()->setValue(1);
        QCOMPARE(dialog.request().copies(), 0U); // of this very name
        QVERIFY(!dialog.request().dry_run() && !dialog.acceptButton()->isEnabled());
        v1::Failure failure;
        failure.set_posix_errno(ENOTSUP);
        failure.set_subject("pid 812 (node)");
        failure.set_detail("its processes come back with the pids they had");
        dialog.setFailure(failure);
        QVERIFY(!dialog.acceptButton()->isEnabled());
        QVERIFY(words(dialog).contains(QStringLiteral("with the pids they had")));
        QVERIFY(dialog.findChild<WarningList *>()->warnings().isEmpty());
    }

    void mnemonics_areUnique()
    {
        CopyDialog dialog(FakeEngine::webCheckpoint(), {});
        QSet<QKeySequence> seen;
        QStringList texts;
        for (const QLabel *label : dialog.findChildren<QLabel *>())
            texts << label->text();
        for (const QPushButton *button : dialog.findChildren<QPushButton *>())
            texts << button->text();
        for (const QString &text : texts) {
            const QKeySequence keys = QKeySequence::mnemonic(text);
            QVERIFY2(keys.isEmpty() || !seen.contains(keys), qPrintable(text));
            seen.insert(keys);
        }
    }

    void pictures_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void pictures()
    {
        QFETCH(bool, dark);
        const QPalette before = QApplication::palette();
        QApplication::setPalette(theme::palette(dark ? theme::Scheme::Dark : theme::Scheme::Light));
        CopyDialog dialog(FakeEngine::webCheckpoint(), {});
        dialog.countBox()->setValue(2);
        v1::CopyCheckpointReply reply;
        for (const char *name : {"web-copy-1", "web-copy-2"}) {
            reply.add_copies()->set_name(name);
            v1::CopyCheckpointReply::Conflict &conflict = *reply.add_conflicts();
            conflict.set_name(name);
            *conflict.mutable_failure() = gantry::toMessage(
                fail(EEXIST, "restore", name, "podman has a container of this name", "Choose another name").error());
        }
        *reply.add_conflicts()->mutable_failure() = gantry::toMessage(
            fail(ENOENT, "restore", "/srv/web/rootfs", "it is not there any more, and the root begins with it",
                 "Put the folder back as it was")
                .error());
        dialog.setPreview(reply);
        (void)picture(dialog, QStringLiteral("copies-conflicts-%1").arg(dark ? QLatin1String("dark") : QLatin1String("light")), {});
        reply.clear_conflicts();
        reply.add_notes("the host name inside is web, as it was saved");
        dialog.setPreview(reply);
        (void)picture(dialog, QStringLiteral("copies-%1").arg(dark ? QLatin1String("dark") : QLatin1String("light")), {});
        QVERIFY(dialog.acceptButton()->isEnabled());
        QApplication::setPalette(before);
    }
};

QTEST_MAIN(TestConsoleCopies)
#include "tst_console_copies.moc"
