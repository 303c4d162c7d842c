// SPDX-License-Identifier: GPL-3.0-or-later
// Rates, cadence, removal and history of the sampler on a host made of files.
#include <QtTest>

#include "engine/sampler/host.h"
#include "engine/sampler/ring.h"
#include "engine/sampler/sampler.h"
#include "engine/sampler/sweep.h"
#include "tests/support/recorded_tree.h"

#include <cmath>
#include <mutex>
#include <thread>

using namespace gantry;
using namespace gantry::sampler;
using namespace std::chrono_literals;
using gantry::test::RecordedTree;

namespace {

constexpr std::uint64_t kSlow = Sampler::kSlowTicks;
constexpr const char *kWeb = "/sys/fs/cgroup/app.slice/web.service/";

cgroup::Figure counter(Metric metric, std::uint64_t value)
{
    return {metric, CellState::Value, value};
}

/// A sweep over the two cgroups of the v2 tree: rows 1 (/app.slice) and 2 (/app.slice/web.service).
struct SweptTree
{
    RecordedTree tree{GANTRY_TEST_DATA, "v2-6.12"};
    Sweep sweep{tree.hierarchies(), tree.proc(), 100, kSlow};
    std::vector<cgroup::Cgroup> nodes{tree.cgroup("/app.slice"), tree.cgroup("/app.slice/web.service")};
    std::uint64_t tick = 0;

    SweptTree() { sweep.setNodes(std::make_shared<const std::vector<cgroup::Cgroup>>(nodes)); }
    void set(const std::string &file, std::string_view text) const { tree.write(kWeb + file, text); }
    void turn(std::uint64_t ticks = 1)
    {
        for (; ticks > 0; --ticks)
            sweep.run(tick++);
    }
    [[nodiscard]] std::uint64_t web(Metric metric) const { return sweep.table().integer(metric, 2); }
    [[nodiscard]] CellState state(Metric metric) const { return sweep.table().state(metric, 2); }
};

} // namespace

class TestSampler : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rate_comesFromTheMeasuredInterval()
    {
        Table table(1);
        QVERIFY(table.put(counter(Metric::CpuUsage, 1'000'000), 0, Micros{0}));
        QCOMPARE(table.state(Metric::CpuUsageRate, 0), CellState::NotYet);
        QVERIFY(table.put(counter(Metric::CpuUsage, 1'500'000), 0, Micros{2'000'000}));
        QCOMPARE(table.real(Metric::CpuUsageRate, 0), 25.0);
        QVERIFY(!table.put(counter(Metric::CpuUsage, 1'500'000), 0, Micros{1'000'000}));
        QCOMPARE(table.state(Metric::CpuUsageRate, 0), CellState::Value);
        QCOMPARE(table.real(Metric::CpuUsageRate, 0), 0.0);
    }

    void rate_ofACounterThatWentBackIsAGap()
    {
        Table table(1);
        table.put(counter(Metric::IoReadBytes, 900), 0, Micros{0});
        table.put(counter(Metric::IoReadBytes, 100), 0, Micros{1'000'000});
        QCOMPARE(table.state(Metric::IoReadRate, 0), CellState::NotYet);
        table.put(counter(Metric::IoReadBytes, 150), 0, Micros{1'000'000});
        QCOMPARE(table.real(Metric::IoReadRate, 0), 50.0);
        table.put({Metric::IoReadBytes, CellState::Absent}, 0, Micros{0});
        QCOMPARE(table.state(Metric::IoReadRate, 0), CellState::Absent);
    }

    void refaults_ofBothKindsMakeOneRate()
    {
        Table table(1);
        for (const std::uint64_t value : {0U, 10U}) {
            table.put(counter(Metric::MemoryRefaultAnon, value), 0, Micros{1'000'000});
            table.put(counter(Metric::MemoryRefaultFile, 3 * value), 0, Micros{1'000'000});
        }
        QCOMPARE(table.real(Metric::MemoryRefaultRate, 0), 40.0);
    }

    void quietNode_isReadAtItsTurnOnly()
    {
        SweptTree host;
        host.turn(4);
        QCOMPARE(host.web(Metric::MemoryCurrent), std::uint64_t{268'435'456});
        const std::uint64_t before = host.sweep.filesRead();
        host.turn(kSlow);
        const std::uint64_t idle = host.sweep.filesRead() - before;
        host.set("memory.current", "777\n");
        host.turn(kSlow);
        QCOMPARE(host.web(Metric::MemoryCurrent), std::uint64_t{777});
        const std::array visible{host.nodes[1].id};
        host.sweep.setInterest(visible, {});
        host.turn();
        host.set("memory.current", "778\n");
        host.turn();
        QCOMPARE(host.web(Metric::MemoryCurrent), std::uint64_t{778});
        const std::uint64_t seen = host.sweep.filesRead();
        host.turn(kSlow);
        QVERIFY(host.sweep.filesRead() - seen > 4 * idle);
    }

    void limits_areReadAgainAfterTouch()
    {
        SweptTree host;
        host.turn(4);
        QCOMPARE(host.state(Metric::MemoryMax), CellState::Unlimited);
        host.set("memory.max", "12288\n");
        host.sweep.touch(host.nodes[1].id);
        host.turn();
        QCOMPARE(host.web(Metric::MemoryMax), std::uint64_t{12'288});
    }

    void removedNode_readsAbsentAndIsLeftAlone()
    {
        SweptTree host;
        // Until it is quiet: kept descriptors of a plain file system still read; a kernel's say ENODEV
        // (tst_kernel_sampler).
        host.turn(4);
        std::filesystem::remove_all(host.tree.file(kWeb));
        host.turn(kSlow);
        QCOMPARE(host.state(Metric::MemoryCurrent), CellState::Absent);
        const std::uint64_t before = host.sweep.filesRead();
        host.turn(kSlow);
        QVERIFY(host.sweep.filesRead() > before); // /app.slice is still there
        for (const MetricInfo &info : metricTable())
            QCOMPARE(host.state(info.metric), CellState::Absent);
    }

    void missingFile_isAbsentWhileTheCgroupLives()
    {
        SweptTree host;
        std::filesystem::remove(host.tree.file(std::string(kWeb) + "pids.current"));
        host.turn(2);
        QCOMPARE(host.state(Metric::PidsCurrent), CellState::Absent);
        QCOMPARE(host.state(Metric::MemoryCurrent), CellState::Value);
        host.set("pids.current", "9\n"); // the controller was enabled
        host.turn(kSlow);
        QCOMPARE(host.web(Metric::PidsCurrent), std::uint64_t{9});
    }

    void nodes_keepTheirFiguresWhenRowsMove()
    {
        SweptTree host;
        host.turn();
        const auto onlyWeb = std::make_shared<const std::vector<cgroup::Cgroup>>(1, host.nodes[1]);
        host.sweep.setNodes(onlyWeb);
        QCOMPARE(host.sweep.rowOf(host.nodes[1].id), std::optional<std::size_t>(1));
        QCOMPARE(host.sweep.table().integer(Metric::MemoryCurrent, 1), std::uint64_t{268'435'456});
        host.sweep.setNodes(std::make_shared<const std::vector<cgroup::Cgroup>>());
        QCOMPARE(host.sweep.keptFiles(), std::size_t{0});
    }

    void ring_fitsItsBudget_data()
    {
        QTest::addColumn<int>("nodes");
        QTest::addColumn<int>("points");
        QTest::newRow("one") << 1 << 7'200;
        QTest::newRow("a hundred") << 100 << 7'200;
        QTest::newRow("a thousand") << 1'000 << 900;
        QTest::newRow("ten thousand") << 10'000 << 100;
        QTest::newRow("never less than a hundred") << 1'000'000 << 100;
    }
    void ring_fitsItsBudget()
    {
        QFETCH(int, nodes);
        QFETCH(int, points);
        QCOMPARE(Ring::pointsFor(static_cast<std::size_t>(nodes), std::size_t{48} << 20),
                 static_cast<std::size_t>(points));
    }

    void ring_keepsTheNewestPointsAcrossResize()
    {
        const std::array one{NodeId::cgroup(0, 7)};
        std::vector<NodeId> many(one.begin(), one.end());
        for (std::uint64_t i = 0; i < 2'000; ++i)
            many.push_back(NodeId::cgroup(0, 100 + i));
        Ring ring(std::size_t{48} << 20);
        ring.keep(one);
        Table table(1);
        for (std::uint64_t i = 1; i <= 1'000; ++i) {
            table.put(counter(Metric::PidsCurrent, i), 0, Micros{0});
            ring.push(one, table, Micros{i}, static_cast<std::int64_t>(i));
        }
        ring.keep(many);
        const std::array wanted{Metric::PidsCurrent, Metric::IoReadRate, Metric::MemoryMax};
        const auto past = ring.read(one[0], wanted, Micros{0});
        QVERIFY(past);
        QCOMPARE(past->monotonic.size(), std::size_t{300});
        QCOMPARE(past->monotonic.front(), Micros{701});
        QCOMPARE(past->series[0].back(), 1'000.0F);
        QVERIFY(std::isnan(past->series[1].back()) && std::isnan(past->series[2].back()));
        QCOMPARE(ring.read(one[0], wanted, Micros{998})->monotonic.size(), std::size_t{2});
        QCOMPARE(ring.read(many[5], wanted, Micros{0})->monotonic.size(), std::size_t{0});
        QCOMPARE(ring.read(NodeId::cgroup(0, 1), wanted, Micros{0}).error().posix(), ENOENT);
    }

    void hostTexts_areParsed()
    {
        std::vector<cgroup::Figure> out;
        QVERIFY(parseMeminfo("MemTotal: 1000 kB\nMemAvailable: 400 kB\nCached: 10 kB\nBuffers: 5 kB\n", out));
        QCOMPARE(out[0].integer, std::uint64_t{600 * 1024});
        QVERIFY(!parseMeminfo("MemTotal: 1000 kB\n", out));
        QVERIFY(parseStat("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1\n", out));
        QCOMPARE(out[0].integer, std::uint64_t{(1 + 2 + 3 + 6 + 7) * 10'000});
        QVERIFY(!parseStat("cpu  1 2\n", out));
        QVERIFY(parseLoadavg("0.00 0.01 0.05 2/345 6789\n", out));
        QCOMPARE(out[0].integer, std::uint64_t{345});
        QVERIFY(!parseLoadavg("0.00 0.01 0.05\n", out));
        QVERIFY(parseVmstat("nr_free_pages 3\noom_kill 2\n", out));
        QCOMPARE(out.size(), std::size_t{1}); // what is not there is absent, not zero
        std::vector<DeviceIo> devices;
        QVERIFY(parseDiskstats(" 254 0 vda 10 0 20 0 30 0 40 0 0 0 0\n", devices));
        QCOMPARE(devices[0].traffic.readBytes, std::uint64_t{20 * 512});
        QCOMPARE(devices[0].traffic.writeOperations, std::uint64_t{30});
        QVERIFY(!parseDiskstats("254 0 vda 10\n", devices));
    }

    void unpluggedDevice_leavesTheDetail()
    {
        SweptTree host;
        const std::array detail{host.nodes[1].id};
        host.sweep.setInterest({}, detail);
        host.set("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4\n8:16 rbytes=10 wbytes=20 rios=30 wios=40\n");
        host.turn();
        QCOMPARE(host.sweep.detail(2).devices.size(), std::size_t{2});
        QCOMPARE(host.web(Metric::IoReadBytes), std::uint64_t{11});
        host.set("io.stat", "8:16 rbytes=10 wbytes=21 rios=30 wios=40\n");
        host.turn();
        const auto devices = host.sweep.detail(2).devices;
        QCOMPARE(devices.size(), std::size_t{1});
        QCOMPARE(devices[0].traffic.writeBytes, std::uint64_t{21});
    }

    void thread_publishesFramesAndHistory()
    {
        const RecordedTree tree(GANTRY_TEST_DATA, "v2-6.12");
        const cgroup::Cgroup web = tree.cgroup("/app.slice/web.service");
        Sampler sampler({.hierarchies = tree.hierarchies(), .proc = tree.proc(), .interval = 100ms});
        std::mutex mutex;
        std::vector<FramePtr> frames;
        const auto subscription = sampler.subscribe([&](const FramePtr &frame) {
            const std::scoped_lock lock(mutex);
            frames.push_back(frame);
        });
        sampler.setNodes([&] { return std::make_shared<const std::vector<cgroup::Cgroup>>(1, web); }, 42);
        sampler.setInterest({.visible = {web.id}, .detail = {web.id, NodeId::host()}, .interval = 100ms});
        sampler.start();
        const auto count = [&] {
            const std::scoped_lock lock(mutex);
            return frames.size();
        };
        QTRY_VERIFY(count() >= 3);
        sampler.unsubscribe(subscription);
        const std::size_t seen = count();
        const FramePtr frame = sampler.latest();
        QCOMPARE(frame->generation, std::uint64_t{42});
        QCOMPARE(frame->nodes, (std::vector<NodeId>{NodeId::host(), web.id}));
        QCOMPARE(frame->columns.size(), kTreeMetrics.size());
        const Column &memory = *frame->column(Metric::MemoryCurrent);
        QCOMPARE(memory.integers[1], std::uint64_t{268'435'456});
        QVERIFY(memory.reals.empty());
        QCOMPARE(frame->details.size(), std::size_t{2});
        QCOMPARE(frame->details[1].devices.size(), std::size_t{1});
        QVERIFY(!frame->column(Metric::MemoryPeak));
        const std::array metrics{Metric::MemoryCurrent};
        const auto past = sampler.history(web.id, metrics);
        QVERIFY(past && !past->monotonic.empty());
        QCOMPARE(past->series[0].front(), 268'435'456.0F);
        QCOMPARE(sampler.readNow(web).find(Metric::CpuUsageRate)->state, CellState::Value);
        QTRY_VERIFY(sampler.latest()->sequence > frame->sequence + 1);
        QCOMPARE(count(), seen);
    }
};

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
