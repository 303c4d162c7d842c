// SPDX-License-Identifier: GPL-3.0-or-later
// engine/systemd without systemd: who owns a path, properties of a limit, what oomctl prints, buses that are none.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/systemd/manager.h"
#include "engine/systemd/oomd.h"
#include "engine/systemd/ownership.h"
#include "engine/systemd/properties.h"

#include <string>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace gantry;
using systemd::Property;

namespace {

cgroup::CgroupPath pathOf(std::string_view text)
{
    cgroup::CgroupPath out;
    while (text.size() > 1) {
        const std::size_t end = text.find('/', 1);
        out = *out.listedChild(text.substr(1, end - 1));
        text.remove_prefix(std::min(end, text.size()));
    }
    return out;
}

/// "unit|slice|own or below|user|path of the unit", or "nobody".
std::string describe(std::string_view path)
{
    const auto owner = systemd::ownershipOf(pathOf(path));
    if (!owner)
        return "nobody";
    return strCat(owner->unit, "|", owner->slice, "|", owner->own ? "own" : "below", "|",
                  owner->userUid ? strCat(*owner->userUid) : std::string("-"), "|", owner->unitPath.text());
}

std::string describe(const std::vector<Property> &properties)
{
    std::string out;
    for (const Property &property : properties) {
        out += strCat(out.empty() ? "" : " ", property.name, "=");
        if (const auto *number = std::get_if<std::uint64_t>(&property.value))
            out += *number == systemd::kInfinity ? std::string("inf") : strCat(*number);
        else if (const auto *flag = std::get_if<bool>(&property.value))
            out += *flag ? "true" : "false";
        else if (const auto *bytes = std::get_if<std::vector<std::uint8_t>>(&property.value))
            for (const std::uint8_t byte : *bytes)
                out += strCat(static_cast<unsigned>(byte), ".");
        else
            for (const auto &[node, value] : std::get<Property::Devices>(property.value))
                out += strCat(node, ":", value == systemd::kInfinity ? std::string("inf") : strCat(value), ";");
    }
    return out;
}

/// A UNIX socket where a bus is looked for. What it does with who connects is `peer`.
class FakeBus
{
public:
    explicit FakeBus(const std::function<void(int)> &peer)
        : m_path(m_folder.filePath(QStringLiteral("bus")).toStdString())
        , m_listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        m_path.copy(name.sun_path, sizeof name.sun_path - 1);
        if (::bind(m_listener.get(), static_cast<const sockaddr *>(static_cast<const void *>(&name)), sizeof name) !=
                0 ||
            ::listen(m_listener.get(), 8) != 0)
            qFatal("bind %s: %s", m_path.c_str(), strerror(errno));
        m_thread = std::jthread([this, peer] {
            while (true) {
                const UniqueFd fd(::accept(m_listener.get(), nullptr, nullptr));
                if (!fd)
                    return;
                peer(fd.get());
            }
        });
    }
    FakeBus(const FakeBus &) = delete;
    FakeBus &operator=(const FakeBus &) = delete;
    FakeBus(FakeBus &&) = delete;
    FakeBus &operator=(FakeBus &&) = delete;
    ~FakeBus() { ::shutdown(m_listener.get(), SHUT_RDWR); }
    [[nodiscard]] std::vector<systemd::BusAddress> addresses() const { return {{strCat("unix:path=", m_path), true}}; }

private:
    QTemporaryDir m_folder;
    const std::string m_path;
    const UniqueFd m_listener;
    std::jthread m_thread;
};

void sayNothing(int fd)
{
    char buffer[256];
    while (::read(fd, buffer, sizeof buffer) > 0) {
    }
}

void sayRubbish(int fd)
{
    const std::string rubbish(4096, '\xff');
    static_cast<void>(::send(fd, rubbish.data(), rubbish.size(), MSG_NOSIGNAL));
    sayNothing(fd);
}

void hangUp(int /*fd*/) {}

} // namespace

class TestSystemd : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void ownership_isReadFromThePath_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("owner");
        const auto row = [](const char *path, const char *owner) {
            QTest::newRow(path) << QByteArray(path) << QByteArray(owner);
        };
        row("/", "-.slice||own|-|/");
        row("/init.scope", "init.scope|-.slice|own|-|/init.scope");
        row("/system.slice", "system.slice|-.slice|own|-|/system.slice");
        row("/system.slice/cron.service", "cron.service|system.slice|own|-|/system.slice/cron.service");
        row("/system.slice/system-getty.slice",
            "system-getty.slice|system.slice|own|-|/system.slice/system-getty.slice");
        row("/system.slice/system-getty.slice/getty@tty1.service",
            "getty@tty1.service|system-getty.slice|own|-|/system.slice/system-getty.slice/getty@tty1.service");
        row("/system.slice/dev-hugepages.mount",
            "dev-hugepages.mount|system.slice|own|-|/system.slice/dev-hugepages.mount");
        row("/system.slice/dbus.socket", "dbus.socket|system.slice|own|-|/system.slice/dbus.socket");
        row("/system.slice/systemd-udevd.service/udev",
            "systemd-udevd.service|system.slice|below|-|/system.slice/systemd-udevd.service");
        row("/system.slice/a.service/.control", "a.service|system.slice|below|-|/system.slice/a.service");
        // Kernel names are escaped by a "_".
        row("/system.slice/_memory.service", "memory.service|system.slice|own|-|/system.slice/_memory.service");
        row("/system.slice/foo\\x2dbar.service",
            "foo\\x2dbar.service|system.slice|own|-|/system.slice/foo\\x2dbar.service");
        row("/foo.service", "foo.service|-.slice|own|-|/foo.service");

        // Runtimes with systemd's help.
        row("/system.slice/docker-0123456789ab.scope",
            "docker-0123456789ab.scope|system.slice|own|-|/system.slice/docker-0123456789ab.scope");
        row("/machine.slice/libpod-abc.scope/container",
            "libpod-abc.scope|machine.slice|below|-|/machine.slice/libpod-abc.scope");
        row("/machine.slice/machine-libpod_pod_ab.slice/libpod-conmon-c.scope",
            "libpod-conmon-c.scope|machine-libpod_pod_ab.slice|own|-|/machine.slice/machine-libpod_pod_ab.slice/"
            "libpod-conmon-c.scope");
        row("/system.slice/web.service/libpod-payload-1", "web.service|system.slice|below|-|/system.slice/web.service");
        row("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-9.scope",
            "cri-containerd-9.scope|kubepods-burstable-pod1_2.slice|own|-|/kubepods.slice/kubepods-burstable.slice/"
            "kubepods-burstable-pod1_2.slice/cri-containerd-9.scope");
        row("/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
            "machine-qemu\\x2d1\\x2dvm.scope|machine.slice|below|-|/machine.slice/machine-qemu\\x2d1\\x2dvm.scope");
        row("/system.slice/slurmstepd.scope/job_1/step_0/user",
            "slurmstepd.scope|system.slice|below|-|/system.slice/slurmstepd.scope");

        // User managers.
        row("/user.slice/user-1000.slice/session-3.scope",
            "session-3.scope|user-1000.slice|own|-|/user.slice/user-1000.slice/session-3.scope");
        row("/user.slice/user-1000.slice/user@1000.service",
            "user@1000.service|user-1000.slice|own|-|/user.slice/user-1000.slice/user@1000.service");
        row("/user.slice/user-1000.slice/user@1000.service/init.scope",
            "init.scope|-.slice|own|1000|/user.slice/user-1000.slice/user@1000.service/init.scope");
        row("/user.slice/user-1000.slice/user@1000.service/app.slice",
            "app.slice|-.slice|own|1000|/user.slice/user-1000.slice/user@1000.service/app.slice");
        row("/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-x.scope/sub",
            "app-gnome-x.scope|app.slice|below|1000|/user.slice/user-1000.slice/user@1000.service/app.slice/"
            "app-gnome-x.scope");
        row("/user.slice/user-0.slice/user@0.service/user.slice/libpod-a.scope/container",
            "libpod-a.scope|user.slice|below|0|/user.slice/user-0.slice/user@0.service/user.slice/libpod-a.scope");
        row("/user.slice/user-1000.slice/user@1000.service/strange",
            "user@1000.service|user-1000.slice|below|-|/user.slice/user-1000.slice/user@1000.service");
        row("/user.slice/user-1.slice/user@x.service/app.slice",
            "user@x.service|user-1.slice|below|-|/user.slice/user-1.slice/user@x.service");
        row("/user.slice/user@4294967295.service/app.slice", "user@4294967295.service|user.slice|below|-|"
                                                             "/user.slice/user@4294967295.service");

        // A systemd inside a container is asked by nobody here.
        row("/machine.slice/systemd-nspawn@x.service/payload/system.slice/cron.service",
            "systemd-nspawn@x.service|machine.slice|below|-|/machine.slice/systemd-nspawn@x.service");
        row("/lxc.payload.web/system.slice/cron.service", "nobody");
        row("/lxc.payload.web", "nobody");
        row("/docker/0123/system.slice", "nobody");
        row("/kubepods/burstable/pod1/9", "nobody");
        row("/gantry-test.1", "nobody");
        // A slice that stands where systemd would not put it.
        row("/a-b.slice", "nobody");
        row("/a.slice/c-d.slice/x.service", "nobody");
        row("/a--b.slice", "nobody");
        row("/.slice", "nobody");
        row("/.service", "nobody");
        row("/@x.service", "nobody");
        row("/system.slice/na me.service", "nobody");
        row("/system.slice/caf\xc3\xa9.service", "nobody");
        row("/system.slice/bad\xff.service", "nobody");
        row("/system.slice/new\nline.service", "nobody");
    }

    void ownership_isReadFromThePath()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, owner);
        QCOMPARE(QByteArray::fromStdString(describe(path.toStdString())), owner);
    }

    void ownership_longNamesAreNoUnits()
    {
        const std::string longest = strCat("/", std::string(247, 'a'), ".service");
        QVERIFY(systemd::ownershipOf(pathOf(longest)));
        QVERIFY(!systemd::isUnitName(strCat(std::string(248, 'a'), ".service")));
    }

    void parentSlice_followsTheDashes()
    {
        QCOMPARE(*systemd::parentSlice("a-b-c.slice"), std::string("a-b.slice"));
        QCOMPARE(*systemd::parentSlice("a.slice"), std::string("-.slice"));
        QCOMPARE(*systemd::parentSlice("-.slice"), std::string());
        for (const char *bad : {"", ".slice", "a-.slice", "-a.slice", "a--b.slice", "a.service", "x@y.slice"})
            QVERIFY2(!systemd::parentSlice(bad), bad);
    }

    void properties_areMadeOfValues_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("properties");
        QTest::addColumn<QByteArray>("assignments");
        const auto row = [](const char *key, const char *value, const char *properties, const char *assignments) {
            QTest::addRow("%s %s", key, value)
                << QByteArray(key) << QByteArray(value) << QByteArray(properties) << QByteArray(assignments);
        };
        row("memory.max", "300M", "MemoryMax=314572800", "MemoryMax=314572800");
        row("memory.max", "max", "MemoryMax=inf", "MemoryMax=infinity");
        row("memory.high", "0", "MemoryHigh=0", "MemoryHigh=0");
        row("memory.min", "1G", "MemoryMin=1073741824", "MemoryMin=1073741824");
        row("memory.low", "4096", "MemoryLow=4096", "MemoryLow=4096");
        row("memory.swap.max", "max", "MemorySwapMax=inf", "MemorySwapMax=infinity");
        row("cpu.weight", "50", "CPUWeight=50", "CPUWeight=50");
        row("pids.max", "max", "TasksMax=inf", "TasksMax=infinity");
        row("pids.max", "512", "TasksMax=512", "TasksMax=512");
        row("cpu.max", "50%", "CPUQuotaPerSecUSec=500000 CPUQuotaPeriodUSec=inf", "CPUQuota=50% CPUQuotaPeriodSec=");
        row("cpu.max", "max", "CPUQuotaPerSecUSec=inf", "CPUQuota=");
        row("cpu.max", "25000 50000", "CPUQuotaPerSecUSec=500000 CPUQuotaPeriodUSec=50000",
            "CPUQuota=50% CPUQuotaPeriodSec=50000us");
        row("cpu.max", "150000 100000", "CPUQuotaPerSecUSec=1500000 CPUQuotaPeriodUSec=inf",
            "CPUQuota=150% CPUQuotaPeriodSec=");
        // systemd keeps whole percents in its drop-in.
        row("cpu.max", "12345 100000", "CPUQuotaPerSecUSec=120000 CPUQuotaPeriodUSec=inf",
            "CPUQuota=12% CPUQuotaPeriodSec=");
        row("cpu.max", "1000 1000000", "CPUQuotaPerSecUSec=10000 CPUQuotaPeriodUSec=1000000",
            "CPUQuota=1% CPUQuotaPeriodSec=1000000us");
        row("io.max", "250:77 rbps=1048576 wiops=max",
            "IOReadBandwidthMax=/dev/block/250:77:1048576; IOWriteIOPSMax=/dev/block/250:77:inf;",
            "IOReadBandwidthMax='/dev/block/250:77 1048576' IOWriteIOPSMax='/dev/block/250:77 infinity'");
    }

    void properties_areMadeOfValues()
    {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, properties);
        QFETCH(QByteArray, assignments);
        const std::string file = key.toStdString();
        const auto limit = parseLimitValue(*limitKeyByName(file), value.toStdString());
        QVERIFY(limit);
        QCOMPARE(QByteArray::fromStdString(describe(*systemd::propertiesFor(file, *limit))), properties);
        QCOMPARE(QByteArray::fromStdString(*systemd::assignmentsFor(file, *limit)), assignments);
    }

    void properties_ofTextValues()
    {
        const auto text = [](std::string_view file, const char *value) {
            const auto made = systemd::propertiesFor(file, LimitValue(std::string(value)));
            return made ? describe(*made) : std::string("refused");
        };
        QCOMPARE(text("cpuset.cpus", "0-3,8"), std::string("AllowedCPUs=15.1."));
        QCOMPARE(text("cpuset.cpus", ""), std::string("AllowedCPUs="));
        QCOMPARE(text("cpuset.mems", "1"), std::string("AllowedMemoryNodes=2."));
        QCOMPARE(text("cpuset.cpus", "3-1"), std::string("refused"));
        QCOMPARE(text("cpuset.cpus", "0-9999999999"), std::string("refused"));
        QCOMPARE(text("io.weight", "default 100, 250:77 200"),
                 std::string("IOWeight=100 IODeviceWeight=/dev/block/250:77:200;"));
        QCOMPARE(text("io.latency", "250:77 target=75000"),
                 std::string("IODeviceLatencyTargetUSec=/dev/block/250:77:75000;"));
        QCOMPARE(text("io.latency", "rubbish"), std::string("refused"));
        QCOMPARE(text("cpu.max", "50%"), std::string("refused"));
        QCOMPARE(describe(*systemd::propertiesFor("cpu.idle", LimitValue(std::uint64_t{1}))),
                 std::string("CPUWeight=0"));
        QCOMPARE(*systemd::assignmentsFor("cpu.idle", LimitValue(std::uint64_t{1})), std::string("CPUWeight=idle"));
        QCOMPARE(describe(*systemd::propertiesFor("memory.zswap.writeback", LimitValue(std::uint64_t{0}))),
                 std::string("MemoryZSwapWriteback=false"));
        QVERIFY(!systemd::propertiesFor("memory.swap.high", LimitValue(Unlimited{})));
        QVERIFY(systemd::propertyRow("memory.swap.high") == nullptr);
    }

    void asApplied_isTheWholePercent()
    {
        const LimitValue fine = CpuMax{Micros(12'345), Micros(100'000)};
        QCOMPARE(limitValueText(systemd::asApplied("cpu.max", fine)), std::string("12000 100000"));
        const LimitValue number = std::uint64_t{4096};
        QVERIFY(systemd::asApplied("memory.max", number) == number);
    }

    void bus_thatIsNone_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("timesOut");
        QTest::newRow("absent") << 0 << false;
        QTest::newRow("silent") << 1 << true;
        QTest::newRow("rubbish") << 2 << true; // no line ever ends: waited for, but no longer
        QTest::newRow("hangs up") << 3 << false;
    }

    void bus_thatIsNone()
    {
        QFETCH(int, kind);
        QFETCH(bool, timesOut);
        const FakeBus fake(kind == 1 ? sayNothing : kind == 2 ? sayRubbish : hangUp);
        const std::vector<systemd::BusAddress> absent{{"unix:path=/nonexistent/bus", true}};
        const systemd::Manager manager("systemd", kind == 0 ? absent : fake.addresses());
        const auto begun = systemd::Clock::now();
        const auto done =
            manager.setProperties("a.service", *systemd::propertiesFor("memory.max", LimitValue(Unlimited{})), true,
                                  begun + std::chrono::milliseconds(300));
        QVERIFY(systemd::Clock::now() - begun < std::chrono::seconds(2));
        QVERIFY(!done);
        QCOMPARE(done.error().posix() == ETIMEDOUT, timesOut);
        QVERIFY(kind != 0 || done.error().posix() == ENOENT);
        QVERIFY(!done.error().message().empty());
        const systemd::Managers managers(std::make_shared<const systemd::Manager>("systemd", absent));
        QVERIFY(!managers.version());
        QVERIFY(managers.of(1000)->title() == "systemd of user 1000");
    }

    void oomdDump_isParsed()
    {
        const auto state = systemd::parseOomdDump("Dry Run: yes\nSwap Used Limit: 90.00%\n"
                                                  "Default Memory Pressure Limit: 60.00%\n"
                                                  "Default Memory Pressure Duration: 30s\nSystem Context:\n"
                                                  "\tMemory: Used: 12.4G, Total: 30.8G\n"
                                                  "\tSwap: Used: 10.3G, Total: 39.7G\n"
                                                  "Swap Monitored CGroups:\n\tPath: /\n\t\tSwap Usage: 4.0K\n"
                                                  "Memory Pressure Monitored CGroups:\n"
                                                  "\tPath: /user.slice/user-1000.slice/user@1000.service\n"
                                                  "\t\tMemory Pressure Limit: 50.00%\n"
                                                  "\t\tPressure: Avg10: 0.00, Avg60: 0.00, Avg300: 0.00, Total: 0\n"
                                                  "\tPath: /b.slice\n\tPath: /../etc\n");
        QVERIFY(state);
        QVERIFY(state->dryRun);
        QCOMPARE(state->swapLimitPercent, 90.0);
        QCOMPARE(state->watched.size(), std::size_t{3});
        QVERIFY(state->watched[0].swap);
        QCOMPARE(state->watched[0].limitPercent, 90.0);
        QCOMPARE(state->watched[1].path.text(), std::string("/user.slice/user-1000.slice/user@1000.service"));
        QCOMPARE(state->watched[1].limitPercent, 50.0);
        QCOMPARE(state->watched[2].limitPercent, 60.0);
        QVERIFY(!systemd::parseOomdDump("Swap Used Limit: many\n"));
        QVERIFY(systemd::parseOomdDump("\xff\n::::\n")->watched.empty());
    }
};

QTEST_GUILESS_MAIN(TestSystemd)
#include "tst_systemd.moc"
