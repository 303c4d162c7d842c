// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoint and restore of containers by their runtime's own verb on cgroup v2 under systemd: started by gantryctl, by
// runc and by crun, each command an engine of its own. Runs as root in a guest of the lab; the containers are its own
// and are removed at the end.
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/lab/programs/containers.h"

#include <filesystem>
#include <fstream>

using namespace gantry;
using lab::asJson;
using lab::gantryctl;
using lab::shell;
using runtime::Json;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 120'000; ///< a guest without KVM beside a busy host
const std::string kFolder = "/var/tmp/gantry-lab-checkpoint";
const std::string kName = "lab-cp";
const std::string kPodmans = "lab-cp-podman";
const std::string kLog = kFolder + "/state/containers/" + kName + "/log";

/// The numbers in the container's log.
std::vector<std::int64_t> numbers()
{
    std::vector<std::int64_t> out;
    std::string log = readFile(kLog).value_or("");
    log.resize(log.rfind('\n') == std::string::npos ? 0 : log.rfind('\n') + 1);
    std::string_view rest = log;
    while (const auto line = takeLine(rest)) {
        if (const auto number = parseI64(*line))
            out.push_back(*number);
    }
    return out;
}

} // namespace

class TestLabCheckpoint : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        lab::startAfresh(kFolder);
        QVERIFY(!QTest::currentTestFailed());
        lab::makeRootfs(kFolder);
    }
    void cleanup()
    {
        for (const char *runtime : {"runc", "crun"})
            shell(strCat(runtime, " --root /run/", runtime, " delete --force ", kName), false);
        gantryctl("rmrun " + kName, false);
    }
    void cleanupTestCase() { fs::remove_all(kFolder); }

    void runs_isSaved_ends_andIsRestored_data()
    {
        QTest::addColumn<QByteArray>("runtime");
        QTest::newRow("runc") << QByteArray("runc");
        QTest::newRow("crun") << QByteArray("crun");
    }
    void runs_isSaved_ends_andIsRestored()
    {
        QFETCH(QByteArray, runtime);
        const Json started = asJson(strCat(
            "run --name ", kName, " --rootfs ", kFolder, "/rootfs --memory-max 64M --runtime ", runtime.toStdString(),
            " -- /bin/sh -c 'echo here > /n; i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done'"));
        const std::int32_t pid = runtime::pidAt(started, {"root_pid"});
        QVERIFY(pid > 0);
        QTRY_VERIFY_WITH_TIMEOUT(numbers().size() > 3, kPatience);
        // systemd has its cgroup.
        QCOMPARE(lab::kernelFile(strCat("/gantry.slice/gantry-", kName, ".scope"), "memory.max"),
                 std::string("67108864"));
        QVERIFY(shell(strCat("systemctl show -p ActiveState gantry-", kName, ".scope")).find("=active") !=
                std::string::npos);

        const Json saved = asJson(strCat("checkpoint ", kName, " --name then-", runtime.toStdString()));
        QVERIFY(runtime::flagAt(saved, {"files"}));
        qInfo("%s: stood still for %lld us", runtime.constData(),
              static_cast<long long>(runtime::numberAt(saved, {"frozen_usec"})));
        const std::size_t then = numbers().size();
        QTRY_VERIFY_WITH_TIMEOUT(numbers().size() > then + 3, kPatience);
        const Json ended = asJson(strCat("checkpoint ", kName, " --stop --name last-", runtime.toStdString()));
        QVERIFY(runtime::flagAt(ended, {"files"}));
        QTRY_VERIFY_WITH_TIMEOUT(!fs::exists(strCat("/proc/", pid)), kPatience); // its keeper reaps it
        const std::size_t last = numbers().size();

        const Json back = asJson("restore last-" + runtime.toStdString());
        QVERIFY(runtime::pidAt(back, {"root_pid"}) > 0);
        QTRY_VERIFY_WITH_TIMEOUT(numbers().size() > last + 3, kPatience);
        const std::vector<std::int64_t> all = numbers();
        for (std::size_t i = 0; i < all.size(); ++i)
            QCOMPARE(all[i], static_cast<std::int64_t>(i) + 1); // nothing lost, nothing twice
        QCOMPARE(lab::kernelFile(strCat("/gantry.slice/gantry-", kName, ".scope"), "memory.max"),
                 std::string("67108864"));
        QVERIFY(lab::byGantryctl().contains(kName));

        gantryctl("kill " + kName);
        const std::int32_t second = runtime::pidAt(back, {"root_pid"});
        QTRY_VERIFY_WITH_TIMEOUT(!fs::exists(strCat("/proc/", second)), kPatience);
        QVERIFY(QTest::qWaitFor([] { return gantryctl("rmrun " + kName, false).find("removed") != std::string::npos; },
                                kPatience));
        QVERIFY(!fs::exists(kLog));
    }

    void podmans_isSavedAndRestoredByPodman()
    {
        lab::tool("lab-images");
        const RemovePodmans removeAtEnd;
        lab::tool(strCat("podman run -d --log-driver k8s-file -p 8097:80 --name ", kPodmans,
                         " localhost/lab:latest /bin/sh -c 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done'"));
        QTRY_VERIFY_WITH_TIMEOUT(countOfPodmans() > 3, kPatience);
        lab::tool(strCat("podman exec ", kPodmans, " sh -c 'echo then > /kept'"));
        const Json saved = asJson(strCat("checkpoint ", kPodmans, " --name podmans"));
        QCOMPARE(runtime::textAt(saved, {"checkpoint", "runtime"}), std::string("podman"));
        const std::int64_t then = countOfPodmans();
        QTRY_VERIFY_WITH_TIMEOUT(countOfPodmans() > then + 3, kPatience);
        lab::tool(strCat("podman exec ", kPodmans, " sh -c 'echo now > /kept'"));
        const std::string early = gantryctl("restore podmans", false);
        QVERIFY2(early.find("it is running") != std::string::npos, early.c_str());
        lab::tool(strCat("podman stop -t 0 ", kPodmans));
        const Json back = asJson("restore podmans");
        QVERIFY(runtime::pidAt(back, {"root_pid"}) > 0);
        QCOMPARE(shell(strCat("podman inspect --format '{{.State.Status}}' ", kPodmans)), std::string("running"));
        QCOMPARE(shell(strCat("podman exec ", kPodmans, " cat /kept")), std::string("then"));
        QTRY_VERIFY_WITH_TIMEOUT(countOfPodmans() > then + 3, kPatience);

        // As another one: all that is in the way at once, then what it was.
        const std::string same = gantryctl(strCat("restore podmans --as ", kPodmans), false);
        QVERIFY2(same.find("podman has a container of this name") != std::string::npos, same.c_str());
        QVERIFY2(same.find("port 8097/tcp") != std::string::npos, same.c_str());
        QVERIFY2(same.find("Nothing was changed") != std::string::npos, same.c_str());
        lab::tool(strCat("podman stop -t 0 ", kPodmans));
        const std::string two = gantryctl(strCat("restore podmans --as ", kPodmans, "-x --copies 2"), false);
        QVERIFY2(two.find("only one container can have it") != std::string::npos, two.c_str());
        const std::string copy = strCat(kPodmans, "-copy");
        const Json other = asJson(strCat("restore podmans --as ", copy));
        const Json one = runtime::at(other, {"copies"}).at(0);
        QCOMPARE(runtime::textAt(one, {"name"}), copy);
        QCOMPARE(parseI64(shell(strCat("podman inspect --format '{{.State.Pid}}' ", copy))).value_or(0),
                 std::int64_t{runtime::pidAt(one, {"root_pid"})});
        QCOMPARE(shell(strCat("podman exec ", copy, " cat /kept")), std::string("then"));
        const std::int64_t first = countOfPodmans(copy);
        QTRY_VERIFY_WITH_TIMEOUT(countOfPodmans(copy) > std::max(first, then) + 3, kPatience);
        // Podman warns besides that its network namespace is gone.
        QVERIFY(shell(strCat("podman inspect --format '{{.State.Running}}' ", kPodmans)).ends_with("false"));
    }

private:
    struct RemovePodmans
    {
        RemovePodmans() = default;
        RemovePodmans(const RemovePodmans &) = delete;
        RemovePodmans &operator=(const RemovePodmans &) = delete;
        RemovePodmans(RemovePodmans &&) = delete;
        RemovePodmans &operator=(RemovePodmans &&) = delete;
        ~RemovePodmans() { shell(strCat("podman rm -f -t 0 ", kPodmans, " ", kPodmans, "-copy"), false); }
    };
    static std::int64_t countOfPodmans(const std::string &name = kPodmans)
    {
        return parseI64(shell(strCat("podman logs --tail 1 ", name), false)).value_or(0);
    }
};

QTEST_GUILESS_MAIN(TestLabCheckpoint)
#include "tst_lab_checkpoint.moc"
