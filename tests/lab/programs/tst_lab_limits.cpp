// SPDX-License-Identifier: GPL-3.0-or-later
// Every control of cgroup v2 on a kernel that has them all, asserted from the outside by the kernel's own files.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/cgroup/files.h"
#include "engine/cgroup/limit_text.h"
#include "engine/cgroup/limits.h"
#include "engine/control/control.h"
#include "tests/lab/programs/shell.h"
#include "tests/support/scratch_cgroup.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <list>
#include <set>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::control;
using test::ChildProcess;
using test::ScratchCgroup;

namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

QByteArray why(const auto &result)
{
    return result ? QByteArray() : QByteArray::fromStdString(result.error().message());
}

/// Files that may be written and are no limit: verbs of their own, notifications, or counters that can be reset.
bool isNoLimit(const std::string &file)
{
    static const std::set<std::string> kOthers{"cgroup.freeze", "cgroup.subtree_control", "cpu.weight.nice",
                                               "memory.peak",   "memory.swap.peak",       "pids.peak"};
    return kOthers.contains(file) || file.ends_with(".pressure");
}

bool isInTable(const std::string &file)
{
    return std::ranges::any_of(limitTable(), [&file](const LimitInfo &info) {
        return file == info.name || cgroup::pageSizeOf(info.key, file);
    });
}

/// "254:0" of the guest's disk.
std::string disk()
{
    struct stat status = {};
    return ::stat("/dev/vda", &status) == 0 ? strCat(major(status.st_rdev), ':', minor(status.st_rdev)) : "";
}

bool hasWarning(const std::vector<Warning> &warnings, WarningCode code)
{
    return std::ranges::find(warnings, code, &Warning::code) != warnings.end();
}

} // namespace

class TestLabLimits : public QObject
{
    Q_OBJECT
    QTemporaryDir m_state;
    cgroup::HierarchiesPtr m_hierarchies;
    std::unique_ptr<AuditLog> m_audit;
    std::unique_ptr<Control> m_control;

    std::string auditText() { return readFile(m_state.path().toStdString() + "/gantry/audit.log").value_or(""); }

private Q_SLOTS:
    void initTestCase()
    {
        m_hierarchies = *cgroup::Hierarchies::discover();
        QVERIFY(m_hierarchies->mode() == cgroup::Mode::V2);
        // systemd delegates only the controllers it knows: all of them are to be had at the root alone.
        const auto controllers = readFile("/sys/fs/cgroup/cgroup.controllers");
        std::string_view rest = *controllers;
        for (std::string_view name = takeToken(rest); !name.empty(); name = takeToken(rest))
            QVERIFY(writeFileAt(AT_FDCWD, "/sys/fs/cgroup/cgroup.subtree_control", strCat('+', name)));
        QCOMPARE(::mkdir("/sys/fs/cgroup/gantry-lab", 0755), 0);
        QVERIFY(::setenv("GANTRY_TEST_CGROUP", "/gantry-lab", 1) == 0);
        m_audit = std::make_unique<AuditLog>(
            AuditLog::Places{.journalSocket = "", .stateFolder = m_state.path().toStdString() + "/gantry"});
        m_control = std::make_unique<Control>(
            m_hierarchies,
            [](const cgroup::CgroupPath &path) { return std::string(path.isRoot() ? "ancestor of Gantry" : ""); },
            *m_audit);
        // An RDMA device in software, over the guest's network.
        QCOMPARE(lab::shell("modprobe rdma_rxe && rdma link add labrxe type rxe netdev eth0"), std::string());
    }

    void cleanupTestCase()
    {
        QCOMPARE(lab::shell("rdma link delete labrxe"), std::string());
        QCOMPARE(::rmdir("/sys/fs/cgroup/gantry-lab"), 0);
    }

    void table_knowsEveryControlOfThisKernel()
    {
        const ScratchCgroup scratch("table", {"unified"});
        const auto files = cgroup::readFiles(*m_hierarchies, scratch.cgroup());
        QVERIFY2(files, why(files));
        int controls = 0;
        for (const cgroup::FileText &file : *files) {
            QVERIFY2(file.text || file.text.error().posix() == EOPNOTSUPP, why(file.text));
            if (!file.writable || isNoLimit(file.name))
                continue;
            QVERIFY2(isInTable(file.name), file.name.c_str());
            ++controls;
        }
        QVERIFY2(controls >= 28, QByteArray::number(controls));
        const auto rows = m_control->listLimits(scratch.cgroup());
        QVERIFY2(rows, why(rows));
        for (const LimitRow &row : *rows)
            QVERIFY2(row.configured || isAbsent(row.configured.error()), why(row.configured));
    }

    void value_reachesTheFile_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("typed");
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("text"); // as the kernel shows it; a part of it for files with more lines
        const auto row = [](const char *key, const QByteArray &typed, const QByteArray &text, const char *file = "") {
            QTest::addRow("%s", key) << QByteArray(key) << typed << QByteArray(*file != '\0' ? file : key) << text;
        };
        const auto device = QByteArray::fromStdString(disk());
        row("memory.min", "4M", "4194304");
        row("memory.low", "8M", "8388608");
        row("memory.high", "300M", "314572800");
        row("memory.max", "400M", "419430400");
        row("memory.swap.high", "64M", "67108864");
        row("memory.swap.max", "64M", "67108864");
        row("memory.zswap.max", "16M", "16777216");
        row("memory.zswap.writeback", "0", "0");
        row("memory.oom.group", "on", "1");
        row("cpu.weight", "250", "250");
        row("cpu.max", "50%", "50000 100000");
        row("cpu.max.burst", "10ms", "10000");
        row("cpu.idle", "1", "1");
        row("cpu.uclamp.min", "12.5", "12.50");
        row("cpu.uclamp.max", "80", "80.00");
        row("cpuset.cpus", "0", "0");
        row("cpuset.mems", "0", "0");
        row("cpuset.cpus.exclusive", "1", "1");
        row("cpuset.cpus.partition", "member", "member");
        row("io.max", device + " rbps=1M wiops=100", device + " rbps=1048576 wbps=max riops=max wiops=100");
        row("io.weight", "default 300", "default 300");
        row("io.bfq.weight", "default 300", "default 300");
        row("io.latency", device + " target=75", device + " target=75");
        row("io.prio.class", "restrict-to-be", "restrict-to-be");
        row("rdma.max", "labrxe hca_handle=2 hca_object=2000", "labrxe hca_handle=2 hca_object=2000");
        row("pids.max", "77", "77");
        row("hugetlb.max", "2MB 64M", "67108864", "hugetlb.2MB.max");
        row("hugetlb.rsvd.max", "2MB 64M", "67108864", "hugetlb.2MB.rsvd.max");
        row("cgroup.max.depth", "5", "5");
        row("cgroup.max.descendants", "50", "50");
        row("cgroup.pressure", "0", "0");
    }
    void value_reachesTheFile()
    {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, typed);
        QFETCH(QByteArray, file);
        QFETCH(QByteArray, text);
        const ScratchCgroup scratch("write", {"unified"});
        const LimitKey limit = *limitKeyByName(key.toStdString());
        const auto before = cgroup::readLimit(*m_hierarchies, scratch.cgroup(), limit);
        if (!before) { // Debian's kernel has them all but these
            static const std::set<QByteArray> kNotHere{"io.bfq.weight", "io.prio.class", "io.latency", "cpu.uclamp.min",
                                                       "cpu.uclamp.max"};
            QVERIFY2(kNotHere.contains(key), why(before));
            QVERIFY2(isAbsent(before.error()), why(before));
            return;
        }
        const auto value = parseLimitValue(limit, typed.toStdString());
        QVERIFY2(value, why(value));
        const std::vector<LimitSetting> settings{{limit, *value}};
        const auto set = m_control->setLimits(scratch.cgroup(), settings, {});
        QVERIFY2(set, why(set));
        QCOMPARE(QByteArray::fromStdString(std::string(trim(scratch.read("unified", file.toStdString())))), text);
        QVERIFY(set->changes.front().command.contains(strCat("/sys/fs/cgroup", scratch.path().text())));
        QVERIFY(auditText().contains(key.toStdString()));
        // And back: what was there before can be written again.
        if (limitInfo(limit).shape == LimitShape::DeviceFields || limit == LimitKey::IoMax)
            return;
        const std::vector<LimitSetting> undo{{limit, *before}};
        const auto undone = m_control->setLimits(scratch.cgroup(), undo, {});
        QVERIFY2(undone, why(undone));
        QVERIFY(cgroup::readLimit(*m_hierarchies, scratch.cgroup(), limit) == *before);
    }

    void costOfADisk_isSetAtTheRootAlone()
    {
        const cgroup::Cgroup root = *cgroup::locate(*m_hierarchies, cgroup::CgroupPath());
        const std::string device = disk();
        const auto set = [&](LimitKey key, const std::string &text) {
            return m_control->setLimits(root, std::vector<LimitSetting>{{key, *parseLimitValue(key, text)}}, {});
        };
        const auto shown = [](const char *file) { return lab::kernelFile("", file); };
        const auto qos = set(LimitKey::IoCostQos, device + " enable=1 ctrl=user rpct=95.00 rlat=5000");
        QVERIFY2(qos, why(qos));
        QVERIFY2(shown("io.cost.qos").starts_with(device + " enable=1 ctrl=user rpct=95.00 rlat=5000 "),
                 shown("io.cost.qos").c_str());
        const auto model = set(LimitKey::IoCostModel, device + " ctrl=user model=linear rbps=400000000");
        QVERIFY2(model, why(model));
        QVERIFY2(shown("io.cost.model").contains("ctrl=user model=linear rbps=400000000 "),
                 shown("io.cost.model").c_str());
        const auto rows = m_control->listLimits(root);
        QVERIFY2(rows, why(rows));
        for (const LimitRow &row : *rows)
            QCOMPARE(row.notSettable.empty(), limitInfo(row.key).reach == LimitReach::Host);
        QVERIFY(set(LimitKey::IoCostQos, device + " enable=0"));
        // Of the root's own nothing else is changed.
        QCOMPARE(set(LimitKey::CgroupPressure, "0").error().posix(), EPERM);
    }

    void effective_isTheChainsLeast()
    {
        const ScratchCgroup scratch("chain", {"unified"});
        const cgroup::Cgroup child = scratch.makeChild("b");
        scratch.write("unified", "memory.max", "64M");
        scratch.write("unified", "cpuset.cpus", "1");
        const auto memory = cgroup::effectiveLimit(*m_hierarchies, child, LimitKey::MemoryMax, {});
        QVERIFY(memory.value == LimitValue(64 * kMiB));
        QCOMPARE(memory.limitedBy, scratch.path());
        const auto cpus = cgroup::effectiveLimit(*m_hierarchies, child, LimitKey::CpusetCpus, {});
        QVERIFY(cpus.value == LimitValue(std::string("1")));
        QCOMPARE(cpus.limitedBy, scratch.path());
        QVERIFY(!cgroup::effectiveLimit(*m_hierarchies, child, LimitKey::HugetlbMax, {}).value); // "max" of every size
        scratch.write("unified", "hugetlb.2MB.max", "64M");
        const auto huge = cgroup::effectiveLimit(*m_hierarchies, child, LimitKey::HugetlbMax, {});
        QVERIFY(huge.value && std::get<std::string>(*huge.value).contains("2MB 67108864"));
        QCOMPARE(huge.limitedBy, scratch.path());
    }

    void partition_thatIsInvalid_saysWhy()
    {
        const ScratchCgroup scratch("partition", {"unified"});
        const cgroup::Cgroup child = scratch.makeChild("b");
        const std::vector<LimitSetting> settings{{LimitKey::CpusetCpusPartition, std::string("root")}};
        const auto preview = m_control->setLimits(child, settings, {.actor = {}, .dryRun = true});
        QVERIFY2(preview, why(preview));
        const auto set = m_control->setLimits(child, settings, {});
        QVERIFY2(set, why(set));
        QVERIFY(hasWarning(set->changes.front().warnings, WarningCode::NotInForce));
        const auto rows = m_control->listLimits(child);
        const auto row = std::ranges::find(*rows, LimitKey::CpusetCpusPartition, &LimitRow::key);
        QVERIFY(row->configured == LimitValue(std::string("root")));
        QVERIFY2(row->notInForce.contains("invalid ("), row->notInForce.c_str());
    }

    void type_isOneWay()
    {
        const ScratchCgroup scratch("type", {"unified"});
        const cgroup::Cgroup child = scratch.makeChild("b");
        const std::vector<LimitSetting> settings{{LimitKey::CgroupType, std::string("threaded")}};
        const auto preview = m_control->setLimits(child, settings, {.actor = {}, .dryRun = true});
        QVERIFY2(preview, why(preview));
        QVERIFY(hasWarning(preview->changes.front().warnings, WarningCode::Irreversible));
    }

    void limitBelowUsage_warnsWithTheNumbers()
    {
        ChildProcess eater([] {
            std::vector<char> memory(48 * kMiB);
            for (std::size_t i = 0; i < memory.size(); i += 4096)
                memory[i] = 1;
            return test::sleepForEver();
        });
        const ScratchCgroup scratch("usage", {"unified"});
        scratch.attach(eater.pid());
        eater.go();
        QTRY_VERIFY(*parseU64(trim(scratch.read("unified", "memory.current"))) > 40 * kMiB);
        const std::vector<LimitSetting> settings{{LimitKey::MemoryHigh, 16 * kMiB}, {LimitKey::MemoryMax, 20 * kMiB}};
        const auto preview = m_control->setLimits(scratch.cgroup(), settings, {.actor = {}, .dryRun = true});
        QVERIFY2(preview, why(preview));
        QVERIFY(hasWarning(preview->changes[0].warnings, WarningCode::WillThrottle));
        QVERIFY(hasWarning(preview->changes[1].warnings, WarningCode::WillOomKill));
        QVERIFY(preview->changes[1].warnings.front().have > 40 * kMiB);
        QCOMPARE(preview->changes[1].warnings.front().want, 20 * kMiB);
        QCOMPARE(scratch.read("unified", "memory.max"), std::string("max\n"));
    }

    void reclaim_takesMemoryBack()
    {
        // Clean page cache of a file on the disk: what reclaim takes without swap.
        const std::string file = "/usr/bin/podman";
        const QTemporaryDir folder;
        const std::string marker = folder.filePath(QStringLiteral("read")).toStdString();
        ChildProcess reader([file, marker] {
            (void)readFile(file);
            std::ofstream(marker) << "all of it";
            return test::sleepForEver();
        });
        const ScratchCgroup scratch("reclaim", {"unified"});
        writeFileAt(AT_FDCWD, "/proc/sys/vm/drop_caches", "1").value();
        scratch.attach(reader.pid());
        reader.go();
        std::uint64_t before = 0;
        const auto isStill = [&] {
            const std::uint64_t last =
                std::exchange(before, *parseU64(trim(scratch.read("unified", "memory.current"))));
            return before > 4 * kMiB && before == last && std::filesystem::exists(marker);
        };
        QVERIFY(QTest::qWaitFor(isStill, 30'000)); // QTRY_VERIFY would look twice at what is true once
        const auto preview = m_control->reclaim(scratch.cgroup(), kMiB, {}, {.actor = {}, .dryRun = true});
        QVERIFY2(preview, why(preview));
        QCOMPARE(preview->usageAfter, preview->usageBefore);
        const auto done = m_control->reclaim(scratch.cgroup(), 2 * kMiB, 0, {});
        QVERIFY2(done, why(done));
        QVERIFY(done->usageAfter < done->usageBefore);
        const auto tooMuch = m_control->reclaim(scratch.cgroup(), 1024 * kMiB, {}, {});
        QVERIFY2(tooMuch, why(tooMuch));
        QVERIFY(!tooMuch->complete);
        QVERIFY(!m_control->reclaim(scratch.cgroup(), kMiB, 201, {}));
        QVERIFY(auditText().contains("reclaim"));
    }

    void controllers_areEnabledAndTaken()
    {
        const ScratchCgroup scratch("controllers", {"unified"});
        const cgroup::Cgroup parent = scratch.cgroup();
        QCOMPARE(::mkdir(strCat("/sys/fs/cgroup", parent.path.text(), "/b").c_str(), 0755), 0);
        const auto on = m_control->setControllers(parent, {.enable = {"memory", "pids"}}, {});
        QVERIFY2(on, why(on));
        QCOMPARE(joined(on->after), std::string("memory pids"));
        QVERIFY(hasWarning(on->warnings, WarningCode::ChangesChildren));
        QVERIFY(readFile(strCat("/sys/fs/cgroup", parent.path.text(), "/b/memory.max")));
        QVERIFY(writeFileAt(AT_FDCWD, strCat("/sys/fs/cgroup", parent.path.text(), "/b/memory.max"), "32M"));
        const auto off = m_control->setControllers(parent, {.disable = {"memory"}}, {.actor = {}, .dryRun = true});
        QVERIFY2(off, why(off));
        QVERIFY2(off->warnings.front().detail.contains("memory.max 33554432"), off->warnings.front().detail.c_str());
        QVERIFY(writeFileAt(AT_FDCWD, strCat("/sys/fs/cgroup", parent.path.text(), "/b/cgroup.subtree_control"),
                            "+memory"));
        const auto used = m_control->setControllers(parent, {.disable = {"memory"}}, {});
        QVERIFY(!used);
        QCOMPARE(used.error().posix(), EBUSY);
        QVERIFY(used.error().detail.contains("child b"));
        QCOMPARE(m_control->setControllers(parent, {.enable = {"nonsense"}}, {}).error().posix(), ENODEV);
    }

    void controllers_moveProcessesToALeaf()
    {
        std::list<ChildProcess> children;
        for (int i = 0; i < 5; ++i)
            children.emplace_back(test::sleepForEver).go();
        const ScratchCgroup scratch("leaf", {"unified"});
        for (const ChildProcess &child : children)
            scratch.attach(child.pid());
        const auto refused = m_control->setControllers(scratch.cgroup(), {.enable = {"memory"}}, {});
        QVERIFY(!refused);
        QCOMPARE(refused.error().posix(), EBUSY);
        QVERIFY(refused.error().detail.contains("5 processes"));
        QVERIFY(!refused.error().remedy.empty());
        const ControllersWish wish{.enable = {"memory"}, .makeLeaf = true};
        const auto preview = m_control->setControllers(scratch.cgroup(), wish, {.actor = {}, .dryRun = true});
        QVERIFY2(preview, why(preview));
        QCOMPARE(preview->leaf, scratch.path().text() + "/leaf");
        QVERIFY(hasWarning(preview->warnings, WarningCode::MovesToLeaf));
        QCOMPARE(trim(scratch.read("unified", "cgroup.subtree_control")), std::string_view());
        const auto done = m_control->setControllers(scratch.cgroup(), wish, {});
        QVERIFY2(done, why(done));
        QCOMPARE(done->moved, 5U);
        QCOMPARE(scratch.read("unified", "cgroup.procs"), std::string());
        QCOMPARE(scratch.read("unified", "cgroup.subtree_control"), std::string("memory\n"));
        QVERIFY(readFile(strCat("/sys/fs/cgroup", done->leaf, "/memory.max")));
        // cpu alone would be taken beside processes, but leave the children "domain invalid".
        ChildProcess other(test::sleepForEver);
        other.go();
        const ScratchCgroup threaded("threaded", {"unified"});
        threaded.attach(other.pid());
        QCOMPARE(m_control->setControllers(threaded.cgroup(), {.enable = {"cpu"}}, {}).error().posix(), EBUSY);
        QCOMPARE(threaded.read("unified", "cgroup.type"), std::string("domain\n"));
    }
};

QTEST_GUILESS_MAIN(TestLabLimits)
#include "tst_lab_limits.moc"
