// SPDX-License-Identifier: GPL-3.0-or-later
// The trees of many hosts as one.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTreeView>
#include <QtTest>

#include "tests/gui/random_host.h"
#include "widgets/models/hosts_tree_model.h"

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using State = HostFacts::State;

namespace {

/// Rows as "  name", in their order, those below a row after it.
QStringList outline(const QAbstractItemModel &model, const QModelIndex &parent = {}, int depth = 0)
{
    QStringList out;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        out << QString(depth, u' ') + index.data(SortRole).toString();
        out << outline(model, index, depth + 1);
    }
    return out;
}

v1::InventoryUpdate hostWith(const std::string &cgroup)
{
    v1::InventoryUpdate update;
    update.set_snapshot(true);
    *update.add_upserted() = hostNode();
    *update.add_upserted() = cgroupNode(7, NodeId::host().v, cgroup);
    return update;
}

} // namespace

class TestWidgetsHosts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void host_isARowBeforeItIsConnected_andItsNodesComeBelowIt()
    {
        NodeTreeModel tree;
        HostsTreeModel model;
        const QAbstractItemModelTester tester(&model);
        const HostKey key = model.add(&tree, {.name = u"lab1"_s});
        QCOMPARE(outline(model), QStringList{u"lab1"_s});
        const QModelIndex row = model.index(0, 0);
        QCOMPARE(model.index(0, NodeTreeModel::State).data().toString(), u"not connected"_s);
        QCOMPARE(row.data().toString(), u"lab1 – not connected"_s);
        QVERIFY(row.data(Qt::ToolTipRole).toString().contains(u"Double click"_s));
        QCOMPARE(model.refOf(row).node.v, NodeId::host().v);
        QCOMPARE(model.hostOf(row).v, key.v);

        model.setFacts(
            key,
            {.name = u"lab1"_s, .state = State::Live, .latency = std::chrono::microseconds(1500), .version = u"0.1"_s});
        tree.apply(hostWith("/web"));
        QCOMPARE(outline(model), QStringList({u"lab1"_s, u" web"_s}));
        const QModelIndex web = model.index(0, 0, model.index(0, 0));
        QCOMPARE(model.refOf(web).node.v, NodeId::cgroup(0, 7).v);
        QCOMPARE(model.indexOf({key, NodeId::cgroup(0, 7)}), web);
        QCOMPARE(model.parent(web), model.index(0, 0));
        QVERIFY(row.data(Qt::ToolTipRole).toString().contains(u"0.1"_s));

        // Lost: the rows stay, grey.
        tree.setStale(true);
        model.setFacts(key, {.name = u"lab1"_s, .state = State::Lost, .reason = u"cut"_s});
        QCOMPARE(outline(model), QStringList({u"lab1"_s, u" web"_s}));
        QCOMPARE(model.index(0, NodeTreeModel::State).data().toString(), u"lost"_s);
        QVERIFY(row.data(Qt::ToolTipRole).toString().contains(u"cut"_s));
        QVERIFY(web.data(Qt::ForegroundRole).isValid() && row.data(Qt::ForegroundRole).isValid());

        tree.clear();
        QCOMPARE(outline(model), QStringList{u"lab1"_s});
        model.remove(key);
        QCOMPARE(model.rowCount(), 0);
        QCOMPARE(model.treeOf(key), nullptr);
    }

    void hosts_standByName_groupsFirst_andMoveWithTheirGroup()
    {
        NodeTreeModel trees[3];
        HostsTreeModel model;
        const QAbstractItemModelTester tester(&model);
        const HostKey beta = model.add(&trees[0], {.name = u"beta"_s});
        model.add(&trees[1], {.name = u"Alpha"_s});
        const HostKey gamma = model.add(&trees[2], {.name = u"gamma"_s, .group = u"web"_s});
        trees[0].apply(hostWith("/b"));
        QCOMPARE(outline(model), QStringList({u"web"_s, u" gamma"_s, u"Alpha"_s, u"beta"_s, u" b"_s}));
        QCOMPARE(model.hostsOf(model.index(0, 0)), std::vector{gamma});
        QCOMPARE(model.refOf(model.index(0, 0)).host.v, 0);
        const QPersistentModelIndex b = model.indexOf({beta, NodeId::cgroup(0, 7)});
        model.setFacts(gamma, {.name = u"zeta"_s, .group = u"web"_s});
        QVERIFY(b.isValid());
        model.setFacts(beta, {.name = u"beta"_s, .group = u"web"_s});
        QCOMPARE(outline(model), QStringList({u"web"_s, u" beta"_s, u"  b"_s, u" zeta"_s, u"Alpha"_s}));
        model.remove(gamma);
        model.setFacts(beta, {.name = u"beta"_s});
        QCOMPARE(outline(model), QStringList({u"Alpha"_s, u"beta"_s, u" b"_s}));
    }

    void filter_hidesHostsWithoutAMatch_butNotThoseOfThatName()
    {
        NodeTreeModel trees[3];
        HostsTreeModel model;
        const QAbstractItemModelTester tester(&model);
        model.add(&trees[0], {.name = u"one"_s});
        model.add(&trees[1], {.name = u"two"_s});
        model.setFilter(u"web"_s);
        const HostKey late = model.add(&trees[2], {.name = u"webby"_s, .group = u"g"_s});
        QCOMPARE(outline(model), QStringList({u"g"_s, u" webby"_s}));
        trees[0].apply(hostWith("/web"));
        trees[1].apply(hostWith("/db"));
        QCOMPARE(outline(model), QStringList({u"g"_s, u" webby"_s, u"one"_s, u" web"_s}));
        QCOMPARE(model.indexOf({late, NodeId::host()}).parent(), model.index(0, 0));
        model.setFilter({});
        QCOMPARE(outline(model), QStringList({u"g"_s, u" webby"_s, u"one"_s, u" web"_s, u"two"_s, u" db"_s}));
    }

    void manyHosts_randomWalk_equalTheirOwnTrees()
    {
        constexpr std::size_t kHosts = 4;
        NodeTreeModel trees[kHosts];
        std::vector<RandomHost> hosts;
        HostsTreeModel model;
        const QAbstractItemModelTester tester(&model);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        std::vector<HostKey> keys;
        for (unsigned i = 0; i < kHosts; ++i) {
            hosts.emplace_back(100 + i);
            keys.push_back(model.add(&trees[i], {.name = QString::number(i), .state = State::Live}));
            trees[i].apply(hosts[i].snapshot());
        }
        QTreeView view;
        view.setModel(&model);
        view.setSortingEnabled(true);
        view.sortByColumn(NodeTreeModel::Memory, Qt::DescendingOrder);
        std::mt19937 random(5);
        using enum NodeTreeModel::Grouping;
        for (int step = 0; step < 600; ++step) {
            const std::size_t i = random() % kHosts;
            trees[i].apply(hosts[i].step());
            if (step % 7 == 0)
                trees[i].apply(frameOf(hosts[i].cgroups(), [&random](Metric, std::size_t) { return random() % 100; }));
            if (step % 50 == 0)
                view.expandAll();
            if (step % 40 == 20)
                model.setGrouping(std::array{Cgroups, Containers, Pods, Users}.at(random() % 4));
            if (step % 60 == 30)
                model.setFilter(random() % 2 == 0 ? u"c-n1"_s : QString());
            if (step % 90 == 45) { // lost and found
                trees[i].clear();
                trees[i].apply(hosts[i].snapshot());
            }
        }
        model.setFilter({});
        for (std::size_t i = 0; i < kHosts; ++i) {
            QStringList rows = outline(trees[i]);
            rows.front() = QString::number(i);
            QStringList shown{QString::number(i)};
            shown << outline(model, model.indexOf({keys[i], NodeId::host()}), 1);
            QCOMPARE(shown, rows);
        }
        QCOMPARE(resets.count(), 0);
    }
};

QTEST_MAIN(TestWidgetsHosts)
#include "tst_widgets_hosts.moc"
