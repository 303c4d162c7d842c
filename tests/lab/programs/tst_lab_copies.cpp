// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint restored as new containers on cgroup v2 under systemd, by runc and by crun; each command an engine of
// its own. Runs as root in a guest of the lab; the containers are its own and are removed at the end.
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/lab/programs/containers.h"

#include <array>
#include <filesystem>

using namespace gantry;
using lab::asJson;
using lab::gantryctl;
using lab::shell;
using runtime::Json;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 120'000; ///< a guest without KVM beside a busy host
const std::string kFolder = "/var/tmp/gantry-lab-copies";
const std::string kName = "lab-one";
const std::array<std::string, 3> kAll{kName, "lab-web-1", "lab-web-2"};

/// The numbers in a container's log; 0 where it is empty.
std::vector<std::int64_t> numbers(const std::string &name)
{
    std::string log = readFile(strCat(kFolder, "/state/containers/", name, "/log")).value_or("");
    log.resize(log.rfind('\n') == std::string::npos ? 0 : log.rfind('\n') + 1);
    std::string_view rest = log;
    std::vector<std::int64_t> out;
    while (const auto line = takeLine(rest))
        out.push_back(parseI64(*line).value_or(-1));
    return out.empty() ? std::vector<std::int64_t>{0} : out;
}

std::string scopeOf(const std::string &name)
{
    return strCat("/gantry.slice/gantry-", name, ".scope");
}

} // namespace

class TestLabCopies : public QObject
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
        for (const std::string &name : kAll) {
            for (const char *runtime : {"runc", "crun"})
                shell(strCat(runtime, " --root /run/", runtime, " delete --force ", name), false);
            gantryctl("rmrun " + name, false);
        }
    }
    void cleanupTestCase() { fs::remove_all(kFolder); }

    void besideTheOriginal_data()
    {
        QTest::addColumn<QByteArray>("runtime");
        QTest::newRow("runc") << QByteArray("runc");
        QTest::newRow("crun") << QByteArray("crun");
    }
    void besideTheOriginal()
    {
        QFETCH(QByteArray, runtime);
        const std::string checkpoint = "then-" + runtime.toStdString();
        asJson(strCat("run --name ", kName, " --rootfs ", kFolder, "/rootfs --memory-max 64M --runtime ",
                      runtime.toStdString(),
                      " -- /bin/sh -c 'i=0; while :; do i=$((i+1)); echo $i; echo $i > /n; sleep 0.2; done'"));
        QTRY_VERIFY_WITH_TIMEOUT(numbers(kName).back() > 3, kPatience);
        QVERIFY(QTest::qWaitFor(
            [] {
                const std::string set = gantryctl(strCat("set ", kName, " memory.max=48M memory.high=40M"), false);
                return set.find("memory.high") != std::string::npos;
            },
            kPatience));
        // The first CRIU of a boot may take longer than its probe has time.
        QVERIFY(QTest::qWaitFor(
            [&] {
                return !runtime::textAt(asJson(strCat("checkpoint ", kName, " --name ", checkpoint)),
                                        {"checkpoint", "id"})
                            .empty();
            },
            kPatience));
        const std::int64_t then = numbers(kName).back();

        const Json made = asJson(strCat("restore ", checkpoint, " --as lab-web --copies 2"));
        QCOMPARE(runtime::at(made, {"copies"}).size(), std::size_t{2});
        QCOMPARE(runtime::at(made, {"conflicts"}).size(), std::size_t{0});
        for (const std::string &name : {kAll[1], kAll[2]}) {
            QTRY_VERIFY_WITH_TIMEOUT(numbers(name).back() > then + 3, kPatience);
            QVERIFY(numbers(name).front() <= then + 1 && numbers(name).front() > 1);
            QVERIFY(shell(strCat("systemctl show -p ActiveState gantry-", name, ".scope")).find("=active") !=
                    std::string::npos);
            QCOMPARE(lab::kernelFile(scopeOf(name), "memory.max"), std::string("50331648"));
            QVERIFY(lab::byGantryctl().contains(name));
        }
        for (const Json &copy : runtime::at(made, {"copies"})) {
            const std::int32_t pid = runtime::pidAt(copy, {"root_pid"});
            QVERIFY(pid > 0);
            qInfo("%s: %s after %lld ms", runtime.constData(), runtime::textAt(copy, {"name"}).c_str(),
                  static_cast<long long>(runtime::numberAt(copy, {"duration_usec"}) / 1'000));
            // crun puts it one below the scope.
            const std::string at = readFile(strCat("/proc/", pid, "/cgroup")).value_or("0::\n").substr(3);
            const std::string path = at.substr(0, at.find('\n'));
            QVERIFY2(path.starts_with(scopeOf(runtime::textAt(copy, {"name"}))), path.c_str());
            const std::string high = lab::kernelFile(path, "memory.high");
            QVERIFY2(high == "41943040", strCat(high, " ", runtime::at(made, {"notes"}).dump()).c_str());
        }
        const std::int64_t now = numbers(kName).back();
        QTRY_VERIFY_WITH_TIMEOUT(numbers(kName).back() > now + 3, kPatience); // nobody disturbed it

        const std::string refused = gantryctl(strCat("restore ", checkpoint, " --as lab-web --copies 2"), false);
        QVERIFY2(refused.find("lab-web-1") != std::string::npos && refused.find("lab-web-2") != std::string::npos,
                 refused.c_str());
        gantryctl("kill " + kAll[1]);
        const std::int64_t others = numbers(kAll[2]).back();
        QTRY_VERIFY_WITH_TIMEOUT(numbers(kAll[2]).back() > others + 3, kPatience);
        QVERIFY(QTest::qWaitFor([] { return gantryctl("rmrun lab-web-1", false).find("removed") != std::string::npos; },
                                kPatience));
    }
};

QTEST_GUILESS_MAIN(TestLabCopies)
#include "tst_lab_copies.moc"
