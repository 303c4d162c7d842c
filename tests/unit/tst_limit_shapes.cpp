// SPDX-License-Identifier: GPL-3.0-or-later
// Limits that are not one number: typed, checked, read from the file, merged, written and undone.
#include "engine/base/limit_lines.h"
#include "engine/cgroup/limit_text.h"
#include "engine/cgroup/limits.h"

#include <QtTest>

#include <string>

using namespace gantry;

namespace {

std::string typed(LimitKey key, std::string_view text)
{
    const auto value = parseLimitValue(key, text);
    return value ? limitValueText(*value) : std::string("error ") + std::to_string(value.error().posix());
}

/// "FILE<TEXT>UNDO" of each write.
QByteArray stepsText(LimitKey key, const char *value, const char *held)
{
    const auto wanted = parseLimitValue(key, value);
    const auto current = cgroup::parseV2Limit(key, held);
    if (!wanted || !current)
        return "error";
    QByteArray out;
    for (const cgroup::WriteStep &step : cgroup::stepsV2(key, *wanted, *current)) {
        out += QByteArray::fromStdString(step.file) + '<' + QByteArray::fromStdString(step.text) + '>' +
               QByteArray::fromStdString(step.undo) + '|';
    }
    return out.replace('\n', "\\n");
}

} // namespace

class TestLimitShapes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void table_hasOneRowAKey()
    {
        for (std::size_t i = 0; i < kLimitKeyCount; ++i) {
            const auto key = static_cast<LimitKey>(i);
            QCOMPARE(limitInfo(key).key, key);
            QCOMPARE(limitKeyByName(limitInfo(key).name).value(), key);
            const bool words = limitInfo(key).shape == LimitShape::Word ||
                               limitInfo(key).shape == LimitShape::DeviceFields ||
                               limitInfo(key).shape == LimitShape::NamedFields;
            QCOMPARE(!limitWords(limitInfo(key)).empty(), words);
        }
        QVERIFY(!limitKeyByName("memory.current"));
    }

    void limitsNothing_knowsEveryShape_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("nothing");
        QTest::newRow("no list") << QByteArray() << true;
        QTest::newRow("every size") << QByteArray("1GB max, 2MB max") << true;
        QTest::newRow("one size") << QByteArray("1GB max, 2MB 4194304") << false;
        QTest::newRow("every device") << QByteArray("mlx4_0 hca_handle=max hca_object=max") << true;
        QTest::newRow("one object") << QByteArray("mlx4_0 hca_handle=2 hca_object=max") << false;
        QTest::newRow("CPUs") << QByteArray("0-3,5") << false;
        QTest::newRow("one CPU") << QByteArray("0") << false;
    }
    void limitsNothing_knowsEveryShape()
    {
        QFETCH(QByteArray, text);
        QTEST(cgroup::limitsNothing(LimitValue(text.toStdString())), "nothing");
    }
    void typedText_data()
    {
        QTest::addColumn<int>("key");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("value");
        const auto row = [](LimitKey key, const char *text, const char *value) {
            QTest::addRow("%s %s", limitInfo(key).name.data(), text)
                << static_cast<int>(key) << QByteArray(text) << QByteArray(value);
        };
        row(LimitKey::MemoryOomGroup, "on", "1");
        row(LimitKey::MemoryOomGroup, "0", "0");
        row(LimitKey::MemoryOomGroup, "2", "error 34");
        row(LimitKey::MemoryOomGroup, "max", "error 22");
        row(LimitKey::CpuMaxBurst, "5ms", "5000");
        row(LimitKey::CpuMaxBurst, "1s", "1000000");
        row(LimitKey::CpuMaxBurst, "250us", "250");
        row(LimitKey::CpuMaxBurst, "5min", "error 22");
        row(LimitKey::CpuMaxBurst, "99999999999999s", "error 34");
        row(LimitKey::CpuUclampMin, "12.5%", "12.50");
        row(LimitKey::CpuUclampMin, "0", "0.00");
        row(LimitKey::CpuUclampMax, "max", "max");
        row(LimitKey::CpuUclampMax, "100.01", "error 34");
        row(LimitKey::CpuUclampMax, "nan", "error 22");
        row(LimitKey::CpusetCpus, "3,0-1,2", "0-3");
        row(LimitKey::CpusetCpus, "", "");
        row(LimitKey::CpusetCpus, "8, 0-3", "0-3,8");
        row(LimitKey::CpusetCpus, "3-1", "error 34");
        row(LimitKey::CpusetCpus, "70000", "error 34");
        row(LimitKey::CpusetCpus, "all", "error 22");
        row(LimitKey::CpusetCpusPartition, "isolated", "isolated");
        row(LimitKey::CpusetCpusPartition, "exclusive", "error 22");
        row(LimitKey::CgroupType, "threaded", "threaded");
        row(LimitKey::CgroupType, "domain", "error 22");
        row(LimitKey::IoWeight, "default 200, 8:0 default", "default 200, 8:0 default");
        row(LimitKey::IoWeight, "8:0 20000", "error 34");
        row(LimitKey::IoWeight, "sda 100", "error 22");
        row(LimitKey::IoWeight, "8:0", "error 22");
        row(LimitKey::IoBfqWeight, "default 1001", "error 34");
        row(LimitKey::IoLatency, "8:0 target=10000", "8:0 target=10000");
        row(LimitKey::IoLatency, "8:0 goal=10000", "error 22");
        row(LimitKey::IoLatency, "8:0 target=1 target=2", "error 22");
        row(LimitKey::IoLatency, "8:0 target=1, 8:0 target=2", "error 22");
        row(LimitKey::IoCostQos, "254:0 enable=1 ctrl=user rpct=95.00", "254:0 enable=1 ctrl=user rpct=95.00");
        row(LimitKey::IoCostQos, "254:0 enable=1;reboot", "error 22");
        row(LimitKey::RdmaMax, "mlx4_0 hca_handle=2 hca_object=max", "mlx4_0 hca_handle=2 hca_object=max");
        row(LimitKey::RdmaMax, "hca_handle=2", "error 22");
        row(LimitKey::HugetlbMax, "2MB 64M, 1GB max", "2MB 67108864, 1GB max");
        row(LimitKey::MiscMax, "", "error 22");
        row(LimitKey::DmemMax, "drm/0000:03:00.0/vram0 1G", "drm/0000:03:00.0/vram0 1073741824");
        row(LimitKey::CgroupMaxDepth, "max", "max");
        row(LimitKey::CgroupMaxDepth, "3000000000", "error 34");
    }
    void typedText()
    {
        QFETCH(int, key);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, value);
        const std::string once = typed(static_cast<LimitKey>(key), text.toStdString());
        QCOMPARE(QByteArray::fromStdString(once), value);
        if (!value.startsWith("error")) // what was accepted is accepted again, and means the same
            QCOMPARE(typed(static_cast<LimitKey>(key), once), once);
    }

    void steps_areWrittenLineByLine()
    {
        QCOMPARE(stepsText(LimitKey::CpusetCpus, "0-1", "\n"), QByteArray("cpuset.cpus<0-1>\\n|"));
        QCOMPARE(stepsText(LimitKey::CpusetCpus, "", "0-1\n"), QByteArray("cpuset.cpus<\\n>0-1|"));
        QCOMPARE(
            stepsText(LimitKey::CpusetCpusPartition, "root", "isolated invalid (Parent is not a partition root)\n"),
            QByteArray("cpuset.cpus.partition<root>isolated|"));
        QCOMPARE(stepsText(LimitKey::IoWeight, "default 200, 8:0 50", "default 100\n"),
                 QByteArray("io.weight<default 200>default 100|io.weight<8:0 50>8:0 default|"));
        QCOMPARE(stepsText(LimitKey::IoLatency, "8:0 target=5", ""),
                 QByteArray("io.latency<8:0 target=5>8:0 target=0|"));
        QCOMPARE(stepsText(LimitKey::IoLatency, "8:0 target=5", "8:0 target=70\n"),
                 QByteArray("io.latency<8:0 target=5>8:0 target=70|"));
        QCOMPARE(stepsText(LimitKey::HugetlbMax, "2MB 64M", "2MB max\n1GB max\n"),
                 QByteArray("hugetlb.2MB.max<67108864>max|"));
        QCOMPARE(stepsText(LimitKey::HugetlbRsvdMax, "2MB 64M", "2MB max\n"),
                 QByteArray("hugetlb.2MB.rsvd.max<67108864>max|"));
        QCOMPARE(stepsText(LimitKey::RdmaMax, "mlx4_0 hca_handle=2", "mlx4_0 hca_handle=max hca_object=7\n"),
                 QByteArray("rdma.max<mlx4_0 hca_handle=2>mlx4_0 hca_handle=max hca_object=7|"));
    }

    void merged_keepsWhatIsNotNamed()
    {
        const LimitInfo &latency = limitInfo(LimitKey::IoLatency);
        const auto held = readLimitLines(latency, "8:0 target=70\n8:16 target=9\n");
        const auto change = parseLimitLines(latency, "8:0 target=0");
        QVERIFY(held && change);
        QCOMPARE(limitLinesText(mergedLines(latency, *held, *change)), std::string("8:16 target=9"));
        // A newer kernel's field is kept as it is.
        const auto newer = readLimitLines(limitInfo(LimitKey::IoCostQos), "254:0 enable=0 ctrl=auto vmax=3\n");
        QVERIFY(newer);
        QCOMPARE(newer->front().fields.back().first, std::string("vmax"));
        QVERIFY(!readLimitLines(latency, "8:0\n"));
        QVERIFY(!readLimitLines(latency, "sda target=1\n"));
    }

    void invalidPartition_isTakenApart()
    {
        const auto [word, reason] = splitInvalid("root invalid (Cpu list in cpuset.cpus not exclusive)\n");
        QCOMPARE(word, std::string("root"));
        QCOMPARE(reason, std::string("root invalid (Cpu list in cpuset.cpus not exclusive)"));
        QCOMPARE(splitInvalid("member\n"), std::make_pair(std::string("member"), std::string()));
    }
};

QTEST_GUILESS_MAIN(TestLimitShapes)
#include "tst_limit_shapes.moc"
