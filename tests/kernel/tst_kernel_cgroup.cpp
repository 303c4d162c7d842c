// SPDX-License-Identifier: GPL-3.0-or-later
// Real cgroups of this host: limits, processes, freezer, removal under our feet.
#include <QtTest>

#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limits.h"
#include "engine/cgroup/procs.h"
#include "engine/cgroup/watcher.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::cgroup;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

QByteArray why(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

/// The number a limit holds; fails the test's comparison when it is none.
std::uint64_t number(const Result<LimitValue> &value)
{
    if (!value)
        qWarning("%s", why(value.error()).constData());
    return value && std::holds_alternative<std::uint64_t>(*value) ? std::get<std::uint64_t>(*value) : ~std::uint64_t{0};
}

bool isV1(const Hierarchies &hierarchies, std::string_view controller)
{
    return hierarchies.forController(controller)->version == Version::V1;
}

} // namespace

class TestKernelCgroup : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void discover_findsThisHost()
    {
        const auto found = Hierarchies::discover();
        QVERIFY2(found, found ? "" : why(found.error()).constData());
        QVERIFY((*found)->mode() != Mode::None);
        for (const Hierarchy &hierarchy : (*found)->all()) {
            QVERIFY(hierarchy.dir);
            QVERIFY((*found)->at(hierarchy.index) == &hierarchy);
        }
        QVERIFY((*found)->forController("memory"));
        QCOMPARE((*found)->forController("blkio"), (*found)->forController("io"));
        QVERIFY(!(*found)->forController("nonsense"));
    }

    void memoryMax_isRoundedToPagesAndReadBack()
    {
        const ScratchCgroup scratch("limit", {"memory"});
        const auto &host = *scratch.hierarchies();
        const LimitValue wanted = std::uint64_t{100'000'000};
        const auto written = writeLimit(host, scratch.cgroup(), LimitKey::MemoryMax, wanted);
        QCOMPARE(number(written), std::uint64_t{99'999'744});
        QVERIFY(roundedLimit(host, LimitKey::MemoryMax, wanted, {}) == *written);
        const auto lifted = writeLimit(host, scratch.cgroup(), LimitKey::MemoryMax, Unlimited{});
        QVERIFY(lifted && std::holds_alternative<Unlimited>(*lifted));
    }

    void memoryMax_keepsSwapOnV1()
    {
        const ScratchCgroup scratch("swap", {"memory"});
        const auto &host = *scratch.hierarchies();
        if (!isV1(host, "memory"))
            QSKIP("v1 only: v2 counts swap apart");
        const Cgroup cgroup = scratch.cgroup();
        const auto tooEarly = writeLimit(host, cgroup, LimitKey::MemorySwapMax, std::uint64_t{8 * kMiB});
        QVERIFY(!tooEarly);
        QCOMPARE(tooEarly.error().posix(), EINVAL);
        QCOMPARE(number(writeLimit(host, cgroup, LimitKey::MemoryMax, std::uint64_t{64 * kMiB})), 64 * kMiB);
        QCOMPARE(number(writeLimit(host, cgroup, LimitKey::MemorySwapMax, std::uint64_t{8 * kMiB})), 8 * kMiB);
        for (const std::uint64_t limit : {96 * kMiB, 32 * kMiB}) {
            QCOMPARE(number(writeLimit(host, cgroup, LimitKey::MemoryMax, limit)), limit);
            QCOMPARE(number(readLimit(host, cgroup, LimitKey::MemorySwapMax)), 8 * kMiB);
        }
    }

    void memoryMax_belowUsageIsBusyOnV1()
    {
        ChildProcess child(allocate(24 * kMiB));
        const ScratchCgroup scratch("busy", {"memory"});
        const auto &host = *scratch.hierarchies();
        if (!isV1(host, "memory"))
            QSKIP("v1 only: v2 takes the limit and kills");
        scratch.attach(child.pid());
        child.go();
        QTRY_VERIFY(std::stoull(scratch.read("memory", "memory.usage_in_bytes")) > 24 * kMiB);
        const auto refused = writeLimit(host, scratch.cgroup(), LimitKey::MemoryMax, std::uint64_t{4 * kMiB});
        QVERIFY(!refused);
        QCOMPARE(refused.error().posix(), EBUSY);
        QVERIFY(refused.error().subject.starts_with(scratch.path().text()));
        QVERIFY(std::holds_alternative<Unlimited>(*readLimit(host, scratch.cgroup(), LimitKey::MemoryMax)));
    }

    void cpuMax_isOneValue()
    {
        const ScratchCgroup scratch("cpu", {"cpu"});
        const auto &host = *scratch.hierarchies();
        const Cgroup cgroup = scratch.cgroup();
        for (const CpuMax &wanted : {CpuMax{Micros(50'000), Micros(100'000)}, CpuMax{Micros(5'000), Micros(10'000)},
                                     CpuMax{Micros(200'000), Micros(100'000)}, CpuMax{{}, Micros(20'000)}}) {
            const auto written = writeLimit(host, cgroup, LimitKey::CpuMax, wanted);
            QVERIFY2(written, written ? "" : why(written.error()).constData());
            QVERIFY(*written == LimitValue{wanted});
        }
        const auto kept = writeLimit(host, cgroup, LimitKey::CpuMax, CpuMax{Micros(10'000), Micros(0)});
        QVERIFY(kept && *kept == LimitValue(CpuMax{Micros(10'000), Micros(20'000)}));
    }

    void cpuMax_aboveParentIsRefusedOnV1AndWithoutEffectOnV2()
    {
        const ScratchCgroup scratch("cpu", {"cpu"});
        const auto &host = *scratch.hierarchies();
        QVERIFY(writeLimit(host, scratch.cgroup(), LimitKey::CpuMax, CpuMax{Micros(50'000), Micros(100'000)}));
        const Cgroup child = scratch.makeChild("b");
        const auto above = writeLimit(host, child, LimitKey::CpuMax, CpuMax{Micros(80'000), Micros(80'000)});
        if (isV1(host, "cpu")) {
            QVERIFY(!above);
            QCOMPARE(above.error().posix(), EINVAL);
            QVERIFY(*readLimit(host, child, LimitKey::CpuMax) == LimitValue(CpuMax{{}, Micros(100'000)}));
        } else {
            QVERIFY(above);
        }
        const auto effective = effectiveLimit(host, child, LimitKey::CpuMax, {});
        QVERIFY(effective.value && effective.limitedBy == scratch.path());
    }

    void cpuWeight_roundTrips_data()
    {
        QTest::addColumn<quint64>("weight");
        for (const int weight : {1, 2, 39, 50, 100, 101, 500, 9'999, 10'000})
            QTest::addRow("%d", weight) << static_cast<quint64>(weight);
    }
    void cpuWeight_roundTrips()
    {
        QFETCH(quint64, weight);
        const ScratchCgroup scratch("weight", {"cpu"});
        const LimitValue wanted = std::uint64_t{weight};
        QCOMPARE(number(writeLimit(*scratch.hierarchies(), scratch.cgroup(), LimitKey::CpuWeight, wanted)), weight);
    }

    void pidsMax_effectiveNamesTheAncestor()
    {
        const ScratchCgroup scratch("pids", {"pids"});
        const auto &host = *scratch.hierarchies();
        const Cgroup child = scratch.makeChild("b/c");
        QCOMPARE(number(writeLimit(host, scratch.cgroup(), LimitKey::PidsMax, std::uint64_t{7})), std::uint64_t{7});
        QCOMPARE(number(writeLimit(host, child, LimitKey::PidsMax, std::uint64_t{9})), std::uint64_t{9});
        const auto effective = effectiveLimit(host, child, LimitKey::PidsMax, {});
        QCOMPARE(number(*effective.value), std::uint64_t{7});
        QCOMPARE(effective.limitedBy, scratch.path());
        const auto preview = effectiveLimit(host, child, LimitKey::PidsMax, LimitValue{std::uint64_t{3}});
        QCOMPARE(number(*preview.value), std::uint64_t{3});
        QCOMPARE(preview.limitedBy, child.path);
    }

    void ioMax_isSetAndTakenAwayByDevice()
    {
        const ScratchCgroup scratch("io", {"io"});
        const auto &host = *scratch.hierarchies();
        struct stat root = {};
        QCOMPARE(::stat("/dev/vda", &root), 0);
        IoMax wanted{{static_cast<std::uint32_t>(root.st_rdev >> 8), 0}, {}, {}, {}, {}};
        wanted.rbps = Limit<std::uint64_t>{kMiB};
        const auto written = writeLimit(host, scratch.cgroup(), LimitKey::IoMax, std::vector{wanted});
        QVERIFY2(written, written ? "" : why(written.error()).constData());
        const auto devices = std::get<std::vector<IoMax>>(*written);
        QCOMPARE(devices.size(), std::size_t{1});
        QVERIFY(devices.front().rbps && **devices.front().rbps == kMiB);
        wanted.rbps = Limit<std::uint64_t>{};
        const auto lifted = writeLimit(host, scratch.cgroup(), LimitKey::IoMax, std::vector{wanted});
        QVERIFY(lifted && std::get<std::vector<IoMax>>(*lifted).empty());
    }

    void memoryLow_hasNoCounterpartOnV1()
    {
        const ScratchCgroup scratch("low", {"memory"});
        const auto read = readLimit(*scratch.hierarchies(), scratch.cgroup(), LimitKey::MemoryLow);
        if (!isV1(*scratch.hierarchies(), "memory")) {
            QCOMPARE(number(read), std::uint64_t{0});
            return;
        }
        QVERIFY(!read);
        QCOMPARE(read.error().posix(), ENOTSUP);
        QVERIFY(read.error().detail.contains("memory.low"));
    }

    void recreatedPath_isStale()
    {
        const ScratchCgroup scratch("stale");
        const auto &host = *scratch.hierarchies();
        const Cgroup old = scratch.makeChild("b");
        scratch.remove("b");
        const auto gone = writeLimit(host, old, LimitKey::PidsMax, std::uint64_t{3});
        QVERIFY(!gone);
        QCOMPARE(gone.error().posix(), ENOENT);
        const Cgroup fresh = scratch.makeChild("b");
        QVERIFY(fresh.id != old.id);
        const auto refused = writeLimit(host, old, LimitKey::PidsMax, std::uint64_t{3});
        QVERIFY(!refused);
        QCOMPARE(refused.error().posix(), ESTALE);
        QVERIFY(std::holds_alternative<Unlimited>(*readLimit(host, fresh, LimitKey::PidsMax)));
    }

    void procs_listAndMove()
    {
        ChildProcess child(sleepForEver);
        const ScratchCgroup scratch("procs");
        const auto &host = *scratch.hierarchies();
        child.go();
        for (const Hierarchy &hierarchy : host.all())
            if (scratch.cgroup().in(hierarchy.index))
                QVERIFY(writeProcs(hierarchy, scratch.cgroup(), child.pid()));
        QCOMPARE(*readProcs(host, scratch.cgroup()), std::vector<std::int32_t>{child.pid()});
        const auto paths = cgroupsOf(host, child.pid());
        QVERIFY(paths);
        for (const Hierarchy &hierarchy : host.all())
            if (scratch.cgroup().in(hierarchy.index))
                QCOMPARE(paths->at(hierarchy.index), scratch.path().text());
        const auto nobody = writeProcs(*host.forController("pids"), scratch.cgroup(), 4'194'303);
        QVERIFY(!nobody);
        QCOMPARE(nobody.error().posix(), ESRCH);
    }

    void freezer_freezesAndNamesTheAncestor_data()
    {
        QTest::addColumn<QString>("controller");
        QTest::newRow("the host's freezer") << "freezer";
        QTest::newRow("v2") << "unified";
    }
    void freezer_freezesAndNamesTheAncestor()
    {
        QFETCH(QString, controller);
        const std::string in = controller.toStdString();
        ChildProcess child(sleepForEver);
        const ScratchCgroup scratch("freeze", {in});
        const auto &host = *scratch.hierarchies();
        const Cgroup inner = scratch.makeChild("b");
        scratch.attach(child.pid(), "b");
        child.go();
        QCOMPARE(*readFreezer(host, inner), Freezer::Thawed);
        QVERIFY(writeFreezer(host, scratch.cgroup(), true));
        const auto frozen = waitFreezer(host, scratch.cgroup(), true, 2s, {});
        QVERIFY2(frozen, frozen ? "" : why(frozen.error()).constData());
        QCOMPARE(*frozen, Freezer::Frozen);
        QCOMPARE(*readFreezer(host, inner), Freezer::FrozenByAncestor);
        QVERIFY(writeFreezer(host, scratch.cgroup(), false));
        QVERIFY(waitFreezer(host, scratch.cgroup(), false, 2s, {}));
        QTRY_COMPARE(*readFreezer(host, inner), Freezer::Thawed);
    }

    void freezer_waitEndsAtDeadlineAndOnCancel()
    {
        const ScratchCgroup scratch("wait");
        const auto &host = *scratch.hierarchies();
        const auto late = waitFreezer(host, scratch.cgroup(), true, 30ms, {});
        QVERIFY(!late);
        QCOMPARE(late.error().posix(), ETIMEDOUT);
        QVERIFY(late.error().detail.contains("thawed"));
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(waitFreezer(host, scratch.cgroup(), true, 5s, stop.get_token()).error().posix(), ECANCELED);
    }

    void deepTree_opensAndWalks()
    {
        const ScratchCgroup scratch("deep", {"unified"});
        const Hierarchy &unified = *scratch.hierarchies()->unified();
        // Kernel: a mkdir costs more the deeper it is, 24 s for 3 000 levels. 2 bytes a level: longer than PATH_MAX.
        constexpr int kDepth = 2'200;
        UniqueFd dir = *openCgroup(unified, scratch.path());
        for (int level = 0; level < kDepth; ++level) {
            QCOMPARE(::mkdirat(dir.get(), "d", 0755), 0);
            dir = *openAt(dir.get(), "d", O_PATH | O_DIRECTORY);
        }
        const std::uint64_t deepest = *inodeOf(dir.get());
        std::string text = scratch.path().text();
        for (int level = 0; level < kDepth; ++level)
            text += "/d";
        const auto found = locate(*scratch.hierarchies(), *CgroupPath::parse(text));
        QElapsedTimer timer;
        timer.start();
        const auto walked = walk(unified, scratch.path());
        qInfo("walk of %d levels: %lld ms", kDepth, static_cast<long long>(timer.elapsed()));
        QVERIFY2(found, found ? "" : why(found.error()).constData());
        QCOMPARE(found->inodes.at(0), deepest);
        QVERIFY(walked);
        QCOMPARE(walked->size(), static_cast<std::size_t>(kDepth) + 1);
        QCOMPARE(walked->back().inode, deepest);
    }

    void walk_findsEveryCgroupParentsFirst()
    {
        const ScratchCgroup scratch("walk", {"memory"});
        (void)scratch.makeChild("x/y");
        (void)scratch.makeChild("z");
        const auto found = walk(*scratch.hierarchies()->forController("memory"), scratch.path());
        QVERIFY(found);
        QCOMPARE(found->size(), std::size_t{4});
        for (std::size_t i = 1; i < found->size(); ++i)
            QVERIFY((*found)[i].parent < i);
        const auto gone = walk(*scratch.hierarchies()->forController("memory"), *scratch.path().child("nobody"));
        QVERIFY(!gone);
        QCOMPARE(gone.error().posix(), ENOENT);
    }
};

QTEST_GUILESS_MAIN(TestKernelCgroup)
#include "tst_kernel_cgroup.moc"
