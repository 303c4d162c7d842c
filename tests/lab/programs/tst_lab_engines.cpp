// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoint and restore of Docker's and LXC's containers: saved while they run on, ended, and brought back by the own
// verb of each, which then knows of them. Runs as root in a guest of the lab; the containers are its own and are
// removed at the end.
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/lab/programs/containers.h"

#include <filesystem>
#include <fstream>

using namespace gantry;
using lab::asJson;
using lab::gantryctl;
using lab::shell;
using lab::tool;
using runtime::Json;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 120'000; ///< a guest without KVM beside a busy host
const std::string kFolder = "/var/tmp/gantry-lab-engines";
const std::string kDockers = "lab-dock";
const std::string kLxcs = "lab-lxc";
const std::string kContainerds = "lab-ctr";
const std::string kDockersSettings = "/etc/docker/daemon.json";
const std::string kCount = "i=0; while :; do i=$((i+1)); echo $i; echo $i > /n; sleep 0.2; done";

std::int64_t dockersCount()
{
    return parseI64(shell(strCat("docker logs --tail 1 ", kDockers), false)).value_or(0);
}

std::int64_t lxcsCount()
{
    return parseI64(trim(readFile(kFolder + "/rootfs/n").value_or(""))).value_or(0);
}

} // namespace

class TestLabEngines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        lab::startAfresh(kFolder);
        QVERIFY(!QTest::currentTestFailed());
        lab::makeRootfs(kFolder);
        fs::create_directories("/etc/docker");
        QVERIFY2(!fs::exists(kDockersSettings), "dockerd of this guest has settings of its own");
        tool("systemctl restart docker && lab-images");
    }
    void cleanupTestCase()
    {
        shell(strCat("docker rm -f ", kDockers), false);
        shell(strCat("ctr task rm -f ", kContainerds, "; ctr container rm ", kContainerds), false);
        shell(strCat("lxc-stop -k -n ", kLxcs), false);
        fs::remove_all("/var/lib/lxc/" + kLxcs);
        fs::remove(kDockersSettings);
        shell("systemctl restart docker", false);
        fs::remove_all(kFolder);
    }

    void dockers_isSaved_ends_andIsRestoredByDocker()
    {
        fs::create_directory(kFolder + "/held");
        std::ofstream(kFolder + "/held/file") << "short";
        tool(strCat("docker run -d --name ", kDockers, " -p 8096:80 -v ", kFolder,
                    "/held:/held localhost/lab:latest sh -c 'exec 3<>/held/file; ", kCount, "'"));
        QTRY_VERIFY_WITH_TIMEOUT(dockersCount() > 3, kPatience);
        tool(strCat("docker exec ", kDockers, " sh -c 'echo then > /kept'"));
        QVERIFY(runtime::flagAt(asJson("check " + kDockers), {"possible"}));
        const std::string refused = gantryctl(strCat("checkpoint ", kDockers, " --stop"), false);
        QVERIFY2(refused.find("would lose it") != std::string::npos, refused.c_str());
        const Json saved = asJson(strCat("checkpoint ", kDockers, " --name docks"));
        QCOMPARE(runtime::textAt(saved, {"checkpoint", "runtime"}), std::string("docker"));
        QVERIFY(runtime::flagAt(saved, {"files"}));
        qInfo("stood still for %lld us", static_cast<long long>(runtime::numberAt(saved, {"frozen_usec"})));
        const std::int64_t then = dockersCount();
        QTRY_VERIFY_WITH_TIMEOUT(dockersCount() > then + 3, kPatience); // it runs on
        QCOMPARE(shell(strCat("docker inspect -f '{{.State.Status}}' ", kDockers)), std::string("running"));
        tool(strCat("docker exec ", kDockers, " sh -c 'echo now > /kept; echo more > /late'"));
        const std::string early = gantryctl("restore docks", false);
        QVERIFY2(early.find("Docker has it: it is running") != std::string::npos, early.c_str());
        const std::string inPlace = gantryctl("restore docks --in-place", false);
        QVERIFY2(inPlace.find("Gantry does not go back in its place") != std::string::npos, inPlace.c_str());
        QCOMPARE(shell(strCat("docker inspect -f '{{.State.Status}}' ", kDockers)), std::string("running"));
        tool(strCat("docker kill ", kDockers));

        const std::string plain = gantryctl("restore docks", false);
        QVERIFY2(plain.find("experimental") != std::string::npos, plain.c_str());
        std::ofstream(kDockersSettings) << R"({"experimental": true})" << '\n';
        tool("systemctl restart docker");
        const std::int64_t last = dockersCount();
        QVERIFY(last > then);
        // It fails in CRIU, and nothing of it is left: what it had open has another length.
        std::ofstream(kFolder + "/held/file", std::ios::app) << ", and longer";
        const std::string failed = gantryctl("restore docks", false);
        QVERIFY2(failed.find("docker says") != std::string::npos, failed.c_str());
        QCOMPARE(shell(strCat("docker inspect -f '{{.State.Status}}' ", kDockers)), std::string("exited"));
        QCOMPARE(shell(strCat("docker cp ", kDockers, ":/kept - | tar xO")), std::string("now"));
        QCOMPARE(shell(strCat("docker checkpoint ls ", kDockers, " | wc -l")), std::string("1"));
        fs::resize_file(kFolder + "/held/file", 5);
        const Json back = asJson("restore docks");
        const std::int32_t pid = runtime::pidAt(back, {"root_pid"});
        QVERIFY(pid > 0);
        // Docker knows it, its memory and its files are of then, and it has its network.
        QCOMPARE(parseI64(shell(strCat("docker inspect -f '{{.State.Pid}}' ", kDockers))).value_or(0),
                 std::int64_t{pid});
        QCOMPARE(shell(strCat("docker exec ", kDockers, " cat /kept")), std::string("then"));
        QVERIFY(shell(strCat("docker exec ", kDockers, " ls /")).find("late") == std::string::npos);
        QVERIFY(shell(strCat("docker exec ", kDockers, " ip a")).find("eth0") != std::string::npos);
        const std::int64_t first = dockersCount();
        QVERIFY2(first <= last, qPrintable(QString::number(first)));
        QTRY_VERIFY_WITH_TIMEOUT(dockersCount() > first + 3, kPatience);
        QCOMPARE(shell(strCat("docker checkpoint ls ", kDockers, " | wc -l")), std::string("1")); // its head
        // Once more, and its next checkpoint goes on from it.
        const Json next = asJson(strCat("checkpoint ", kDockers));
        QCOMPARE(runtime::textAt(next, {"checkpoint", "runtime"}), std::string("docker"));
        tool(strCat("docker rm -f ", kDockers));
        const std::string gone = gantryctl("restore docks", false);
        QVERIFY2(gone.find("Docker does not have it") != std::string::npos, gone.c_str());
    }

    void containerds_isRefusedByCheckToo()
    {
        tool(strCat("systemctl start containerd && ctr run -d localhost/lab:latest ", kContainerds, " sleep 100000"));
        const std::string told = gantryctl("check " + kContainerds, false);
        QVERIFY2(told.find("containerd keeps its state") != std::string::npos, told.c_str());
        const std::string refused = gantryctl("checkpoint " + kContainerds, false);
        QVERIFY2(refused.find("containerd keeps its state") != std::string::npos, refused.c_str());
    }

    void lxcs_isSaved_ends_andIsRestoredByLxc()
    {
        const fs::path own = "/var/lib/lxc/" + kLxcs;
        fs::create_directories(own);
        std::ofstream(kFolder + "/rootfs/count") << "#!/bin/sh\n" << kCount << '\n';
        tool(strCat("chmod +x ", kFolder, "/rootfs/count"));
        std::ofstream(own / "config") << "lxc.uts.name = " << kLxcs << "\nlxc.rootfs.path = dir:" << kFolder
                                      << "/rootfs\nlxc.net.0.type = empty\nlxc.mount.auto = proc:rw sys:rw\n"
                                         "lxc.tty.max = 0\nlxc.pty.max = 1\nlxc.console.path = none\n"
                                         "lxc.init.cmd = /count\n";
        tool("lxc-start -d -n " + kLxcs);
        QTRY_VERIFY_WITH_TIMEOUT(lxcsCount() > 3, kPatience);
        const std::string refused = gantryctl(strCat("checkpoint ", kLxcs, " --stop"), false);
        QVERIFY2(refused.find("would lose it") != std::string::npos, refused.c_str());
        const Json saved = asJson(strCat("checkpoint ", kLxcs, " --name lxcs"));
        QCOMPARE(runtime::textAt(saved, {"checkpoint", "runtime"}), std::string("lxc"));
        QVERIFY(!runtime::flagAt(saved, {"files"}));
        const std::int64_t then = lxcsCount();
        QTRY_VERIFY_WITH_TIMEOUT(lxcsCount() > then + 3, kPatience); // it runs on
        const std::string early = gantryctl("restore lxcs", false);
        QVERIFY2(early.find("LXC has it: it is RUNNING") != std::string::npos, early.c_str());
        QTRY_VERIFY_WITH_TIMEOUT(lxcsCount() > then + 20, kPatience);
        tool("lxc-stop -k -n " + kLxcs);
        const std::int64_t last = lxcsCount();

        const Json back = asJson("restore lxcs");
        const std::int32_t pid = runtime::pidAt(back, {"root_pid"});
        QCOMPARE(parseI64(shell(strCat("lxc-info -H -p -n ", kLxcs))).value_or(0), std::int64_t{pid});
        QCOMPARE(shell(strCat("lxc-info -H -s -n ", kLxcs)), std::string("RUNNING"));
        QTRY_VERIFY_WITH_TIMEOUT(lxcsCount() < last && lxcsCount() > then, kPatience); // it counts on from then
        QVERIFY(lab::byGantryctl().contains(kLxcs));
        tool("lxc-stop -k -n " + kLxcs);
    }
};

QTEST_GUILESS_MAIN(TestLabEngines)
#include "tst_lab_engines.moc"
