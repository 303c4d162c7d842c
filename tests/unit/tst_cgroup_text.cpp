// SPDX-License-Identifier: GPL-3.0-or-later
// Texts of the kernel into values: mounts, paths, limits, counters, membership, freezer.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/cgroup/counters.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limit_text.h"
#include "engine/cgroup/limits.h"
#include "engine/cgroup/mounts.h"
#include "engine/cgroup/notify.h"
#include "engine/cgroup/procs.h"

#include <algorithm>
#include <set>

using namespace gantry;
using namespace gantry::cgroup;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

const CounterFile &file(std::string_view name, Version version)
{
    return *std::ranges::find_if(counterFiles(),
                                 [&](const CounterFile &row) { return row.name == name && row.version == version; });
}

/// "metric=value ..." of a counter file's text, or "error".
QByteArray figuresOf(const CounterFile &row, const QByteArray &text)
{
    Figures figures;
    if (!parseCounters(row, std::string_view(text.constData(), static_cast<std::size_t>(text.size())), figures))
        return "error";
    QByteArray out;
    for (const Figure &figure : figures.values) {
        if (!out.isEmpty())
            out += ' ';
        const MetricInfo &info = *metricInfo(figure.metric);
        out += QByteArray::fromStdString(std::string(info.name)) + '=';
        if (figure.state == CellState::Value)
            out += info.integral ? QByteArray::number(static_cast<qulonglong>(figure.integer))
                                 : QByteArray::number(figure.real);
        else
            out += figure.state == CellState::Unlimited ? "max" : "absent";
    }
    for (const DeviceTraffic &io : figures.devices)
        out += ' ' + QByteArray::fromStdString(strCat(io.device.major, ':', io.device.minor, ' ', io.readBytes, ' ',
                                                      io.writeBytes, ' ', io.readOperations, ' ', io.writeOperations));
    return out.trimmed();
}

QByteArray textOf(const std::vector<WriteStep> &steps)
{
    QByteArray out;
    for (const WriteStep &step : steps)
        out += QByteArray::fromStdString(strCat(step.file, '=', step.text, " (", step.undo, ") "));
    return out.trimmed();
}

} // namespace

class TestCgroupText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void path_isParsed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("wrong");
        QTest::newRow("root") << QByteArray("/") << QByteArray();
        QTest::newRow("plain") << QByteArray("/a/b.slice") << QByteArray();
        QTest::newRow("dots in a name") << QByteArray("/..a/...") << QByteArray();
        QTest::newRow("blank") << QByteArray("/a b") << QByteArray();
        QTest::newRow("empty") << QByteArray("") << QByteArray("begin with /");
        QTest::newRow("relative") << QByteArray("a/b") << QByteArray("begin with /");
        QTest::newRow("parent") << QByteArray("/a/../b") << QByteArray("..");
        QTest::newRow("self") << QByteArray("/a/.") << QByteArray("\".\"");
        QTest::newRow("double slash") << QByteArray("/a//b") << QByteArray("empty component");
        QTest::newRow("trailing slash") << QByteArray("/a/") << QByteArray("empty component");
        QTest::newRow("newline") << QByteArray("/a\nb") << QByteArray("control character");
        QTest::newRow("NUL") << QByteArray("/a\0b", 4) << QByteArray("control character");
        QTest::newRow("255 bytes") << "/" + QByteArray(255, 'x') << QByteArray();
        QTest::newRow("256 bytes") << "/" + QByteArray(256, 'x') << QByteArray("255 bytes");
    }
    void path_isParsed()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, wrong);
        const auto path = CgroupPath::parse(text.toStdString());
        QCOMPARE(path.has_value(), wrong.isEmpty());
        if (path) {
            QCOMPARE(path->text(), text.toStdString());
        } else {
            QCOMPARE(path.error().posix(), EINVAL);
            QVERIFY2(path.error().detail.contains(wrong.toStdString()), path.error().detail.c_str());
        }
    }

    void path_knowsItsFamily()
    {
        const CgroupPath path = *CgroupPath::parse("/a/bc");
        QCOMPARE(path.name(), std::string_view("bc"));
        QCOMPARE(path.parent().text(), std::string("/a"));
        QCOMPARE(path.parent().parent().text(), std::string("/"));
        QCOMPARE(CgroupPath().parent(), CgroupPath());
        QCOMPARE(path.depth(), std::size_t{2});
        QVERIFY(CgroupPath().contains(path) && path.parent().contains(path) && path.contains(path));
        QVERIFY(!CgroupPath::parse("/a/b")->contains(path));
        QVERIFY(!path.child("x/y"));
        QVERIFY(!path.child("x\ty"));
        QVERIFY(path.listedChild("x\ty"));
        QVERIFY(!path.listedChild(".."));
    }

    void mountInfo_givesCgroupMounts()
    {
        const auto lines =
            parseMountInfo("22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n"
                           "32 31 0:29 / /sys/fs/cg\\040oup/cpu rw,nosuid shared:9 master:2 - cgroup "
                           "cgroup rw,cpu,cpuacct\n"
                           "41 31 0:38 /a/b /sys/fs/cgroup/unified ro - cgroup2 cgroup2 rw,nsdelegate\n");
        QVERIFY(lines);
        QCOMPARE(lines->size(), std::size_t{2});
        QCOMPARE((*lines)[0].mountPoint, std::string("/sys/fs/cg oup/cpu"));
        QVERIFY(!(*lines)[0].v2);
        QCOMPARE((*lines)[0].superOptions, (std::vector<std::string>{"rw", "cpu", "cpuacct"}));
        QVERIFY((*lines)[1].v2);
        QCOMPARE((*lines)[1].root, std::string("/a/b"));
        for (const char *wrong : {"nonsense\n", "1 2 3:4 / /x rw\n", "1 2 3:4 / x rw - cgroup cgroup rw\n",
                                  "1 2 3:4 / /x rw - cgroup cgroup\n"})
            QVERIFY2(!parseMountInfo(wrong), wrong);
    }

    void controllers_areListed()
    {
        const auto lines =
            parseControllers("#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t4\t1\nrdma\t0\t1\t0\n");
        QVERIFY(lines);
        QCOMPARE(lines->size(), std::size_t{2});
        QVERIFY((*lines)[0].enabled && !(*lines)[1].enabled);
        QVERIFY(!parseControllers("cpu one two three\n"));
        QVERIFY(!parseControllers("cpu\n"));
    }

    void v2Limit_isParsed_data()
    {
        QTest::addColumn<int>("key");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("value"); // as limitValueText() spells it; "error"
        const auto row = [](const char *name, LimitKey key, const char *text, const char *value) {
            QTest::newRow(name) << static_cast<int>(key) << QByteArray(text) << QByteArray(value);
        };
        row("bytes", LimitKey::MemoryMax, "314572800\n", "314572800");
        row("max", LimitKey::MemoryMax, "max\n", "max");
        row("zero", LimitKey::MemoryLow, "0\n", "0");
        row("weight", LimitKey::CpuWeight, "100\n", "100");
        row("weight of an idle group", LimitKey::CpuWeight, "0\n", "0");
        row("weight has no max", LimitKey::CpuWeight, "max\n", "error");
        row("cpu max", LimitKey::CpuMax, "max 100000\n", "max 100000");
        row("cpu quota", LimitKey::CpuMax, "50000 100000\n", "50000 100000");
        row("io empty", LimitKey::IoMax, "", "");
        row("io", LimitKey::IoMax,
            "8:16 rbps=2097152 wbps=max riops=max wiops=120\n8:0 rbps=1 wbps=2 riops=3 wiops=4\n",
            "8:16 rbps=2097152 wbps=max riops=max wiops=120, 8:0 rbps=1 wbps=2 riops=3 wiops=4");
        row("pids", LimitKey::PidsMax, "max\n", "max");
        row("empty", LimitKey::MemoryMax, "", "error");
        row("sign", LimitKey::MemoryMax, "-1\n", "error");
        row("suffix", LimitKey::MemoryMax, "3M\n", "error");
        row("too long", LimitKey::MemoryMax, "18446744073709551616\n", "error");
        row("io nonsense", LimitKey::IoMax, "8:16 rbps\n", "error");
    }
    void v2Limit_isParsed()
    {
        QFETCH(int, key);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, value);
        const auto parsed = parseV2Limit(static_cast<LimitKey>(key), text.toStdString());
        QCOMPARE(parsed ? QByteArray::fromStdString(limitValueText(*parsed)) : QByteArray("error"), value);
        if (!parsed)
            QCOMPARE(parsed.error().posix(), EILSEQ);
    }

    void v1Limits_areConverted()
    {
        QVERIFY(!*parseV1Bytes("9223372036854771712\n"));
        QVERIFY(!*parseV1Bytes("9223372036854775807\n"));
        QVERIFY(**parseV1Bytes("99999744\n") == 99'999'744);
        QVERIFY(!parseV1Bytes("max\n"));
        QVERIFY(*parseV1CpuMax("-1\n", "100000\n") == (CpuMax{{}, Micros(100'000)}));
        QVERIFY(*parseV1CpuMax("5000\n", "10000\n") == (CpuMax{Micros(5'000), Micros(10'000)}));
        QCOMPARE(parseThrottle("8:0 1048576\n254:16 5\n")->size(), std::size_t{2});
        QVERIFY(parseThrottle("")->empty());
        QVERIFY(!parseThrottle("8:0\n"));
        QVERIFY(**swapOf({72 * kMiB, Limit<std::uint64_t>{80 * kMiB}}) == 8 * kMiB);
        QVERIFY(!*swapOf({{}, Limit<std::uint64_t>{}}));
        QVERIFY(!swapOf({1, std::nullopt}));
    }

    void weight_isShares_data()
    {
        QTest::addColumn<quint64>("shares");
        QTest::addColumn<quint64>("weight");
        QTest::newRow("default") << quint64{1'024} << quint64{100};
        QTest::newRow("least") << quint64{2} << quint64{1};
        QTest::newRow("most") << quint64{262'144} << quint64{10'000};
        QTest::newRow("half") << quint64{512} << quint64{50};
    }
    void weight_isShares()
    {
        QFETCH(quint64, shares);
        QFETCH(quint64, weight);
        QCOMPARE(weightFromShares(shares), weight);
        for (std::uint64_t any = 1; any <= 10'000; any += 7)
            QCOMPARE(weightFromShares(sharesFromWeight(any)), any);
    }

    void steps_areLegalAtEachWrite()
    {
        const V1Memory both{64 * kMiB, Limit<std::uint64_t>{72 * kMiB}};
        QCOMPARE(textOf(stepsV1Memory(96 * kMiB, both)),
                 QByteArray("memory.memsw.limit_in_bytes=109051904 (75497472) memory.limit_in_bytes=100663296 "
                            "(67108864)"));
        QCOMPARE(textOf(stepsV1Memory(32 * kMiB, both)),
                 QByteArray("memory.limit_in_bytes=33554432 (67108864) memory.memsw.limit_in_bytes=41943040 "
                            "(75497472)"));
        QCOMPARE(textOf(stepsV1Memory({}, both)),
                 QByteArray("memory.memsw.limit_in_bytes=-1 (75497472) memory.limit_in_bytes=-1 (67108864)"));
        QCOMPARE(textOf(stepsV1Memory(kMiB, {{}, std::nullopt})), QByteArray("memory.limit_in_bytes=1048576 (-1)"));
        QCOMPARE(textOf(stepsV1CpuMax({Micros(5'000), Micros(10'000)}, {{}, Micros(100'000)}, true)),
                 QByteArray("cpu.cfs_period_us=10000 (100000) cpu.cfs_quota_us=5000 (-1)"));
        QVERIFY(stepsV1CpuMax({Micros(5'000), Micros(0)}, {Micros(5'000), Micros(100'000)}, false).empty());
        IoMax change{{8, 0}, Limit<std::uint64_t>{kMiB}, {}, {}, Limit<std::uint64_t>{}};
        QCOMPARE(textOf(stepsV1IoMax({change}, {})), QByteArray("blkio.throttle.read_bps_device=8:0 1048576 (8:0 0) "
                                                                "blkio.throttle.write_iops_device=8:0 0 (8:0 0)"));
        QCOMPARE(textOf(stepsV2(LimitKey::IoMax, std::vector{change}, std::vector<IoMax>{})),
                 QByteArray("io.max=8:0 rbps=1048576 wiops=max (8:0 rbps=max wbps=max riops=max wiops=max)"));
        QVERIFY(!stepsV1Swap(kMiB, {{}, Limit<std::uint64_t>{}}));
        QCOMPARE(stepsV1Swap(kMiB, {kMiB, std::nullopt}).error().posix(), ENOTSUP);
        QCOMPARE(textOf(*stepsV1Swap(kMiB, both)), QByteArray("memory.memsw.limit_in_bytes=68157440 (75497472)"));
    }

    void counters_areConverted_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("version");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("figures");
        const auto row = [](const char *what, const char *name, int version, const char *text, const char *figures) {
            QTest::newRow(what) << QByteArray(name) << version << QByteArray(text) << QByteArray(figures);
        };
        row("number", "memory.current", 2, "4096\n", "memory.current=4096");
        row("not a number", "memory.current", 2, "max\n", "error");
        row("empty", "memory.current", 2, "", "error");
        row("max", "memory.max", 2, "max\n", "memory.max=max");
        row("v1 unlimited", "memory.limit_in_bytes", 1, "9223372036854771712\n", "memory.max=max");
        row("nanoseconds", "cpuacct.usage", 1, "1234567\n", "cpu.stat.usage_usec=1234");
        row("ticks", "cpuacct.stat", 1, "user 3\nsystem 4\n", "cpu.stat.user_usec=30000 cpu.stat.system_usec=40000");
        row("missing key is absent, not zero", "memory.events", 2, "low 0\nhigh 1\nmax 2\noom 3\n",
            "memory.events.low=0 memory.events.high=1 memory.events.max=2 memory.events.oom=3 "
            "memory.events.oom_kill=absent");
        row("unknown keys are passed over", "pids.events", 2, "max 7\nnew_key 8\n", "pids.events.max=7");
        row("pressure", "memory.pressure", 2,
            "some avg10=1.25 avg60=0.00 avg300=0.00 total=77\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=5\n",
            "memory.pressure.some.avg10=1.25 memory.pressure.some.total=77 memory.pressure.full.avg10=0.5 "
            "memory.pressure.full.total=5");
        row("no full line", "cpu.pressure", 2, "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
            "cpu.pressure.some.avg10=0 cpu.pressure.some.total=0 cpu.pressure.full.avg10=absent "
            "cpu.pressure.full.total=absent");
        row("pressure nonsense", "io.pressure", 2, "none avg10=0\n", "error");
        row("io.stat", "io.stat", 2, "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n",
            "8:16 1459200 314773504 192 353");
        row("io.stat without newlines", "io.stat", 2, "7:7 7:6 8:0 rbytes=1 wbytes=2 rios=3 wios=4\n", "8:0 1 2 3 4");
        row("io.stat empty", "io.stat", 2, "", "");
        row("io.stat without a device", "io.stat", 2, "rbytes=1\n", "error");
        row("blkio bytes", "blkio.throttle.io_service_bytes_recursive", 1,
            "254:0 Read 10\n254:0 Write 20\n254:0 Sync 30\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 30\nTotal 30\n",
            "254:0 10 20 0 0");
        row("blkio operations", "blkio.throttle.io_serviced_recursive", 1, "254:0 Read 1\n254:0 Write 2\nTotal 3\n",
            "254:0 0 0 1 2");
        row("blkio nothing", "blkio.throttle.io_service_bytes_recursive", 1, "Total 0\n", "");
    }
    void counters_areConverted()
    {
        QFETCH(QByteArray, name);
        QFETCH(int, version);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, figures);
        const CounterFile &row = file(name.toStdString(), static_cast<Version>(version));
        QCOMPARE(figuresOf(row, text), figures);
    }

    void counters_giveEachMetricOnceAVersion()
    {
        for (const Version version : {Version::V1, Version::V2}) {
            std::set<Metric> seen;
            for (const CounterFile &row : counterFiles())
                if (row.version == version)
                    for (const CounterKey &key : row.keys)
                        QVERIFY2(seen.insert(key.metric).second, std::string(metricInfo(key.metric)->name).c_str());
        }
    }

    void membership_isParsed()
    {
        const auto lines = parseMembership("9:name=systemd:/\n2:cpu,cpuacct:/a:b\n0::/x (deleted)\n");
        QVERIFY(lines);
        QCOMPARE(lines->size(), std::size_t{3});
        QCOMPARE((*lines)[1].controllers, (std::vector<std::string>{"cpu", "cpuacct"}));
        QCOMPARE((*lines)[1].path, std::string("/a:b"));
        QVERIFY((*lines)[2].controllers.empty());
        QCOMPARE((*lines)[2].path, std::string("/x"));
        for (const char *wrong : {"0:/x\n", "x::/\n", "0::x\n", "\n"})
            QVERIFY2(!parseMembership(wrong), wrong);
    }

    void procs_areSortedWithoutForeignOnes()
    {
        QCOMPARE(*parseProcs("12\n3\n0\n12\n"), (std::vector<std::int32_t>{3, 12}));
        QVERIFY(parseProcs("")->empty());
        QVERIFY(!parseProcs("12 \n"));
        QVERIFY(!parseProcs("99999999999\n"));
    }

    void freezer_isParsed()
    {
        QVERIFY(*parseV1Freezer("THAWED\n", "0\n") == Freezer::Thawed);
        QVERIFY(*parseV1Freezer("FREEZING\n", "1\n") == Freezer::Freezing);
        QVERIFY(*parseV1Freezer("FROZEN\n", "1\n") == Freezer::Frozen);
        QVERIFY(*parseV1Freezer("FROZEN\n", "0\n") == Freezer::FrozenByAncestor);
        QVERIFY(!parseV1Freezer("MELTED\n", "0\n"));
        QVERIFY(*parseV2Freezer("0\n", "populated 1\nfrozen 0\n") == Freezer::Thawed);
        QVERIFY(*parseV2Freezer("1\n", "populated 1\nfrozen 0\n") == Freezer::Freezing);
        QVERIFY(*parseV2Freezer("1\n", "populated 1\nfrozen 1\n") == Freezer::Frozen);
        QVERIFY(*parseV2Freezer("0\n", "populated 1\nfrozen 1\n") == Freezer::FrozenByAncestor);
        QVERIFY(!parseV2Freezer("", ""));
    }

    void oomControl_isParsed()
    {
        const auto control = parseOomControl("oom_kill_disable 1\nunder_oom 1\noom_kill 4\n");
        QVERIFY(control && control->killDisabled && control->underOom && control->oomKill == 4);
        QVERIFY(!parseOomControl("oom_kill\n"));
    }
};

QTEST_GUILESS_MAIN(TestCgroupText)
#include "tst_cgroup_text.moc"
