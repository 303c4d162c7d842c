// SPDX-License-Identifier: GPL-3.0-or-later
// What the kernel tells: fanotify on the tree, v1 eventfds, PSI triggers.
#include <QtTest>

#include "engine/cgroup/notify.h"
#include "engine/cgroup/watcher.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::cgroup;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
/// Promise of the console: what happens in the tree is known within this time.
constexpr int kPromisedMs = 100;

/// A loop on a thread of its own with a watcher in it; events are collected.
class WatchedHost
{
public:
    explicit WatchedHost(const HierarchiesPtr &hierarchies) : m_loop(std::move(*EventLoop::create()))
    {
        auto watcher = TreeWatcher::create(*m_loop, hierarchies, [this](const TreeEvent &event) {
            const std::scoped_lock lock(m_mutex);
            m_events.push_back(event);
        });
        if (!watcher)
            qFatal("%s", watcher.error().message().c_str());
        m_watcher = std::move(*watcher);
        m_thread = std::jthread([this] { m_loop->run(); });
    }
    WatchedHost(const WatchedHost &) = delete;
    WatchedHost &operator=(const WatchedHost &) = delete;
    WatchedHost(WatchedHost &&) = delete;
    WatchedHost &operator=(WatchedHost &&) = delete;
    ~WatchedHost()
    {
        m_loop->stop();
        m_thread.join();
    }

    std::optional<TreeEvent> find(TreeEvent::Kind kind, const std::string &name, std::uint64_t parent) const
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = std::ranges::find_if(m_events, [&](const TreeEvent &event) {
            return event.kind == kind && event.name == name && event.parentInode == parent;
        });
        return found == m_events.end() ? std::nullopt : std::optional(*found);
    }

private:
    std::unique_ptr<EventLoop> m_loop;
    mutable std::mutex m_mutex;
    std::vector<TreeEvent> m_events;
    std::unique_ptr<TreeWatcher> m_watcher;
    std::jthread m_thread;
};

bool fires(int fd, short events, int milliseconds)
{
    pollfd wait{fd, events, 0};
    return ::poll(&wait, 1, milliseconds) == 1 && (wait.revents & events) != 0;
}

} // namespace

class TestKernelNotify : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void watcher_seesCreateAndRemove_data()
    {
        QTest::addColumn<QString>("controller");
        QTest::newRow("the memory controller") << "memory";
        QTest::newRow("v2") << "unified";
    }
    void watcher_seesCreateAndRemove()
    {
        QFETCH(QString, controller);
        const ScratchCgroup scratch("watch", {controller.toStdString()});
        const Cgroup parent = scratch.cgroup();
        const unsigned slot = parent.id.space();
        const std::uint64_t inode = parent.inodes.at(slot);
        {
            const WatchedHost host(scratch.hierarchies());
            (void)scratch.makeChild("b");
            QTRY_VERIFY_WITH_TIMEOUT(host.find(TreeEvent::Kind::Changed, "b", inode), kPromisedMs);
            QCOMPARE(host.find(TreeEvent::Kind::Changed, "b", inode)->hierarchy, slot);
            QCOMPARE(host.find(TreeEvent::Kind::Changed, "b", inode)->pid, ::getpid());
        }
        const WatchedHost host(scratch.hierarchies());
        scratch.remove("b");
        QTRY_VERIFY_WITH_TIMEOUT(host.find(TreeEvent::Kind::Changed, "b", inode), kPromisedMs);
    }

    void watcher_namesTheWriter()
    {
        const ScratchCgroup scratch("write", {"pids"});
        const Cgroup cgroup = scratch.cgroup();
        const std::uint64_t inode = cgroup.inodes.at(cgroup.id.space());
        const WatchedHost host(scratch.hierarchies());
        scratch.write("pids", "pids.max", "9");
        QTRY_VERIFY_WITH_TIMEOUT(host.find(TreeEvent::Kind::Written, "pids.max", inode), kPromisedMs);
        const auto event = *host.find(TreeEvent::Kind::Written, "pids.max", inode);
        QCOMPARE(event.pid, ::getpid());
        QVERIFY(!event.byKernel);
    }

    void watcher_seesTheKernelsOwnEvents()
    {
        ChildProcess child(sleepForEver);
        const ScratchCgroup scratch("events", {"unified"});
        const Cgroup cgroup = scratch.cgroup();
        keepCached(*scratch.hierarchies(), cgroup);
        const WatchedHost host(scratch.hierarchies());
        scratch.attach(child.pid());
        const auto seen = [&] { return host.find(TreeEvent::Kind::Written, "cgroup.events", cgroup.inodes.at(0)); };
        QTRY_VERIFY_WITH_TIMEOUT(seen(), kPromisedMs);
        QVERIFY(seen()->byKernel);
    }

    void oom_isToldByEventfd()
    {
        const ScratchCgroup scratch("oom", {"memory"});
        if (scratch.hierarchies()->forController("memory")->version != Version::V1)
            QSKIP("v1 only: v2 tells through memory.events");
        scratch.write("memory", "memory.limit_in_bytes", "16777216");
        const auto watch = watchOom(*scratch.hierarchies(), scratch.cgroup());
        QVERIFY2(watch, watch ? "" : watch.error().message().c_str());
        QVERIFY(!fires(watch->event.get(), POLLIN, 0));
        ChildProcess child(allocate(64 * kMiB));
        scratch.attach(child.pid());
        child.go();
        QVERIFY(fires(watch->event.get(), POLLIN, 5'000));
        const int status = child.wait();
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        const auto control = parseOomControl(scratch.read("memory", "memory.oom_control"));
        QVERIFY(control && control->oomKill == 1 && !control->killDisabled);
    }

    void threshold_isToldByEventfd()
    {
        ChildProcess child(allocate(12 * kMiB));
        const ScratchCgroup scratch("threshold", {"memory"});
        if (scratch.hierarchies()->forController("memory")->version != Version::V1)
            QSKIP("v1 only: v2 has no thresholds");
        const auto watch = watchMemoryThreshold(*scratch.hierarchies(), scratch.cgroup(), Bytes(8 * kMiB));
        QVERIFY2(watch, watch ? "" : watch.error().message().c_str());
        scratch.attach(child.pid());
        QVERIFY(!fires(watch->event.get(), POLLIN, 0));
        child.go();
        QVERIFY(fires(watch->event.get(), POLLIN, 5'000));
    }

    void pressureTrigger_isArmedWithAWindowTheKernelTakes()
    {
        const ScratchCgroup scratch("psi", {"unified"});
        for (const Micros window : {Micros(1'000'000), Micros(2'000'000), Micros(3'000'000)}) {
            const auto trigger = pressureTrigger(*scratch.hierarchies(), scratch.cgroup(), PressureResource::Memory,
                                                 false, Micros(150'000), window);
            QVERIFY2(trigger, trigger ? "" : trigger.error().message().c_str());
        }
        const auto tooLong = pressureTrigger(*scratch.hierarchies(), scratch.cgroup(), PressureResource::Io, true,
                                             Micros(150'000), Micros(11'000'000));
        QVERIFY(!tooLong);
        QCOMPARE(tooLong.error().posix(), EINVAL);
        Cgroup root;
        QVERIFY(pressureTrigger(*scratch.hierarchies(), root, PressureResource::Cpu, false, Micros(500'000),
                                Micros(2'000'000)));
    }
};

QTEST_GUILESS_MAIN(TestKernelNotify)
#include "tst_kernel_notify.moc"
