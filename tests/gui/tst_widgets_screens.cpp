// SPDX-License-Identifier: GPL-3.0-or-later
// Real mouse and keys on charts and dialogs; every page painted in both palettes. With GANTRY_PICTURES=DIR the pictures
// are kept there.
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeView>
#include <QtTest>

#include "tests/gui/fake_host.h"
#include "tests/gui/picture.h"
#include "widgets/charts/metric_chart.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/move_dialog.h"
#include "widgets/dialogs/new_cgroup_dialog.h"
#include "widgets/dialogs/palette_dialog.h"
#include "widgets/dialogs/rule_editor.h"
#include "widgets/dialogs/shortcuts_dialog.h"
#include "widgets/dialogs/signal_dialog.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/events_page.h"
#include "widgets/pages/jobs_panel.h"
#include "widgets/pages/limits_page.h"
#include "widgets/pages/namespaces_page.h"
#include "widgets/pages/node_tree_panel.h"
#include "widgets/pages/overview_page.h"
#include "widgets/pages/processes_page.h"
#include "widgets/style/theme.h"

#include <cmath>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr qint64 kNow = 1'795'440'000'000'000; // 2026-11-23
const std::string kPath = "/machine.slice/web-1";

void press(QWidget &widget, QEvent::Type type, QPointF position)
{
    const auto button = type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton;
    const auto held = type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton;
    QMouseEvent event(type, position, widget.mapToGlobal(position), button, held, Qt::NoModifier);
    QCoreApplication::sendEvent(&widget, &event);
}

LimitLine maxLine()
{
    LimitLine line;
    line.key = LimitKey::MemoryMax;
    line.label = QStringLiteral("memory.max");
    line.value = static_cast<double>(300 * kMiB);
    return line;
}

std::unique_ptr<MetricChart> memoryChart()
{
    auto chart =
        std::make_unique<MetricChart>(QStringLiteral("Memory"), MetricUnit::Byte,
                                      std::vector<SeriesSpec>{{Metric::MemoryCurrent, QStringLiteral("in use"), true}});
    for (int i = 0; i < 100; ++i) {
        const double value = static_cast<double>(120 * kMiB);
        chart->append(kNow / 1e6 + i, std::span(&value, 1));
    }
    chart->setLimit(maxLine());
    chart->resize(640, 320);
    chart->show();
    return chart;
}

/// True when the line at 300 MiB is in view: the first paint has chosen the ranges.
bool isLaidOut(const MetricChart &chart)
{
    return chart.pixelOf(300.0 * kMiB) > 20 && chart.pixelOf(0) > chart.pixelOf(300.0 * kMiB) + 50;
}

QWidget *plotOf(MetricChart &chart)
{
    for (QWidget *child : chart.findChildren<QWidget *>()) {
        if (child->inherits("QCustomPlot"))
            return child;
    }
    return nullptr;
}

v1::InventoryUpdate inventory()
{
    v1::InventoryUpdate update;
    update.set_snapshot(true);
    *update.add_upserted() = hostNode();
    const v1::Node root = cgroupNode(1, NodeId::host().v, "/");
    const v1::Node system = cgroupNode(2, root.id(), "/system.slice");
    const v1::Node machine = cgroupNode(3, root.id(), "/machine.slice");
    v1::Node web = cgroupNode(4, machine.id(), kPath);
    const v1::Node container = containerNode(4, "web-1", kPath);
    web.mutable_cgroup()->set_container_id(container.id());
    for (const v1::Node &node :
         {root, system, machine, web, container, cgroupNode(5, machine.id(), "/machine.slice/batch"),
          cgroupNode(6, system.id(), "/system.slice/postgresql.service"),
          cgroupNode(7, system.id(), "/system.slice/sshd.service")})
        *update.add_upserted() = node;
    update.mutable_upserted(6)->mutable_cgroup()->set_freezer(v1::FREEZER_STATE_FROZEN);
    return update;
}

v1::Frame frame()
{
    std::vector<std::uint64_t> nodes;
    for (std::uint64_t inode = 1; inode <= 7; ++inode)
        nodes.push_back(NodeId::cgroup(0, inode).v);
    v1::Frame out = frameOf(nodes, [](Metric metric, std::size_t row) -> double {
        const auto r = static_cast<double>(row);
        switch (metric) {
        case Metric::MemoryCurrent:
            return (900.0 - 120 * r) * kMiB;
        case Metric::MemoryHigh:
            return 400.0 * kMiB;
        case Metric::MemoryMax:
            return (row < 3 ? 4096.0 : 560.0) * kMiB;
        case Metric::FreezerState:
            return row == 4 ? v1::FREEZER_STATE_FROZEN : v1::FREEZER_STATE_THAWED;
        case Metric::IoReadRate:
        case Metric::IoWriteRate:
            return r * 812'345;
        default:
            return r * 7.3;
        }
    });
    std::string states = out.columns(0).states();
    states[6] = static_cast<char>(v1::CELL_STATE_UNREADABLE);
    states[0] = static_cast<char>(v1::CELL_STATE_ABSENT);
    out.mutable_columns(0)->set_states(states);
    return out;
}

v1::AlertUpdate alerts()
{
    v1::AlertUpdate update;
    update.set_snapshot(true);
    for (std::uint64_t id = 1; id <= 4; ++id) {
        v1::Alert &alert = *update.add_alerts();
        alert.set_id(id);
        alert.set_rule_id(id % 2 == 0 ? "oom-kill" : "memory-near-max");
        alert.set_node_id(NodeId::cgroup(0, id + 3).v);
        alert.set_cgroup_path(kPath);
        alert.set_severity(id % 2 == 0 ? v1::SEVERITY_CRITICAL : v1::SEVERITY_WARNING);
        alert.set_value(92.5);
        alert.set_level(90);
        alert.set_count(static_cast<std::uint32_t>(id));
        alert.set_raised_realtime_usec(kNow);
        alert.set_acknowledged(id == 3);
        alert.set_acknowledged_by(id == 3 ? "root" : "");
    }
    return update;
}

v1::RuleList rules()
{
    v1::RuleList list;
    for (const char *id : {"memory-near-max", "memory-near-high", "oom-kill", "cpu-throttled"}) {
        v1::AlertRule rule = RuleEditor::freshRule();
        rule.set_id(id);
        rule.set_built_in(true);
        if (rule.id() == "oom-kill")
            rule.set_source(v1::ALERT_SOURCE_EVENT);
        *list.add_rules() = rule;
    }
    return list;
}

v1::EventBatch events()
{
    v1::EventBatch batch;
    std::uint64_t sequence = 1;
    for (const v1::EventKind kind :
         {v1::EVENT_KIND_CGROUP_CREATED, v1::EVENT_KIND_MEMORY_HIGH, v1::EVENT_KIND_MEMORY_MAX, v1::EVENT_KIND_OOM_KILL,
          v1::EVENT_KIND_LIMIT_CHANGED, v1::EVENT_KIND_FROZEN}) {
        v1::Event &event = *batch.add_events();
        event.set_sequence(sequence);
        event.set_kind(kind);
        event.set_realtime_usec(kNow + static_cast<qint64>(sequence++) * 40'000'000);
        event.set_cgroup_path(kPath);
        event.set_key("memory.max");
        event.set_old_value("max");
        event.set_new_value("314572800");
        event.set_delta(3);
        if (kind == v1::EVENT_KIND_LIMIT_CHANGED)
            event.set_actor("root via gantryctl");
    }
    return batch;
}

v1::ListLimitsReply limits()
{
    v1::ListLimitsReply reply;
    reply.set_node_id(NodeId::cgroup(0, 4).v);
    reply.set_cgroup_path(kPath);
    const auto add = [&reply](const char *key, v1::CellState state) -> v1::LimitRow & {
        v1::LimitRow &row = *reply.add_rows();
        row.set_key(key);
        row.set_state(state);
        row.set_file(std::string("memory") + kPath + "/" + key);
        return row;
    };
    add("memory.min", v1::CELL_STATE_ABSENT).set_not_settable_reason("v1 has no memory.min");
    add("memory.high", v1::CELL_STATE_VALUE).mutable_configured()->set_number(250 * kMiB);
    v1::LimitRow &max = add("memory.max", v1::CELL_STATE_VALUE);
    max.mutable_configured()->set_number(300 * kMiB);
    max.mutable_effective()->set_number(300 * kMiB);
    max.set_limiting_path(kPath);
    max.set_usage(180 * kMiB);
    v1::LimitRow &cpu = add("cpu.max", v1::CELL_STATE_VALUE);
    cpu.mutable_configured()->mutable_cpu_max()->set_quota_usec(50'000);
    cpu.mutable_configured()->mutable_cpu_max()->set_period_usec(100'000);
    v1::LimitRow &pids = add("pids.max", v1::CELL_STATE_UNLIMITED);
    pids.mutable_configured()->mutable_max();
    pids.mutable_effective()->set_number(512);
    pids.set_limiting_path("/machine.slice");
    pids.set_usage(37);
    return reply;
}

v1::SetLimitsReply preview()
{
    v1::SetLimitsReply reply;
    reply.set_node_id(NodeId::cgroup(0, 4).v);
    reply.set_cgroup_path(kPath);
    v1::LimitChange &change = *reply.add_changes();
    change.set_key("memory.max");
    change.mutable_old_value()->set_number(300 * kMiB);
    change.mutable_new_value()->set_number(150 * kMiB);
    v1::Warning &warning = *change.add_warnings();
    warning.set_code(v1::Warning::CODE_WILL_OOM_KILL);
    warning.set_have(180 * kMiB);
    warning.set_want(150 * kMiB);
    return reply;
}

v1::ProcessList processes()
{
    v1::ProcessList list;
    list.set_monotonic_usec(1);
    list.set_total(3);
    int pid = 812;
    for (const char *comm : {"nginx", "nginx", "kworker/u8:2"}) {
        v1::Process &process = *list.add_processes();
        process.set_pid(pid++);
        process.set_start_ticks(77);
        process.set_comm(comm);
        process.set_user("www-data");
        process.set_command_line(std::string(comm) + ": worker process");
        process.set_state("S");
        process.set_threads(2);
        process.set_resident_bytes(12 * kMiB);
        process.set_cgroup_path(kPath);
    }
    return list;
}

v1::NamespaceList namespaces()
{
    v1::NamespaceList list;
    for (const auto type : {v1::NAMESPACE_TYPE_NET, v1::NAMESPACE_TYPE_PID, v1::NAMESPACE_TYPE_USER}) {
        v1::Node &node = *list.add_namespaces();
        node.set_kind(v1::NODE_KIND_NAMESPACE);
        v1::NamespaceDetail &detail = *node.mutable_namespace_();
        detail.set_type(type);
        detail.set_inode(4'026'531'840U + static_cast<std::uint64_t>(type));
        node.set_id(NodeId::nameSpace(type, detail.inode()).v);
        detail.set_member_count(12);
        detail.set_first_pid(812);
        detail.set_first_comm("nginx");
        detail.set_initial(type == v1::NAMESPACE_TYPE_USER);
        v1::NamespaceDetail::Pin &pin = *detail.add_pins();
        pin.set_kind(v1::NamespaceDetail::Pin::KIND_BIND_MOUNT);
        pin.set_where("/run/netns/web");
    }
    return list;
}

v1::JobUpdate jobs()
{
    v1::JobUpdate update;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        v1::Job &job = *update.add_jobs();
        job.set_id(id);
        job.set_verb(id == 1 ? "setLimits" : id == 2 ? "freeze" : "kill");
        job.set_subject(kPath);
        job.set_state(id == 1 ? v1::JOB_STATE_RUNNING : id == 2 ? v1::JOB_STATE_DONE : v1::JOB_STATE_FAILED);
        job.set_phase("write");
        job.set_started_realtime_usec(kNow);
        job.set_ended_realtime_usec(id == 1 ? 0 : kNow + 1'234'000);
        job.set_cancellable(id == 1);
        if (id == 3) {
            job.mutable_failure()->set_posix_errno(EPERM);
            job.mutable_failure()->set_subject(kPath);
            job.mutable_failure()->set_detail("cgroup of PID 1");
        } else {
            job.add_results("memory.max: 314572800 -> 209715200");
        }
    }
    return update;
}

void fill(OverviewPage &page)
{
    page.setNode(NodeId::cgroup(0, 4), QStringLiteral("web-1 (podman)"), QString::fromStdString(kPath));
    for (int i = 0; i < 600; ++i) {
        v1::NodeMetrics metrics;
        for (const Metric metric : OverviewPage::metrics()) {
            v1::MetricValue &value = *metrics.add_values();
            value.set_metric(static_cast<std::uint32_t>(metric));
            value.set_state(i > 200 && i < 240 ? v1::CELL_STATE_UNREADABLE : v1::CELL_STATE_VALUE);
            const bool peak = metric == Metric::MemoryIntervalPeak;
            const double phase = static_cast<double>(peak ? Metric::MemoryCurrent : metric);
            const double wave = 1 + std::sin(i / 40.0 + phase) + (peak ? 0.05 + (i % 97 == 0 ? 0.4 : 0) : 0);
            const MetricInfo &info = *metricInfo(metric);
            const double scale = info.unit == MetricUnit::Byte            ? 100.0 * kMiB
                                 : info.unit == MetricUnit::BytePerSecond ? 2.0 * kMiB
                                                                          : 20;
            value.set_real(wave * scale);
            value.set_integer(static_cast<std::uint64_t>(wave * scale));
        }
        page.apply(metrics, kNow + i * 1'000'000LL);
    }
    page.setLimits(limits());
    page.addEvents(events());
    // As if the line had been dropped there.
    for (MetricChart *chart : page.findChildren<MetricChart *>()) {
        if (chart->series().front().metric == Metric::MemoryCurrent)
            Q_EMIT chart->limitDropped(LimitKey::MemoryMax, 150.0 * kMiB);
    }
    page.setPreview(preview());
}

} // namespace

class TestWidgetsScreens : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chart_dragOfALimitGivesItsBytes()
    {
        const auto chart = memoryChart();
        QTRY_VERIFY(isLaidOut(*chart));
        QWidget &plot = *plotOf(*chart);
        const QSignalSpy dragged(chart.get(), &MetricChart::limitDragged);
        const QSignalSpy dropped(chart.get(), &MetricChart::limitDropped);
        const QPointF from(300, plot.mapFrom(chart.get(), QPointF(0, chart->pixelOf(300.0 * kMiB))).y());
        const QPointF to(300, plot.mapFrom(chart.get(), QPointF(0, chart->pixelOf(200.0 * kMiB))).y());
        press(plot, QEvent::MouseButtonPress, from);
        press(plot, QEvent::MouseMove, (from + to) / 2);
        press(plot, QEvent::MouseMove, to);
        press(plot, QEvent::MouseButtonRelease, to);
        QCOMPARE(dragged.count(), 2);
        QCOMPARE(dropped.count(), 1);
        const double bytes = dropped.at(0).at(1).toDouble();
        const double pixel = (chart->valueAt(0) - chart->valueAt(1));
        QVERIFY2(std::abs(bytes - 200.0 * kMiB) <= 2 * pixel, QByteArray::number(bytes / kMiB).constData());
        QCOMPARE(std::fmod(bytes, 4096), 0.0);
        QVERIFY(chart->isLive()); // a limit was dragged, not the view
    }

    void chart_escapeTakesTheDragBack()
    {
        const auto chart = memoryChart();
        QTRY_VERIFY(isLaidOut(*chart));
        QWidget &plot = *plotOf(*chart);
        const QSignalSpy dropped(chart.get(), &MetricChart::limitDropped);
        const QSignalSpy cancelled(chart.get(), &MetricChart::limitDragCancelled);
        const QPointF from(300, plot.mapFrom(chart.get(), QPointF(0, chart->pixelOf(300.0 * kMiB))).y());
        press(plot, QEvent::MouseButtonPress, from);
        press(plot, QEvent::MouseMove, from + QPointF(0, 40));
        QTest::keyClick(chart.get(), Qt::Key_Escape);
        press(plot, QEvent::MouseButtonRelease, from + QPointF(0, 40));
        QCOMPARE(cancelled.count(), 1);
        QCOMPARE(dropped.count(), 0);
    }

    void chart_limitMovesByKeys()
    {
        const auto chart = memoryChart();
        QTRY_VERIFY(isLaidOut(*chart));
        const QSignalSpy dropped(chart.get(), &MetricChart::limitDropped);
        chart->activateWindow();
        chart->setFocus();
        QTRY_VERIFY(chart->hasFocus());
        QTest::keyClick(chart.get(), Qt::Key_Tab);
        QTest::keyClick(chart.get(), Qt::Key_Down);
        QTest::keyClick(chart.get(), Qt::Key_Down);
        QTest::keyClick(chart.get(), Qt::Key_Return);
        QCOMPARE(dropped.count(), 1);
        QVERIFY(dropped.at(0).at(1).toDouble() < 300.0 * kMiB);
    }

    void chart_panLeavesLiveAndDoubleClickReturns()
    {
        const auto chart = memoryChart();
        QWidget &plot = *plotOf(*chart);
        press(plot, QEvent::MouseButtonPress, {300, 250});
        press(plot, QEvent::MouseMove, {340, 250});
        press(plot, QEvent::MouseButtonRelease, {340, 250});
        QVERIFY(!chart->isLive());
        press(plot, QEvent::MouseButtonDblClick, {300, 250});
        QVERIFY(chart->isLive());
    }

    void chart_csvHasGapsAsEmptyFields()
    {
        MetricChart chart(QStringLiteral("x"), MetricUnit::Percent,
                          {{Metric::CpuUsageRate, QStringLiteral("all"), false}});
        chart.show();
        for (const double value : {1.5, std::nan(""), 2.5}) {
            static double time = kNow / 1e6;
            chart.append(time += 1, std::span(&value, 1));
        }
        QTRY_VERIFY(chart.csv().count(QStringLiteral("\r\n")) == 4);
        QVERIFY(chart.csv().contains(QStringLiteral(",\r\n")));
    }

    void confirm_enterNeverDestroys()
    {
        Confirmation question;
        question.grade = Confirmation::Grade::Destructive;
        question.acceptText = QStringLiteral("Kill 12 processes");
        question.objects = {{QStringLiteral("web-1"), 7, false}, {QStringLiteral("web-2"), 5, false}};
        ConfirmDialog dialog(question);
        const QSignalSpy accepted(&dialog, &QDialog::accepted);
        dialog.open();
        QVERIFY(!dialog.acceptButton()->isEnabled());
        QTest::keyClicks(dialog.nameField(), QStringLiteral("web-1"));
        QVERIFY(dialog.acceptButton()->isEnabled());
        QTest::keyClick(dialog.nameField(), Qt::Key_Return);
        QTest::keyClick(dialog.acceptButton(), Qt::Key_Return);
        QCOMPARE(accepted.count(), 0);
        QVERIFY(dialog.isVisible());
        QTest::mouseClick(dialog.acceptButton(), Qt::LeftButton);
        QCOMPARE(accepted.count(), 1);
    }

    void confirm_dangerEnterCancels()
    {
        Confirmation question;
        question.grade = Confirmation::Grade::Danger;
        question.acceptText = QStringLiteral("Freeze");
        ConfirmDialog dialog(question);
        const QSignalSpy accepted(&dialog, &QDialog::accepted);
        dialog.open();
        QTest::keyClick(&dialog, Qt::Key_Return);
        QCOMPARE(accepted.count(), 0);
        QVERIFY(!dialog.isVisible());
    }

    void newCgroup_namesAreChecked_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("good");
        QTest::newRow("plain") << QStringLiteral("web-3") << true;
        QTest::newRow("empty") << QString() << false;
        QTest::newRow("dots") << QStringLiteral("..") << false;
        QTest::newRow("slash") << QStringLiteral("a/b") << false;
        QTest::newRow("newline") << QStringLiteral("a\nb") << false;
        QTest::newRow("kernel's") << QStringLiteral("cgroup.x") << false;
        QTest::newRow("taken") << QStringLiteral("web-1") << false;
        QTest::newRow("long") << QString(256, QLatin1Char('x')) << false;
    }
    void newCgroup_namesAreChecked()
    {
        QFETCH(QString, name);
        QTEST(NewCgroupDialog::problemWith(name, {QStringLiteral("web-1")}).isEmpty(), "good");
    }

    void palette_enterTriggersTheFirstMatch()
    {
        QAction freeze(QStringLiteral("&Freeze"));
        QAction kill(QStringLiteral("&Kill…"));
        const QSignalSpy triggered(&kill, &QAction::triggered);
        PaletteDialog dialog({&freeze, &kill});
        dialog.open();
        auto *field = dialog.findChild<QLineEdit *>();
        QTest::keyClicks(field, QStringLiteral("kil"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(triggered.count(), 1);
    }

    void everyPage_paints_data()
    {
        QTest::addColumn<int>("scheme");
        QTest::newRow("light") << int(theme::Scheme::Light);
        QTest::newRow("dark") << int(theme::Scheme::Dark);
    }
    void everyPage_paints();
};

void TestWidgetsScreens::everyPage_paints()
{
    QFETCH(int, scheme);
    QApplication::setPalette(theme::palette(static_cast<theme::Scheme>(scheme)));
    const QString suffix = QString::fromLatin1(QTest::currentDataTag());
    const auto named = [&suffix](const char *name) { return QStringLiteral("%1-%2").arg(QLatin1String(name), suffix); };

    NodeTreeModel model;
    HostsTreeModel hosts;
    hosts.add(&model, {.state = HostFacts::State::Live});
    NodeTreePanel tree(&hosts);
    model.apply(inventory());
    model.apply(frame());
    model.apply(alerts());
    tree.view()->expandAll();
    QVERIFY(tree.selectNode(NodeId::cgroup(0, 6)));
    QVERIFY(!picture(tree, named("tree"), {1000, 320}).isNull());

    OverviewPage overview;
    fill(overview);
    (void)picture(overview, named("overview"), {980, 760});
    overview.setNote(QStringLiteral("Frozen"));
    (void)picture(overview, named("overview-frozen"), {760, 560});

    ProcessesPage processesPage;
    processesPage.setProcesses(processes());
    (void)picture(processesPage, named("processes"), {900, 260});

    LimitsPage limitsPage;
    limitsPage.setLimits(limits());
    (void)picture(limitsPage, named("limits"), {1000, 320});

    NamespacesPage namespacesPage;
    namespacesPage.setNamespaces(namespaces());
    (void)picture(namespacesPage, named("namespaces"), {1000, 240});

    EventsPage eventsPage;
    eventsPage.addEvents(events());
    (void)picture(eventsPage, named("events"), {1000, 280});

    AlertsPanel alertsPanel;
    alertsPanel.setRules(rules());
    alertsPanel.apply(alerts());
    QCOMPARE(alertsPanel.openCount(), 3);
    (void)picture(alertsPanel, named("alerts"), {1100, 260});

    JobsPanel jobsPanel;
    jobsPanel.apply(jobs());
    (void)picture(jobsPanel, named("jobs"), {1100, 240});

    Confirmation question;
    question.grade = Confirmation::Grade::Destructive;
    question.title = QStringLiteral("Kill");
    question.question = QStringLiteral("Every process of these cgroups is killed at once; nothing is saved.");
    question.acceptText = QStringLiteral("Kill 12 processes");
    question.objects = {{QStringLiteral("/machine.slice/web-1"), 7, false},
                        {QStringLiteral("/machine.slice/db"), 5, true}};
    question.warnings = {QStringLiteral("Your own session runs in /machine.slice/db: you may lock yourself out.")};
    question.commandLine = QStringLiteral("gantryctl kill /machine.slice/web-1 /machine.slice/db");
    ConfirmDialog confirm(question);
    (void)picture(confirm, named("confirm"), {});

    RuleEditor rule(RuleEditor::freshRule());
    (void)picture(rule, named("rule"), {});

    const v1::ProcessList list = processes();
    const std::vector<v1::Process> some(list.processes().begin(), list.processes().end());
    SignalDialog signalDialog(some);
    (void)picture(signalDialog, named("signal"), {});
    MoveDialog move(some, {QStringLiteral("/a")});
    move.setTargetPath(QStringLiteral("/nowhere"));
    (void)picture(move, named("move"), {});
    NewCgroupDialog fresh(QStringLiteral("/machine.slice"), {});
    (void)picture(fresh, named("new-cgroup"), {});

    QAction freeze(theme::icon(u"freeze", QApplication::palette()), QStringLiteral("&Freeze"));
    freeze.setShortcut(QKeySequence(QStringLiteral("Ctrl+F9")));
    QAction kill(theme::icon(u"kill", QApplication::palette()), QStringLiteral("&Kill…"));
    kill.setEnabled(false);
    kill.setToolTip(QStringLiteral("CAP_KILL is missing"));
    PaletteDialog palette({&freeze, &kill});
    (void)picture(palette, named("palette"), {});
    ShortcutsDialog keys({&freeze, &kill});
    (void)picture(keys, named("keys"), {});
}

QTEST_MAIN(TestWidgetsScreens)
#include "tst_widgets_screens.moc"
