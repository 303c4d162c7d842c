// SPDX-License-Identifier: GPL-3.0-or-later
// gantryd as a unit of systemd, as it is installed: started by its socket, its rights by group, its watchdog, and that
// what it has started outlives it. Runs as root in a guest of the lab; users, units and cgroups are its own.
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/lab/programs/containers.h"

#include <filesystem>
#include <fstream>

using namespace gantry;
using lab::shell;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 120'000; ///< a guest without KVM beside a busy host
const std::string kUnits = "/etc/systemd/system";
const std::string kState = "/var/tmp/gantry-lab-daemon";

std::string unitsProperty(const std::string &name)
{
    return shell(strCat("systemctl show --value -p ", name, " gantryd.service"));
}

/// gantryctl as this user, by the service's socket and no other way.
std::string as(const std::string &user, const std::string &words)
{
    return shell(
        strCat("cd /; runuser -u ", user, " -- /opt/gantry/bin/gantryctl --host unix:/run/gantry/gantryd.sock ", words),
        false);
}

} // namespace

class TestLabDaemon : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        const fs::path share = "/opt/gantry/share";
        for (const char *unit : {"gantryd.service", "gantryd.socket"})
            QVERIFY2(fs::exists(share / unit), unit);
        QVERIFY2(!fs::exists(kUnits + "/gantryd.service"), "gantryd is installed in this guest");
        // As it is installed, but for the folder of the program and of what it keeps.
        shell(strCat("sed 's|^ExecStart=.*|ExecStart=/opt/gantry/bin/gantryd --state ", kState, "|' ", share.string(),
                     "/gantryd.service > ", kUnits, "/gantryd.service && cp ", share.string(), "/gantryd.socket ",
                     kUnits));
        fs::create_directories(kUnits + "/gantryd.service.d");
        std::ofstream(kUnits + "/gantryd.service.d/lab.conf") << "[Service]\nWatchdogSec=15\n";
        shell(strCat("systemd-sysusers ", share.string(), "/gantry.sysusers.conf"));
        shell("useradd -r lab-acts -G gantry && useradd -r lab-looks -G gantry-view && useradd -r lab-none");
        shell("systemctl daemon-reload && systemctl start gantryd.socket");
    }
    void cleanupTestCase()
    {
        shell("/opt/gantry/bin/gantryctl kill lab-kept; /opt/gantry/bin/gantryctl rmrun lab-kept", false);
        shell("systemctl stop gantryd.socket gantryd.service", false);
        shell(strCat("rm -rf ", kUnits, "/gantryd.service ", kUnits, "/gantryd.socket ", kUnits, "/gantryd.service.d ",
                     kState));
        shell(
            "systemctl daemon-reload; systemctl reset-failed gantryd.service; rmdir /sys/fs/cgroup/gantry-lab-daemon; "
            "userdel lab-acts; userdel lab-looks; userdel lab-none",
            false);
    }

    void firstClient_startsIt_andItIsReady()
    {
        QCOMPARE(unitsProperty("ActiveState"), std::string("inactive"));
        const runtime::Json host = lab::asJson("host");
        QVERIFY(!runtime::textAt(host, {"kernel"}).empty());
        QCOMPARE(unitsProperty("ActiveState"), std::string("active"));
        QCOMPARE(unitsProperty("Type"), std::string("notify"));
        QVERIFY2(!unitsProperty("StatusText").empty(), "it tells nothing");
        // Once more, by the same process.
        const std::string pid = unitsProperty("MainPID");
        (void)lab::asJson("tree");
        QCOMPARE(unitsProperty("MainPID"), pid);
    }

    void groups_decideWhoActs()
    {
        fs::create_directory("/sys/fs/cgroup/gantry-lab-daemon");
        const std::string set = "set /gantry-lab-daemon pids.max=77";
        const std::string none = as("lab-none", "tree");
        QVERIFY2(none.find("gantry-view") != std::string::npos && none.find("usermod") != std::string::npos,
                 none.c_str());
        QVERIFY(as("lab-looks", "tree").find("gantry-lab-daemon") != std::string::npos);
        const std::string refused = as("lab-looks", set);
        QVERIFY2(refused.find("missing: group gantry") != std::string::npos ||
                     refused.find("group gantry") != std::string::npos,
                 refused.c_str());
        QCOMPARE(lab::kernelFile("/gantry-lab-daemon", "pids.max"), std::string("max"));
        const std::string acted = as("lab-acts", set);
        QVERIFY2(lab::kernelFile("/gantry-lab-daemon", "pids.max") == "77", acted.c_str());
        // Who did it is in the journal.
        const std::string uid = shell("id -u lab-acts");
        const std::string journal =
            shell("journalctl -u gantryd.service -o cat --no-pager -n 200; journalctl -t gantry -o "
                  "export --no-pager -n 50",
                  false);
        QVERIFY2(journal.find(uid) != std::string::npos, journal.c_str());
    }

    void killed_comesBack_andWhatItStartedRunsOn()
    {
        shell("mkdir -p /var/tmp/gantry-lab-daemon-root/bin && cp /bin/busybox /var/tmp/gantry-lab-daemon-root/bin/sh");
        const std::string started = lab::gantryctl("run --name lab-kept --rootfs /var/tmp/gantry-lab-daemon-root -- "
                                                   "/bin/sh -c 'while :; do sleep 1; done'");
        QTRY_VERIFY2_WITH_TIMEOUT(lab::gantryctl("containers", false).find("lab-kept") != std::string::npos,
                                  started.c_str(), kPatience);
        const std::string pid = unitsProperty("MainPID");
        shell("kill -KILL " + pid);
        QTRY_VERIFY_WITH_TIMEOUT(unitsProperty("MainPID") != pid && unitsProperty("ActiveState") == "active",
                                 kPatience);
        QVERIFY(lab::gantryctl("containers").find("lab-kept") != std::string::npos);
        const std::string second = unitsProperty("MainPID");
        shell("systemctl restart gantryd.service");
        QVERIFY(unitsProperty("MainPID") != second);
        QVERIFY(lab::gantryctl("show lab-kept").find("lab-kept") != std::string::npos);
        lab::gantryctl("kill lab-kept");
        QTRY_VERIFY_WITH_TIMEOUT(
            (lab::gantryctl("rmrun lab-kept", false), !fs::exists(kState + "/containers/lab-kept")), kPatience);
    }

    void hung_isEndedByTheWatchdog_andStartedAgain()
    {
        const std::string pid = unitsProperty("MainPID");
        const std::string restarts = unitsProperty("NRestarts");
        shell("kill -STOP " + pid);
        QTRY_VERIFY_WITH_TIMEOUT(unitsProperty("MainPID") != pid && unitsProperty("ActiveState") == "active",
                                 kPatience);
        QVERIFY(unitsProperty("NRestarts") != restarts);
        QVERIFY(!runtime::textAt(lab::asJson("host"), {"kernel"}).empty());
    }

    void stopped_leavesNothing()
    {
        shell("systemctl stop gantryd.service");
        QCOMPARE(unitsProperty("Result"), std::string("success"));
        QVERIFY(fs::exists("/run/gantry/gantryd.sock")); // systemd's; the next client starts it
        shell("systemctl stop gantryd.socket gantryd.service");
        QVERIFY(!fs::exists("/run/gantry/gantryd.sock"));
        // And gantryctl has an engine of its own again.
        QVERIFY(!runtime::textAt(lab::asJson("host"), {"kernel"}).empty());
    }
};

QTEST_GUILESS_MAIN(TestLabDaemon)
#include "tst_lab_daemon.moc"
