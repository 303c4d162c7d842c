// SPDX-License-Identifier: GPL-3.0-or-later
// Several hosts in one window, on engines that play them.
#include <QtTest>

#include "app/console/host_list.h"
#include "tests/gui/console_fixture.h"
#include "tests/gui/fake_engine.h"
#include "tests/gui/picture.h"
#include "widgets/dialogs/askpass_dialog.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/pages/jobs_panel.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QStatusBar>

#include <mutex>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

/// This host, and others that the list reaches by name: "one", "two"; nothing answers at any other.
struct Hosts
{
    FakeEngine here;
    std::mutex mutex;
    std::map<std::string, int> dialled; ///< how often
    std::map<std::string, std::shared_ptr<FakeEngine>> there{{"one", std::make_shared<FakeEngine>()},
                                                             {"two", std::make_shared<FakeEngine>()}};
    HostClient client{
        [this](const std::stop_token &) -> Result<std::shared_ptr<grpc::Channel>> { return here.channel(); }};
    HostList list{[this](const QString &destination) { return dialTo(destination.toStdString()); },
                  [](const QString &destination) {
                      return destination.contains(u' ') ? u"A destination has no blanks."_s : QString();
                  }};
    MainWindow window;

    explicit Hosts(const QList<HostEntry> &entries, const Settings &settings = {}) : window(client, settings)
    {
        window.resize(1280, 800);
        window.show();
        list.show(window, entries);
        client.start();
    }

    HostClient::Dial dialTo(const std::string &name)
    {
        return [this, name](const std::stop_token &) -> Result<Reached> {
            const std::scoped_lock lock(mutex);
            ++dialled[name];
            if (name == "refused")
                return fail(EACCES, "connect", name, "Permission denied (publickey)");
            if (!there.contains(name) || !there.at(name))
                return fail(EHOSTUNREACH, "connect", name, "no route");
            return Reached(there.at(name)->channel());
        };
    }

    [[nodiscard]] int attempts(const std::string &name)
    {
        const std::scoped_lock lock(mutex);
        return dialled[name];
    }
    [[nodiscard]] HostKey keyOf(const QString &name) const
    {
        for (const HostKey host : window.hosts().hosts()) {
            if (window.hosts().factsOf(host).name == name)
                return host;
        }
        return {};
    }
    [[nodiscard]] HostFacts::State stateOf(const QString &name) const
    {
        return window.hosts().factsOf(keyOf(name)).state;
    }
    [[nodiscard]] QStringList names() const
    {
        QStringList out;
        for (const HostKey host : window.hosts().hosts())
            out << window.hosts().factsOf(host).name;
        return out;
    }
    void press(ActionId id) const
    {
        QVERIFY2(window.action(id)->isEnabled(), qPrintable(window.action(id)->toolTip()));
        window.action(id)->trigger();
    }
};

HostEntry entryOf(const char *name, bool connects = true)
{
    return {.name = QLatin1String(name), .destination = QLatin1String(name), .group = {}, .connectAtStart = connects};
}

using State = HostFacts::State;
const NodeId kWeb{webNode().id()};

} // namespace

class TestConsoleHosts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hosts_areShownAtOnce_connectedOrNot()
    {
        Hosts hosts({entryOf("one"), entryOf("gone"), entryOf("two", false)});
        QCOMPARE(hosts.names(), QStringList({QString(), u"gone"_s, u"one"_s, u"two"_s}));
        QTRY_COMPARE(hosts.stateOf(u"one"_s), State::Live);
        QTRY_COMPARE(hosts.stateOf(u"gone"_s), State::Lost);
        QCOMPARE(hosts.stateOf(u"two"_s), State::NotConnected);
        QVERIFY(hosts.window.hosts().factsOf(hosts.keyOf(u"gone"_s)).reason.contains(u"no route"_s));
        // The other two are none the worse for it.
        QTRY_VERIFY(hosts.window.hosts().indexOf({hosts.keyOf(u"one"_s), kWeb}).isValid() ||
                    hosts.window.hosts().treeOf(hosts.keyOf(u"one"_s))->node(kWeb));
        const QModelIndex two = hosts.window.hosts().indexOf({hosts.keyOf(u"two"_s), NodeId::host()});
        QTreeView *view = hosts.window.treePanel()->view();
        view->scrollTo(two);
        const QPoint point = view->visualRect(two).center();
        QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, point);
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, point);
        QTRY_COMPARE(hosts.stateOf(u"two"_s), State::Live);
        // Its pages are those of a host that was chosen when it was connected already.
        hosts.window.showPage(Page::Runtimes);
        QTRY_VERIFY(hosts.window.missingPage(u"runtimes"_s).isEmpty());
        QTRY_VERIFY(hosts.window.hosts().treeOf(hosts.keyOf(u"two"_s))->node(kWeb));
        QTRY_VERIFY(hosts.window.missingPage(u"runtimes"_s).isEmpty());
        keepPicture(hosts.window, "hosts");
    }

    void refusedHost_isNotAskedForAgain_untilThePersonWants()
    {
        Hosts hosts({entryOf("refused")});
        QTRY_COMPARE(hosts.stateOf(u"refused"_s), State::NotConnected);
        const QString reason = hosts.window.hosts().factsOf(hosts.keyOf(u"refused"_s)).reason;
        QVERIFY2(reason.contains(u"publickey"_s) && reason.contains(u"Double click"_s), qPrintable(reason));
        QTest::qWait(1'500); // a lost host is tried again within 0.1, 0.2, 0.4 ... s
        QCOMPARE(hosts.attempts("refused"), 1);
        QVERIFY(hosts.window.select({hosts.keyOf(u"refused"_s), NodeId::host()}));
        hosts.press(ActionId::ConnectHost);
        QTRY_COMPARE(hosts.attempts("refused"), 2);
        QTRY_COMPARE(hosts.stateOf(u"refused"_s), State::NotConnected);
    }

    void verb_actsOnTheHostOfTheRow_andNamesIt()
    {
        Hosts hosts({entryOf("one"), entryOf("two")});
        const HostKey two = hosts.keyOf(u"two"_s);
        QTRY_VERIFY(hosts.window.hosts().treeOf(two)->node(kWeb));
        QTRY_VERIFY(hosts.window.select({two, kWeb}));
        QCOMPARE(hosts.window.windowTitle(), u"two – Gantry"_s);
        QTRY_VERIFY(hosts.window.action(ActionId::Stop)->isEnabled());
        hosts.press(ActionId::Stop);
        QTRY_VERIFY(openDialog<ConfirmDialog>(hosts.window));
        auto *dialog = openDialog<ConfirmDialog>(hosts.window);
        QVERIFY2(dialog->windowTitle().contains(u"on two"_s), qPrintable(dialog->windowTitle()));
        dialog->accept();
        const auto done = [](const FakeEngine &engine) {
            const auto requests = engine.containerRequests();
            return std::ranges::any_of(requests, [](const auto &request) { return !request.dry_run(); });
        };
        QTRY_VERIFY(done(*hosts.there.at("two")));
        QVERIFY(hosts.here.containerRequests().empty() && hosts.there.at("one")->containerRequests().empty());
        // Rows of several hosts at once: nothing is changed, and why is said.
        QTreeView *view = hosts.window.treePanel()->view();
        view->selectionModel()->select(hosts.window.hosts().indexOf({hosts.keyOf(u"one"_s), NodeId::host()}),
                                       QItemSelectionModel::Select | QItemSelectionModel::Rows);
        QTRY_VERIFY(!hosts.window.action(ActionId::Kill)->isEnabled());
        QVERIFY(hosts.window.action(ActionId::Kill)->statusTip().contains(u"Several hosts"_s));
    }

    void jobs_areNotCancelled_byWhoOnlyLooks()
    {
        JobsPanel panel;
        v1::JobUpdate update;
        v1::Job &job = *update.add_jobs();
        job.set_id(1);
        job.set_state(v1::JOB_STATE_RUNNING);
        job.set_cancellable(true);
        panel.apply(update);
        panel.selectJob(1);
        auto *cancel = panel.findChild<QPushButton *>();
        QVERIFY(cancel && cancel->isEnabled());
        panel.setReadOnlyReason(u"missing: group gantry"_s);
        QVERIFY(!cancel->isEnabled() && cancel->toolTip().contains(u"group gantry"_s));
    }

    void selectedNode_ofAnotherHost_isSelectedAtTheNextStart()
    {
        Settings kept;
        {
            Hosts hosts({entryOf("one"), entryOf("two")});
            const HostKey two = hosts.keyOf(u"two"_s);
            QTRY_VERIFY(hosts.window.hosts().treeOf(two)->node(kWeb));
            const NodeId cgroup = hosts.window.hosts().treeOf(two)->cgroupOf(kWeb);
            QTRY_VERIFY(hosts.window.select({two, cgroup}));
            kept = hosts.window.settings();
            QVERIFY2(kept.selectedPath.startsWith(u"two:/"_s), qPrintable(kept.selectedPath));
        }
        // Also where this host is there before, and is shown meanwhile.
        Hosts again({entryOf("one"), entryOf("two", false)}, kept);
        const auto current = [&again] { return again.window.treePanel()->current(); };
        QTRY_VERIFY(current().node == NodeId::host());
        QCOMPARE(current().host.v, again.keyOf(QString()).v);
        QTRY_COMPARE(again.stateOf(u"one"_s), State::Live); // that another host is there changes nothing
        QCOMPARE(current().host.v, again.keyOf(QString()).v);
        Q_EMIT again.window.treePanel()->connectRequested(again.keyOf(u"two"_s));
        QTRY_COMPARE(current().host.v, again.keyOf(u"two"_s).v);
        QCOMPARE(QStringLiteral("two:") + again.window.tree().pathOf(current().node), kept.selectedPath);
    }

    void host_isLost_alone_andComesBack()
    {
        Hosts hosts({entryOf("one"), entryOf("two")});
        QTRY_COMPARE(hosts.stateOf(u"one"_s), State::Live);
        QTRY_COMPARE(hosts.stateOf(u"two"_s), State::Live);
        const HostKey one = hosts.keyOf(u"one"_s);
        QTRY_VERIFY(hosts.window.hosts().treeOf(one)->node(kWeb));
        {
            const std::scoped_lock lock(hosts.mutex);
            hosts.there.at("one").reset();
        }
        QTRY_COMPARE(hosts.stateOf(u"one"_s), State::Lost);
        QVERIFY(hosts.window.hosts().treeOf(one)->isStale() && hosts.window.hosts().treeOf(one)->node(kWeb));
        QCOMPARE(hosts.stateOf(u"two"_s), State::Live);
        {
            const std::scoped_lock lock(hosts.mutex);
            hosts.there.at("one") = std::make_shared<FakeEngine>();
        }
        QTRY_COMPARE_WITH_TIMEOUT(hosts.stateOf(u"one"_s), State::Live, 15'000);
        QVERIFY(!hosts.window.hosts().treeOf(one)->isStale());
    }

    void host_isAdded_changed_disconnected_andRemoved()
    {
        Hosts hosts({entryOf("two")});
        QSignalSpy changes(&hosts.list, &HostList::changed);
        hosts.press(ActionId::AddHost);
        auto *dialog = openDialog<HostDialog>(hosts.window);
        QVERIFY(dialog);
        const auto fields = dialog->findChildren<QLineEdit *>();
        QPushButton *add = buttonOf(*dialog, u"Add"_s);
        QVERIFY(!add->isEnabled());
        QVERIFY(QTest::qWaitForWindowActive(dialog));
        for (const QString &typed : {u"a b"_s, u"two"_s}) { // not a destination; a name that is taken
            fields.front()->setText(typed);
            QVERIFY2(!add->isEnabled(), qPrintable(typed));
        }
        fields.front()->setText(u"one"_s);
        dialog->findChild<QComboBox *>()->setCurrentText(u"lab"_s);
        keepPicture(*dialog, "host-dialog");
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_COMPARE(hosts.stateOf(u"one"_s), State::Live);
        QCOMPARE(changes.count(), 1);
        QCOMPARE(hosts.list.entries().back(),
                 (HostEntry{.name = u"one"_s, .destination = u"one"_s, .group = u"lab"_s}));
        QCOMPARE(hosts.window.treePanel()->currentHost().v, hosts.keyOf(u"one"_s).v);

        hosts.press(ActionId::EditHost);
        dialog = openDialog<HostDialog>(hosts.window);
        QVERIFY(dialog);
        dialog->findChildren<QLineEdit *>().at(1)->setText(u"uno"_s);
        dialog->accept();
        QCOMPARE(hosts.stateOf(u"uno"_s), State::Live); // the link is the same
        QCOMPARE(hosts.list.entries().back().name, u"uno"_s);

        hosts.press(ActionId::DisconnectHost);
        QCOMPARE(hosts.stateOf(u"uno"_s), State::NotConnected);
        QVERIFY(!hosts.window.action(ActionId::DisconnectHost)->isEnabled());
        hosts.press(ActionId::ConnectHost);
        QTRY_COMPARE(hosts.stateOf(u"uno"_s), State::Live);

        hosts.press(ActionId::RemoveHost);
        auto *question = openDialog<ConfirmDialog>(hosts.window);
        QVERIFY(question);
        QTest::keyClick(question, Qt::Key_Return); // Enter must not do it
        QVERIFY(hosts.keyOf(u"uno"_s).v != 0);
        hosts.press(ActionId::RemoveHost);
        QTRY_VERIFY(openDialog<ConfirmDialog>(hosts.window));
        buttonOf(*openDialog<ConfirmDialog>(hosts.window), u"Remove"_s)->click();
        QCOMPARE(hosts.names(), QStringList({QString(), u"two"_s}));
        QCOMPARE(hosts.list.entries().size(), 1);
        QVERIFY(!hosts.window.action(ActionId::RemoveHost)->isEnabled()); // this one is always there
    }

    void onceGivenHost_isNotWrittenDown()
    {
        Hosts hosts({entryOf("two")});
        QVERIFY(hosts.list.addOnce(u"one"_s).isEmpty());
        QVERIFY(hosts.list.addOnce(u"one"_s).isEmpty()); // under another name
        QVERIFY(!hosts.list.addOnce(u"a b"_s).isEmpty());
        QTRY_COMPARE(hosts.stateOf(u"one (2)"_s), State::Live);
        QCOMPARE(hosts.list.entries().size(), 1);
        QCOMPARE(HostDialog::nameOf(u"ssh://root@web1:22"_s), u"web1"_s);
        QCOMPARE(HostDialog::nameOf(u"unix:/run/gantry/gantryd.sock"_s), u"gantryd.sock"_s);
    }

    void askpass_neverTrustsByEnter_andHidesSecrets()
    {
        using Kind = AskpassDialog::Kind;
        const QString key = u"The authenticity of host 'web1 (10.0.0.1)' can't be established.\n"
                            "ED25519 key fingerprint is SHA256:abcd.\n"
                            "Are you sure you want to continue connecting (yes/no/[fingerprint])? "_s;
        QCOMPARE(AskpassDialog::kindOf(key, {}), Kind::Trust);
        QCOMPARE(AskpassDialog::kindOf(u"Allow use of key?"_s, u"confirm"_s), Kind::Confirm);
        QCOMPARE(AskpassDialog::kindOf(u"root@web1's password: "_s, {}), Kind::Secret);
        AskpassDialog trust(Kind::Trust, key);
        trust.show();
        QVERIFY(QTest::qWaitForWindowActive(&trust));
        keepPicture(trust, "askpass-trust");
        QTest::keyClick(&trust, Qt::Key_Return);
        QCOMPARE(trust.result(), int(QDialog::Rejected));
        QCOMPARE(trust.answer(), u"yes"_s);
        AskpassDialog secret(Kind::Secret, u"root@web1's password: "_s);
        secret.show();
        QVERIFY(QTest::qWaitForWindowActive(&secret));
        auto *field = secret.findChild<QLineEdit *>();
        QTest::keyClicks(field, u"geheim"_s);
        QCOMPARE(field->echoMode(), QLineEdit::Password);
        keepPicture(secret, "askpass-secret");
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(secret.result(), int(QDialog::Accepted));
        QCOMPARE(secret.answer(), u"geheim"_s);
    }
};

QTEST_MAIN(TestConsoleHosts)
#include "tst_console_hosts.moc"
