// SPDX-License-Identifier: GPL-3.0-or-later
// The inventory against the real kernel: cgroups, containers and namespaces made and removed by this test.
#include <QtTest>

#include "engine/base/parse.h"
#include "engine/inventory/host_facts.h"
#include "engine/inventory/processes.h"
#include "tests/support/running_inventory.h"
#include "tests/support/scratch_cgroup.h"
#include "tests/support/silent_source.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <future>
#include <latch>
#include <thread>

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::inventory;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using cgroup::CgroupPath;
using cgroup::Freezer;
using test::ChildProcess;
using Running = test::RunningInventory;
using test::ScratchCgroup;

namespace {

/// Milliseconds until `condition` holds, looked at every 200 us; a negative number when it never did.
double millisecondsUntil(const std::function<bool()> &condition, std::chrono::milliseconds most = 2s)
{
    const auto begun = Clock::now();
    while (!condition()) {
        if (Clock::now() - begun > most)
            return -1;
        std::this_thread::sleep_for(200us);
    }
    return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

CgroupPath pathOf(const std::string &text)
{
    return CgroupPath::parse(text).value();
}

/// Starts a tree in pid, mount and UTS namespaces of its own and tells the pid of its init.
int isolatedTree(const char *hostName)
{
    if (::unshare(CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWNS) != 0)
        return 1;
    const pid_t init = ::fork();
    if (init == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (hostName != nullptr)
            (void)::sethostname(hostName, std::strlen(hostName));
        return test::sleepForEver();
    }
    return test::sleepForEver();
}

} // namespace

class TestKernelInventory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void createdAndRemoved_showWithin100ms()
    {
        Running running;
        QVERIFY2(!running.inventory().watchProblem(), "fanotify is expected to work for root");
        const ScratchCgroup top("inv");
        std::vector<double> created;
        std::vector<double> removed;
        for (int i = 0; i < 15; ++i) {
            const std::string name = "n" + std::to_string(i);
            const CgroupPath path = top.path().child(name).value();
            const cgroup::Cgroup made = top.makeChild(name);
            created.push_back(millisecondsUntil([&] {
                const NodePtr node = running.find(path);
                return node != nullptr && node->cgroup()->cgroup.inodes == made.inodes;
            }));
            QVERIFY(created.back() >= 0);
            top.remove(name);
            removed.push_back(millisecondsUntil([&] { return running.find(path) == nullptr; }));
            QVERIFY(removed.back() >= 0);
        }
        qInfo("created -> snapshot: median %.1f ms, worst %.1f ms; removed: median %.1f ms, worst %.1f ms",
              median(created), std::ranges::max(created), median(removed), std::ranges::max(removed));
        QTRY_VERIFY(running.saw(Event::Kind::Created, top.path().child("n0").value()));
        QTRY_VERIFY(running.saw(Event::Kind::Removed, top.path().child("n0").value()));
    }

    void parentAndNames_areRight()
    {
        Running running;
        const ScratchCgroup top("inv");
        (void)top.makeChild("a/b");
        const CgroupPath path = pathOf(top.path().text() + "/a/b");
        QTRY_VERIFY(running.find(path) != nullptr);
        const auto tree = running.now();
        const NodePtr node = tree->findCgroup(path);
        QCOMPARE(node->name, std::string("b"));
        const NodePtr parent = tree->find(node->parent);
        QCOMPARE(parent->cgroup()->cgroup.path, path.parent());
        const NodePtr root = tree->findCgroup(CgroupPath());
        QCOMPARE(root->parent, NodeId::host());
        QCOMPARE(tree->find(NodeId::host())->depth, 0u);
        QCOMPARE(node->depth, static_cast<std::uint32_t>(path.depth()) + 1);
    }

    void eventsLost_treeIsReadAgainAndItIsTold()
    {
        const auto most = readFile("/proc/sys/fs/fanotify/max_queued_events");
        QVERIFY(most);
        const std::uint64_t queued = parseU64(trim(*most)).value();
        const ScratchCgroup top("inv", {"freezer"});
        const std::string directory = top.hierarchies()->forController("freezer")->mountPoint + top.path().text();
        std::latch full(1);
        Running running;
        QTRY_VERIFY(running.cgroup(top.path()) != nullptr && running.cgroup(top.path())->freezer == Freezer::Thawed);
        running.onLoop([&full] { full.wait(); });
        // Kernel: events of one name are merged, so each needs its own.
        std::uint64_t failed = 0;
        for (std::uint64_t i = 0; i <= queued; ++i) {
            const std::string name = directory + "/n" + std::to_string(i);
            failed += ::mkdir(name.c_str(), 0755) != 0 || ::rmdir(name.c_str()) != 0 ? 1U : 0U;
        }
        (void)top.makeChild("last");
        top.freeze(true);
        full.count_down();
        QCOMPARE(failed, std::uint64_t{0});
        QTRY_VERIFY(running.saw(Event::Kind::Overflow, CgroupPath()));
        QTRY_VERIFY(running.find(top.path().child("last").value()) != nullptr);
        QTRY_COMPARE(running.cgroup(top.path())->freezer, Freezer::Frozen);
    }

    void recreatedPath_getsAnotherId()
    {
        Running running;
        const ScratchCgroup top("inv", {"memory", "cpu", "freezer"});
        (void)top.makeChild("x");
        const CgroupPath path = top.path().child("x").value();
        QTRY_VERIFY(running.find(path) != nullptr);
        const NodeId before = running.find(path)->id;
        top.remove("x");
        (void)top.makeChild("x");
        QTRY_VERIFY(running.find(path) != nullptr && running.find(path)->id != before);
        QVERIFY(running.now()->find(before) == nullptr);
    }

    void joinedHierarchies_keepTheId()
    {
        Running running;
        const ScratchCgroup top("inv", {"freezer"});
        QTRY_VERIFY(running.find(top.path()) != nullptr);
        const NodeId before = running.find(top.path())->id;
        const cgroup::Hierarchy &memory = *running.hierarchies().forController("memory");
        if (memory.version == cgroup::Version::V2)
            QSKIP("v1 only: v2 has one hierarchy");
        const std::string directory = memory.mountPoint + top.path().text();
        QCOMPARE(::mkdir(directory.c_str(), 0755), 0);
        const auto removeAtEnd = qScopeGuard([&] { ::rmdir(directory.c_str()); });
        QTRY_VERIFY(running.find(top.path())->cgroup()->cgroup.in(memory.index));
        QCOMPARE(running.find(top.path())->id, before);
    }

    void burst_arrivesCompletely()
    {
        constexpr int kCount = 1'000;
        Running running;
        const ScratchCgroup top("inv", {"freezer", "pids"});
        const auto begun = Clock::now();
        for (int i = 0; i < kCount; ++i)
            (void)top.makeChild("n" + std::to_string(i));
        const auto made = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
        const auto present = [&] {
            const auto tree = running.now();
            return std::ranges::count_if(tree->nodes(), [&](const NodePtr &node) {
                const CgroupNode *cgroup = node->cgroup();
                return cgroup != nullptr && cgroup->cgroup.path != top.path() &&
                       top.path().contains(cgroup->cgroup.path);
            });
        };
        const double last = millisecondsUntil([&] { return present() == kCount; }, 10s);
        QVERIFY(last >= 0);
        qInfo("%d mkdirs in 2 hierarchies took %.0f ms; the last was in the snapshot %.1f ms later", kCount, made,
              last);
        for (int i = 0; i < kCount; ++i)
            top.remove("n" + std::to_string(i));
        QVERIFY(millisecondsUntil([&] { return present() == 0; }, 10s) >= 0);
    }

    void controlCharactersInName_areHeldAndShownPrintable()
    {
        Running running;
        const ScratchCgroup top("inv", {"freezer"});
        const std::string name = "a\x01\xff";
        const std::string mount = running.hierarchies().forController("freezer")->mountPoint;
        QCOMPARE(::mkdir((mount + top.path().text() + "/a\nb").c_str(), 0755), -1);
        QCOMPARE(errno, EINVAL);
        QCOMPARE(::mkdir((mount + top.path().text() + "/" + name).c_str(), 0755), 0);
        const CgroupPath path = top.path().listedChild(name).value();
        QTRY_VERIFY(running.find(path) != nullptr);
        const NodePtr node = running.find(path);
        QCOMPARE(node->name, std::string("a??"));
        QCOMPARE(running.now()->find(node->id), node);
        const auto listed = listProcesses(running.hierarchies(), *running.now(), node->id, false, 10, {});
        QVERIFY(listed && listed->total == 0);
    }

    void freezer_followsWritesOfOthers()
    {
        Running running;
        ChildProcess child(test::sleepForEver);
        const ScratchCgroup top("inv", {"freezer"});
        (void)top.makeChild("below");
        const CgroupPath below = top.path().child("below").value();
        top.attach(child.pid(), "below");
        child.go();
        QTRY_VERIFY(running.cgroup(below) != nullptr);
        QTRY_COMPARE(running.cgroup(top.path())->freezer, Freezer::Thawed);
        top.freeze(true);
        QTRY_COMPARE(running.cgroup(top.path())->freezer, Freezer::Frozen);
        QTRY_COMPARE(running.cgroup(below)->freezer, Freezer::FrozenByAncestor);
        QTRY_VERIFY(running.saw(Event::Kind::Written, top.path(), top.file("cgroup.freeze"), ::getpid()));
        top.freeze(false);
        QTRY_COMPARE(running.cgroup(below)->freezer, Freezer::Thawed);
    }

    void populated_followsTheKernel()
    {
        Running running;
        ChildProcess child(test::sleepForEver);
        const ScratchCgroup top("inv", {"unified"});
        QTRY_VERIFY(running.cgroup(top.path()) != nullptr);
        QCOMPARE(running.cgroup(top.path())->populated, std::optional(false));
        QCOMPARE(running.cgroup(top.path())->type, std::string("domain"));
        top.attach(child.pid());
        child.go();
        QTRY_COMPARE(running.cgroup(top.path())->populated, std::optional(true));
        ::kill(child.pid(), SIGKILL);
        QTRY_COMPARE(running.cgroup(top.path())->populated, std::optional(false));
    }

    void ownAncestorsAndPid1_areProtected()
    {
        Running running;
        const ScratchCgroup top("inv", {"freezer"});
        QTRY_VERIFY(running.cgroup(top.path()) != nullptr);
        QCOMPARE(running.cgroup(top.path())->protectedReason, std::string());
        QCOMPARE(running.cgroup(CgroupPath())->protectedReason, std::string("ancestor of Gantry itself"));
        QCOMPARE(running.inventory().protectedReason(pathOf("/process_api/anything")),
                 std::string("protected by configuration"));
        QCOMPARE(running.inventory().protectedReason(top.path()), std::string());
    }

    void whatARuntimeTellsDuringAScan_isNotTakenBackByIt()
    {
        const ScratchCgroup top("inv", {"freezer", "memory"});
        const auto tell = [&top](runtime::State state) {
            auto facts = std::make_shared<runtime::Facts>();
            facts->runtime = "podman";
            facts->id = std::string(64, 'a');
            facts->name = "told";
            facts->cgroupPath = top.path().text();
            facts->state = state;
            return std::make_shared<const runtime::Table>(
                std::vector<runtime::Listed>{{std::make_shared<const test::SilentSource>(), {std::move(facts)}}});
        };
        // Each scan begins with the old table; from then on there is the new one.
        const std::vector<runtime::TablePtr> tables{tell(runtime::State::Running), tell(runtime::State::Paused)};
        std::atomic<std::size_t> asked = 0;
        inventory::Options options;
        options.runtimes = [&] { return tables[std::min<std::size_t>(asked++, 1)]; };
        Running running(std::move(options));
        running.onLoop([&running] { running.inventory().scanSoon(); });
        NodePtr found;
        QTRY_VERIFY((found = running.now()->findContainer("told").value_or(nullptr)) != nullptr);
        QVERIFY(asked > 1);
        QVERIFY(found->container()->facts->state == runtime::State::Paused);
    }

    void isolatedTree_isABareContainer()
    {
        Running running;
        ChildProcess child([] { return isolatedTree("gantry-test-host"); });
        const ScratchCgroup top("inv", {"freezer", "memory"});
        top.attach(child.pid());
        // Only the tree's init is to be in the cgroup.
        (void)top.makeChild("box");
        child.go();
        NodePtr found;
        const auto look = [&] {
            running.onLoop([&running] { running.inventory().scanSoon(); });
            found = running.now()->findContainer("gantry-test-host").value_or(nullptr);
            return found != nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(look(), 10'000);
        const ContainerNode container = *found->container(); // a copy: `found` is looked for again
        QCOMPARE(container.runtime, std::string("bare"));
        const auto stat = process::readStat(container.init.pid);
        QVERIFY(stat);
        QCOMPARE(stat->parentPid, child.pid());
        QCOMPARE(stat->startTicks, container.init.startTicks);
        QVERIFY2(!container.cgroup, "it shares its cgroup with the process that made it");
        const auto own = [&](namespaces::Type type) {
            return std::ranges::any_of(container.namespaces,
                                       [&](const NamespaceRef &space) { return space.ref.type == type && space.own; });
        };
        QVERIFY(own(namespaces::Type::Pid) && own(namespaces::Type::Uts) && own(namespaces::Type::Mnt));
        QVERIFY(!own(namespaces::Type::Net) && !own(namespaces::Type::User));

        top.attach(container.init.pid, "box");
        const CgroupPath box = top.path().child("box").value();
        const auto hasCgroup = [&] {
            return look() && found->container()->cgroupPath == box.text() &&
                   running.cgroup(box)->container == found->id;
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasCgroup(), 10'000);
        const auto listed = listProcesses(running.hierarchies(), *running.now(), found->id, true, 10, {});
        QVERIFY(listed);
        QCOMPARE(listed->total, std::size_t{1});
        QCOMPARE(listed->processes.front().info.innerPid, 1);
        QCOMPARE(listed->processes.front().user, std::string("root"));
        QCOMPARE(listed->processes.front().cgroupPath, box.text());
        ::kill(container.init.pid, SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(!look(), 10'000);
    }

    void namespaces_showOwnersParentsAndPins()
    {
        Running running;
        char file[] = "/tmp/gantry-test-ns-XXXXXX";
        const UniqueFd target(::mkstemp(file));
        QVERIFY(target);
        const auto unlinkAtEnd = qScopeGuard([&] { ::unlink(file); });
        // In mount and user namespaces of its own it pins its network namespace by a mount that only it sees.
        ChildProcess child([&file] {
            if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) != 0 ||
                ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                ::mount("/proc/self/ns/net", file, nullptr, MS_BIND, nullptr) != 0)
                return 1;
            // A second one is held by a descriptor alone.
            const int held = ::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
            if (held < 0 || ::unshare(CLONE_NEWUTS) != 0)
                return 1;
            const int only = ::open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
            if (only < 0 || ::setns(held, CLONE_NEWUTS) != 0 || ::unshare(CLONE_NEWUSER) != 0)
                return 1;
            return test::sleepForEver();
        });
        child.go();
        running.onLoop([&running] { running.inventory().wantNamespaces(true); });
        const auto spaceOf = [&](namespaces::Type type) {
            const auto ref = namespaces::ofProcess(child.pid(), type);
            return ref ? running.now()->find(ref->id()) : nullptr;
        };
        const auto host = namespaces::ofHost().value();
        const auto initial = *std::ranges::find(host, namespaces::Type::User, &namespaces::Ref::type);
        const auto hasUser = [&] {
            running.onLoop([&running] { running.inventory().scanSoon(); });
            const NodePtr user = spaceOf(namespaces::Type::User);
            return user != nullptr && user->nameSpace()->parent == initial.inode;
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasUser(), 10'000);
        const NamespaceNode user = *spaceOf(namespaces::Type::User)->nameSpace();
        QCOMPARE(user.ownerUser, initial.inode);
        QCOMPARE(user.ownerUid, std::optional<uid_t>(0));
        QCOMPARE(user.members, 1u);
        QCOMPARE(user.firstPid, child.pid());
        QVERIFY(!user.initial);

        const NodePtr held = spaceOf(namespaces::Type::Net);
        QVERIFY(held != nullptr);
        const NamespaceNode &net = *held->nameSpace();
        QCOMPARE(net.ownerUser, initial.inode);
        QCOMPARE(net.parent, std::uint64_t{0});
        QCOMPARE(held->name, net.ref.text());
        QCOMPARE(net.pins, (std::vector{namespaces::Pin{namespaces::Pin::Kind::BindMount, file, child.pid()}}));

        const auto tree = running.now();
        const auto byFdOnly = std::ranges::find_if(tree->nodes(), [&](const NodePtr &node) {
            const NamespaceNode *space = node->nameSpace();
            return space != nullptr && space->ref.type == namespaces::Type::Uts && space->members == 0 &&
                   std::ranges::any_of(space->pins, [&](const namespaces::Pin &pin) { return pin.pid == child.pid(); });
        });
        QVERIFY(byFdOnly != tree->nodes().end());
        QCOMPARE((*byFdOnly)->nameSpace()->pins.front().kind, namespaces::Pin::Kind::OpenFd);
        QCOMPARE((*byFdOnly)->nameSpace()->ownerUser, initial.inode);

        const auto members = pidsOf(running.hierarchies(), *tree, held->id, false, {});
        QCOMPARE(members.value(), (std::vector<std::int32_t>{child.pid()}));
        for (const namespaces::Type type : namespaces::kTypes) {
            QVERIFY(std::ranges::any_of(tree->nodes(), [&](const NodePtr &node) {
                return node->nameSpace() != nullptr && node->nameSpace()->ref.type == type &&
                       node->nameSpace()->initial;
            }));
        }
        running.onLoop([&running] { running.inventory().wantNamespaces(false); });
        QTRY_VERIFY_WITH_TIMEOUT(running.now()->find(held->id) == nullptr, 10'000);
    }

    void processOfPid_cannotBeMistaken()
    {
        ChildProcess child(test::sleepForEver);
        child.go();
        const auto stat = process::readStat(child.pid());
        QVERIFY(stat);
        const auto wrong = process::sendSignal({child.pid(), stat->startTicks + 1}, SIGKILL);
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().posix(), ESRCH);
        QVERIFY(process::sendSignal({child.pid(), stat->startTicks}, SIGKILL));
        QVERIFY(WIFSIGNALED(child.wait()));
        QCOMPARE(process::readProcess(stat->pid).error().posix(), ESRCH);
    }

    void withoutEvents_theTreeIsWalked()
    {
        const ScratchCgroup top("inv", {"freezer"});
        std::promise<bool> walks;
        bool found = false;
        // Not root: no fanotify. What other users may read of cgroups is enough for the tree. The system call itself
        // changes one thread only, and those that it starts.
        std::jthread user([&] {
            if (::syscall(SYS_setresgid, 65534, 65534, 65534) != 0 ||
                ::syscall(SYS_setresuid, 65534, 65534, 65534) != 0) {
                walks.set_value(false);
                return;
            }
            Options options;
            options.walkInterval = 50ms;
            Running running(std::move(options));
            walks.set_value(running.inventory().watchProblem() && !missingRights().empty());
            const CgroupPath path = top.path().child("seen").value();
            found = millisecondsUntil([&] { return running.find(path) != nullptr; }, 20s) >= 0;
        });
        QVERIFY(walks.get_future().get());
        (void)top.makeChild("seen");
        user.join();
        QVERIFY(found);
    }

    void hostFacts_areThere()
    {
        const auto hierarchies = cgroup::Hierarchies::discover().value();
        const HostFacts facts = hostFacts(*hierarchies, std::nullopt);
        QVERIFY(!facts.hostName.empty() && !facts.bootId.empty() && !facts.kernelRelease.empty());
        QVERIFY(facts.cpuCount > 0 && facts.memoryTotal.v > 0 && facts.uptime.count() > 0);
        QVERIFY(facts.engineOpenFds > 2 && facts.engineResident.v > 0);
        for (const Probe &probe : facts.probes)
            qInfo("%s: %s %s", probe.key.c_str(), probe.works ? "works" : "does not work", probe.detail.c_str());
    }
};

QTEST_GUILESS_MAIN(TestKernelInventory)
#include "tst_kernel_inventory.moc"
