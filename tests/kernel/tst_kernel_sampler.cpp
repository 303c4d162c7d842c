// SPDX-License-Identifier: GPL-3.0-or-later
// The sampler on cgroups that run, are limited and are removed under it.
#include <QtTest>

#include "engine/sampler/sampler.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>

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
