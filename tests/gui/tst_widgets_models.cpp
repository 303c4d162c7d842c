// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTreeView>
#include <QtTest>

#include "tests/gui/fake_containers.h"
#include "tests/gui/fake_host.h"
#include "tests/gui/random_host.h"
#include "widgets/models/event_model.h"
#include "widgets/models/limit_model.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/models/process_model.h"
#include "widgets/pages/node_tree_panel.h"
#include "widgets/text/csv.h"
#include "widgets/text/format.h"

#include <map>

using namespace gantry;
using namespace gantry::test;

namespace {

/// Every row as "id<parent", sorted: two trees with the same rows are equal whatever their order.
QStringList rowsOf(const QAbstractItemModel &model)
{
    QStringList rows;
    std::vector<QModelIndex> open{QModelIndex()};
    while (!open.empty()) {
        const QModelIndex parent = open.back();
        open.pop_back();
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QModelIndex index = model.index(row, 0, parent);
            rows << QStringLiteral("%1<%2 %3")
                        .arg(index.data(IdRole).toULongLong())
                        .arg(parent.data(IdRole).toULongLong())
                        .arg(index.data().toString());
            open.push_back(index);
        }
    }
    rows.sort();
    return rows;
}

/// No row above one that sorts before it in descending order.
bool isSorted(const QAbstractItemModel &model, int column)
{
    std::vector<QModelIndex> open{QModelIndex()};
    while (!open.empty()) {
        const QModelIndex parent = open.back();
        open.pop_back();
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QVariant above = model.index(row - 1, column, parent).data(SortRole);
            const QVariant here = model.index(row, column, parent).data(SortRole);
            if (row > 0 && here.isValid() &&
                (!above.isValid() || QVariant::compare(above, here) == QPartialOrdering::Less))
                return false;
            open.push_back(model.index(row, 0, parent));
        }
    }
    return true;
}

/// Every grouping of the tree but that by namespaces, which RandomHost has none of.
void addGroupings()
{
    using enum NodeTreeModel::Grouping;
    QTest::addColumn<int>("grouping");
    for (const auto &[name, grouping] : {std::pair("cgroups", Cgroups), {"containers", Containers},
                                         {"runtimes", Runtimes}, {"pods", Pods}, {"labels", Labels},
                                         {"slices", Slices}, {"users", Users}})
        QTest::newRow(name) << int(grouping);
}

v1::InventoryUpdate smallHost()
{
    v1::InventoryUpdate update;
    update.set_snapshot(true);
    *update.add_upserted() = hostNode();
    const v1::Node root = cgroupNode(1, NodeId::host().v, "/");
    *update.add_upserted() = root;
    const v1::Node web = cgroupNode(2, root.id(), "/web");
    *update.add_upserted() = web;
    *update.add_upserted() = cgroupNode(3, web.id(), "/web/worker");
    *update.add_upserted() = cgroupNode(4, root.id(), "/db");
    return update;
}

/// A container with a chain of cgroups in it: d1, the container's own, with d2 in it, and so on.
v1::InventoryUpdate deepHost(std::uint64_t levels)
{
    v1::InventoryUpdate update;
    update.set_snapshot(true);
    *update.add_upserted() = hostNode();
    std::uint64_t parent = NodeId::host().v;
    for (std::uint64_t level = 1; level <= levels; ++level) {
        // Its real path would be too long for the kernel as well: it is reached by descriptor.
        v1::Node node = cgroupNode(level, parent, "/d" + std::to_string(level));
        parent = node.id();
        if (level == 1)
            node.mutable_cgroup()->set_container_id(NodeId::containerOfCgroup(NodeId{node.id()}).v);
        *update.add_upserted() = node;
    }
    *update.add_upserted() = containerNode(1, "box", "/d1");
    return update;
}

v1::ListLimitsReply memoryLimits(std::uint64_t max)
{
    v1::ListLimitsReply reply;
    reply.set_node_id(7);
    v1::LimitRow &row = *reply.add_rows();
    row.set_key("memory.max");
    row.set_state(v1::CELL_STATE_VALUE);
    row.mutable_configured()->set_number(max);
    return reply;
}

} // namespace

class TestWidgetsModels : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tree_randomWalkEqualsFreshBuildWithoutReset_data()
    {
        addGroupings();
    }
    void tree_randomWalkEqualsFreshBuildWithoutReset()
    {
        QFETCH(int, grouping);
        RandomHost host(20'261'123);
        NodeTreeModel model;
        model.setLabelKey(QStringLiteral("tier"));
        model.setGrouping(static_cast<NodeTreeModel::Grouping>(grouping));
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        model.apply(host.snapshot());
        for (int i = 1; i <= 500; ++i) {
            model.apply(host.step());
            if (i % 50 != 0)
                continue;
            NodeTreeModel fresh;
            fresh.setLabelKey(QStringLiteral("tier"));
            fresh.setGrouping(static_cast<NodeTreeModel::Grouping>(grouping));
            fresh.apply(host.snapshot());
            QCOMPARE(rowsOf(model), rowsOf(fresh));
            QCOMPARE(model.nodeCount(), fresh.nodeCount()); // of groups that are gone, nothing is left
            model.apply(host.snapshot()); // a second snapshot changes nothing
            QCOMPARE(rowsOf(model), rowsOf(fresh));
        }
        QCOMPARE(resets.count(), 0);
    }

    void tree_switchedGroupingEqualsFreshBuild()
    {
        RandomHost host(7);
        for (int i = 0; i < 60; ++i)
            (void)host.step();
        NodeTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.apply(host.snapshot());
        using enum NodeTreeModel::Grouping;
        model.setLabelKey(QStringLiteral("tier"));
        for (const auto grouping : {Containers, Pods, Namespaces, Labels, Users, Slices, Runtimes, Cgroups}) {
            model.setGrouping(grouping);
            NodeTreeModel fresh;
            fresh.setLabelKey(QStringLiteral("tier"));
            fresh.setGrouping(grouping);
            fresh.apply(host.snapshot());
            QCOMPARE(rowsOf(model), rowsOf(fresh));
        }
    }

    void containers_standBelowTheirPod_infrastructureLast()
    {
        NodeTreeModel model;
        model.setGrouping(NodeTreeModel::Grouping::Containers);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        v1::InventoryUpdate update = smallHost();
        v1::Node infra = endedNode(1, "a-infra");
        infra.mutable_container()->set_infrastructure(true);
        infra.mutable_container()->set_state(v1::CONTAINER_STATE_RUNNING);
        v1::Node created = endedNode(3, "c-created");
        created.mutable_container()->set_state(v1::CONTAINER_STATE_CREATED);
        v1::Node alone = endedNode(4, "alone");
        alone.mutable_container()->clear_pod_id();
        for (const v1::Node &node : {infra, endedNode(2, "b-ended"), created, alone})
            *update.add_upserted() = node;
        model.apply(update);
        for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
            model.sort(NodeTreeModel::Name, order);
            const QModelIndex host = model.index(0, 0);
            QCOMPARE(model.rowCount(host), 2); // the pod and the one that is alone
            const QModelIndex pod = model.indexOf(NodeId{infra.id()}).parent();
            QCOMPARE(pod.data().toString(), QStringLiteral("shop"));
            QCOMPARE(model.rowCount(pod), 3);
            QCOMPARE(model.index(2, 0, pod).data().toString(), QStringLiteral("a-infra"));
            QVERIFY(model.index(2, 0, pod).data(Qt::ForegroundRole).isValid());
        }
        const auto state = [&](std::uint64_t id) {
            return model.indexOf(NodeId{id}, NodeTreeModel::State).data().toString();
        };
        QCOMPARE(state(created.id()), QStringLiteral("created"));
        QCOMPARE(state(alone.id()), QStringLiteral("exited"));
        QVERIFY(model.indexOf(NodeId{alone.id()}).data(Qt::ForegroundRole).isValid()); // grey
        v1::InventoryUpdate renamed;
        for (v1::Node node : {infra, endedNode(2, "b-ended"), created}) {
            node.mutable_container()->set_pod_name("store");
            *renamed.add_upserted() = node;
        }
        const QModelIndex pod = model.indexOf(NodeId{infra.id()}).parent();
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.apply(renamed);
        QCOMPARE(pod.data().toString(), QStringLiteral("store"));
        QVERIFY(std::ranges::any_of(changes, [&](const QList<QVariant> &change) {
            return change.at(0).toModelIndex().parent() == pod.parent();
        }));
        v1::InventoryUpdate gone;
        for (const v1::Node &node : {infra, endedNode(2, ""), created})
            gone.add_removed(node.id());
        model.apply(gone);
        QCOMPARE(model.rowCount(model.index(0, 0)), 1); // no pod without containers
    }

    void containers_moveWithTheSliceOfTheirCgroup()
    {
        NodeTreeModel model;
        model.setGrouping(NodeTreeModel::Grouping::Slices);
        const v1::Node web = webNode();
        v1::Node cgroup = cgroupNode(kWebInode, NodeId::cgroup(0, 1).v, kWebPath);
        cgroup.mutable_cgroup()->set_container_id(web.id());
        v1::InventoryUpdate update = smallHost();
        for (const v1::Node &node : {cgroup, web, endedNode(1, "job")})
            *update.add_upserted() = node;
        model.apply(update);
        const auto slice = [&model](const v1::Node &node) {
            return model.indexOf(NodeId{node.id()}).parent().data().toString();
        };
        QCOMPARE(slice(web), QStringLiteral("in no slice"));
        v1::InventoryUpdate told;
        cgroup.mutable_cgroup()->mutable_ownership()->set_slice("machine.slice");
        *told.add_upserted() = cgroup;
        model.apply(told);
        QCOMPARE(slice(web), QStringLiteral("machine.slice"));
        QCOMPARE(slice(endedNode(1, "")), QStringLiteral("in no slice"));
    }

    void labels_groupByTheChosenKey()
    {
        NodeTreeModel model;
        HostsTreeModel hosts;
        hosts.add(&model, {});
        NodeTreePanel panel(&hosts);
        v1::InventoryUpdate update = smallHost();
        v1::Node plain = endedNode(1, "plain");
        plain.mutable_container()->clear_labels();
        *update.add_upserted() = plain;
        *update.add_upserted() = endedNode(2, "front");
        model.apply(update);
        QCOMPARE(model.labelKeys(), QStringList({QStringLiteral("com.example.tier"), QStringLiteral("maintainer")}));
        panel.setGrouping(NodeTreeModel::Grouping::Labels);
        QCOMPARE(model.labelKey(), QStringLiteral("com.example.tier")); // until another is chosen
        const auto groupOf = [&model](const v1::Node &node) {
            return model.indexOf(NodeId{node.id()}).parent().data().toString();
        };
        QCOMPARE(groupOf(endedNode(2, "")), QStringLiteral("front"));
        QCOMPARE(groupOf(plain), QStringLiteral("without this label"));
        panel.setLabelKey(QStringLiteral("maintainer"));
        QCOMPARE(groupOf(endedNode(2, "")), QStringLiteral("<ops & co>"));
        QVERIFY(panel.selectNode(NodeId{plain.id()}));
        QCOMPARE(model.grouping(), NodeTreeModel::Grouping::Labels); // it is a row here, too
        for (const char *typed : {"com.example.tier=front", "shop"}) {
            model.setFilter(QLatin1String(typed));
            QVERIFY(model.indexOf(NodeId{endedNode(2, "").id()}).isValid());
            QCOMPARE(model.indexOf(NodeId{plain.id()}).isValid(), QLatin1String(typed) == QLatin1String("shop"));
        }
    }

    void tree_frameAnnouncesOneRangeAParent()
    {
        NodeTreeModel model;
        model.apply(smallHost());
        const QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        const std::vector<std::uint64_t> nodes{NodeId::cgroup(0, 1).v, NodeId::cgroup(0, 2).v, NodeId::cgroup(0, 3).v,
                                               NodeId::cgroup(0, 4).v};
        const v1::Frame frame = frameOf(nodes, [](Metric, std::size_t row) { return 10 + row; });
        model.apply(frame);
        QCOMPARE(changes.count(), 3); // below the host, below "/", below "/web"
        model.apply(frame);
        QCOMPARE(changes.count(), 3); // nothing changed, nothing announced
        QCOMPARE(model.value(NodeId::cgroup(0, 4), Metric::PidsCurrent).integer, 13U);
    }

    void tree_alertsCountAtEveryAncestor()
    {
        NodeTreeModel model;
        model.apply(smallHost());
        v1::AlertUpdate update;
        for (const std::uint64_t inode : {std::uint64_t{3}, std::uint64_t{4}}) {
            v1::Alert &alert = *update.add_alerts();
            alert.set_id(inode);
            alert.set_node_id(NodeId::cgroup(0, inode).v);
            alert.set_severity(inode == 3 ? v1::SEVERITY_CRITICAL : v1::SEVERITY_WARNING);
        }
        model.apply(update);
        const auto badge = [&model](NodeId id) { return model.indexOf(id).data(BadgeRole).value<Badge>(); };
        QCOMPARE(badge(NodeId::host()).count, 2);
        QCOMPARE(badge(NodeId::host()).worst, v1::SEVERITY_CRITICAL);
        QCOMPARE(badge(NodeId::cgroup(0, 2)).count, 1);
        update.mutable_alerts(0)->set_acknowledged(true);
        model.apply(update);
        QCOMPARE(badge(NodeId::cgroup(0, 2)).count, 0);
        QCOMPARE(badge(NodeId::host()).worst, v1::SEVERITY_WARNING);
    }

    void tree_circleOfParents_isNotFollowed()
    {
        NodeTreeModel model;
        v1::InventoryUpdate update;
        *update.add_upserted() = hostNode();
        *update.add_upserted() = cgroupNode(5, NodeId::cgroup(0, 6).v, "/a");
        *update.add_upserted() = cgroupNode(6, NodeId::cgroup(0, 5).v, "/a/b");
        model.apply(update);
        model.setGrouping(NodeTreeModel::Grouping::Containers);
        QCOMPARE(model.rowCount(), 1);
    }

    void filter_keepsAncestors_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QStringList>("shown");
        const QString host = QStringLiteral("db-host-03");
        const QString root = QStringLiteral("cgroup root");
        QTest::newRow("name") << QStringLiteral("WORK")
                              << QStringList{host, root, QStringLiteral("web"), QStringLiteral("worker")};
        QTest::newRow("path") << QStringLiteral("/db") << QStringList{host, root, QStringLiteral("db")};
        QTest::newRow("regex") << QStringLiteral("/^d.$/") << QStringList{host, root, QStringLiteral("db")};
        QTest::newRow("broken regex is text") << QStringLiteral("/(/") << QStringList{};
        QTest::newRow("inverse") << QStringLiteral("!w") << QStringList{host, root, QStringLiteral("db")};
    }
    void filter_keepsAncestors()
    {
        QFETCH(QString, typed);
        QFETCH(QStringList, shown);
        NodeTreeModel model;
        model.apply(smallHost());
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QStringList all = rowsOf(model);
        model.setFilter(typed);
        QStringList names;
        for (const QString &row : rowsOf(model))
            names << row.mid(row.indexOf(QLatin1Char(' ')) + 1);
        names.sort();
        shown.sort();
        QCOMPARE(names, shown);
        model.setFilter(QString());
        QCOMPARE(rowsOf(model), all);
    }

    void cgroupsBelow_areKnownAlthoughTheFilterHidesThem()
    {
        NodeTreeModel model;
        model.apply(smallHost());
        model.setFilter(QStringLiteral("db"));
        QVERIFY(!model.indexOf(model.idOfPath(QStringLiteral("/web"))).isValid());
        QVERIFY(model.hasCgroupsBelow(model.idOfPath(QStringLiteral("/web"))));
        QVERIFY(model.hasCgroupsBelow(model.idOfPath(QStringLiteral("/"))));
        QVERIFY(!model.hasCgroupsBelow(model.idOfPath(QStringLiteral("/db"))));
        QVERIFY(!model.hasCgroupsBelow(NodeId{}));
    }

    void sort_happensOnceATickAndOnlyIfNeeded()
    {
        NodeTreeModel model;
        model.apply(smallHost());
        model.sort(NodeTreeModel::Cpu, Qt::DescendingOrder);
        const QPersistentModelIndex web(model.indexOf(NodeId::cgroup(0, 2)));
        const QSignalSpy layouts(&model, &QAbstractItemModel::layoutChanged);
        const std::vector<std::uint64_t> nodes{NodeId::cgroup(0, 2).v, NodeId::cgroup(0, 4).v};
        model.apply(frameOf(nodes, [](Metric, std::size_t row) { return row == 0 ? 1 : 9; }));
        const QModelIndex root = model.index(0, 0, model.index(0, 0));
        QCOMPARE(model.index(0, 0, root).data().toString(), QStringLiteral("db"));
        QCOMPARE(layouts.count(), 1);
        QCOMPARE(web.row(), 1);
        QCOMPARE(web.data().toString(), QStringLiteral("web"));
        model.apply(frameOf(nodes, [](Metric, std::size_t row) { return row == 0 ? 2 : 8; }));
        QCOMPARE(layouts.count(), 1); // the order still holds
    }

    void sortAndFilter_randomWalkEqualsFreshBuild_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("column");
        QTest::newRow("by CPU") << QString() << int(NodeTreeModel::Cpu);
        QTest::newRow("some, by name") << QStringLiteral("7") << int(NodeTreeModel::Name);
        QTest::newRow("some, by CPU") << QStringLiteral("/n[0-9]*3$/") << int(NodeTreeModel::Cpu);
        QTest::newRow("others, by pids") << QStringLiteral("!2") << int(NodeTreeModel::Pids);
    }
    void sortAndFilter_randomWalkEqualsFreshBuild()
    {
        QFETCH(QString, filter);
        QFETCH(int, column);
        RandomHost host(4'711);
        NodeTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        model.sort(column, Qt::DescendingOrder);
        model.apply(host.snapshot());
        for (int i = 1; i <= 300; ++i) {
            model.setFilter(i % 40 < 20 ? QString() : filter);
            model.apply(host.step());
            const std::vector<std::uint64_t> &ids = host.cgroups();
            std::map<std::uint64_t, QPersistentModelIndex> held;
            for (const std::uint64_t id : ids)
                held.emplace(id, model.indexOf(NodeId{id}));
            model.apply(frameOf(ids, [i](Metric, std::size_t row) { return (row * 37 + std::size_t(i) * 17) % 23; }));
            for (const auto &[id, index] : held)
                QCOMPARE(QModelIndex(index), model.indexOf(NodeId{id}));
            QVERIFY(isSorted(model, column));
            if (i % 25 != 0)
                continue;
            NodeTreeModel fresh;
            fresh.setFilter(i % 40 < 20 ? QString() : filter);
            fresh.apply(host.snapshot());
            QCOMPARE(rowsOf(model), rowsOf(fresh));
        }
        QCOMPARE(resets.count(), 0);
    }

    void tree_ofThreeThousandLevels_isShownFilteredAndRemoved_data()
    {
        QTest::addColumn<int>("grouping");
        QTest::newRow("cgroups") << int(NodeTreeModel::Grouping::Cgroups);
        QTest::newRow("containers") << int(NodeTreeModel::Grouping::Containers);
    }
    void tree_ofThreeThousandLevels_isShownFilteredAndRemoved()
    {
        QFETCH(int, grouping);
        constexpr std::uint64_t kLevels = 3'000;
        NodeTreeModel model;
        HostsTreeModel hosts;
        hosts.add(&model, {});
        NodeTreePanel panel(&hosts);
        panel.setGrouping(static_cast<NodeTreeModel::Grouping>(grouping));
        panel.resize(600, 600);
        panel.show();
        model.apply(deepHost(kLevels));
        panel.view()->sortByColumn(NodeTreeModel::Cpu, Qt::DescendingOrder);
        panel.view()->expandAll();
        QVERIFY(!panel.grab().isNull());
        const NodeId deepest = NodeId::cgroup(0, kLevels);
        QVERIFY(panel.selectNode(deepest));
        QVERIFY(!panel.grab().isNull());
        model.setFilter(QStringLiteral("/^d%1$/").arg(kLevels));
        QVERIFY(model.indexOf(deepest).isValid()); // it and every ancestor
        model.setFilter(QStringLiteral("/^d2$/"));
        QVERIFY(!model.indexOf(deepest).isValid());
        QVERIFY(model.indexOf(NodeId::cgroup(0, 2)).isValid());
        model.setFilter(QString());
        QVERIFY(model.indexOf(deepest).isValid());
        v1::InventoryUpdate gone;
        for (std::uint64_t level = 2; level <= kLevels; ++level)
            gone.add_removed(NodeId::cgroup(0, level).v);
        const QSignalSpy removals(&hosts, &QAbstractItemModel::rowsRemoved);
        model.apply(gone);
        QCOMPARE(removals.count(), 1);
        QVERIFY(!panel.grab().isNull());
        QCOMPARE(model.nodeCount(), 3); // the host, the first cgroup and its container
    }

    void processes_rateNeedsTwoListsAndSelectionSurvives()
    {
        ProcessModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        v1::ProcessList list;
        list.set_monotonic_usec(1'000'000);
        for (const int pid : {10, 11, 12}) {
            v1::Process &process = *list.add_processes();
            process.set_pid(pid);
            process.set_start_ticks(5);
        }
        model.setProcesses(list);
        const QPersistentModelIndex second(model.index(1, 0));
        list.mutable_processes()->DeleteSubrange(0, 1);
        list.mutable_processes(0)->set_cpu_user_usec(500'000);
        list.set_monotonic_usec(2'000'000);
        model.setProcesses(list);
        QCOMPARE(second.data().toString(), QStringLiteral("11"));
        QCOMPARE(model.index(second.row(), ProcessModel::Cpu).data().toString(), QStringLiteral("50.0 %"));
        list.mutable_processes(0)->set_start_ticks(6); // a reused pid is another process
        model.setProcesses(list);
        QVERIFY(!second.isValid());
        QCOMPARE(resets.count(), 0);
    }

    void limits_pendingAndOutsideChange()
    {
        LimitModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setLimits(memoryLimits(300 << 20));
        const QSignalSpy refused(&model, &LimitModel::editRefused);
        const QModelIndex field = model.index(0, LimitModel::New);
        QVERIFY(!model.setData(field, QStringLiteral("lots"), Qt::EditRole));
        QCOMPARE(refused.count(), 1);
        QVERIFY(model.setData(field, QStringLiteral("200M"), Qt::EditRole));
        QCOMPARE(model.request().settings(0).value().number(), 200U << 20);
        model.setLimits(memoryLimits(300 << 20));
        QVERIFY(model.hasPending());
        QVERIFY(model.rowAt(0).changedOutside.isEmpty());
        model.setLimits(memoryLimits(100 << 20));
        QVERIFY(!model.rowAt(0).changedOutside.isEmpty());
        model.revert();
        QVERIFY(!model.hasPending());
    }

    void limits_unknownEffective_isNotUnlimited()
    {
        LimitModel model;
        v1::ListLimitsReply reply;
        for (const char *key : {"memory.min", "memory.high", "memory.max"}) {
            v1::LimitRow &row = *reply.add_rows();
            row.set_key(key);
            row.set_state(reply.rows_size() < 3 ? v1::CELL_STATE_ABSENT : v1::CELL_STATE_UNREADABLE);
        }
        model.setLimits(reply);
        const auto effective = [&model](int row) { return model.index(row, LimitModel::Effective).data().toString(); };
        QCOMPARE(effective(0), text::absent()); // no guarantee
        QCOMPARE(effective(1), text::unlimited());
        QCOMPARE(effective(2), text::absent()); // not known
    }

    void csv_quotesAndKeepsFormulasHarmless()
    {
        EventModel model;
        v1::EventBatch batch;
        v1::Event &event = *batch.add_events();
        event.set_sequence(1);
        event.set_kind(v1::EVENT_KIND_FROZEN);
        event.set_cgroup_path("/a,\"b\"");
        event.set_actor("=HYPERLINK(1)");
        model.add(batch);
        QCOMPARE(text::csv(model, {EventModel::Where, EventModel::Who}),
                 QStringLiteral("Where,Who\r\n\"/a,\"\"b\"\"\",'=HYPERLINK(1)\r\n"));
    }
};

QTEST_MAIN(TestWidgetsModels)
#include "tst_widgets_models.moc"
