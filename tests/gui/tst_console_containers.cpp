// SPDX-License-Identifier: GPL-3.0-or-later
// Containers in the console: their verbs, their page and their places in the tree, on an engine that plays a host.
#include <QtTest>

#include "engine/proto/calls.h"
#include "tests/gui/console_fixture.h"
#include "tests/gui/fake_engine.h"
#include "tests/gui/picture.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/pages/container_page.h"
#include "widgets/pages/facts_view.h"
#include "widgets/pages/log_view.h"
#include "widgets/style/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QStatusBar>
#include <QTabWidget>
#include <QTextBlock>
#include <QToolButton>
#include <QTreeView>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

struct ContainerConsole
{
    FakeEngine engine;
    HostClient client{
        [this](const std::stop_token &) -> Result<std::shared_ptr<grpc::Channel>> { return engine.channel(); }};
    MainWindow window;
    ContainerPage *page;

    explicit ContainerConsole(const Settings &settings = {}, std::vector<std::string> calls = {})
        : engine(2, std::move(calls)), window(client, settings), page(window.findChild<ContainerPage *>())
    {
        window.resize(1280, 800);
        window.show();
        client.start();
    }

    [[nodiscard]] NodeId current() const { return window.treePanel()->currentNode(); }
    void choose(NodeId id)
    {
        QTRY_VERIFY_WITH_TIMEOUT(window.tree().node(id), 15'000);
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QVERIFY(window.treePanel()->selectNode(id));
        QTRY_COMPARE(current(), id);
    }
    [[nodiscard]] QString status() const
    {
        QStringList texts{window.statusBar()->currentMessage()};
        for (const QLabel *label : window.statusBar()->findChildren<QLabel *>())
            texts << label->text();
        return texts.join(u'\n');
    }
    [[nodiscard]] const QTabWidget *tabs() const { return window.findChild<QTabWidget *>(); }
    [[nodiscard]] QString factsText() const { return page->facts()->toPlainText(); }
};

NodeId idOf(const v1::Node &node)
{
    return NodeId{node.id()};
}

const NodeId kWeb{webNode().id()};
const NodeId kEndedWeb{webNode(v1::CONTAINER_STATE_EXITED).id()};

v1::LogTail logOf(int first, int count)
{
    v1::LogTail log;
    log.set_source("/var/lib/containers/storage/overlay-containers/4be1/userdata/ctr.log");
    for (int i = first; i < first + count; ++i) {
        v1::LogTail::Line &line = *log.add_lines();
        line.set_realtime_usec(1'700'000'000'000'000 + i * 1'000'000LL);
        line.set_error_stream(i % 5 == 0);
        line.set_text(strCat("line ", i, i % 5 == 0 ? " failed to reach upstream" : " 10.0.0.7 GET / 200"));
    }
    return log;
}

QString textOf(const QWidget &dialog)
{
    QStringList texts;
    for (const QLabel *label : dialog.findChildren<QLabel *>())
        texts << label->text();
    for (const QLineEdit *line : dialog.findChildren<QLineEdit *>())
        texts << line->text();
    return texts.join(u'\n');
}

} // namespace

class TestConsoleContainers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void olderEngine_whatItDoesNotHaveIsGreyed()
    {
        std::vector<std::string> calls = knownCalls();
        std::erase_if(calls, [](const std::string &call) {
            return call.starts_with("Migration/") || call == "Checkpoint/Create";
        });
        ContainerConsole console({}, calls);
        console.choose(kWeb);
        const auto *migrate = console.window.action(ActionId::Migrate);
        QVERIFY(!migrate->isEnabled());
        QVERIFY2(migrate->toolTip().contains(QStringLiteral("runs gantryd fake, which is older")),
                 qPrintable(migrate->toolTip()));
        QVERIFY(!console.window.action(ActionId::Checkpoint)->isEnabled());
        QVERIFY(!console.window.action(ActionId::Evacuate)->isEnabled());
        QVERIFY(console.window.action(ActionId::Check)->isEnabled());
        QVERIFY(console.window.action(ActionId::Freeze)->isEnabled());
        const QString tip = console.window.hosts()
                                .indexOf({console.window.treePanel()->currentHost(), NodeId::host()})
                                .data(Qt::ToolTipRole)
                                .toString();
        QVERIFY2(tip.contains(QStringLiteral("does not have: Checkpoint/Create, Migration/")), qPrintable(tip));
    }

    void verbs_fitTheState_orSayWhyNot()
    {
        ContainerConsole console;
        const auto enabled = [&](ActionId id) { return console.window.action(id)->isEnabled(); };
        const auto tip = [&](ActionId id) { return console.window.action(id)->toolTip(); };
        console.choose(kWeb);
        QTRY_VERIFY(enabled(ActionId::Stop) && enabled(ActionId::Restart));
        QVERIFY(!enabled(ActionId::Start) && !enabled(ActionId::RemoveContainer));
        QVERIFY2(tip(ActionId::Start).contains(QStringLiteral("podman cannot do that with a container that is running")),
                 qPrintable(tip(ActionId::Start)));
        QVERIFY2(tip(ActionId::RemoveContainer).contains(QStringLiteral("stop it first")),
                 qPrintable(tip(ActionId::RemoveContainer)));

        console.choose(idOf(endedNode(1, "job")));
        QTRY_VERIFY(enabled(ActionId::Start) && enabled(ActionId::RemoveContainer));
        QVERIFY(!enabled(ActionId::Stop));
        QVERIFY2(tip(ActionId::Stop).contains(QStringLiteral("job: podman cannot do that with a container that is exited")),
                 qPrintable(tip(ActionId::Stop)));

        console.choose(idOf(containerNode(31, "bare", "")));
        for (const ActionId id : {ActionId::Start, ActionId::Stop, ActionId::Restart, ActionId::RemoveContainer}) {
            QTRY_VERIFY2(tip(id).contains(QStringLiteral("No runtime says that bare is its own")), qPrintable(tip(id)));
            QVERIFY(!enabled(id));
        }
        console.window.select(QString::fromLatin1(FakeEngine::kAppPath));
        QTRY_VERIFY2(tip(ActionId::Stop).contains(QStringLiteral("is no container")), qPrintable(tip(ActionId::Stop)));

        console.choose(kWeb);
        QTRY_VERIFY(enabled(ActionId::Stop));
        console.window.action(ActionId::ReadOnly)->trigger();
        QTRY_VERIFY2(!enabled(ActionId::Stop) && tip(ActionId::Stop).contains(QStringLiteral("look only")),
                     qPrintable(tip(ActionId::Stop)));
    }

    void stop_asks_tellsTheCommand_andTheContainerStaysSelected()
    {
        ContainerConsole console;
        console.choose(kWeb);
        QTRY_VERIFY(console.window.action(ActionId::Stop)->isEnabled());
        console.window.activateWindow();
        QTest::keyClick(console.window.treePanel()->view(), Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        auto *dialog = openDialog<ConfirmDialog>(console.window);
        QVERIFY2(textOf(*dialog).contains(QStringLiteral("podman stop web")), qPrintable(textOf(*dialog)));
        keepPicture(*dialog, "container-stop");
        QTest::keyClick(dialog->focusWidget(), Qt::Key_Return); // is a no
        QTRY_VERIFY(!openDialog<ConfirmDialog>(console.window));
        QVERIFY(console.engine.containerRequests().empty());

        console.window.action(ActionId::Stop)->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.containerRequests().size(), 1u);
        QCOMPARE(console.engine.containerRequests()[0].target().node_id(), kWeb.v);
        QCOMPARE(console.engine.containerRequests()[0].action(), v1::ContainerActionRequest::ACTION_STOP);
        QTRY_VERIFY2(console.status().contains(QStringLiteral("web: running → exited")), qPrintable(console.status()));
        QTRY_COMPARE(console.current(), kEndedWeb);
        QTRY_VERIFY(console.window.action(ActionId::Start)->isEnabled());

        // Starting harms nothing: Enter is a yes.
        console.window.action(ActionId::Start)->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::keyClick(openDialog<ConfirmDialog>(console.window), Qt::Key_Return);
        QTRY_COMPARE(console.engine.containerRequests().size(), 2u);
        QTRY_COMPARE(console.current(), kWeb);
    }

    void restart_isOneAnswer()
    {
        ContainerConsole console;
        console.choose(kWeb);
        QTRY_VERIFY(console.window.action(ActionId::Restart)->isEnabled());
        console.window.action(ActionId::Restart)->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        QTest::mouseClick(openDialog<ConfirmDialog>(console.window)->acceptButton(), Qt::LeftButton);
        QTRY_VERIFY2(console.status().contains(QStringLiteral("web: running → running")), qPrintable(console.status()));
        QCOMPARE(console.engine.containerRequests()[0].action(), v1::ContainerActionRequest::ACTION_RESTART);
    }

    void remove_ofSeveral_wantsTheNameTyped()
    {
        ContainerConsole console;
        console.choose(idOf(endedNode(1, "job")));
        QTreeView *view = console.window.treePanel()->view();
        view->selectionModel()->select(
            console.window.hosts().indexOf({console.window.treePanel()->currentHost(), idOf(endedNode(2, "old"))}),
            QItemSelectionModel::Select | QItemSelectionModel::Rows);
        const QAction *remove = console.window.action(ActionId::RemoveContainer);
        QTRY_VERIFY(remove->isEnabled());
        QVERIFY2(QString(remove->text()).remove(u'&').contains(QStringLiteral("2 containers")),
                 qPrintable(remove->text()));
        console.window.action(ActionId::RemoveContainer)->trigger();
        QTRY_VERIFY(openDialog<ConfirmDialog>(console.window));
        auto *dialog = openDialog<ConfirmDialog>(console.window);
        keepPicture(*dialog, "container-remove");
        QVERIFY(textOf(*dialog).contains(QStringLiteral("podman rm job; podman rm old")));
        QVERIFY(dialog->nameField() && !dialog->acceptButton()->isEnabled());
        QTest::keyClicks(dialog->nameField(), QStringLiteral("job"));
        QTest::keyClick(dialog->nameField(), Qt::Key_Return);
        QVERIFY(openDialog<ConfirmDialog>(console.window)); // Enter is never a yes to what cannot be undone
        QVERIFY(console.engine.containerRequests().empty());
        QTest::mouseClick(dialog->acceptButton(), Qt::LeftButton);
        QTRY_COMPARE(console.engine.containerRequests().size(), 2u);
        QTRY_VERIFY2(console.status().contains(QStringLiteral("job: exited → removed; old: exited → removed")),
                     qPrintable(console.status()));
    }

    void page_isOfContainersOnly_andComesBack()
    {
        ContainerConsole console;
        console.choose(kWeb);
        QVERIFY(console.tabs()->isTabVisible(static_cast<int>(Page::Container)));
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Overview)); // as long as nobody asks
        console.window.showPage(Page::Container);
        console.choose(NodeId::host());
        QVERIFY(!console.tabs()->isTabVisible(static_cast<int>(Page::Container)));
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Overview));
        console.choose(idOf(endedNode(1, "job")));
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Container));
    }

    void timeline_comesBackOverWhatHasNone()
    {
        ContainerConsole console;
        console.choose(NodeId::cgroup(0, 11)); // "/app/a"
        console.window.showPage(Page::Timeline);
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Timeline));
        console.choose(NodeId::cgroup(0, 1)); // the root: it is the host's
        QVERIFY(!console.tabs()->isTabVisible(static_cast<int>(Page::Timeline)));
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Overview));
        console.choose(NodeId::cgroup(0, 12));
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Timeline));
    }

    void page_tellsWhatTheRuntimeTells()
    {
        Settings settings;
        settings.page = QStringLiteral("container");
        ContainerConsole console(settings);
        console.engine.setLog(logOf(0, 60));
        console.choose(kWeb);
        QCOMPARE(console.tabs()->currentIndex(), static_cast<int>(Page::Container));
        QTRY_VERIFY2(console.factsText().contains(QStringLiteral("podman 4.3.1, run by crun")),
                     qPrintable(console.factsText()));
        for (const char *text :
             {kWebId, "running, healthy", "docker.io/library/nginx:1.25", "sha256:a8758716bb6a", "nginx -g 'daemon off;'",
              "unless-stopped", "shop", "the system", "first process 4711, monitor 4700", kWebPath, "*:8080-8089",
              "80-89", "/usr/share/nginx/html", "read only", "10.88.0.2", "5e:12:34:56:78:9a", "com.example.tier",
              "<ops & co>", "4026532000, its own", "podman API at /run/podman/podman.sock"})
            QVERIFY2(console.factsText().contains(QString::fromUtf8(text)), qPrintable(console.factsText()));
        QVERIFY(console.page->warnings().isEmpty());
        QTRY_VERIFY(console.page->log()->textView()->toPlainText().contains(QStringLiteral("line 59")));
        QCOMPARE(console.page->facts()->verticalScrollBar()->value(), 0);
        keepPicture(console.window, "container-light");

        // From link to link by keys, and on to the log.
        FactsView *facts = console.page->facts();
        facts->setFocus();
        QTRY_VERIFY(facts->hasFocus());
        QTest::keyClick(facts, Qt::Key_Tab);
        QTest::keyClick(facts, Qt::Key_Return);
        QCOMPARE(QGuiApplication::clipboard()->text(), QString::fromLatin1(kWebId));
        QTest::keyClick(facts, Qt::Key_Tab);
        QTest::keyClick(facts, Qt::Key_Tab);
        QVERIFY(console.page->log()->followBox()->hasFocus());
        Q_EMIT facts->anchorClicked(QUrl(QStringLiteral("jump:cgroup")));
        QTRY_COMPARE(console.current(), NodeId::cgroup(0, kWebInode));
    }

    void page_ofWhatIsNotKnown_hasDashesAndNoEmptySections()
    {
        ContainerConsole console;
        console.window.showPage(Page::Container);
        v1::Node bare = webNode(v1::CONTAINER_STATE_EXITED);
        bare.mutable_container()->Clear();
        bare.mutable_container()->set_runtime("podman");
        bare.mutable_container()->set_facts_problem("/run/podman/podman.sock: no answer within 2 s");
        console.engine.setWeb(bare);
        console.choose(kEndedWeb);
        QTRY_VERIFY(!console.page->warnings().isEmpty());
        QVERIFY(console.page->warnings().front().contains(QStringLiteral("no answer within 2 s")));
        QVERIFY2(console.factsText().contains(QStringLiteral("Image")) && console.factsText().contains(u'—'),
                 qPrintable(console.factsText()));
        for (const char *section : {"Ports", "Mounts", "Addresses", "Labels", "Namespaces"})
            QVERIFY2(!console.factsText().contains(QLatin1String(section)), section);
        keepPicture(console.window, "container-unknown");
        QTRY_VERIFY2(console.window.action(ActionId::Stop)->toolTip().contains(QStringLiteral("does not answer")),
                     qPrintable(console.window.action(ActionId::Stop)->toolTip()));
    }

    void page_followsTheFacts()
    {
        ContainerConsole console;
        console.window.showPage(Page::Container);
        console.choose(kWeb);
        v1::Node sick = webNode();
        sick.mutable_container()->set_health("unhealthy");
        console.engine.setWeb(sick);
        QTRY_VERIFY2(console.factsText().contains(QStringLiteral("running, unhealthy")),
                     qPrintable(console.factsText()));
    }

    void log_isAskedForWhileSeenOnly_followsTheEnd_andSaysWhatFails()
    {
        ContainerConsole console;
        console.engine.setLog(logOf(0, 200));
        console.choose(kWeb);
        QTest::qWait(200);
        QCOMPARE(console.engine.logAsked(), 0);
        console.window.showPage(Page::Container);
        QPlainTextEdit *view = console.page->log()->textView();
        QTRY_COMPARE(view->blockCount(), 200);
        QCOMPARE(view->verticalScrollBar()->value(), view->verticalScrollBar()->maximum());
        QVERIFY(view->document()->findBlockByNumber(0).text().contains(QStringLiteral("stderr line 0")));
        QVERIFY(!view->document()->findBlockByNumber(1).text().contains(QStringLiteral("stderr")));

        // Marked, and scrolled away from the end: both stay.
        QTextCursor cursor(view->document()->findBlockByNumber(150));
        cursor.select(QTextCursor::LineUnderCursor);
        view->setTextCursor(cursor);
        const QString marked = cursor.selectedText();
        view->verticalScrollBar()->setValue(40);
        QVERIFY(!console.page->log()->followBox()->isChecked());
        console.engine.setLog(logOf(10, 200));
        QTest::keyClick(&console.window, Qt::Key_F5);
        QTRY_VERIFY(view->toPlainText().contains(QStringLiteral("line 209 ")));
        QCOMPARE(view->blockCount(), 200);
        QCOMPARE(view->verticalScrollBar()->value(), 30);
        QCOMPARE(view->textCursor().selectedText(), marked);
        console.page->log()->followBox()->click();
        QCOMPARE(view->verticalScrollBar()->value(), view->verticalScrollBar()->maximum());
        const int asked = console.engine.logAsked();
        QTRY_VERIFY_WITH_TIMEOUT(console.engine.logAsked() > asked, 4'000); // every 2 s

        console.engine.setLog({}, ENOENT);
        QTest::keyClick(&console.window, Qt::Key_F5);
        QTRY_VERIFY2(textOf(*console.page->log()).contains(QStringLiteral("There is no log of web. Reason: the driver keeps none")),
                     qPrintable(textOf(*console.page->log())));
        keepPicture(console.window, "container-log-fails");
        console.window.showPage(Page::Events);
        const int before = console.engine.logAsked();
        QTest::qWait(2'500);
        QCOMPARE(console.engine.logAsked(), before);
    }

    void groupings_comeBackWithTheirLabel()
    {
        Settings kept;
        {
            ContainerConsole console;
            console.choose(kWeb);
            console.window.treePanel()->setGrouping(NodeTreeModel::Grouping::Pods);
            QCOMPARE(console.current(), kWeb);
            keepPicture(console.window, "tree-pods");
            console.window.treePanel()->setGrouping(NodeTreeModel::Grouping::Labels);
            console.window.treePanel()->setLabelKey(QStringLiteral("maintainer"));
            keepPicture(console.window, "tree-labels");
            kept = console.window.settings();
        }
        QCOMPARE(kept.grouping, QStringLiteral("labels"));
        ContainerConsole again(kept);
        QTRY_VERIFY(again.window.tree().node(kWeb));
        QCOMPARE(again.window.tree().grouping(), NodeTreeModel::Grouping::Labels);
        QCOMPARE(again.window.tree().labelKey(), QStringLiteral("maintainer"));
        const QModelIndex group = again.window.tree().indexOf(kWeb).parent();
        QCOMPARE(group.data().toString(), QStringLiteral("<ops & co>"));
        // The row of a group is nothing to act on, and nothing to ask the engine for.
        again.window.showPage(Page::Processes);
        again.choose(again.window.tree().idOf(group));
        QVERIFY(!again.window.action(ActionId::Stop)->isEnabled());
        QVERIFY(!again.window.action(ActionId::Kill)->isEnabled());
    }

    void runtimes_areToldForTheHost()
    {
        ContainerConsole console;
        console.engine.setRuntimeProblem("connect: Connection refused");
        console.choose(NodeId::host());
        console.window.showPage(Page::Runtimes);
        auto *view = qobject_cast<FactsView *>(console.tabs()->currentWidget());
        QVERIFY(view);
        QTRY_VERIFY2(view->toPlainText().contains(QStringLiteral("connect: Connection refused")),
                     qPrintable(view->toPlainText()));
        for (const char *text : {"podman", "4.3.1", "/run/podman/podman.sock", "3"})
            QVERIFY2(view->toPlainText().contains(QLatin1String(text)), text);
        keepPicture(console.window, "runtimes");
        console.choose(kWeb);
        QVERIFY(!console.tabs()->isTabVisible(static_cast<int>(Page::Runtimes)));
    }

    void pictures_inTheDark()
    {
        const QPalette light = QApplication::palette();
        QApplication::setPalette(theme::palette(theme::Scheme::Dark));
        {
            ContainerConsole console;
            console.engine.setLog(logOf(0, 60));
            console.window.showPage(Page::Container);
            console.choose(kWeb);
            QTRY_VERIFY(console.page->log()->textView()->toPlainText().contains(QStringLiteral("line 59")));
            keepPicture(console.window, "container-dark");
            console.page->facts()->verticalScrollBar()->setValue(console.page->facts()->verticalScrollBar()->maximum());
            keepPicture(console.window, "container-dark-end");
            // Nothing is wider than its room.
            QCOMPARE(console.page->facts()->horizontalScrollBar()->maximum(), 0);
        }
        QApplication::setPalette(light);
    }
};

QTEST_MAIN(TestConsoleContainers)
#include "tst_console_containers.moc"
