// SPDX-License-Identifier: GPL-3.0-or-later
// Whole hosts as data (tests/data/trees): v2, v1 and hybrid through the real readers.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limits.h"
#include "engine/cgroup/procs.h"
#include "engine/sampler/sampler.h"
#include "tests/support/recorded_tree.h"

#include <fstream>

using namespace gantry;
using namespace gantry::cgroup;
using gantry::test::RecordedTree;

namespace {

QByteArray metricText(const sampler::NodeDetail &detail, std::string_view name)
{
    const sampler::MetricValue &value = *detail.find(*metricByName(name));
    switch (value.state) {
    case CellState::Value:
        return metricInfo(value.metric)->integral ? QByteArray::number(static_cast<qulonglong>(value.integer))
                                                  : QByteArray::number(value.real);
    case CellState::Absent:
        return "absent";
    case CellState::Unreadable:
        return "unreadable";
    case CellState::Unlimited:
        return "max";
    case CellState::NotYet:
        return "not yet";
    }
    return {};
}

} // namespace

class TestCgroupTrees : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void mode_isFound_data()
    {
        QTest::addColumn<QByteArray>("tree");
        QTest::addColumn<QByteArray>("mode");
        QTest::addColumn<int>("hierarchies");
        QTest::addColumn<QByteArray>("unmounted");
        QTest::newRow("v2") << QByteArray("v2-6.12") << QByteArray("v2") << 1 << QByteArray("net_cls net_prio");
        QTest::newRow("v1") << QByteArray("v1-4.19") << QByteArray("v1") << 8 << QByteArray("net_cls");
        QTest::newRow("hybrid") << QByteArray("hybrid-6.18") << QByteArray("hybrid") << 10
                                << QByteArray("net_cls net_prio");
    }
    void mode_isFound()
    {
        QFETCH(QByteArray, tree);
        QFETCH(QByteArray, mode);
        QFETCH(int, hierarchies);
        QFETCH(QByteArray, unmounted);
        const RecordedTree host(GANTRY_TEST_DATA, tree.toStdString());
        QCOMPARE(modeName(host.hierarchies()->mode()), std::string_view(mode.constData()));
        QCOMPARE(host.hierarchies()->all().size(), static_cast<std::size_t>(hierarchies));
        QByteArray found;
        for (const std::string &name : host.hierarchies()->unmountedControllers())
            found += (found.isEmpty() ? "" : " ") + QByteArray::fromStdString(name);
        QCOMPARE(found, unmounted);
    }

    void noCgroups_isNotAnError()
    {
        const RecordedTree host(GANTRY_TEST_DATA, "v2-6.12");
        std::ofstream(std::filesystem::path(host.proc()) / "self/mountinfo", std::ios::trunc) << "";
        const auto found = Hierarchies::discover({.proc = host.proc(), .prefix = {}, .checkFileSystem = false});
        QVERIFY(found && (*found)->mode() == Mode::None);
        QVERIFY(!locate(**found, CgroupPath()));
    }

    void limits_areReadInV2Terms_data()
    {
        QTest::addColumn<QByteArray>("tree");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("limits"); // those that are there, in the order of limitTable()
        QTest::newRow("v2") << QByteArray("v2-6.12") << QByteArray("/app.slice/web.service")
                            << QByteArray(
                                   "memory.min 16777216|memory.low 33554432|memory.high 402653184|memory.max max|"
                                   "memory.swap.max 536870912|cpu.weight 200|cpu.max 50000 100000|"
                                   "io.max 8:0 rbps=2097152 wbps=max riops=max wiops=120|pids.max 512|");
        QTest::newRow("v1") << QByteArray("v1-4.19") << QByteArray("/web")
                            << QByteArray("memory.high 402653184|memory.max 536870912|cpu.weight 200|"
                                          "cpu.max max 100000|io.max |pids.max max|");
        QTest::newRow("hybrid") << QByteArray("hybrid-6.18") << QByteArray("/web")
                                << QByteArray("memory.high max|memory.max 67108864|memory.swap.max 8388608|"
                                              "cpu.weight 100|cpu.max 20000 100000|"
                                              "io.max 254:0 rbps=max wbps=10485760 riops=max wiops=max|pids.max 20|");
    }
    void limits_areReadInV2Terms()
    {
        QFETCH(QByteArray, tree);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, limits);
        const RecordedTree host(GANTRY_TEST_DATA, tree.toStdString());
        const Cgroup cgroup = host.cgroup(path.toStdString());
        QByteArray found;
        for (const LimitInfo &info : limitTable()) {
            if (const auto value = readLimit(*host.hierarchies(), cgroup, info.key))
                found += QByteArray::fromStdString(strCat(info.name, ' ', limitValueText(*value), '|'));
        }
        QCOMPARE(found, limits);
        if (tree != "v2-6.12")
            QCOMPARE(readLimit(*host.hierarchies(), cgroup, LimitKey::MemoryMin).error().posix(), ENOTSUP);
    }

    void hugePages_areOneFileASize()
    {
        const RecordedTree host(GANTRY_TEST_DATA, "v2-6.12");
        const std::string web = "/sys/fs/cgroup/app.slice/web.service";
        host.write("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
        host.write(web + "/hugetlb.2MB.max", "9223372036854771712\n"); // never set, as kernel 6.18 shows it
        host.write(web + "/hugetlb.2MB.rsvd.max", "max\n");
        host.write(web + "/hugetlb.1GB.max", "1073741824\n");
        const auto found = Hierarchies::discover({.proc = host.proc(),
                                                  .prefix = std::filesystem::path(host.proc()).parent_path().string(),
                                                  .checkFileSystem = false});
        QVERIFY(found);
        const Cgroup cgroup = locate(**found, CgroupPath::parse("/app.slice/web.service").value()).value();
        QCOMPARE(limitValueText(*readLimit(**found, cgroup, LimitKey::HugetlbMax)),
                 std::string("1GB 1073741824, 2MB max"));
        QCOMPARE(limitValueText(*readLimit(**found, cgroup, LimitKey::HugetlbRsvdMax)), std::string("2MB max"));
    }

    void effectiveLimit_namesTheAncestor()
    {
        const RecordedTree host(GANTRY_TEST_DATA, "v2-6.12");
        const Cgroup web = host.cgroup("/app.slice/web.service");
        const auto memory = effectiveLimit(*host.hierarchies(), web, LimitKey::MemoryMax, {});
        QVERIFY(memory.value && std::get<std::uint64_t>(*memory.value) == 1'073'741'824);
        QCOMPARE(memory.limitedBy.text(), std::string("/app.slice"));
        const auto cpu = effectiveLimit(*host.hierarchies(), web, LimitKey::CpuMax, {});
        QCOMPARE(cpu.limitedBy, web.path);
        const auto low = effectiveLimit(*host.hierarchies(), web, LimitKey::MemoryLow, {});
        QCOMPARE(std::get<std::uint64_t>(*low.value), std::uint64_t{0}); // the parent protects nothing
        QCOMPARE(low.limitedBy.text(), std::string("/app.slice"));
        // Two siblings that claim more than their parent keeps share it by what they use of their claims.
        host.write("/sys/fs/cgroup/app.slice/memory.low", "33554432\n");
        host.write("/sys/fs/cgroup/app.slice/memory.current", "536870912\n");
        std::filesystem::create_directory(host.file("/sys/fs/cgroup/app.slice/db.service"));
        host.write("/sys/fs/cgroup/app.slice/db.service/memory.low", "100663296\n");
        host.write("/sys/fs/cgroup/app.slice/db.service/memory.current", "200000000\n");
        const auto shared = effectiveLimit(*host.hierarchies(), web, LimitKey::MemoryLow, {});
        QCOMPARE(std::get<std::uint64_t>(*shared.value), std::uint64_t{8 << 20}); // 32M of (32M + 96M), from 32M
        QCOMPARE(shared.limitedBy.text(), std::string("/app.slice"));
        std::string unreadable;
        host.write("/sys/fs/cgroup/app.slice/pids.max", "many\n");
        const auto pids = effectiveLimit(*host.hierarchies(), web, LimitKey::PidsMax, {}, &unreadable);
        QVERIFY(std::get<std::uint64_t>(*pids.value) == 512);
        QCOMPARE(unreadable, std::string("/app.slice"));
    }

    void counters_sayTheSameOnEveryVersion_data()
    {
        QTest::addColumn<QByteArray>("metric");
        QTest::addColumn<QByteArray>("v2");
        QTest::addColumn<QByteArray>("v1");
        const auto row = [](const char *metric, const char *v2, const char *v1) {
            QTest::newRow(metric) << QByteArray(metric) << QByteArray(v2) << QByteArray(v1);
        };
        row("memory.current", "268435456", "268435456");
        row("memory.peak", "301989888", "301989888");
        row("memory.swap.current", "4096", "4096");
        row("memory.stat.anon", "134217728", "134217728");
        row("memory.stat.file", "100663296", "100663296");
        row("memory.stat.kernel", "20971520", "20971520");
        row("memory.stat.slab", "16777216", "absent");
        row("memory.max", "max", "536870912");
        row("memory.high", "402653184", "402653184");
        row("memory.min", "16777216", "absent");
        row("memory.swap.max", "536870912", "absent");
        row("memory.events.max", "0", "6");
        row("memory.events.oom_kill", "0", "2");
        row("memory.events.high", "17", "absent");
        row("cpu.stat.usage_usec", "5000000", "5000000");
        row("cpu.stat.user_usec", "4000000", "4000000");
        row("cpu.stat.nr_throttled", "10", "10");
        row("cpu.stat.throttled_usec", "250000", "250000");
        row("cpu.usage_percent", "not yet", "not yet");
        row("cpu.weight", "200", "200");
        row("cpu.max_percent", "50", "max");
        row("io.stat.wbytes", "314773504", "314773504");
        row("io.stat.rios", "192", "192");
        row("pids.current", "4", "4");
        row("pids.max", "512", "max");
        row("pids.events.max", "3", "3");
        row("memory.pressure.full.avg10", "0.12", "absent");
        row("cpu.pressure.some.total", "900", "absent");
        row("cgroup.freeze", "2", "4");
        row("cgroup.events.populated", "1", "absent");
    }
    void counters_sayTheSameOnEveryVersion()
    {
        QFETCH(QByteArray, metric);
        QFETCH(QByteArray, v2);
        QFETCH(QByteArray, v1);
        const auto read = [&metric](const char *name, const char *path) {
            const RecordedTree tree(GANTRY_TEST_DATA, name);
            const sampler::Sampler sampler({.hierarchies = tree.hierarchies(), .proc = tree.proc()});
            return metricText(sampler.readNow(tree.cgroup(path)), metric.toStdString());
        };
        QCOMPARE(read("v2-6.12", "/app.slice/web.service"), v2);
        QCOMPARE(read("v1-4.19", "/web"), v1);
    }

    void hybrid_joinsControllersAndPressure()
    {
        const RecordedTree tree(GANTRY_TEST_DATA, "hybrid-6.18");
        const sampler::Sampler sampler({.hierarchies = tree.hierarchies(), .proc = tree.proc()});
        const Cgroup web = tree.cgroup("/web");
        const auto detail = sampler.readNow(web);
        QCOMPARE(metricText(detail, "memory.max"), QByteArray("67108864"));
        QCOMPARE(metricText(detail, "memory.swap.max"), QByteArray("8388608"));
        QCOMPARE(metricText(detail, "pids.max"), QByteArray("20"));
        QCOMPARE(metricText(detail, "cgroup.events.populated"), QByteArray("1"));
        QVERIFY(detail.find(Metric::PressureCpuSomeTotal)->integer > 0);
        QVERIFY(detail.find(Metric::IoWriteBytes)->integer > 8'000'000);
        QCOMPARE(detail.devices.size(), std::size_t{1});
        QCOMPARE(*readProcs(*tree.hierarchies(), web), std::vector<std::int32_t>{4'242});
        QVERIFY(*readFreezer(*tree.hierarchies(), web) == Freezer::Thawed);
    }

    void host_hasFiguresOfItsOwn()
    {
        const RecordedTree tree(GANTRY_TEST_DATA, "hybrid-6.18");
        const sampler::Sampler sampler({.hierarchies = tree.hierarchies(), .proc = tree.proc()});
        Cgroup host;
        host.id = NodeId::host();
        const auto detail = sampler.readNow(host);
        QVERIFY(detail.find(Metric::MemoryCurrent)->integer < detail.find(Metric::MemoryMax)->integer);
        QVERIFY(detail.find(Metric::CpuUsage)->integer > 0);
        QVERIFY(detail.find(Metric::PidsCurrent)->integer > 0);
        QCOMPARE(metricText(detail, "pids.max"),
                 QByteArray::number(static_cast<qulonglong>(detail.find(Metric::PidsMax)->integer)));
        QCOMPARE(metricText(detail, "memory.high"), QByteArray("absent"));
    }

    void wrongShape_isUnreadableWithItsFile()
    {
        const RecordedTree tree(GANTRY_TEST_DATA, "v2-6.12");
        tree.write("/sys/fs/cgroup/app.slice/web.service/memory.current", "lots\n");
        const sampler::Sampler sampler({.hierarchies = tree.hierarchies(), .proc = tree.proc()});
        const auto detail = sampler.readNow(tree.cgroup("/app.slice/web.service"));
        const auto *value = detail.find(Metric::MemoryCurrent);
        QVERIFY(value->state == CellState::Unreadable);
        QVERIFY(value->error);
        QCOMPARE(value->error->subject, std::string("/app.slice/web.service/memory.current"));
        QCOMPARE(value->error->posix(), EILSEQ);
        QCOMPARE(metricText(detail, "pids.current"), QByteArray("4"));
    }
};

QTEST_GUILESS_MAIN(TestCgroupTrees)
#include "tst_cgroup_trees.moc"
