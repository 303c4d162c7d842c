// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "app/console/action_table.h"
#include "app/console/navigation_history.h"
#include "app/console/notification_policy.h"
#include "app/console/options.h"
#include "app/console/settings.h"
#include "app/console/undo_stack.h"

#include <QSettings>
#include <QTemporaryDir>

using namespace gantry;
using namespace gantry::console;

namespace {

v1::SetLimitsReply limitReply(std::uint64_t from, std::uint64_t to, v1::CellState oldState = v1::CELL_STATE_VALUE)
{
    v1::SetLimitsReply reply;
    reply.set_node_id(7);
    reply.set_cgroup_path("/a");
    v1::LimitChange &change = *reply.add_changes();
    change.set_key("memory.max");
    change.set_old_state(oldState);
    change.mutable_old_value()->set_number(from);
    change.mutable_new_value()->set_number(to);
    return reply;
}

v1::AlertUpdate alertUpdate(std::uint64_t id, v1::Severity severity, bool snapshot = false)
{
    v1::AlertUpdate update;
    update.set_snapshot(snapshot);
    v1::Alert &alert = *update.add_alerts();
    alert.set_id(id);
    alert.set_rule_id("memory-near-max");
    alert.set_severity(severity);
    return update;
}

NodeFacts workload()
{
    NodeFacts node;
    node.id = NodeId::cgroup(0, 5);
    node.kind = v1::NODE_KIND_CGROUP;
    node.name = QStringLiteral("web");
    node.path = QStringLiteral("/web");
    node.cgroup = node.id;
    node.freezer = v1::FREEZER_STATE_THAWED;
    node.populated = true;
    return node;
}

QString refusal(ActionId id, const NodeFacts &node)
{
    return actionSpec(id).refusal(node);
}

} // namespace

class TestConsoleParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void options_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<bool>("ok");
        const auto row = [](const char *name, std::initializer_list<const char *> arguments, bool ok) {
            QStringList list{QStringLiteral("gantry")};
            for (const char *argument : arguments)
                list.append(QString::fromUtf8(argument));
            QTest::newRow(name) << list << ok;
        };
        row("nothing", {}, true);
        row("screenshot", {"--screenshot", "a.png", "--size", "800x600", "--after", "0.5"}, true);
        row("page", {"--page", "limits", "--select", "/a", "--theme", "dark"}, true);
        row("size without x", {"--size", "800"}, false);
        row("size too small", {"--size", "10x10"}, false);
        row("size of text", {"--size", "axb"}, false);
        row("seconds of text", {"--after", "soon"}, false);
        row("seconds not a number", {"--after", "nan"}, false);
        row("seconds below zero", {"--after=-1"}, false);
        row("unknown page", {"--page", "start"}, false);
        row("unknown theme", {"--theme", "pink"}, false);
        row("unknown option", {"--verbose"}, false);
        row("value missing", {"--screenshot"}, false);
        row("value empty", {"--screenshot="}, false);
        row("stray word", {"host"}, false);
    }
    void options()
    {
        QFETCH(QStringList, arguments);
        QFETCH(bool, ok);
        QString problem;
        const auto options = parseOptions(arguments, problem);
        QCOMPARE(options.has_value(), ok);
        QCOMPARE(problem.isEmpty(), ok);
    }
    void options_keepWhatWasAsked()
    {
        QString problem;
        const auto options = parseOptions({QStringLiteral("gantry"), QStringLiteral("--screenshot=x.png"),
                                           QStringLiteral("--size=800x600"), QStringLiteral("--select=pid:1")},
                                          problem);
        QVERIFY(options);
        QCOMPARE(options->screenshotFile, QStringLiteral("x.png"));
        QCOMPARE(options->size, QSize(800, 600));
        QCOMPARE(options->select, QStringLiteral("pid:1"));
    }

    void firstSize_fitsTheScreen_unlessAskedFor()
    {
        Options options;
        QCOMPARE(firstSize(options, QSize(1920, 1050)), QSize(1400, 880));
        QCOMPARE(firstSize(options, QSize(1280, 770)), QSize(1280, 770));
        options.size = QSize(1500, 700);
        QCOMPARE(firstSize(options, QSize(1280, 770)), QSize(1500, 700));
        options.size.reset();
        options.screenshotFile = QStringLiteral("x.png");
        QCOMPARE(firstSize(options, QSize(800, 800)), QSize(1400, 880));
    }

    void settings_surviveAStart()
    {
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("gantry.conf"));
        Settings saved;
        saved.geometry = "geometry";
        saved.expandedPaths = {QStringLiteral("/a"), QStringLiteral("/b c")};
        saved.tableHeaders.insert(QStringLiteral("processes"), "header");
        saved.silencedConfirmations.insert(QStringLiteral("thaw"));
        saved.chartSeconds = 60;
        saved.notifications = false;
        saved.readOnly = true;
        saved.hosts = {{.name = QStringLiteral("web"), .destination = QStringLiteral("root@web1"), .group = {}},
                       {.name = QStringLiteral("db"),
                        .destination = QStringLiteral("ssh://db:2222"),
                        .group = QStringLiteral("lab"),
                        .connectAtStart = false}};
        {
            QSettings store(file, QSettings::IniFormat);
            saved.save(store);
        }
        QSettings stored(file, QSettings::IniFormat);
        const Settings loaded = Settings::load(stored);
        QCOMPARE(loaded.geometry, saved.geometry);
        QCOMPARE(loaded.expandedPaths, saved.expandedPaths);
        QCOMPARE(loaded.tableHeaders, saved.tableHeaders);
        QCOMPARE(loaded.silencedConfirmations, saved.silencedConfirmations);
        QCOMPARE(loaded.chartSeconds, 60);
        QCOMPARE(loaded.notifications, false);
        QCOMPARE(loaded.readOnly, true);
        QCOMPARE(loaded.hosts, saved.hosts);
    }

    void settings_emptyStoreGivesDefaults()
    {
        QTemporaryDir folder;
        QSettings nothing(folder.filePath(QStringLiteral("none")), QSettings::IniFormat);
        const Settings loaded = Settings::load(nothing);
        QCOMPARE(loaded.chartSeconds, Settings().chartSeconds);
        QVERIFY(loaded.notifications);
    }

    void undo_goesBackAndForth()
    {
        UndoStack stack;
        QVERIFY(!stack.nextUndo() && !stack.nextRedo());
        stack.push(LimitEdit::of(limitReply(100, 50)));
        stack.push(LimitEdit::of(limitReply(50, 20)));
        QCOMPARE(std::get<LimitEdit>(*stack.nextUndo()).before.front().value().number(), 50u);
        stack.undone();
        QCOMPARE(std::get<LimitEdit>(*stack.nextUndo()).before.front().value().number(), 100u);
        QCOMPARE(std::get<LimitEdit>(*stack.nextRedo()).after.front().value().number(), 20u);
        stack.undone();
        QVERIFY(!stack.nextUndo());
        QCOMPARE(std::get<LimitEdit>(*stack.nextRedo()).after.front().value().number(), 50u);
        stack.redone();
        stack.push(LimitEdit::of(limitReply(50, 70)));
        QVERIFY(!stack.nextRedo());
        QCOMPARE(std::get<LimitEdit>(*stack.nextUndo()).after.front().value().number(), 70u);
    }

    void undo_removedCgroup_isDropped()
    {
        UndoStack stack;
        stack.push(LimitEdit::of(limitReply(100, 50)));
        stack.push(LimitEdit::of(limitReply(50, 20)));
        stack.dropNextUndo();
        QCOMPARE(std::get<LimitEdit>(*stack.nextUndo()).after.front().value().number(), 50u);
        stack.undone();
        stack.dropNextRedo();
        QVERIFY(!stack.nextUndo() && !stack.nextRedo());
    }

    void undo_unreadableOldValue_isNotKept()
    {
        UndoStack stack;
        stack.push(LimitEdit::of(limitReply(0, 50, v1::CELL_STATE_UNREADABLE)));
        QVERIFY(!stack.nextUndo());
    }

    void undo_keepsTheNewestHundred()
    {
        UndoStack stack;
        for (std::uint64_t i = 0; i < UndoStack::kMost + 5; ++i)
            stack.push(LimitEdit::of(limitReply(i, i + 1)));
        std::size_t count = 0;
        for (; stack.nextUndo(); ++count)
            stack.undone();
        QCOMPARE(count, UndoStack::kMost);
        QCOMPARE(std::get<LimitEdit>(*stack.nextRedo()).before.front().value().number(), 5u);
    }

    void undo_request_namesTheNode()
    {
        const LimitEdit edit = LimitEdit::of(limitReply(100, 50));
        const v1::SetLimitsRequest request = edit.request(edit.before);
        QCOMPARE(request.target().node_id(), 7u);
        QCOMPARE(request.settings(0).value().number(), 100u);
    }

    void undo_takesTheWayOfTheChange()
    {
        v1::SetLimitsRequest made;
        made.set_persistence(v1::PERSISTENCE_PERMANENT);
        LimitEdit edit = LimitEdit::of(limitReply(100, 50), made);
        QCOMPARE(edit.request(edit.before).persistence(), v1::PERSISTENCE_PERMANENT);
        QVERIFY(!edit.request(edit.before).by_file());
        made.set_by_file(true);
        edit = LimitEdit::of(limitReply(100, 50), made);
        QVERIFY(edit.request(edit.after).by_file());
    }

    void undo_controllers_turnOneSetIntoTheOther()
    {
        v1::SetControllersReply reply;
        reply.set_node_id(7);
        for (const char *name : {"pids", "memory"})
            reply.add_old_enabled(name);
        for (const char *name : {"cpu", "memory"})
            reply.add_new_enabled(name);
        const ControllersEdit edit = ControllersEdit::of(reply);
        const v1::SetControllersRequest back = edit.request(edit.after, edit.before);
        QCOMPARE(back.target().node_id(), 7u);
        QCOMPARE(back.enable_size(), 1);
        QCOMPARE(back.enable(0), std::string("pids"));
        QCOMPARE(back.disable_size(), 1);
        QCOMPARE(back.disable(0), std::string("cpu"));
        // What changed nothing is nothing to undo.
        *reply.mutable_new_enabled() = {reply.old_enabled().rbegin(), reply.old_enabled().rend()};
        UndoStack stack;
        stack.push(ControllersEdit::of(reply));
        QVERIFY(!stack.nextUndo());
    }

    void notification_onceARuleAndInterval()
    {
        NotificationPolicy policy;
        v1::RuleList rules;
        v1::AlertRule &rule = *rules.add_rules();
        rule.set_id("memory-near-max");
        rule.set_repeat_usec(60'000'000);
        policy.setRules(rules);
        QCOMPARE(policy.due(alertUpdate(1, v1::SEVERITY_WARNING), 0).size(), 1u);
        QCOMPARE(policy.due(alertUpdate(2, v1::SEVERITY_WARNING), 30'000'000).size(), 0u);
        QCOMPARE(policy.due(alertUpdate(3, v1::SEVERITY_WARNING), 61'000'000).size(), 1u);
        QCOMPARE(policy.due(alertUpdate(3, v1::SEVERITY_WARNING), 200'000'000).size(), 0u);
        QCOMPARE(policy.due(alertUpdate(3, v1::SEVERITY_CRITICAL), 300'000'000).size(), 1u);
    }

    void notification_oldAlerts_stayQuiet()
    {
        NotificationPolicy policy;
        QCOMPARE(policy.due(alertUpdate(1, v1::SEVERITY_CRITICAL, true), 0).size(), 0u);
        QCOMPARE(policy.due(alertUpdate(1, v1::SEVERITY_CRITICAL), 1).size(), 0u);
        v1::AlertUpdate acknowledged = alertUpdate(2, v1::SEVERITY_CRITICAL);
        acknowledged.mutable_alerts(0)->set_acknowledged(true);
        QCOMPARE(policy.due(acknowledged, 2).size(), 0u);
    }

    void history_forgetsWhatLayAhead()
    {
        NavigationHistory history;
        for (const std::uint64_t node : {1u, 2u, 2u, 3u})
            history.visit({HostKey{1}, NodeId{node}});
        QVERIFY(history.canGoBack() && !history.canGoForward());
        QCOMPARE(history.back().node.v, 2u);
        QCOMPARE(history.back().node.v, 1u);
        QVERIFY(!history.canGoBack());
        QCOMPARE(history.forward().node.v, 2u);
        history.visit({HostKey{2}, NodeId{9}});
        QVERIFY(!history.canGoForward());
        QCOMPARE(history.back().node.v, 2u);
    }

    void refusal_namesTheReason()
    {
        const NodeFacts open = workload();
        for (const ActionId id : {ActionId::Freeze, ActionId::Kill, ActionId::Signal, ActionId::MoveProcesses})
            QVERIFY(refusal(id, open).isEmpty());
        QVERIFY(refusal(ActionId::RemoveCgroup, open).contains(QStringLiteral("processes")));

        NodeFacts root = open;
        root.path = QStringLiteral("/");
        QVERIFY(!refusal(ActionId::Freeze, root).isEmpty());
        QVERIFY(!refusal(ActionId::Kill, root).isEmpty());
        QVERIFY(refusal(ActionId::NewCgroup, root).isEmpty());

        NodeFacts ours = open;
        ours.protectedReason = QStringLiteral("ancestor of Gantry itself");
        QVERIFY(refusal(ActionId::Kill, ours).contains(ours.protectedReason));

        NodeFacts below = open;
        below.freezer = v1::FREEZER_STATE_FROZEN_BY_ANCESTOR;
        QVERIFY(!refusal(ActionId::Freeze, below).isEmpty());
        QVERIFY(refusal(ActionId::Kill, below).isEmpty());

        NodeFacts bare = open;
        bare.path.clear();
        QVERIFY(!refusal(ActionId::SetLimits, bare).isEmpty());
    }

    void checkpoint_refusal_knowsWhoHasAVerb_data()
    {
        QTest::addColumn<QString>("runtime");
        QTest::addColumn<bool>("has");
        for (const char *runtime : {"runc", "crun", "podman", "docker", "lxc"})
            QTest::newRow(runtime) << QString::fromLatin1(runtime) << true;
        for (const char *runtime : {"containerd", "incus", "nspawn"})
            QTest::newRow(runtime) << QString::fromLatin1(runtime) << false;
    }
    void checkpoint_refusal_knowsWhoHasAVerb()
    {
        QFETCH(const QString, runtime);
        QFETCH(const bool, has);
        NodeFacts node = workload();
        node.kind = v1::NODE_KIND_CONTAINER;
        node.containerName = QStringLiteral("web");
        node.runtime = runtime;
        node.runtimeKnowsIt = true;
        for (const ActionId id : {ActionId::Checkpoint, ActionId::Schedule}) {
            const QString refusal = actionSpec(id).refusal(node);
            QCOMPARE(refusal.isEmpty(), has);
            QVERIFY(has || refusal.startsWith(runtime));
        }
        node.runtimeKnowsIt = false; // a name that a cgroup has is no reason
        QVERIFY(actionSpec(ActionId::Checkpoint).refusal(node).isEmpty());
    }
    void actionTable_keysAreUnique()
    {
        QSet<QKeySequence> seen;
        for (const ActionSpec &spec : actionTable()) {
            for (const QKeySequence &keys : QKeySequence::listFromString(QString::fromLatin1(spec.keys))) {
                QVERIFY2(!keys.isEmpty() && !seen.contains(keys), spec.name);
                seen.insert(keys);
            }
        }
    }
};

QTEST_MAIN(TestConsoleParts)
#include "tst_console_parts.moc"
