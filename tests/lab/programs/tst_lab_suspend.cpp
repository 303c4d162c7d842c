// SPDX-License-Identifier: GPL-3.0-or-later
// Suspend and resume over a reboot of the host, on cgroup v2 under systemd: a bare tree in a cgroup that is gone
// afterwards, and a container of gantryctl run. Runs as root in a guest of the lab, "suspends" before the reboot and
// "resumes" after it (suspend.sh).
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/lab/programs/containers.h"

#include <filesystem>
#include <fstream>

using namespace gantry;
using lab::asJson;
using lab::gantryctl;
using lab::kernelFile;
using lab::shell;
using lab::tool;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 120'000; ///< a guest without KVM beside a busy host
const std::string kFolder = "/var/lib/gantry-lab-suspend";
const std::string kCgroup = "/gantry-lab-suspend";
const std::string kName = "lab-sleeper";
const std::string kScope = "/gantry.slice/gantry-" + kName + ".scope";
const std::string kTreesCount = kFolder + "/n";
const std::string kContainersCount = kFolder + "/state/containers/" + kName + "/upper/n";

std::string text(const std::string &file)
{
    return std::string(trim(readFile(file).value_or("")));
}

std::int64_t count(const std::string &file)
{
    return parseI64(text(file)).value_or(0);
}

/// False also where it begins anew: what it writes first is then less than it was.
bool goesOn(const std::string &file, std::int64_t then)
{
    std::int64_t now = 0;
    const bool changed = QTest::qWaitFor(
        [&] {
            now = count(file);
            return now != then && now != 0; // 0: it is writing
        },
        kPatience);
    return changed && now > then && QTest::qWaitFor([&] { return count(file) > now; }, kPatience);
}

void note(const std::string &name, const std::string &value)
{
    std::ofstream(kFolder + "/" + name) << value;
}

} // namespace

class TestLabSuspend : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void suspends()
    {
        lab::startAfresh(kFolder);
        QVERIFY(!QTest::currentTestFailed());
        lab::makeRootfs(kFolder);
        fs::create_directory("/sys/fs/cgroup" + kCgroup);
        std::ofstream("/sys/fs/cgroup/cgroup.subtree_control") << "+memory +pids";
        std::ofstream("/sys/fs/cgroup" + kCgroup + "/pids.max") << 77;
        std::ofstream("/proc/sys/kernel/ns_last_pid") << 20'000; // no pid that a boot takes again
        tool(strCat("setsid sh -c 'echo $$ >/sys/fs/cgroup", kCgroup, "/cgroup.procs; echo $$ >", kFolder,
                    "/pid; i=0; while :; do i=$((i+1)); echo $i >", kTreesCount,
                    "; sleep 0.2; done' </dev/null >/dev/null 2>&1 &"));
        asJson(strCat("run --name ", kName, " --rootfs ", kFolder,
                      "/rootfs --memory-max 64M -- /bin/sh -c 'i=0; while :; do i=$((i+1)); echo $i > /n; sleep 0.2; "
                      "done'"));
        QTRY_VERIFY_WITH_TIMEOUT(count(kTreesCount) > 3 && count(kContainersCount) > 3, kPatience);
        const std::string pid = text(kFolder + "/pid");

        QVERIFY(!asJson("suspend " + kCgroup).is_null());
        QTRY_VERIFY_WITH_TIMEOUT(!fs::exists("/proc/" + pid), kPatience);
        QVERIFY(!asJson("suspend " + kName).is_null());
        QTRY_COMPARE_WITH_TIMEOUT(shell(strCat("runc list -q | grep -c ", kName), false), std::string("0"), kPatience);
        note("boot", text("/proc/sys/kernel/random/boot_id"));
        note("tree-then", text(kTreesCount));
        note("container-then", text(kContainersCount));
        tool("sync");
    }

    void resumes()
    {
        qputenv("GANTRY_STATE", QByteArray::fromStdString(kFolder + "/state"));
        QVERIFY2(fs::exists(kFolder + "/container-then"), "nothing was suspended before");
        QVERIFY(text(kFolder + "/boot") != text("/proc/sys/kernel/random/boot_id"));
        QVERIFY(!fs::exists("/sys/fs/cgroup" + kCgroup));
        const std::string pid = text(kFolder + "/pid");
        QVERIFY2(!fs::exists("/proc/" + pid), pid.c_str());

        QVERIFY(!asJson("resume " + kCgroup).is_null());
        const std::int64_t tree = count(kFolder + "/tree-then");
        QVERIFY(tree > 0);
        QVERIFY(goesOn(kTreesCount, tree));
        QCOMPARE(text("/proc/" + pid + "/cgroup"), "0::" + kCgroup);
        QCOMPARE(kernelFile(kCgroup, "pids.max"), std::string("77"));

        QVERIFY(!asJson("resume " + kName).is_null());
        const std::int64_t container = count(kFolder + "/container-then");
        QVERIFY(container > 0);
        QVERIFY(goesOn(kContainersCount, container));
        QCOMPARE(kernelFile(kScope, "memory.max"), std::string("67108864"));
        QVERIFY(lab::byGantryctl().contains(kName));

        tool("kill -KILL " + pid);
        gantryctl("kill " + kName);
        QVERIFY(QTest::qWaitFor([] { return gantryctl("rmrun " + kName, false).find("removed") != std::string::npos; },
                                kPatience));
        const std::string cgroup = "/sys/fs/cgroup" + kCgroup;
        QVERIFY(QTest::qWaitFor([&] { return ::rmdir(cgroup.c_str()) == 0; }, kPatience));
        fs::remove_all(kFolder);
    }
};

QTEST_GUILESS_MAIN(TestLabSuspend)
#include "tst_lab_suspend.moc"
