// SPDX-License-Identifier: GPL-3.0-or-later
// Joining, identity and deltas of the tree, without a kernel.
#include <QtTest>

#include "engine/inventory/containers.h"
#include "engine/inventory/protection.h"
#include "engine/inventory/snapshot.h"
#include "engine/inventory/tree.h"
#include "tests/support/silent_source.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <QTemporaryDir>

#include <unistd.h>

using namespace gantry;
using namespace gantry::inventory;
using cgroup::CgroupPath;
using cgroup::WalkEntry;

namespace {

constexpr unsigned kMemory = 1;
constexpr unsigned kCpu = 2;

CgroupPath pathOf(const std::string &text)
{
    return CgroupPath::parse(text).value();
}

/// A tree with a root in the v2, memory and cpu hierarchies.
struct Joined
{
    Joined()
    {
        for (const unsigned slot : {0u, kMemory, kCpu})
            tree.join(slot, CgroupPath(), 1);
        (void)tree.takeChanges();
    }
    [[nodiscard]] NodeId id(const std::string &path) const
    {
        const TreeEntry *entry = tree.find(pathOf(path));
        return entry != nullptr ? entry->cgroup.id : NodeId();
    }
    CgroupTree tree;
};

Node cgroupNode(std::uint64_t inode, NodeId parent, std::uint32_t depth, const std::string &name)
{
    CgroupNode detail;
    detail.cgroup.id = NodeId::cgroup(0, inode);
    return {detail.cgroup.id, parent, name, depth, 0, detail};
}

Node containerNode(std::uint64_t inode, const std::string &name, const std::string &id)
{
    ContainerNode detail;
    detail.id = id;
    return {NodeId::containerOfCgroup(NodeId::cgroup(0, inode)), NodeId::host(), name, 1, 0, detail};
}

/// What a client makes of deltas; stops the test when a delta breaks a promise.
class Client
{
public:
    void apply(const Delta &delta)
    {
        if (delta.snapshot)
            m_nodes.clear();
        for (const NodePtr &node : delta.upserted) {
            QVERIFY2(!node->parent || m_nodes.contains(node->parent), "a parent comes before its child");
            m_nodes[node->id] = node;
        }
        for (const NodeId id : delta.removed) {
            QVERIFY2(m_nodes.contains(id) || !m_known.contains(id), "only what was there is removed");
            for (const auto &[other, node] : m_nodes)
                QVERIFY2(node->parent != id, "children are removed before their parent");
            m_nodes.erase(id);
        }
        for (const auto &[id, node] : m_nodes)
            m_known.insert(id);
        m_generation = delta.generation;
    }
    [[nodiscard]] std::uint64_t generation() const { return m_generation; }
    void compare(const Snapshot &snapshot) const
    {
        QCOMPARE(m_nodes.size(), snapshot.nodes().size());
        for (const NodePtr &node : snapshot.nodes()) {
            const auto found = m_nodes.find(node->id);
            QVERIFY(found != m_nodes.end());
            QCOMPARE(found->second, node);
        }
    }

private:
    std::map<NodeId, NodePtr> m_nodes;
    std::set<NodeId> m_known;
    std::uint64_t m_generation = 0;
};

} // namespace

class TestInventory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void facts_areRefreshedWithoutAScan()
    {
        const auto tell = [](const char *name, runtime::State state) {
            auto facts = std::make_shared<runtime::Facts>();
            facts->runtime = "podman";
            facts->id = std::string(64, 'a');
            facts->name = name;
            facts->state = state;
            facts->initPid = 7;
            return runtime::Table({{std::make_shared<const test::SilentSource>(), {facts}}});
        };
        Node node{NodeId::make(NodeKind::Container, 0, 5), NodeId::host(), "aaaaaaaaaaaa", 1, 0, ContainerNode{}};
        std::get<ContainerNode>(node.detail).init = {7, 1};
        refreshFacts(node, runtime::Table());
        QVERIFY(node.container()->facts == nullptr);
        refreshFacts(node, tell("web", runtime::State::Running));
        QCOMPARE(node.name, std::string("web"));
        QCOMPARE(node.container()->runtime, std::string("podman"));
        refreshFacts(node, tell("renamed", runtime::State::Paused));
        QCOMPARE(node.name, std::string("renamed"));
        QCOMPARE(node.container()->facts->state, runtime::State::Paused);
        // Gone: the next scan finds out what is left of it.
        refreshFacts(node, runtime::Table());
        QCOMPARE(node.name, std::string("renamed"));
    }

    void tree_joinsHierarchiesByPath()
    {
        Joined joined;
        joined.tree.join(kMemory, pathOf("/a"), 10);
        const NodeId id = joined.id("/a");
        QCOMPARE(id, NodeId::cgroup(kMemory, 10));
        joined.tree.join(kCpu, pathOf("/a"), 20);
        joined.tree.join(0, pathOf("/a"), 30);
        QCOMPARE(joined.id("/a"), id);
        const TreeEntry *entry = joined.tree.find(pathOf("/a"));
        QVERIFY(entry->cgroup.in(0) && entry->cgroup.in(kMemory) && entry->cgroup.in(kCpu));
        QCOMPARE(joined.tree.find(kCpu, 20), entry);
        const auto changes = joined.tree.takeChanges();
        QCOMPARE(changes.changed.size(), std::size_t{1});
        QVERIFY(changes.removed.empty());
    }

    void tree_leftHierarchy_keepsTheNode()
    {
        Joined joined;
        joined.tree.join(kMemory, pathOf("/a"), 10);
        joined.tree.join(kCpu, pathOf("/a"), 20);
        const NodeId id = joined.id("/a");
        joined.tree.leave(kMemory, pathOf("/a"));
        QCOMPARE(joined.id("/a"), id);
        QVERIFY(!joined.tree.find(pathOf("/a"))->cgroup.in(kMemory));
        joined.tree.leave(kCpu, pathOf("/a"));
        QVERIFY(joined.tree.find(pathOf("/a")) == nullptr);
        QVERIFY(joined.tree.find(kCpu, 20) == nullptr);
        const auto changes = joined.tree.takeChanges();
        QCOMPARE(changes.removed.size(), std::size_t{1});
        QCOMPARE(changes.removed.front().id, id);
        QVERIFY(changes.changed.empty());
    }

    void tree_recreated_isAnotherNode_data()
    {
        QTest::addColumn<bool>("removalSeen");
        QTest::newRow("removal seen") << true;
        QTest::newRow("only the new inode seen") << false;
    }
    void tree_recreated_isAnotherNode()
    {
        QFETCH(bool, removalSeen);
        Joined joined;
        joined.tree.join(kMemory, pathOf("/a"), 10);
        joined.tree.join(kCpu, pathOf("/a"), 20);
        joined.tree.join(kCpu, pathOf("/a/b"), 21);
        joined.tree.join(kMemory, pathOf("/a/b"), 11);
        const NodeId before = joined.id("/a");
        const NodeId child = joined.id("/a/b");
        (void)joined.tree.takeChanges();
        if (removalSeen)
            joined.tree.leave(kMemory, pathOf("/a"));
        joined.tree.join(kMemory, pathOf("/a"), 12);
        QVERIFY(joined.id("/a") != before);
        // What hangs below in the other hierarchy is still there, below the new node.
        QCOMPARE(joined.id("/a/b"), child);
        QVERIFY(!joined.tree.find(pathOf("/a/b"))->cgroup.in(kMemory));
        QVERIFY(joined.tree.find(kMemory, 11) == nullptr);
        const auto changes = joined.tree.takeChanges();
        QCOMPARE(changes.removed.size(), std::size_t{1});
        QCOMPARE(changes.removed.front().id, before);
        QCOMPARE(changes.changed.size(), std::size_t{2});
    }

    void tree_parentUnknown_isIgnored()
    {
        Joined joined;
        joined.tree.join(kMemory, pathOf("/gone/b"), 11);
        joined.tree.join(kCpu, pathOf("/a"), 20);
        joined.tree.join(kMemory, pathOf("/a/b"), 12); // "/a" is not in memory
        QVERIFY(joined.tree.find(pathOf("/gone/b")) == nullptr);
        QVERIFY(joined.tree.find(pathOf("/a/b")) == nullptr);
        joined.tree.leave(kMemory, pathOf("/never"));
        QCOMPARE(joined.tree.size(), std::size_t{2});
    }

    void tree_reconciled_equalsTheWalk()
    {
        Joined joined;
        joined.tree.join(kMemory, pathOf("/old"), 10);
        joined.tree.join(kMemory, pathOf("/old/x"), 11);
        joined.tree.join(kMemory, pathOf("/kept"), 12);
        const NodeId kept = joined.id("/kept");
        const std::vector<WalkEntry> walk{
            {0, "/", 1}, {0, "kept", 12}, {0, "new", 13}, {2, "deep", 14}, {0, "a\x01", 15}};
        joined.tree.reconcile(kMemory, CgroupPath(), walk);
        QVERIFY(joined.tree.find(pathOf("/old")) == nullptr && joined.tree.find(pathOf("/old/x")) == nullptr);
        QCOMPARE(joined.id("/kept"), kept);
        QVERIFY(joined.tree.find(pathOf("/new/deep")) != nullptr);
        QVERIFY(joined.tree.find(kMemory, 15) != nullptr);
        joined.tree.reconcile(kMemory, pathOf("/new"), std::vector<WalkEntry>{{0, "new", 13}});
        QVERIFY(joined.tree.find(pathOf("/new/deep")) == nullptr);
        QVERIFY(joined.tree.find(pathOf("/kept")) != nullptr);
        joined.tree.reconcile(kMemory, pathOf("/new"), {});
        QVERIFY(joined.tree.find(pathOf("/new")) == nullptr);
    }

    void tree_threeThousandDeep_isHeldAndRemoved()
    {
        constexpr std::size_t kDepth = 3'000;
        Joined joined;
        std::vector<WalkEntry> walk{{0, "/", 1}};
        for (std::size_t i = 0; i < kDepth; ++i)
            walk.push_back({i, "d", 100 + i});
        joined.tree.reconcile(kMemory, CgroupPath(), walk);
        QCOMPARE(joined.tree.size(), kDepth + 1);
        QCOMPARE(joined.tree.takeChanges().changed.back()->depth, static_cast<std::uint32_t>(kDepth));
        joined.tree.leave(kMemory, pathOf("/d"));
        QCOMPARE(joined.tree.size(), std::size_t{1});
    }

    void snapshot_unchangedNode_makesNoGeneration()
    {
        SnapshotBuilder builder;
        builder.upsert(cgroupNode(1, {}, 0, "a"));
        const SnapshotPtr first = builder.publish();
        QCOMPARE(first->generation(), std::uint64_t{1});
        builder.upsert(cgroupNode(1, {}, 0, "a"));
        QVERIFY(!builder.changed());
        QCOMPARE(builder.publish(), first);
        builder.upsert(cgroupNode(1, {}, 0, "b"));
        builder.upsert(cgroupNode(1, {}, 0, "a"));
        QVERIFY(!builder.changed());
        builder.remove(NodeId::cgroup(0, 99));
        QVERIFY(!builder.changed());
    }

    void snapshot_deltas_equalAFreshBuild()
    {
        std::mt19937 random(42);
        const auto below = [&random](std::size_t n) {
            return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
        };
        CgroupTree tree;
        SnapshotBuilder builder;
        Client eager;
        Client lazy;
        std::uint64_t inode = 1;
        const auto publish = [&] {
            const auto changes = tree.takeChanges();
            for (const auto &gone : changes.removed)
                builder.remove(gone.id);
            for (const TreeEntry *entry : changes.changed) {
                CgroupNode detail;
                detail.cgroup = entry->cgroup;
                builder.upsert({entry->cgroup.id, entry->parent != nullptr ? entry->parent->cgroup.id : NodeId(),
                                std::string(entry->cgroup.path.name()), entry->depth, 0, detail});
            }
            return builder.publish();
        };
        for (const unsigned slot : {0u, kMemory, kCpu})
            tree.join(slot, CgroupPath(), inode++);
        for (int step = 0; step < 500; ++step) {
            for (std::size_t change = below(4); change < 4; ++change) {
                const std::vector<TreeEntry *> all = tree.all();
                const CgroupPath at = all[below(all.size())]->cgroup.path;
                const auto slot = static_cast<unsigned>(below(3));
                if (below(3) > 0)
                    tree.join(slot, at.child("n" + std::to_string(below(4))).value(), inode++);
                else if (!at.isRoot())
                    tree.leave(slot, at);
            }
            const SnapshotPtr now = publish();
            eager.apply(now->deltaSince(eager.generation()));
            eager.compare(*now);
            if (below(10) == 0) {
                lazy.apply(now->deltaSince(lazy.generation()));
                lazy.compare(*now);
            }
            if (QTest::currentTestFailed())
                return;
            // The published tree is the joined one.
            QCOMPARE(now->nodes().size(), tree.size());
            for (const TreeEntry *entry : tree.all())
                QCOMPARE(now->find(entry->cgroup.id)->cgroup()->cgroup, entry->cgroup);
        }
        QVERIFY(builder.last()->generation() > 300);
    }

    void snapshot_slowReader_getsTheWholeTree()
    {
        SnapshotBuilder builder;
        builder.upsert(cgroupNode(1, {}, 0, "root"));
        (void)builder.publish();
        for (std::uint64_t i = 0; i < SnapshotBuilder::kTombstones + 100; ++i)
            builder.upsert(cgroupNode(10 + i, NodeId::cgroup(0, 1), 1, "n"));
        const std::uint64_t full = builder.publish()->generation();
        for (std::uint64_t i = 0; i < SnapshotBuilder::kTombstones + 100; ++i)
            builder.remove(NodeId::cgroup(0, 10 + i));
        const SnapshotPtr emptied = builder.publish();
        // Those of one generation are kept whatever their number.
        const Delta all = emptied->deltaSince(full);
        QVERIFY(!all.snapshot);
        QCOMPARE(all.removed.size(), SnapshotBuilder::kTombstones + 100);
        for (std::uint64_t i = 0; i < 10; ++i) {
            builder.upsert(cgroupNode(1'000'000 + i, NodeId::cgroup(0, 1), 1, "n"));
            (void)builder.publish();
            builder.remove(NodeId::cgroup(0, 1'000'000 + i));
            (void)builder.publish();
        }
        QVERIFY(builder.last()->deltaSince(full).snapshot);
        QVERIFY(!builder.last()->deltaSince(emptied->generation()).snapshot);
        QVERIFY(builder.last()->deltaSince(0).snapshot);
        QVERIFY2(builder.last()->deltaSince(1'000'000).snapshot, "a reader from another time");
    }

    void snapshot_nodeThatCameBack_isNotRemoved()
    {
        SnapshotBuilder builder;
        builder.upsert(containerNode(5, "web", "abcdef012345"));
        const std::uint64_t before = builder.publish()->generation();
        const NodeId id = builder.last()->nodes().front()->id;
        builder.remove(id);
        (void)builder.publish();
        builder.upsert(containerNode(5, "web", "abcdef012345"));
        const Delta delta = builder.publish()->deltaSince(before);
        QVERIFY(delta.removed.empty());
        QCOMPARE(delta.upserted.size(), std::size_t{1});
    }

    void findContainer_byNameIdAndPrefix()
    {
        SnapshotBuilder builder;
        builder.upsert(containerNode(5, "web", "abcdef012345"));
        builder.upsert(containerNode(6, "db", "abcdef999999"));
        builder.upsert(containerNode(7, "twin", ""));
        builder.upsert(containerNode(8, "twin", ""));
        const SnapshotPtr snapshot = builder.publish();
        QCOMPARE(snapshot->findContainer("web").value()->name, std::string("web"));
        QCOMPARE(snapshot->findContainer("abcdef999999").value()->name, std::string("db"));
        QCOMPARE(snapshot->findContainer("abcdef9").value()->name, std::string("db"));
        QCOMPARE(snapshot->findContainer("abcdef").error().posix(), ENOTUNIQ);
        QCOMPARE(snapshot->findContainer("twin").error().posix(), ENOTUNIQ);
        QCOMPARE(snapshot->findContainer("abc").error().posix(), ENOENT);
        QCOMPARE(snapshot->findContainer("").error().posix(), ENOENT);
    }

    void protectionFile_isReadLineByLine()
    {
        QTemporaryDir folder;
        const std::string file = folder.filePath(QStringLiteral("protect")).toStdString();
        std::ofstream(file) << "# ours\n/keep # why\n\n  /also/this\nrelative\n/../up\n";
        QCOMPARE(configuredProtection({"/given"}, file),
                 (std::vector{pathOf("/given"), pathOf("/keep"), pathOf("/also/this")}));
        QVERIFY(configuredProtection({}, file + "-missing").empty());
    }

    void protection_coversOwnAncestorsAndPid1()
    {
        QTemporaryDir folder;
        const std::string proc = folder.path().toStdString();
        const auto write = [&](const std::string &pid, const std::string &text) {
            std::filesystem::create_directories(proc + "/" + pid);
            std::ofstream(proc + "/" + pid + "/cgroup") << text;
        };
        std::filesystem::create_directories(proc + "/self");
        std::ofstream(proc + "/self/mountinfo") << "41 31 0:38 / " << proc << " rw,relatime - cgroup2 cgroup2 rw\n";
        std::ofstream(proc + "/cgroup.controllers") << "memory\n";
        std::ofstream(proc + "/cgroups") << "#subsys_name\thierarchy\tnum_cgroups\tenabled\n";
        cgroup::Hierarchies::Roots roots;
        roots.proc = proc;
        roots.checkFileSystem = false;
        const auto hierarchies = cgroup::Hierarchies::discover(roots);
        QVERIFY2(hierarchies, hierarchies ? "" : hierarchies.error().message().c_str());
        const auto unknown = Protection::read(**hierarchies, {}, proc);
        QVERIFY2(!unknown.reason(pathOf("/x")).empty(), "everything is protected while it is not known where we are");

        write(std::to_string(::getpid()), "0::/user.slice/session.scope\n");
        write("1", "0::/init.scope\n");
        const auto protection = Protection::read(**hierarchies, {pathOf("/keep")}, proc);
        QVERIFY(!protection.reason(CgroupPath()).empty());
        QVERIFY(!protection.reason(pathOf("/user.slice")).empty());
        QVERIFY(!protection.reason(pathOf("/user.slice/session.scope")).empty());
        QVERIFY(protection.reason(pathOf("/user.slice/session.scope/below")).empty());
        QVERIFY(protection.reason(pathOf("/user.slice/other.scope")).empty());
        QVERIFY(!protection.reason(pathOf("/init.scope")).empty());
        QVERIFY(!protection.reason(pathOf("/keep/below")).empty());
        QVERIFY(protection.reason(pathOf("/keeper")).empty());
    }
};

QTEST_GUILESS_MAIN(TestInventory)
#include "tst_inventory.moc"
