// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoint and restore of podman's, Docker's and LXC's containers: saved while they run on, ended, and brought back
// by the own verb of each, which then knows of them; saved and ended in one, suspended, and gone back in place.
// (podman's that run on: tst_lab_checkpoint.) Runs as root in a guest of the lab; the containers are its own and are
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
const std::string kState = kFolder + "/state";
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

void makeLxcs()
{
    const fs::path own = "/var/lib/lxc/" + kLxcs;
    fs::create_directories(own);
    std::ofstream(kFolder + "/rootfs/count") << "#!/bin/sh\n" << kCount << '\n';
    tool(strCat("chmod +x ", kFolder, "/rootfs/count"));
    std::ofstream(own / "config") << "lxc.uts.name = " << kLxcs << "\nlxc.rootfs.path = dir:" << kFolder
                                  << "/rootfs\nlxc.net.0.type = empty\nlxc.mount.auto = proc:rw sys:rw\n"
                                     "lxc.tty.max = 0\nlxc.pty.max = 1\nlxc.console.path = none\n"
                                     "lxc.init.cmd = /count\n";
}

/// A container that counts, of one engine, by the engine's own words.
struct Counting
{
    const char *name;
    std::string start; ///< it begins at 1
    std::string remove;
    std::string state;
    std::string running; ///< what that prints
    std::string ended;
    std::string pid;

    [[nodiscard]] std::int32_t process() const
    {
        return static_cast<std::int32_t>(parseI64(shell(pid, false)).value_or(0));
    }
    /// The file it counts in, by its first process's root, or by the folder that its root is.
    [[nodiscard]] std::int64_t count() const
    {
        const std::string root =
            std::string_view(name) == kLxcs ? kFolder + "/rootfs" : strCat("/proc/", process(), "/root");
        return parseI64(trim(readFile(root + "/n").value_or(""))).value_or(0);
    }
    [[nodiscard]] bool runs() const { return shell(state, false) == running; }
    /// Of its first process's cgroup: tells whether it is frozen.
    [[nodiscard]] std::string events() const
    {
        const std::string path(trim(readFile(strCat("/proc/", process(), "/cgroup")).value_or("")));
        return strCat("/sys/fs/cgroup", path.substr(std::min(path.size(), std::size_t{3})), "/cgroup.events");
    }
};

bool isFrozen(const std::string &events)
{
    return readFile(events).value_or("").find("frozen 1") != std::string::npos;
}

bool isCriuAtWork()
{
    std::error_code gone;
    for (const fs::directory_entry &process : fs::directory_iterator("/proc", gone)) {
        if (readFile(process.path() / "comm").value_or("") == "criu\n")
            return true;
    }
    return false;
}

const std::string kPodmans = "lab-pod";

Counting countingOf(const std::string &engine)
{
    const std::string command = strCat(" localhost/lab:latest sh -c '", kCount, "'");
    const auto byApi = [&](const std::string &name, const std::string &policy) {
        return Counting{name.c_str(),
                        strCat(engine, " run -d --restart ", policy, " --name ", name, command),
                        strCat(engine, engine == "podman" ? " rm -f -v -t 0 " : " rm -f -v ", name),
                        strCat(engine, " inspect -f '{{.State.Status}}' ", name),
                        "running",
                        "exited",
                        strCat(engine, " inspect -f '{{.State.Pid}}' ", name)};
    };
    if (engine == "podman")
        return byApi(kPodmans, "always -v lab-vol:/vol");
    if (engine == "docker")
        return byApi(kDockers, "unless-stopped -v lab-vol:/vol");
    return {kLxcs.c_str(),
            strCat("lxc-start -d -n ", kLxcs),
            strCat("lxc-stop -k -n ", kLxcs),
            strCat("lxc-info -H -s -n ", kLxcs),
            "RUNNING",
            "STOPPED",
            strCat("lxc-info -H -p -n ", kLxcs)};
}

} // namespace

class TestLabEngines : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        shell("umount " + kState, false); // of a run that was ended
        lab::startAfresh(kFolder);
        QVERIFY(!QTest::currentTestFailed());
        fs::create_directories(kState);
        tool("mount -t tmpfs -o size=64m,mode=700 tmpfs " + kState); // a disk that can be filled
        lab::makeRootfs(kFolder);
        fs::create_directories("/etc/docker");
        QVERIFY2(!fs::exists(kDockersSettings), "dockerd of this guest has settings of its own");
        tool("systemctl restart docker && lab-images");
    }
    void cleanupTestCase()
    {
        shell(strCat("docker rm -f ", kDockers, "; docker volume rm lab-vol"), false);
        shell(strCat("podman rm -f -t 0 ", kPodmans, "; podman volume rm lab-vol"), false);
        shell(strCat("ctr task rm -f ", kContainerds, "; ctr container rm ", kContainerds), false);
        shell(strCat("lxc-stop -k -n ", kLxcs), false);
        fs::remove_all("/var/lib/lxc/" + kLxcs);
        fs::remove(kDockersSettings);
        shell("systemctl restart docker", false);
        tool("umount " + kState);
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
        tool(strCat("docker kill ", kDockers));

        const std::string plain = gantryctl("restore docks", false);
        QVERIFY2(plain.find("experimental") != std::string::npos, plain.c_str());
        makeExperimental();
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
        makeLxcs();
        tool("lxc-start -d -n " + kLxcs);
        QTRY_VERIFY_WITH_TIMEOUT(lxcsCount() > 3, kPatience);
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

    void endsWithItsCheckpoint_andComesBack_data()
    {
        QTest::addColumn<std::string>("engine");
        for (const char *engine : {"podman", "docker", "lxc"})
            QTest::newRow(engine) << std::string(engine);
    }
    void endsWithItsCheckpoint_andComesBack()
    {
        QFETCH(std::string, engine);
        const Counting one = countingOf(engine);
        const std::string then = engine + "-then";
        if (engine == "lxc")
            makeLxcs();
        if (engine == "docker")
            makeExperimental();
        tool(one.start);
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > 3, kPatience);
        if (engine == "docker")
            tool(strCat("docker exec ", one.name, " sh -c 'echo then > /vol/file'"));
        const Json saved =
            asJson(strCat("checkpoint ", one.name, " --name ", then, engine == "docker" ? " --volumes" : ""));
        QCOMPARE(runtime::textAt(saved, {"checkpoint", "runtime"}), engine);
        if (engine == "docker")
            tool(strCat("docker exec ", one.name, " sh -c 'echo now > /vol/file; echo more > /vol/late'"));

        storeFails_itRunsOn(one);
        QVERIFY(!QTest::currentTestFailed());
        gantryIsKilled_itRunsOn(one);
        QVERIFY(!QTest::currentTestFailed());

        // Suspended: what it did last is in its checkpoint, and nobody starts it anew.
        const std::int32_t first = one.process();
        const Json suspended = asJson(strCat("suspend ", one.name));
        QVERIFY(!runtime::textAt(suspended, {"checkpoint", "id"}).empty());
        QCOMPARE(shell(one.state), one.ended);
        QVERIFY(!fs::exists(strCat("/proc/", first)));
        QTest::qWait(1'500); // a runtime starts an ended one again within 100 ms
        QCOMPARE(shell(one.state), one.ended);
        const Json resumed = asJson(strCat("resume ", one.name));
        QCOMPARE(runtime::pidAt(resumed, {"root_pid"}), one.process());
        QVERIFY(one.runs());
        const std::int64_t back = one.count();
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > back + 3, kPatience);
        if (engine == "docker") { // what it wrote then and now is one line of numbers: nothing was lost, or done twice
            const std::string gaps = shell(
                strCat("docker logs ", one.name, " | awk 'NR > 1 && $1 != last + 1 { print last, $1 } { last = $1 }'"));
            QVERIFY2(gaps.empty(), gaps.c_str());
        }
        if (engine == "lxc") {
            // LXC cannot save again what it has restored: that is said, and nothing ends.
            const std::string refused = gantryctl(strCat("restore ", then, " --in-place"), false);
            QVERIFY2(refused.find("LXC cannot save again") != std::string::npos && one.runs(), refused.c_str());
            tool(one.remove);
            tool(one.start);
        }
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > 3, kPatience);
        goesBackInPlace(one, engine, then);
        QVERIFY(!QTest::currentTestFailed());
        shell(one.remove, false);
    }

private:
    static void makeExperimental()
    {
        std::ofstream(kDockersSettings) << R"({"experimental": true})" << '\n';
        tool("systemctl restart docker");
    }

    /// It is being saved to be ended. @return false: it has not come to that.
    static bool standsStill(const Counting &one, QProcess &gantry)
    {
        const std::string events = one.events();
        gantry.start(QCoreApplication::applicationDirPath() + "/gantryctl",
                     {"checkpoint", QString::fromLatin1(one.name), "--stop"});
        return gantry.waitForStarted() && QTest::qWaitFor([&events] { return isFrozen(events); }, kPatience);
    }

    /// Its checkpoint cannot be written: the disk is full.
    static void storeFails_itRunsOn(const Counting &one)
    {
        QProcess gantry;
        QVERIFY2(standsStill(one, gantry), gantry.readAllStandardError().constData());
        shell(strCat("cat /dev/zero > ", kState, "/filler"), false); // while CRIU is at work
        QVERIFY(gantry.waitForFinished(kPatience));
        fs::remove(kState + "/filler");
        const QByteArray refused = gantry.readAllStandardError();
        QVERIFY2(gantry.exitCode() != 0 && refused.contains("No space left"), refused.constData());
        QVERIFY(one.runs() && !isFrozen(one.events()));
        const std::int64_t now = one.count();
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > now + 3, kPatience);
    }

    /// In the midst of it, and what its engine does for Gantry goes on for a while.
    static void gantryIsKilled_itRunsOn(const Counting &one)
    {
        QProcess gantry;
        QVERIFY2(standsStill(one, gantry), gantry.readAllStandardError().constData());
        QVERIFY(QTest::qWaitFor(isCriuAtWork, kPatience));
        gantry.kill();
        QVERIFY(gantry.waitForFinished());
        const std::string left = R"(pgrep -f 'check[p]oint|cri[u]' | wc -l)";
        QTRY_VERIFY_WITH_TIMEOUT(shell(left, false) == "0" && !isFrozen(one.events()), kPatience);
        QVERIFY(one.runs());
        const std::int64_t now = one.count();
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > now + 3, kPatience);
    }

    static void goesBackInPlace(const Counting &one, const std::string &engine, const std::string &then)
    {
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > 3, kPatience);
        const std::int32_t before = one.process();
        const Json there = asJson(strCat("restore ", then, " --in-place"));
        const std::string kept = runtime::textAt(there, {"safety", "id"});
        QVERIFY(!kept.empty());
        QVERIFY(!fs::exists(strCat("/proc/", before)));
        QCOMPARE(runtime::pidAt(there, {"root_pid"}), one.process());
        QVERIFY(one.runs());
        const std::int64_t now = one.count();
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > now + 3, kPatience);
        const std::string inVolume = strCat("docker exec ", one.name, " sh -c 'cat /vol/file; ls /vol'");
        if (engine == "docker")
            QCOMPARE(shell(inVolume), std::string("then\nfile"));
        if (engine == "lxc")
            return;
        // And forward again, to the present of before.
        asJson(strCat("restore ", kept, " --in-place"));
        QVERIFY(one.runs());
        if (engine == "docker")
            QCOMPARE(shell(inVolume), std::string("now\nfile\nlate"));
        const std::int64_t forward = one.count();
        QTRY_VERIFY_WITH_TIMEOUT(one.count() > forward + 3, kPatience);
    }
};

QTEST_GUILESS_MAIN(TestLabEngines)
#include "tst_lab_engines.moc"
