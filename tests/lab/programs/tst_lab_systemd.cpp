// SPDX-License-Identifier: GPL-3.0-or-later
// The engine on a host whose PID 1 is systemd, asserted from the outside by systemctl, the kernel's files and /proc.
// Runs as root in a guest of the lab; changes units of its own and stops D-Bus for a while.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/cgroup/limits.h"
#include "engine/control/control.h"
#include "engine/control/systemd_route.h"
#include "engine/systemd/journal.h"
#include "engine/systemd/oomd.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "tests/lab/programs/shell.h"
#include "tests/service/service_host.h"
#include "tests/support/scratch_cgroup.h"

#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using control::Persistence;
using lab::kernelFile;
using lab::shell;
using systemd::Clock;

namespace {

constexpr auto kUserPath = "/user.slice/user-1000.slice/user@1000.service";

std::string unitProperty(const std::string &unit, const std::string &name, const std::string &options = {})
{
    return shell(strCat("systemctl ", options, " show --value -p ", name, " '", unit, "'"));
}

/// A service that sleeps, with a unit file as an admin writes it; stopped and removed at the end.
class Service
{
public:
    explicit Service(std::string name, const std::string &lines = {}, const std::string &command = "sleep 100000")
        : m_name(std::move(name))
    {
        std::ofstream(file()) << "[Unit]\nDescription=Gantry's " << m_name << "\n[Service]\nExecStart=/bin/" << command
                              << "\n"
                              << lines;
        shell(strCat("systemctl daemon-reload && systemctl start ", m_name));
    }
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;
    Service(Service &&) = delete;
    Service &operator=(Service &&) = delete;
    ~Service()
    {
        shell(strCat("systemctl thaw ", m_name, "; systemctl kill -s KILL ", m_name, "; systemctl stop ", m_name),
              false);
        shell(strCat("systemctl revert ", m_name), false);
        ::unlink(file().c_str());
        shell(strCat("systemctl reset-failed ", m_name), false);
        shell("systemctl daemon-reload", false);
    }
    [[nodiscard]] const std::string &name() const { return m_name; }
    [[nodiscard]] std::string path() const { return strCat("/system.slice/", m_name); }
    [[nodiscard]] std::string dropIns(const char *top) const
    {
        return shell(strCat("ls ", top, "/systemd/system.control/", m_name, ".d"), false);
    }

private:
    [[nodiscard]] std::string file() const { return strCat("/etc/systemd/system/", m_name); }
    const std::string m_name;
};

/// Stops the bus, and starts it again.
class NoBus
{
public:
    NoBus() { shell("systemctl stop dbus.socket dbus.service"); }
    NoBus(const NoBus &) = delete;
    NoBus &operator=(const NoBus &) = delete;
    NoBus(NoBus &&) = delete;
    NoBus &operator=(NoBus &&) = delete;
    ~NoBus() { shell("systemctl start dbus.socket dbus.service"); }
};

QByteArray why(const auto &result)
{
    return result ? QByteArray()
                  : QByteArray::fromStdString(strCat(result.error().message(), "; ", result.error().remedy));
}

control::LimitSetting setting(const char *key, const char *value)
{
    const LimitKey limit = *limitKeyByName(key);
    return {limit, *parseLimitValue(limit, value)};
}

bool has(const std::vector<control::Warning> &warnings, control::WarningCode code)
{
    return std::ranges::find(warnings, code, &control::Warning::code) != warnings.end();
}

const cgroup::HierarchiesPtr &hierarchies()
{
    static const cgroup::HierarchiesPtr found = *cgroup::Hierarchies::discover();
    return found;
}

Result<cgroup::Cgroup> locate(const std::string &path)
{
    return cgroup::locate(*hierarchies(), *cgroup::CgroupPath::parse(path));
}

} // namespace

class TestLabSystemd : public QObject
{
    Q_OBJECT

    const std::shared_ptr<const systemd::Managers> m_managers = std::make_shared<const systemd::Managers>();
    const control::OwnershipFinder m_ownership = control::ownershipOnHost(hierarchies());
    const std::shared_ptr<ExpectedWrites> m_expected = std::make_shared<ExpectedWrites>();
    const control::RouteFinder m_routes = control::systemdRoutes({hierarchies(), m_managers, m_ownership, m_expected});
    QTemporaryDir m_state;
    std::unique_ptr<control::AuditLog> m_audit;
    std::unique_ptr<control::Control> m_control;

    [[nodiscard]] control::RoutePtr routeTo(const std::string &path) const { return m_routes(*locate(path)); }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(systemd::isBooted() && ::geteuid() == 0, "this runs in a guest of the lab, as root");
        m_audit = std::make_unique<control::AuditLog>(
            control::AuditLog::Places{"/run/systemd/journal/socket", m_state.path().toStdString()});
        m_control = std::make_unique<control::Control>(
            hierarchies(), [](const cgroup::CgroupPath &) { return std::string(); }, *m_audit, m_routes,
            [this](std::string_view verb, const cgroup::CgroupPath &path) {
                return control::foreignPlaceWarnings(m_ownership(path), verb, path);
            });
    }

    void manager_tellsVersionAndUnits()
    {
        const auto version = m_managers->version();
        QVERIFY2(version, why(version));
        QCOMPARE(*version, shell("systemctl show --value -p Version"));
        const Service service("gantry-lab-a.service", "Delegate=yes\n");
        const auto facts = m_managers->of({})->unit(service.name(), Clock::now() + 5s);
        QVERIFY2(facts, why(facts));
        QCOMPARE(facts->description, std::string("Gantry's gantry-lab-a.service"));
        QCOMPARE(facts->activeState, std::string("active"));
        QCOMPARE(facts->cgroupPath, service.path());
        QVERIFY(facts->delegated);
        const auto none = m_managers->of({})->unit("gantry-lab-none.service", Clock::now() + 5s);
        QVERIFY(!none);
        QCOMPARE(none.error().posix(), ESTALE);
    }

    void ownership_tellsDelegation()
    {
        const Service given("gantry-lab-given.service", "Delegate=yes\n");
        const Service kept("gantry-lab-kept.service");
        QVERIFY(m_ownership(*cgroup::CgroupPath::parse(given.path()))->delegated);
        QVERIFY(!m_ownership(*cgroup::CgroupPath::parse(kept.path()))->delegated);
        const auto user = m_ownership(*cgroup::CgroupPath::parse(kUserPath));
        QVERIFY(user->delegated && user->own && !user->userUid);
        // Every unit's cgroup of this host is where systemd says it is.
        const std::string units = shell("systemctl list-units --plain --no-legend -t service -t scope -t slice | "
                                        "cut -d' ' -f1 | xargs systemctl show -p Id -p ControlGroup --");
        std::string_view rest = units;
        std::string unit;
        std::string path;
        int seen = 0;
        const auto agrees = [&] {
            const auto owner = systemd::ownershipOf(*cgroup::CgroupPath::parse(path));
            ++seen;
            return owner && owner->own && owner->unit == unit;
        };
        while (const auto line = takeLine(rest)) {
            if (line->starts_with("Id="))
                unit = line->substr(3);
            else if (line->starts_with("ControlGroup="))
                path = line->substr(13);
            else if (line->empty())
                QVERIFY2(path.empty() || agrees(), path.c_str());
        }
        QVERIFY(seen > 10);
    }

    void limits_areSetUntilTheNextBoot()
    {
        const Service service("gantry-lab-limits.service");
        const control::RoutePtr route = routeTo(service.path());
        QVERIFY(route);
        QCOMPARE(route->name(), std::string("systemd: gantry-lab-limits.service"));
        const std::vector<control::LimitSetting> settings{
            setting("memory.max", "300M"), setting("memory.high", "200M"),   setting("memory.min", "8M"),
            setting("memory.low", "16M"),  setting("memory.swap.max", "1G"), setting("cpu.max", "50%"),
            setting("cpu.weight", "50"),   setting("pids.max", "77"),        setting("io.max", "254:0 rbps=1048576")};
        const auto done = route->setLimits(settings, Persistence::Runtime, {});
        QVERIFY2(done, why(done));
        const auto holds = [&service] {
            return kernelFile(service.path(), "memory.max") == "314572800" &&
                   kernelFile(service.path(), "memory.high") == "209715200" &&
                   kernelFile(service.path(), "memory.min") == "8388608" &&
                   kernelFile(service.path(), "memory.low") == "16777216" &&
                   kernelFile(service.path(), "memory.swap.max") == "1073741824" &&
                   kernelFile(service.path(), "cpu.max") == "50000 100000" &&
                   kernelFile(service.path(), "cpu.weight") == "50" && kernelFile(service.path(), "pids.max") == "77" &&
                   kernelFile(service.path(), "io.max") == "254:0 rbps=1048576 wbps=max riops=max wiops=max";
        };
        QTRY_VERIFY(holds());
        shell("systemctl daemon-reload");
        QVERIFY(holds());
        QCOMPARE(unitProperty(service.name(), "MemoryMax"), std::string("314572800"));
        QCOMPARE(unitProperty(service.name(), "CPUQuotaPerSecUSec"), std::string("500ms"));
        QCOMPARE(unitProperty(service.name(), "TasksMax"), std::string("77"));
        QCOMPARE(unitProperty(service.name(), "IOReadBandwidthMax"), std::string("/dev/vda 1048576"));
        QVERIFY(service.dropIns("/run").find("50-MemoryMax.conf") != std::string::npos);
        QVERIFY(service.dropIns("/etc").find("No such file") != std::string::npos);
        QCOMPARE(route->effective(LimitKey::MemoryMax), std::string("EffectiveMemoryMax=300M"));
        QCOMPARE(route->effective(LimitKey::PidsMax), std::string("EffectiveTasksMax=77"));
        QCOMPARE(route->effective(LimitKey::CpuMax), std::string());

        const auto back = route->setLimits(std::vector{setting("memory.max", "max"), setting("cpu.max", "max")},
                                           Persistence::Runtime, {});
        QVERIFY2(back, why(back));
        QTRY_COMPARE(kernelFile(service.path(), "memory.max"), std::string("max"));
        shell(route->command(settings, Persistence::Runtime));
        QTRY_VERIFY(holds());
    }

    void limits_goThroughControl()
    {
        const Service service("gantry-lab-control.service");
        const auto done = m_control->setLimits(
            *locate(service.path()), std::vector{setting("memory.max", "300M"), setting("memory.swap.high", "1G")}, {});
        QVERIFY2(done, why(done));
        QCOMPARE(done->changes[0].route, std::string("systemd: gantry-lab-control.service"));
        QCOMPARE(done->changes[0].command,
                 std::string("systemctl set-property --runtime gantry-lab-control.service MemoryMax=314572800"));
        QVERIFY(has(done->changes[0].warnings, control::WarningCode::NotPersistent));
        QCOMPARE(limitValueText(done->changes[0].newValue), std::string("314572800"));
        QCOMPARE(done->changes[1].route, std::string()); // systemd has no property for it
        shell("systemctl daemon-reload");
        QCOMPARE(kernelFile(service.path(), "memory.max"), std::string("314572800"));
        QCOMPARE(kernelFile(service.path(), "memory.swap.high"), std::string("1073741824"));
        QCOMPARE(unitProperty(service.name(), "MemoryMax"), std::string("314572800"));
        const auto rows = m_control->listLimits(*locate(service.path()));
        QVERIFY2(rows, why(rows));
        const auto row = std::ranges::find(*rows, LimitKey::MemoryMax, &control::LimitRow::key);
        QCOMPARE(row->route, std::string("systemd: gantry-lab-control.service"));
        QCOMPARE(row->managerEffective, std::string("EffectiveMemoryMax=300M"));

        control::Call byFile;
        byFile.byFile = true;
        const auto past =
            m_control->setLimits(*locate(service.path()), std::vector{setting("memory.max", "200M")}, byFile);
        QVERIFY2(past, why(past));
        QVERIFY(past->changes[0].route.empty() && has(past->changes[0].warnings, control::WarningCode::SystemdOwned));
        QCOMPARE(kernelFile(service.path(), "memory.max"), std::string("209715200"));
        QCOMPARE(unitProperty(service.name(), "MemoryMax"), std::string("314572800"));
    }

    void limits_areSetForEver()
    {
        const Service service("gantry-lab-ever.service");
        const auto done =
            routeTo(service.path())->setLimits(std::vector{setting("memory.high", "100M")}, Persistence::Permanent, {});
        QVERIFY2(done, why(done));
        QVERIFY(service.dropIns("/etc").find("50-MemoryHigh.conf") != std::string::npos);
        QVERIFY(routeTo(service.path())->isKept(LimitKey::MemoryHigh, Persistence::Permanent));
        shell(strCat("systemctl daemon-reload; systemctl restart ", service.name()));
        QCOMPARE(kernelFile(service.path(), "memory.high"), std::string("104857600"));
    }

    void limits_ofAUsersUnit()
    {
        shell("systemd-run --quiet --machine=admin@ --user --unit=gantry-lab-u sleep 100000");
        const std::string path = strCat(kUserPath, "/app.slice/gantry-lab-u.service");
        const control::RoutePtr route = routeTo(path);
        QVERIFY(route);
        QCOMPARE(route->name(), std::string("systemd of user 1000: gantry-lab-u.service"));
        QVERIFY2(!route->isKept(LimitKey::MemoryMax, Persistence::Permanent), "systemd-run's unit is transient");
        const auto done = route->setLimits(std::vector{setting("memory.max", "64M")}, Persistence::Runtime, {});
        QVERIFY2(done, why(done));
        QTRY_COMPARE(kernelFile(path, "memory.max"), std::string("67108864"));
        QCOMPARE(unitProperty("gantry-lab-u", "MemoryMax", "--machine=admin@ --user"), std::string("67108864"));
        shell(route->command(std::vector{setting("memory.max", "65M")}, Persistence::Runtime));
        QTRY_COMPARE(kernelFile(path, "memory.max"), std::string("68157440"));
        shell("systemctl --machine=admin@ --user stop gantry-lab-u");
    }

    void freezer_isTheUnits()
    {
        const Service service("gantry-lab-frozen.service");
        const auto frozen = m_control->freeze(*locate(service.path()), {});
        QVERIFY2(frozen, why(frozen));
        QCOMPARE(frozen->route, std::string("systemd: gantry-lab-frozen.service"));
        QCOMPARE(unitProperty(service.name(), "FreezerState"), std::string("frozen"));
        QVERIFY(kernelFile(service.path(), "cgroup.events").find("frozen 1") != std::string::npos);
        const auto thawed = m_control->thaw(*locate(service.path()), {});
        QVERIFY2(thawed, why(thawed));
        QCOMPARE(unitProperty(service.name(), "FreezerState"), std::string("running"));

        // Frozen by somebody past systemd: thawed all the same.
        shell(strCat("echo 1 > /sys/fs/cgroup", service.path(), "/cgroup.freeze"));
        const auto again = m_control->thaw(*locate(service.path()), {});
        QVERIFY2(again, why(again));
        QVERIFY(kernelFile(service.path(), "cgroup.events").find("frozen 0") != std::string::npos);
    }

    void kill_isToldToSystemd()
    {
        const Service service("gantry-lab-killed.service", {}, "sh -c 'sleep 1000 & sleep 1000 & wait'");
        QTRY_COMPARE(QByteArray::fromStdString(kernelFile(service.path(), "cgroup.procs")).split('\n').size(), 3);
        const auto killed = m_control->kill(*locate(service.path()), {});
        QVERIFY2(killed, why(killed));
        QCOMPARE(killed->route, std::string("systemd: gantry-lab-killed.service"));
        QCOMPARE(killed->processCount, 3u);
        QCOMPARE(killed->remaining, 0u);
        QTRY_COMPARE(unitProperty(service.name(), "ActiveState"), std::string("failed"));
        QCOMPARE(unitProperty(service.name(), "Result"), std::string("signal"));
        shell("journalctl --sync");
        const auto log = systemd::tailJournal({service.name(), {}, {}}, 50, 5s);
        QVERIFY2(log, why(log));
        QVERIFY(std::ranges::any_of(*log, [](const systemd::JournalLine &line) {
            return line.message.find("on client request") != std::string::npos && line.pid == 1;
        }));
    }

    void move_attachesToDelegatedUnits()
    {
        const Service given("gantry-lab-into.service", "Delegate=yes\n");
        const Service kept("gantry-lab-closed.service");
        test::ChildProcess child(test::sleepForEver);
        child.go();
        const std::vector<ProcessKey> processes{{child.pid(), 0}};
        const auto moved = m_control->move(processes, *locate(given.path()), {});
        QVERIFY2(moved, why(moved));
        QCOMPARE(moved->route, std::string("systemd: gantry-lab-into.service"));
        QCOMPARE(readFile(strCat("/proc/", child.pid(), "/cgroup")).value_or(""), strCat("0::", given.path(), "\n"));
        QVERIFY(!has(moved->warnings, control::WarningCode::SystemdOwned));

        control::Call dry;
        dry.dryRun = true;
        const auto warned = m_control->move(processes, *locate(kept.path()), dry);
        QVERIFY2(warned, why(warned));
        QVERIFY(has(warned->warnings, control::WarningCode::SystemdOwned));
        const auto forced = m_control->move(processes, *locate(kept.path()), {});
        QVERIFY2(forced, why(forced));
        QCOMPARE(forced->route, std::string());
        QCOMPARE(readFile(strCat("/proc/", child.pid(), "/cgroup")).value_or(""), strCat("0::", kept.path(), "\n"));
    }

    void directories_warnInSystemdsPlaces()
    {
        const Service given("gantry-lab-dirs.service", "Delegate=yes\n");
        control::Call dry;
        dry.dryRun = true;
        const auto in = [&](const std::string &path) {
            return m_control->createCgroup(*cgroup::CgroupPath::parse(path), dry);
        };
        QVERIFY(has(in("/system.slice/gantry-lab-x")->warnings, control::WarningCode::SystemdOwned));
        QVERIFY(has(in("/gantry-lab-x")->warnings, control::WarningCode::SystemdOwned));
        QVERIFY(!has(in(strCat(given.path(), "/x"))->warnings, control::WarningCode::SystemdOwned));
    }

    void scope_isMadeOfProcesses()
    {
        test::ChildProcess child(test::sleepForEver);
        child.go();
        const auto properties = systemd::propertiesFor("pids.max", LimitValue(std::uint64_t{9}));
        const std::vector<std::int32_t> pids{child.pid()};
        const auto made = m_managers->of({})->startScope("gantry-lab-made.scope", "Made by a test", "system.slice",
                                                         true, pids, *properties, Clock::now() + 5s);
        QVERIFY2(made, why(made));
        QTRY_COMPARE(readFile(strCat("/proc/", child.pid(), "/cgroup")).value_or(""),
                     std::string("0::/system.slice/gantry-lab-made.scope\n"));
        QTRY_COMPARE(kernelFile("/system.slice/gantry-lab-made.scope", "pids.max"), std::string("9"));
    }

    void unit_thatVanishesWhileEdited()
    {
        const Service service("gantry-lab-gone.service");
        const cgroup::Cgroup seen = *locate(service.path());
        const control::RoutePtr route = m_routes(seen);
        shell(strCat("systemctl stop ", service.name()));
        const auto stopped = route->setLimits(std::vector{setting("memory.max", "1G")}, Persistence::Runtime, {});
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().posix(), ESTALE);
        QVERIFY2(stopped.error().message().find("gantry-lab-gone.service") != std::string::npos, why(stopped));
        shell(strCat("systemctl start ", service.name()));
        const auto another = route->setLimits(std::vector{setting("memory.max", "1G")}, Persistence::Runtime, {});
        QVERIFY(!another);
        QCOMPARE(another.error().posix(), ESTALE);
        QCOMPARE(kernelFile(service.path(), "memory.max"), std::string("max"));
    }

    void bus_absent()
    {
        const Service service("gantry-lab-nobus.service");
        const control::RoutePtr route = routeTo(service.path());
        QVERIFY(route->setLimits(std::vector{setting("memory.max", "1G")}, Persistence::Runtime, {}));
        {
            const NoBus without;
            const auto done = route->setLimits(std::vector{setting("memory.max", "2G")}, Persistence::Runtime, {});
            QVERIFY2(done, why(done));
            QTRY_COMPARE(kernelFile(service.path(), "memory.max"), std::string("2147483648"));
        }
        const auto again = route->setLimits(std::vector{setting("memory.max", "3G")}, Persistence::Runtime, {});
        QVERIFY2(again, why(again));
        QTRY_COMPARE(kernelFile(service.path(), "memory.max"), std::string("3221225472"));
    }

    void bus_hangs()
    {
        const Service service("gantry-lab-hung.service");
        const control::RoutePtr route = routeTo(service.path());
        shell("systemctl kill --signal=STOP dbus.service");
        control::Call call;
        call.deadline = 1500ms;
        const auto begun = Clock::now();
        const auto done = route->setLimits(std::vector{setting("memory.max", "1G")}, Persistence::Runtime, call);
        const auto took = Clock::now() - begun;
        shell("pkill -CONT -u messagebus -x dbus-daemon", false);
        QVERIFY(!done);
        QCOMPARE(done.error().posix(), ETIMEDOUT);
        QVERIFY(took < 3s);
        const auto again = route->setLimits(std::vector{setting("memory.max", "2G")}, Persistence::Runtime, {});
        QVERIFY2(again, why(again));
        QTRY_COMPARE(kernelFile(service.path(), "memory.max"), std::string("2147483648"));
    }

    void bus_refusesAUser()
    {
        const Service service("gantry-lab-refused.service");
        const pid_t child = ::fork();
        if (child == 0) {
            if (::setgid(1000) != 0 || ::setuid(1000) != 0)
                ::_exit(1);
            const auto done = systemd::Manager::ofSystem()->setProperties(
                service.name(), *systemd::propertiesFor("memory.max", LimitValue(std::uint64_t{1} << 30)), true,
                Clock::now() + 5s);
            ::_exit(!done && done.error().posix() == EACCES && !done.error().remedy.empty() ? 0 : 2);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 0);
        QCOMPARE(kernelFile(service.path(), "memory.max"), std::string("max"));
    }

    void engine_tellsOwnersAndDrift()
    {
        const Service service("gantry-lab-drift.service", "MemoryMax=1G\n");
        test::ServiceHost host;
        const auto channel = host.channel(false);
        v1::HostInfo info;
        {
            test::BoundedContext context;
            QVERIFY(v1::Host::NewStub(channel)->Info(&context, {}, &info).ok());
        }
        QCOMPARE(info.systemd_version(), shell("systemctl show --value -p Version"));
        QVERIFY(
            std::ranges::any_of(info.probes(), [](const auto &p) { return p.key() == "systemd.bus" && p.works(); }));
        QVERIFY(std::ranges::any_of(info.probes(), [](const auto &p) { return p.key() == "oomd" && p.works(); }));

        v1::GetNodeRequest request;
        request.mutable_target()->set_cgroup_path(service.path());
        v1::Node node;
        {
            test::BoundedContext context;
            const grpc::Status got = v1::Inventory::NewStub(channel)->Get(&context, request, &node);
            QVERIFY2(got.ok(), got.error_message().c_str());
        }
        QCOMPARE(node.cgroup().ownership().unit(), service.name());
        QVERIFY(node.cgroup().ownership().own_cgroup());

        QTest::qWait(1500); // the baseline of what was there before
        const auto eventsOf = [&](std::uint64_t after) {
            std::vector<v1::Event> out;
            v1::WatchEventsRequest wanted;
            wanted.set_after_sequence(after);
            test::BoundedContext context;
            const auto stream = v1::Alerts::NewStub(channel)->WatchEvents(&context, wanted);
            v1::EventBatch batch;
            while (stream->Read(&batch)) {
                for (const v1::Event &event : batch.events()) {
                    if (event.cgroup_path() == service.path())
                        out.push_back(event);
                }
            }
            return out;
        };
        const auto before = Clock::now();
        shell(strCat("systemctl set-property --runtime ", service.name(), " MemoryMax=200M"));
        std::vector<v1::Event> events;
        while ((events = eventsOf(0)).empty() && Clock::now() < before + 5s)
            QTest::qWait(20);
        QVERIFY(Clock::now() < before + 2s); // systemctl's own time included
        QTest::qWait(300);
        events = eventsOf(0);
        QCOMPARE(events.size(), std::size_t{1});
        QCOMPARE(events[0].kind(), v1::EVENT_KIND_LIMIT_CHANGED);
        QCOMPARE(events[0].key(), std::string("memory.max"));
        QCOMPARE(events[0].old_value(), std::string("1073741824"));
        QCOMPARE(events[0].new_value(), std::string("209715200"));
        QCOMPARE(events[0].pid(), 1);
        QCOMPARE(events[0].comm(), std::string("systemd"));

        // What Gantry asks systemd for is Gantry's own.
        v1::FreezeRequest freeze;
        freeze.mutable_target()->set_cgroup_path(service.path());
        v1::FreezeReply frozen;
        {
            test::BoundedContext context;
            const auto ok = v1::Control::NewStub(channel)->Freeze(&context, freeze, &frozen);
            QVERIFY2(ok.ok(), ok.error_message().c_str());
        }
        QCOMPARE(frozen.route(), strCat("systemd: ", service.name()));
        QTest::qWait(500);
        events = eventsOf(events[0].sequence());
        QCOMPARE(events.size(), std::size_t{1});
        QCOMPARE(events[0].kind(), v1::EVENT_KIND_FROZEN);
        QVERIFY(!events[0].actor().empty());
    }

    void engine_tellsOomd()
    {
        // It does not find its way back to a bus that was started again.
        shell("systemctl restart systemd-oomd.service");
        test::ServiceHost host;
        const auto channel = host.channel(false);
        shell("mkdir -p /run/systemd/system; printf '[Slice]\\nManagedOOMMemoryPressure=kill\\n"
              "ManagedOOMMemoryPressureLimit=1%%\\nManagedOOMMemoryPressureDurationSec=1s\\n' "
              "> /run/systemd/system/gantrylab.slice; systemctl daemon-reload; systemctl start gantrylab.slice");
        // Memory that cannot be swapped out, and files to be scanned for.
        shell("systemctl reset-failed gantry-lab-hog", false);
        shell("systemd-run --quiet --collect --slice=gantrylab.slice --unit=gantry-lab-hog -p MemoryHigh=24M "
              "-p MemoryMax=500M sh -c 'tail /dev/zero & while :; do cat /usr/bin/* > /dev/null; done'");
        const std::string path = "/gantrylab.slice/gantry-lab-hog.service";
        v1::OomdState state;
        const auto watched = [&]() -> const v1::OomdState::Watched * {
            test::BoundedContext context;
            if (!v1::Host::NewStub(channel)->Oomd(&context, {}, &state).ok())
                return nullptr;
            const auto found = std::ranges::find_if(
                state.watched(), [](const auto &w) { return w.cgroup_path() == "/gantrylab.slice"; });
            return found == state.watched().end() ? nullptr : &*found;
        };
        QTRY_VERIFY_WITH_TIMEOUT(watched() != nullptr, 10'000);
        QCOMPARE(watched()->limit_percent(), 1.0);
        QVERIFY(std::ranges::any_of(watched()->candidates(), [&path](const auto &c) {
            return c.cgroup_path() == path && c.memory_bytes() > 0;
        }));
        const auto killed = [&]() -> std::string {
            test::BoundedContext context;
            const auto stream = v1::Alerts::NewStub(channel)->WatchEvents(&context, {});
            v1::EventBatch batch;
            while (stream->Read(&batch)) {
                for (const v1::Event &event : batch.events()) {
                    if (event.kind() == v1::EVENT_KIND_OOMD_KILL)
                        return strCat(event.cgroup_path(), " ", event.new_value());
                }
            }
            return {};
        };
        QTRY_COMPARE_WITH_TIMEOUT(killed(), strCat(path, " memory-pressure"), 60'000);
        shell("systemctl stop gantry-lab-hog gantrylab.slice; rm /run/systemd/system/gantrylab.slice; "
              "systemctl reset-failed gantry-lab-hog; systemctl daemon-reload",
              false);
    }
};

QTEST_GUILESS_MAIN(TestLabSystemd)
#include "tst_lab_systemd.moc"
