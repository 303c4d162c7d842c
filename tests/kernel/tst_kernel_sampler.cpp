// SPDX-License-Identifier: GPL-3.0-or-later
// The sampler on cgroups that run, are limited and are removed under it.
#include <QtTest>

#include "engine/sampler/sampler.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>

#include <sys/mman.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::sampler;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

CellState stateOf(const Sampler &sampler, NodeId node, Metric metric)
{
    const FramePtr frame = sampler.latest();
    if (!frame)
        return CellState::NotYet;
    const auto row = std::ranges::find(frame->nodes, node);
    return row == frame->nodes.end()
               ? CellState::NotYet
               : frame->column(metric)->states[static_cast<std::size_t>(row - frame->nodes.begin())];
}

double valueOf(const Sampler &sampler, NodeId node, Metric metric)
{
    const FramePtr frame = sampler.latest();
    if (!frame)
        return -1;
    const auto row = std::ranges::find(frame->nodes, node);
    if (row == frame->nodes.end())
        return -1;
    const Column &column = *frame->column(metric);
    const auto at = static_cast<std::size_t>(row - frame->nodes.begin());
    return column.reals.empty() ? static_cast<double>(column.integers[at]) : column.reals[at];
}

auto nodesOf(const ScratchCgroup &scratch)
{
    return std::make_shared<const std::vector<cgroup::Cgroup>>(1, scratch.cgroup());
}

const MetricValue *detailOf(const FramePtr &frame, Metric metric)
{
    return !frame || frame->details.empty() ? nullptr : frame->details.front().find(metric);
}

/// The most that any frame told of the metric until it told `enough`, or 10 s were over.
std::uint64_t mostOf(const Sampler &sampler, Metric metric, std::uint64_t enough)
{
    std::uint64_t most = 0;
    (void)QTest::qWaitFor(
        [&] {
            const FramePtr frame = sampler.latest();
            if (const MetricValue *value = detailOf(frame, metric); value != nullptr && value->state == CellState::Value)
                most = std::max(most, value->integer);
            return most >= enough;
        },
        10'000);
    return most;
}

} // namespace

class TestKernelSampler : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void busyCgroup_showsItsLoad()
    {
        ChildProcess child(spin);
        const ScratchCgroup scratch("busy");
        const NodeId id = scratch.cgroup().id;
        scratch.attach(child.pid());
        child.go();
        Sampler sampler({.hierarchies = scratch.hierarchies(), .interval = 100ms});
        sampler.setNodes([&] { return nodesOf(scratch); }, 1);
        sampler.setInterest({.visible = {id}, .detail = {id}, .interval = 100ms});
        sampler.start();
        QTRY_VERIFY(valueOf(sampler, id, Metric::CpuUsageRate) > 5);
        QCOMPARE(valueOf(sampler, id, Metric::PidsCurrent), 1.0);
        QVERIFY(valueOf(sampler, id, Metric::MemoryCurrent) >= 0);
        QTRY_COMPARE(stateOf(sampler, id, Metric::PressureCpuSomeAvg10), CellState::Value);
        QTRY_COMPARE(stateOf(sampler, id, Metric::IoReadRate), CellState::Value);
        QTRY_VERIFY(valueOf(sampler, NodeId::host(), Metric::CpuUsageRate) > 5);
        QVERIFY(sampler.cost().keptFiles > 0);
    }

    void burstBetweenTwoSamples_isSeenInThePeak()
    {
        constexpr std::uint64_t kBurst = std::uint64_t{48} << 20;
        // Uses the memory and gives it back at once: no sample but by luck sees it.
        ChildProcess child([] {
            void *memory = ::mmap(nullptr, kBurst, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
            return memory == MAP_FAILED || ::munmap(memory, kBurst) != 0 ? 1 : sleepForEver();
        });
        const ScratchCgroup scratch("burst");
        const NodeId id = scratch.cgroup().id;
        scratch.attach(child.pid());
        Sampler sampler({.hierarchies = scratch.hierarchies(), .interval = 100ms});
        sampler.setNodes([&] { return nodesOf(scratch); }, 1);
        sampler.setInterest({.visible = {id}, .detail = {id}, .interval = 100ms});
        sampler.start();
        const auto told = [&](Metric metric) {
            const FramePtr frame = sampler.latest();
            const MetricValue *value = detailOf(frame, metric);
            return value == nullptr ? MetricValue{.metric = metric, .error = {}} : *value;
        };
        QTRY_COMPARE(told(Metric::PidsCurrent).state, CellState::Value);
        if (scratch.hierarchies()->forController("memory")->version == cgroup::Version::V1) {
            QCOMPARE(told(Metric::MemoryIntervalPeak).state, CellState::Absent);
            return;
        }
        QTRY_COMPARE(told(Metric::MemoryIntervalPeak).state, CellState::Value);
        child.go();
        QVERIFY(mostOf(sampler, Metric::MemoryIntervalPeak, kBurst) >= kBurst);
        // The next interval begins anew, and the peak that everybody sees was not touched.
        QTRY_VERIFY(told(Metric::MemoryIntervalPeak).integer < kBurst);
        QVERIFY(told(Metric::MemoryPeak).integer >= kBurst);
    }

    void writtenLimit_isSeenAfterTouch()
    {
        const ScratchCgroup scratch("limit");
        const NodeId id = scratch.cgroup().id;
        Sampler sampler({.hierarchies = scratch.hierarchies(), .interval = 100ms});
        sampler.setNodes([&] { return nodesOf(scratch); }, 1);
        sampler.start();
        QTRY_COMPARE(stateOf(sampler, id, Metric::PidsMax), CellState::Unlimited);
        scratch.write("pids", "pids.max", "11");
        sampler.touch(id);
        QTRY_VERIFY_WITH_TIMEOUT(valueOf(sampler, id, Metric::PidsMax) == 11, 500);
    }

    void removedCgroup_readsAbsentThoughThePathComesBack()
    {
        const ScratchCgroup scratch("gone");
        const cgroup::Cgroup old = scratch.makeChild("b");
        Sampler sampler({.hierarchies = scratch.hierarchies(), .interval = 100ms});
        sampler.setNodes([&] { return std::make_shared<const std::vector<cgroup::Cgroup>>(1, old); }, 1);
        sampler.setInterest({.visible = {old.id}, .detail = {}, .interval = 100ms});
        sampler.start();
        QTRY_COMPARE(stateOf(sampler, old.id, Metric::PidsCurrent), CellState::Value);
        QTRY_VERIFY(sampler.cost().keptFiles > 0);
        scratch.remove("b");
        (void)scratch.makeChild("b");
        QTRY_COMPARE(stateOf(sampler, old.id, Metric::PidsCurrent), CellState::Absent);
        QTRY_COMPARE(sampler.cost().keptFiles, std::size_t{0});
        const std::uint64_t sequence = sampler.latest()->sequence;
        QTRY_VERIFY(sampler.latest()->sequence > sequence + 2 * Sampler::kSlowTicks);
        QCOMPARE(stateOf(sampler, old.id, Metric::PidsCurrent), CellState::Absent);
        QCOMPARE(stateOf(sampler, old.id, Metric::MemoryCurrent), CellState::Absent);
    }
};

QTEST_GUILESS_MAIN(TestKernelSampler)
#include "tst_kernel_sampler.moc"
