// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs on real cgroups of this machine.
#include <QtTest>

#include "engine/cgroup/procs.h"
#include "engine/control/control.h"
#include "engine/control/subtree.h"
#include "tests/support/scratch_cgroup.h"

#include <csignal>
#include <list>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::control;
using gantry::test::ChildProcess;
using gantry::test::ScratchCgroup;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

/// Children that sleep, and outlive nothing.
class Children
{
public:
    explicit Children(int count)
    {
        for (int i = 0; i < count; ++i)
            m_children.emplace_back(test::sleepForEver).go();
    }
    [[nodiscard]] std::vector<ProcessKey> keys() const
    {
        std::vector<ProcessKey> out;
        for (const ChildProcess &child : m_children)
            out.push_back({child.pid(), 0});
        return out;
    }
    std::list<ChildProcess> &all() { return m_children; }

private:
    std::list<ChildProcess> m_children;
};

bool killedBy(ChildProcess &child, int signal)
{
    const int status = child.wait();
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

QByteArray why(const auto &result)
{
    return result ? QByteArray() : QByteArray::fromStdString(result.error().message());
}

Call dryRun()
{
    Call call;
    call.dryRun = true;
    return call;
}

} // namespace

class TestKernelControl : public QObject
{
    Q_OBJECT

    QTemporaryDir m_state;
    cgroup::HierarchiesPtr m_hierarchies = cgroup::Hierarchies::discover().value();
    AuditLog m_audit{{.journalSocket = "", .stateFolder = m_state.path().toStdString() + "/gantry"}};
    std::string m_protected;
    Control m_control{m_hierarchies,
                      [this](const cgroup::CgroupPath &path) {
                          return path.text() == m_protected ? std::string("protected by the test") : std::string();
                      },
                      m_audit};

    std::string auditText() { return readFile(m_state.path().toStdString() + "/gantry/audit.log").value_or(""); }

private Q_SLOTS:
    void cleanup() { m_protected.clear(); }

    void setLimits_writesReadsBackAndRecords()
    {
        const ScratchCgroup scratch;
        const std::vector<LimitSetting> settings{{LimitKey::MemoryMax, 64 * kMiB + 5},
                                                 {LimitKey::PidsMax, std::uint64_t{20}},
                                                 {LimitKey::CpuMax, CpuMax{Micros(50'000), Micros(0)}}};
        const auto preview = m_control.setLimits(scratch.cgroup(), settings, dryRun());
        QVERIFY2(preview, why(preview));
        QCOMPARE(std::get<std::uint64_t>(preview->changes.front().newValue), 64 * kMiB);
        QCOMPARE(preview->changes.front().warnings.front().code, WarningCode::WillRound);
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("max\n"));

        const auto set = m_control.setLimits(scratch.cgroup(), settings, {.actor = {"tst", "root", {}, 0}});
        QVERIFY2(set, why(set));
        QCOMPARE(scratch.read("memory", scratch.file("memory.max")), std::to_string(64 * kMiB) + "\n");
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("20\n"));
        if (scratch.isV1("cpu"))
            QCOMPARE(scratch.read("cpu", "cpu.cfs_quota_us"), std::string("50000\n"));
        else
            QCOMPARE(scratch.read("cpu", "cpu.max"), std::string("50000 100000\n"));
        QVERIFY(set->notRecorded.empty());
        QVERIFY(auditText().find("\"key\":\"pids.max\",\"old\":\"max\",\"new\":\"20\"") != std::string::npos);
    }

    void setLimits_putsBackWhatWasDone()
    {
        const ScratchCgroup scratch;
        const cgroup::Cgroup child = scratch.makeChild("b");
        // v1 refuses a child's quota above its parent's; v2 takes that, but no CPUs that the host does not have.
        std::vector<LimitSetting> settings{{LimitKey::PidsMax, std::uint64_t{7}}};
        if (scratch.isV1("cpu")) {
            scratch.write("cpu", "cpu.cfs_quota_us", "20000");
            settings.push_back({LimitKey::CpuMax, CpuMax{Micros(90'000), Micros(0)}});
        } else {
            settings.push_back({LimitKey::CpusetCpus, std::string("9000")});
        }
        const auto set = m_control.setLimits(child, settings, {});
        QVERIFY(!set);
        QCOMPARE(set.error().posix(), scratch.isV1("cpu") ? EINVAL : ERANGE);
        QCOMPARE(std::get<Unlimited>(cgroup::readLimit(*m_hierarchies, child, LimitKey::PidsMax).value()), Unlimited{});
    }

    void setLimits_warnsBelowUsageAndTellsBusy()
    {
        ChildProcess child(test::allocate(24 * kMiB));
        const ScratchCgroup scratch;
        if (!scratch.isV1("memory"))
            QSKIP("v1 only: on v2 tst_lab_limits");
        scratch.attach(child.pid());
        child.go();
        QTRY_VERIFY(std::stoull(scratch.read("memory", "memory.usage_in_bytes")) > 24 * kMiB);
        const std::vector<LimitSetting> settings{{LimitKey::MemoryMax, 4 * kMiB}};
        const auto preview = m_control.setLimits(scratch.cgroup(), settings, dryRun());
        QCOMPARE(preview->changes.front().warnings.front().code, WarningCode::MayBeBusy);
        QVERIFY(preview->changes.front().warnings.front().have > 24 * kMiB);
        const auto set = m_control.setLimits(scratch.cgroup(), settings, {});
        QVERIFY(!set);
        QCOMPARE(set.error().posix(), EBUSY);
    }

    void setLimits_refusesStaleAndProtected()
    {
        const ScratchCgroup scratch;
        const cgroup::Cgroup seen = scratch.makeChild("b");
        scratch.remove("b");
        const cgroup::Cgroup now = scratch.makeChild("b");
        const std::vector<LimitSetting> settings{{LimitKey::PidsMax, std::uint64_t{7}}};
        QCOMPARE(m_control.setLimits(seen, settings, {}).error().posix(), ESTALE);
        QVERIFY(cgroup::readLimit(*m_hierarchies, now, LimitKey::PidsMax) == LimitValue{Unlimited{}});
        m_protected = now.path.text();
        const auto refused = m_control.setLimits(now, settings, {});
        QCOMPARE(refused.error().posix(), EPERM);
        QCOMPARE(refused.error().detail, std::string("protected by the test"));
    }

    void listLimits_tellsAbsentAndUsage()
    {
        const ScratchCgroup scratch;
        scratch.write("memory", scratch.file("memory.max"), std::to_string(32 * kMiB));
        const auto rows = m_control.listLimits(scratch.makeChild("b"));
        QVERIFY2(rows, why(rows));
        QCOMPARE(rows->size(), kLimitKeyCount);
        const auto row = [&](LimitKey key) { return *std::ranges::find(*rows, key, &LimitRow::key); };
        const LimitKey absent = scratch.isV1("memory") ? LimitKey::MemoryLow : LimitKey::DmemMax;
        QVERIFY(isAbsent(row(absent).configured.error()));
        QVERIFY(!row(absent).notSettable.empty());
        const LimitRow max = row(LimitKey::MemoryMax);
        QVERIFY(max.configured == LimitValue{Unlimited{}});
        QVERIFY(max.effective.value == LimitValue{32 * kMiB});
        QCOMPARE(max.effective.limitedBy, scratch.path());
        QVERIFY(max.notSettable.empty());
        QVERIFY(max.usage.has_value());
        QCOMPARE(max.file, (scratch.isV1("memory") ? "memory" : "cgroup") + scratch.path().text() + "/b/" +
                               scratch.file("memory.max"));
    }

    void freeze_isAcknowledgedAndThawed_data() { hierarchySets(); }
    void freeze_isAcknowledgedAndThawed()
    {
        QFETCH(int, set);
        Children children(3);
        const auto scratch = make(set);
        for (const ChildProcess &child : children.all())
            scratch->attach(child.pid());
        if (set == 2 && scratch->isV1("memory")) {
            QCOMPARE(m_control.freeze(scratch->cgroup(), {}).error().posix(), ENOTSUP);
            return;
        }
        const auto frozen = m_control.freeze(scratch->cgroup(), {});
        QVERIFY2(frozen, why(frozen));
        QCOMPARE(frozen->oldState, cgroup::Freezer::Thawed);
        QCOMPARE(frozen->newState, cgroup::Freezer::Frozen);
        QCOMPARE(frozen->processCount, 3U);
        const auto thawed = m_control.thaw(scratch->cgroup(), {});
        QVERIFY2(thawed, why(thawed));
        QCOMPARE(thawed->newState, cgroup::Freezer::Thawed);
    }

    void kill_endsEveryProcessBelow_data() { hierarchySets(); }
    void kill_endsEveryProcessBelow()
    {
        QFETCH(int, set);
        Children children(6);
        const auto scratch = make(set);
        scratch->makeChild("b");
        scratch->makeChild("b/c");
        const char *const places[] = {"", "b", "b/c"};
        int at = 0;
        for (const ChildProcess &child : children.all())
            scratch->attach(child.pid(), places[at++ % 3]);
        const auto preview = m_control.kill(scratch->cgroup(), dryRun());
        QVERIFY2(preview, why(preview));
        QCOMPARE(preview->processCount, 6U);

        QElapsedTimer timer;
        timer.start();
        const auto killed = m_control.kill(scratch->cgroup(), {});
        QVERIFY2(killed, why(killed));
        qInfo() << "killed" << killed->processCount << "in" << timer.nsecsElapsed() / 1000 << "us";
        QCOMPARE(killed->processCount, 6U);
        QCOMPARE(killed->remaining, 0U);
        for (ChildProcess &child : children.all())
            QVERIFY(killedBy(child, SIGKILL));
    }

    void kill_thawsWhatWasFrozen_data() { hierarchySets(); }
    void kill_thawsWhatWasFrozen()
    {
        QFETCH(int, set);
        Children children(2);
        const auto scratch = make(set);
        if (set == 2 && scratch->isV1("memory"))
            return; // no freezer
        const cgroup::Cgroup below = scratch->makeChild("b");
        for (const ChildProcess &child : children.all())
            scratch->attach(child.pid(), "b");
        QVERIFY(m_control.freeze(below, {}));
        const auto killed = m_control.kill(scratch->cgroup(), {});
        QVERIFY2(killed, why(killed));
        QCOMPARE(killed->remaining, 0U);
    }

    void kill_refusesGantrysOwnCgroup()
    {
        // The root holds this very test and PID 1: refused before anything is touched; a dry run is enough to see it.
        const auto root = cgroup::locate(*m_hierarchies, cgroup::CgroupPath()).value();
        QCOMPARE(m_control.kill(root, dryRun()).error().posix(), EPERM);
        QCOMPARE(m_control.freeze(root, dryRun()).error().posix(), EPERM);
        const ScratchCgroup scratch;
        m_protected = scratch.makeChild("b").path.text();
        QCOMPARE(m_control.kill(scratch.cgroup(), {}).error().posix(), EPERM);
    }

    void signal_reachesExactlyTheProcess()
    {
        Children children(2);
        auto keys = children.keys();
        keys.front().startTicks = 1; // an earlier process of that pid
        keys.push_back({1, 0});
        keys.push_back({::getpid(), 0});
        const auto sent = m_control.signal(keys, SIGUSR1, {});
        QVERIFY2(sent, why(sent));
        QCOMPARE(sent->items.at(0).failure->posix(), ESRCH);
        QVERIFY(!sent->items.at(1).failure);
        QCOMPARE(sent->items.at(2).failure->posix(), EPERM);
        QCOMPARE(sent->items.at(3).failure->posix(), EPERM);
        QVERIFY(killedBy(children.all().back(), SIGUSR1));
        QCOMPARE(m_control.signal(keys, 65, {}).error().posix(), EINVAL);
    }

    void move_movesAllInEveryHierarchy()
    {
        Children children(4);
        const ScratchCgroup from("from");
        const ScratchCgroup to("to");
        for (const ChildProcess &child : children.all())
            from.attach(child.pid());
        const auto moved = m_control.move(children.keys(), to.cgroup(), {});
        QVERIFY2(moved, why(moved));
        QCOMPARE(moved->items.size(), 4U);
        QCOMPARE(moved->items.front().fromPath, from.path().text());
        QCOMPARE(moved->warnings.back().code, WarningCode::ChargesStay);
        for (const cgroup::Hierarchy &hierarchy : m_hierarchies->all()) {
            if (to.cgroup().in(hierarchy.index))
                QCOMPARE(cgroup::readProcs(hierarchy, to.cgroup()).value().size(), 4U);
        }
        QVERIFY(cgroup::readProcs(*m_hierarchies, from.cgroup()).value().empty());
    }

    void move_rollsBackWhenOneFails()
    {
        Children children(3);
        const ScratchCgroup from("from", {"memory", "cpuset"});
        const ScratchCgroup to("to", {"memory", "cpuset"}); // a v1 cpuset without CPUs: attaching gives ENOSPC
        const bool v1 = to.isV1("cpuset");
        if (!v1)
            (void)to.makeChild("b"); // v2: it has controllers for its children now
        for (const ChildProcess &child : children.all())
            QVERIFY(cgroup::writeProcs(*m_hierarchies->forController("memory"), from.cgroup(), child.pid()));
        const auto moved = m_control.move(children.keys(), to.cgroup(), {});
        QVERIFY(!moved);
        QCOMPARE(moved.error().posix(), v1 ? ENOSPC : EBUSY);
        QVERIFY2(moved.error().detail.find("not moved back") == std::string::npos, why(moved));
        QVERIFY(cgroup::readProcs(*m_hierarchies, to.cgroup()).value().empty());
        QCOMPARE(cgroup::readProcs(*m_hierarchies, from.cgroup()).value().size(), 3U);
    }

    void move_refusesProtectedProcesses()
    {
        const ScratchCgroup to;
        for (const std::int32_t pid : ownChain()) {
            const std::vector<ProcessKey> one{{pid, 0}};
            QCOMPARE(m_control.move(one, to.cgroup(), {}).error().posix(), EPERM);
        }
        const std::vector<ProcessKey> gone{{::getpid() + 100'000, 0}};
        QCOMPARE(m_control.move(gone, to.cgroup(), {}).error().posix(), ESRCH);
    }

    void create_makesUsableEverywhereAndRemoves()
    {
        Children children(1);
        const ScratchCgroup parent("parent", {"memory", "cpuset", "unified"});
        const std::size_t places = parent.isV1("memory") ? 3 : 1;
        parent.write("cpuset", "cpuset.cpus", "0");
        parent.write("cpuset", "cpuset.mems", "0");
        const auto path = parent.path().child("made").value();
        const auto preview = m_control.createCgroup(path, dryRun());
        QVERIFY2(preview, why(preview));
        QCOMPARE(preview->directories.size(), places);
        QCOMPARE(cgroup::locate(*m_hierarchies, path).error().posix(), ENOENT);

        const auto made = m_control.createCgroup(path, {});
        QVERIFY2(made, why(made));
        const auto there = cgroup::locate(*m_hierarchies, path).value();
        QCOMPARE(made->node, there.id);
        QCOMPARE(m_control.createCgroup(path, {}).error().posix(), EEXIST);
        const auto moved = m_control.move(children.keys(), there, {});
        QVERIFY2(moved, why(moved));

        const auto busy = m_control.removeCgroup(there, {});
        QCOMPARE(busy.error().posix(), EBUSY);
        QVERIFY(busy.error().detail.starts_with("processes: 1, cgroups below: 0"));
        QVERIFY(m_control.kill(there, {}));
        const auto removed = m_control.removeCgroup(there, {});
        QVERIFY2(removed, why(removed));
        QCOMPARE(removed->directories.size(), places);
        QCOMPARE(cgroup::locate(*m_hierarchies, path).error().posix(), ENOENT);
    }

    void create_takesBackWhatItMade()
    {
        const ScratchCgroup parent("parent", {"memory", "unified"});
        parent.write("unified", "cgroup.max.descendants", "0");
        const auto path = parent.path().child("made").value();
        const auto made = m_control.createCgroup(path, {});
        QVERIFY(!made);
        QCOMPARE(made.error().posix(), EAGAIN);
        QCOMPARE(cgroup::locate(*m_hierarchies, path).error().posix(), ENOENT);
    }

private:
    void hierarchySets()
    {
        QTest::addColumn<int>("set");
        QTest::newRow("v1 and v2") << 0;
        QTest::newRow("v1 with freezer") << 1;
        QTest::newRow("v1 without freezer") << 2;
        QTest::newRow("v2") << 3;
    }
    static std::unique_ptr<ScratchCgroup> make(int set)
    {
        switch (set) {
        case 0:
            return std::make_unique<ScratchCgroup>("both");
        case 1:
            return std::make_unique<ScratchCgroup>("v1", std::initializer_list<std::string_view>{"memory", "freezer"});
        case 2:
            return std::make_unique<ScratchCgroup>("bare", std::initializer_list<std::string_view>{"memory", "pids"});
        default:
            return std::make_unique<ScratchCgroup>("v2", std::initializer_list<std::string_view>{"unified"});
        }
    }
};

QTEST_GUILESS_MAIN(TestKernelControl)
#include "tst_kernel_control.moc"
