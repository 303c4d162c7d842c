// SPDX-License-Identifier: GPL-3.0-or-later
// Containers of every runtime the guest has, asserted from the outside: by each runtime's own tool, systemctl and the
// kernel's files. Runs as root in a guest of the lab; the containers are its own and are removed at the end.
#include <QtTest>

#include "engine/base/fd.h"
#include "gantry/v1/host.grpc.pb.h"
#include "tests/lab/programs/containers.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using lab::asAdmin;
using lab::byGantryctl;
using lab::containersOf;
using lab::gantryctl;
using lab::json;
using lab::kernelFile;
using lab::kTools;
using lab::shell;
using lab::tool;
using runtime::Json;

namespace {

constexpr auto kImage = "localhost/lab:latest";
constexpr int kPatience = 300'000; ///< a guest without KVM beside a busy host

std::set<std::string> words(const std::string &text)
{
    const std::vector<std::string> all = splitWords(text);
    return {all.begin(), all.end()};
}

} // namespace

class TestLabRuntimes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::geteuid() == 0 && ::access("/usr/local/bin/lab-images", X_OK) == 0,
                 "this runs in a guest of the lab, as root");
        tool("systemctl start docker containerd && lab-images");
        removeAll();
        makePodman();
        makeRootless();
        tool(strCat("docker run -d --name t-dock -p 8083:80 -l role=back --restart unless-stopped ", kImage,
                    " sleep 100000"));
        tool(strCat("ctr run -d ", kImage, " t-ctr sleep 100000"));
        makeOci();
        makeLxc();
        tool("mkdir -p /var/lib/machines/t-nspawn/etc /var/lib/machines/t-nspawn/usr && tar xf "
             "/usr/local/share/lab/busybox.tar -C /var/lib/machines/t-nspawn && echo ID=x > "
             "/var/lib/machines/t-nspawn/etc/os-release && systemd-run --collect --unit=t-nspawn systemd-nspawn "
             "-q -D /var/lib/machines/t-nspawn -M t-nspawn --register=yes /bin/sleep 100000");
        QTRY_VERIFY_WITH_TIMEOUT(shell("machinectl show -p State t-nspawn", false).find("running") != std::string::npos,
                                 kPatience);
        m_host = std::make_unique<test::ServiceHost>(500ms);
        const auto channel = m_host->channel(false);
        m_inventory = v1::Inventory::NewStub(channel);
        m_control = v1::Control::NewStub(channel);
        m_hostStub = v1::Host::NewStub(channel);
    }
    void cleanupTestCase()
    {
        m_host.reset();
        removeAll();
    }

    void everyRuntime_namesItsContainers_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("runtime");
        QTest::addColumn<QString>("names"); ///< how its own tool lists names
        const auto row = [](const char *name, const char *runtime, const char *names) {
            QTest::newRow(name) << QString::fromUtf8(name) << QString::fromUtf8(runtime) << QString::fromUtf8(names);
        };
        row("t-web", "podman", "podman ps --format '{{.Names}}'");
        row("t-db", "podman", "podman ps --format '{{.Names}}'");
        row("t-mine", "podman", "runuser -u admin -- env XDG_RUNTIME_DIR=/run/user/1000 podman ps --format '{{.Names}}'");
        row("t-dock", "docker", "docker ps --format '{{.Names}}'");
        row("t-ctr", "containerd", "ctr containers ls -q");
        row("t-runc", "runc", "runc list -q");
        row("t-crun", "crun", "crun list -q");
        row("t-lxc", "lxc", "lxc-ls --active -1");
        row("t-nspawn", "nspawn", "machinectl list --no-legend | cut -d' ' -f1");
    }
    void everyRuntime_namesItsContainers()
    {
        QFETCH(QString, name);
        QFETCH(QString, runtime);
        QFETCH(QString, names);
        const std::string key = name.toStdString();
        QVERIFY(words(tool("cd /; " + names.toStdString())).contains(key));
        std::map<std::string, v1::Node> seen;
        QTRY_VERIFY_WITH_TIMEOUT((seen = containersOf(*m_inventory)).contains(key) &&
                                     seen.at(key).container().runtime() == runtime.toStdString(),
                                 kPatience);
        const v1::ContainerDetail &detail = seen.at(key).container();
        QCOMPARE(detail.state(), v1::CONTAINER_STATE_RUNNING);
        QCOMPARE(detail.facts_problem(), std::string());
        QVERIFY2(!detail.facts_source().empty(), "who tells is told");
        // The process is the payload, not a monitor: it is in the container's cgroup, and it sleeps.
        QVERIFY(detail.init_pid() > 0);
        const std::string cgroup = *readFile(strCat("/proc/", detail.init_pid(), "/cgroup"));
        QVERIFY2(cgroup.find(detail.cgroup_path()) != std::string::npos, cgroup.c_str());
        QVERIFY(readFile(strCat("/proc/", detail.init_pid(), "/cmdline"))->find("sleep") != std::string::npos);
        if (m_listed.empty())
            m_listed = byGantryctl();
        QCOMPARE(m_listed.at(key).at("init_pid").get<int>(), detail.init_pid());
    }

    void podmanPs_agrees_fieldByField()
    {
        const std::map<std::string, Json> ours = byGantryctl();
        const Json theirs = json(tool("podman ps --all --pod --format json"));
        QVERIFY(theirs.is_array() && theirs.size() >= 6);
        for (const Json &row : theirs) {
            const std::string name = runtime::textsAt(row, {"Names"}).at(0);
            QVERIFY2(ours.contains(name), name.c_str());
            const Json &our = ours.at(name);
            const auto same = [&name](const Json &a, const Json &b, const char *field) {
                if (a != b)
                    qCritical("%s of %s: %s, podman says %s", field, name.c_str(), a.dump().c_str(), b.dump().c_str());
                return a == b;
            };
            const auto orNull = [](const Json &text) { return text.is_string() && text.empty() ? Json() : text; };
            QVERIFY(same(our["container_id"], row["Id"], "Id"));
            QVERIFY(same(our["image"], row["Image"], "Image"));
            QVERIFY(same(our["image_id"], row["ImageID"], "ImageID"));
            QVERIFY(same(our["state"], row["State"], "State"));
            QVERIFY(same(our["labels"], row["Labels"].is_null() ? Json::object() : row["Labels"], "Labels"));
            QVERIFY(same(our["pod_name"].is_null() ? Json("") : our["pod_name"], row["PodName"], "PodName"));
            // Of an infra container podman ps tells no command, podman inspect does.
            if (!row["IsInfra"].get<bool>())
                QVERIFY(same(our["command"], row["Command"].is_null() ? Json::array() : row["Command"], "Command"));
            QVERIFY(same(our["infrastructure"], row["IsInfra"], "IsInfra"));
            QVERIFY(same(our["pod"].is_null() ? Json("") : our["pod"], row["Pod"], "Pod"));
            QVERIFY(same(our["init_pid"].is_null() ? Json(0) : our["init_pid"], row["Pid"], "Pid"));
            QVERIFY(same(our["created_usec"].get<std::int64_t>() / 1'000'000, createdOf(row), "Created"));
            const std::int64_t started = runtime::numberAt(row, {"StartedAt"});
            QVERIFY(same(our["started_usec"].is_null() ? Json(0) : Json(our["started_usec"].get<std::int64_t>() / 1'000'000),
                         Json(std::max<std::int64_t>(started, 0)), "StartedAt"));
            QVERIFY(same(Json(our["ports"].size()), Json(row["Ports"].is_null() ? 0 : row["Ports"].size()), "Ports"));
            for (std::size_t i = 0; i < our["ports"].size(); ++i) {
                const Json &port = our["ports"][i];
                QVERIFY(same(orNull(port["host_address"]).is_null() ? Json("") : port["host_address"],
                             row["Ports"][i]["host_ip"], "host_ip"));
                QVERIFY(same(port["host_port"], row["Ports"][i]["host_port"], "host_port"));
                QVERIFY(same(port["container_port"], row["Ports"][i]["container_port"], "container_port"));
                QVERIFY(same(port["protocol"], row["Ports"][i]["protocol"], "protocol"));
            }
            std::set<std::string> mounts;
            for (const Json &mount : our["mounts"])
                mounts.insert(mount["destination"].get<std::string>());
            const auto theirMounts = runtime::textsAt(row, {"Mounts"});
            QCOMPARE(mounts, (std::set<std::string>{theirMounts.begin(), theirMounts.end()}));
        }
    }

    void podman_tellsTheRest()
    {
        const Json web = byGantryctl().at("t-web");
        const Json inspect = json(tool("podman inspect t-web")).at(0);
        QCOMPARE(web["restart_policy"], Json("on-failure:3"));
        QCOMPARE(web["oci_runtime"], inspect["OCIRuntime"]);
        QCOMPARE(web["monitor_pid"], inspect["State"]["ConmonPid"]);
        QCOMPARE(web["addresses"][0]["address"], inspect["NetworkSettings"]["Networks"]["podman"]["IPAddress"]);
        QCOMPARE(web["cgroup"], inspect["State"]["CgroupPath"]);
        QCOMPARE(web["health"], Json("healthy"));
    }

    void limit_setHere_showsThere_andSurvivesReload()
    {
        for (const std::string name : {"t-web", "t-dock"}) {
            const bool podman = name == "t-web";
            const std::string path = containersOf(*m_inventory).at(name).container().cgroup_path();
            const std::string scope = path.substr(path.rfind('/') + 1);
            const std::string out = gantryctl(strCat("set ", name, " memory.max=150M cpu.max=50% pids.max=77"));
            QVERIFY2(out.find(strCat(podman ? "podman: " : "docker: ", name)) != std::string::npos, out.c_str());
            QCOMPARE(kernelFile(path, "memory.max"), std::string("157286400"));
            tool("systemctl daemon-reload");
            QCOMPARE(kernelFile(path, "memory.max"), std::string("157286400"));
            QCOMPARE(kernelFile(path, "cpu.max"), std::string("50000 100000"));
            QCOMPARE(kernelFile(path, "pids.max"), std::string("77"));
            QCOMPARE(tool(strCat("systemctl show --value -p MemoryMax ", scope)), std::string("157286400"));
            QCOMPARE(tool(strCat(podman ? "podman" : "docker", " inspect ", name,
                                 " --format '{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}} {{.HostConfig.PidsLimit}}'")),
                     std::string("157286400 50000 77"));
        }
        // A key the runtime has no word for goes through systemd, and says so.
        const std::string out = gantryctl("set t-web memory.high=120M");
        QVERIFY2(out.find("systemd: libpod-") != std::string::npos, out.c_str());
        QVERIFY2(out.find("podman: t-web does not know of this change") != std::string::npos, out.c_str());
    }

    void limit_setThere_showsHere_inASecond()
    {
        const std::uint64_t node = containersOf(*m_inventory).at("t-web").id();
        const auto shown = [&]() -> std::uint64_t {
            test::BoundedContext context(20s);
            v1::ListLimitsRequest request;
            v1::ListLimitsReply reply;
            request.mutable_target()->set_node_id(node);
            if (!m_control->ListLimits(&context, request, &reply).ok())
                return 0;
            for (const v1::LimitRow &row : reply.rows()) {
                if (row.key() == "memory.max")
                    return row.configured().number();
            }
            return 0;
        };
        tool("podman update --memory 180m t-web");
        QTRY_COMPARE_WITH_TIMEOUT(shown(), 188'743'680U, 5'000);
    }

    void freeze_isPauseOfTheRuntime_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("state"); ///< command of its own tool
        QTest::newRow("podman") << "t-web" << "podman inspect t-web --format '{{.State.Status}}'";
        QTest::newRow("docker") << "t-dock" << "docker inspect t-dock --format '{{.State.Status}}'";
        QTest::newRow("runc") << "t-runc" << "runc list | awk '$1==\"t-runc\"{print $3}'";
        QTest::newRow("crun") << "t-crun" << "crun list | awk '$1==\"t-crun\"{print $3}'";
        QTest::newRow("containerd") << "t-ctr" << "ctr tasks ls | awk '$1==\"t-ctr\"{print tolower($3)}'";
        QTest::newRow("lxc") << "t-lxc" << "lxc-info -n t-lxc -s -H | sed 's/FROZEN/paused/; s/RUNNING/running/'";
    }
    void freeze_isPauseOfTheRuntime()
    {
        QFETCH(QString, name);
        QFETCH(QString, state);
        const std::string own = state.toStdString();
        const std::string container = name.toStdString();
        QCOMPARE(tool(own), std::string("running"));
        lab::freeze(*m_control, container, &v1::Control::Stub::Freeze);
        QCOMPARE(tool(own), std::string("paused"));
        const int pid = containersOf(*m_inventory).at(container).container().init_pid();
        const std::string path = (*readFile(strCat("/proc/", pid, "/cgroup"))).substr(3);
        QVERIFY(kernelFile(std::string(trim(path)), "cgroup.events").find("frozen 1") != std::string::npos);
        QTRY_COMPARE_WITH_TIMEOUT(containersOf(*m_inventory).at(container).container().state(),
                                  v1::CONTAINER_STATE_PAUSED, kPatience);
        lab::freeze(*m_control, container, &v1::Control::Stub::Thaw);
        QCOMPARE(tool(own), std::string("running"));
        QTRY_COMPARE_WITH_TIMEOUT(containersOf(*m_inventory).at(container).container().state(),
                                  v1::CONTAINER_STATE_RUNNING, kPatience);
    }

    void stopStartRestartRemove_agreeWithTheTool()
    {
        for (const std::string runtime : {"podman", "docker"}) {
            const std::string name = strCat("t-act-", runtime);
            tool(strCat(runtime, " create --name ", name, " --stop-signal KILL ", kImage, " sleep 100000"));
            const auto state = [&] {
                return shell(strCat(runtime, " inspect ", name, " --format '{{.State.Status}}'"), false);
            };
            using v1::ContainerActionRequest;
            const auto pid = [&] { return containersOf(*m_inventory)[name].container().init_pid(); };
            QTRY_VERIFY_WITH_TIMEOUT(containersOf(*m_inventory).contains(name), kPatience);
            QCOMPARE(lab::act(*m_control, name, ContainerActionRequest::ACTION_START).new_state(), v1::CONTAINER_STATE_RUNNING);
            QCOMPARE(state(), std::string("running"));
            QTRY_VERIFY_WITH_TIMEOUT(pid() != 0, kPatience);
            const std::string refused = gantryctl(strCat("remove ", name), false);
            QVERIFY2(refused.find("stop it first") != std::string::npos, refused.c_str());
            const int before = pid();
            lab::act(*m_control, name, ContainerActionRequest::ACTION_RESTART);
            QCOMPARE(state(), std::string("running"));
            QTRY_VERIFY_WITH_TIMEOUT(pid() != 0 && pid() != before, kPatience);
            QCOMPARE(lab::act(*m_control, name, ContainerActionRequest::ACTION_STOP).new_state(), v1::CONTAINER_STATE_EXITED);
            QCOMPARE(state(), std::string("exited"));
            QTRY_COMPARE_WITH_TIMEOUT(containersOf(*m_inventory)[name].container().state(),
                                      v1::CONTAINER_STATE_EXITED, kPatience);
            QCOMPARE(lab::act(*m_control, name, ContainerActionRequest::ACTION_REMOVE).new_state(), v1::CONTAINER_STATE_UNSPECIFIED);
            QTRY_VERIFY_WITH_TIMEOUT(!containersOf(*m_inventory).contains(name), kPatience);
            QVERIFY(shell(strCat(runtime, " ps -a --format '{{.Names}}'"), false).find(name) == std::string::npos);
        }
    }

    void kill_isKnownToTheRuntime()
    {
        // Killed behind its back it would be started again.
        tool(strCat("docker run -d --name t-kill --restart always ", kImage, " sleep 100000"));
        QTRY_VERIFY_WITH_TIMEOUT(containersOf(*m_inventory).contains("t-kill"), kPatience);
        const v1::KillReply reply = lab::kill(*m_control, "t-kill");
        QVERIFY(reply.process_count() > 0);
        QCOMPARE(reply.remaining(), 0U);
        QTRY_COMPARE_WITH_TIMEOUT(tool("docker inspect t-kill --format '{{.State.Status}}'"), std::string("exited"),
                                  kPatience);
        QTest::qWait(2'000); // docker waits 100 ms before it starts one again
        QCOMPARE(tool("docker inspect t-kill --format '{{.State.Status}} {{.State.ExitCode}}'"),
                 std::string("exited 137"));
        tool("docker rm t-kill");
    }

    void logs_areTheRuntimes()
    {
        for (const std::string runtime : {"podman", "docker"}) {
            // A name of its own each: that of one just removed would name two for a moment.
            const std::string name = strCat("t-log-", runtime);
            // Apart in time: two streams have no order of their own.
            tool(strCat(runtime, " run --name ", name, " ", kImage,
                        " sh -c 'echo one; sleep 1; echo two >&2; sleep 1; printf three'"));
            // Again until it answers: on a busy guest podman's service can take longer than the engine waits.
            const auto comes = [&](std::uint32_t lines, const std::vector<std::string> &wanted) {
                std::vector<std::string> seen;
                const bool there = QTest::qWaitFor([&] { return (seen = log(name, lines)) == wanted; }, kPatience);
                if (!there)
                    qCritical("log of %s: %s", name.c_str(), joined(seen, " | ").c_str());
                return there;
            };
            QVERIFY(comes(100, {"one", "two", "three"}));
            QVERIFY(comes(1, {"three"}));
            tool(strCat(runtime, " rm ", name));
        }
        const std::string journal = gantryctl("logs --lines 5 /system.slice/docker.service");
        QVERIFY2(journal.find("dockerd") != std::string::npos, journal.c_str());
    }

    void manyContainers_leaveNothing()
    {
        constexpr int kRounds = 10;
        constexpr int kEach = 20;
        const auto measure = [this] {
            test::BoundedContext context(20s);
            v1::HostInfo info;
            [[maybe_unused]] const grpc::Status status = m_hostStub->Info(&context, {}, &info);
            return info;
        };
        // One round first: what is made once is no leak.
        runMany(kEach);
        const v1::HostInfo before = measure();
        for (int round = 0; round < kRounds; ++round)
            runMany(kEach);
        v1::HostInfo after;
        const auto isAsBefore = [&] {
            after = measure();
            return after.engine_open_fds() <= before.engine_open_fds() + 2 &&
                   after.cgroup_count() <= before.cgroup_count() + 2;
        };
        QVERIFY(QTest::qWaitFor(isAsBefore, kPatience)); // QTRY_VERIFY would measure twice
        const auto grown = static_cast<std::int64_t>(after.engine_resident_bytes()) -
                           static_cast<std::int64_t>(before.engine_resident_bytes());
        qInfo("fds %u -> %u, cgroups %u -> %u, memory %+lld KiB", before.engine_open_fds(), after.engine_open_fds(),
              before.cgroup_count(), after.cgroup_count(), static_cast<long long>(grown / 1024));
#if defined(__SANITIZE_ADDRESS__)
        constexpr std::int64_t kMost = std::int64_t{200} << 20; // its quarantine keeps what was freed
#else
        constexpr std::int64_t kMost = std::int64_t{16} << 20;
#endif
        QVERIFY(grown < kMost);
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::none_of(containersOf(*m_inventory),
                                                      [](const auto &item) { return item.first.starts_with("t-many"); }),
                                 kPatience);
    }

private:
    /// Created in whole seconds since the epoch: podman ps tells it as text or number.
    static Json createdOf(const Json &row)
    {
        return row["Created"].is_string() ? Json(runtime::microsOfTime(row["Created"].get<std::string>()) / 1'000'000)
                                          : row["Created"];
    }
    /// Its lines, or why there are none.
    std::vector<std::string> log(const std::string &container, std::uint32_t lines)
    {
        test::BoundedContext context(60s);
        v1::TailLogRequest request;
        v1::LogTail reply;
        request.mutable_target()->set_container(container);
        request.set_lines(lines);
        std::vector<std::string> out;
        if (const grpc::Status status = m_inventory->TailLog(&context, request, &reply); !status.ok())
            return {status.error_message()};
        for (const v1::LogTail::Line &line : reply.lines())
            out.push_back(line.text());
        return out;
    }

    /// Starts and removes containers with crun: the same cgroups, scopes and events in a fraction of podman's time.
    static void runMany(int count)
    {
        tool(strCat("cd /var/tmp/t-oci/crun && for i in $(seq ", count,
                    "); do crun run -d t-many-$i </dev/null >/dev/null 2>&1 || exit 1; done"));
        tool(strCat("for i in $(seq ", count, "); do crun delete --force t-many-$i || exit 1; done"));
    }

    static void makePodman()
    {
        tool("mkdir -p /srv/t-data");
        tool(strCat("podman run -d --name t-web -p 8082:80 -l role=front -v /srv/t-data:/data:ro --restart on-failure:3 "
                    "--memory 200m --health-cmd true --health-interval 1s ",
                    kImage, " sleep 100000"));
        tool(strCat("podman create --name t-fresh ", kImage, " true"));
        tool(strCat("podman run --name t-gone ", kImage, " true"));
        tool("podman pod create --name t-shop");
        tool(strCat("podman run -d --pod t-shop --name t-db ", kImage, " sleep 100000"));
        tool(strCat("podman run -d --name t-naps ", kImage, " sleep 100000 && podman pause t-naps"));
        QTRY_COMPARE_WITH_TIMEOUT(shell("podman inspect t-web --format '{{.State.Health.Status}}'", false),
                                  std::string("healthy"), kPatience);
    }
    static void makeRootless()
    {
        tool("systemctl restart user@1000.service");
        tool("cp /usr/local/share/lab/image.tar /var/tmp/t-image.tar && chmod 644 /var/tmp/t-image.tar");
        asAdmin("podman load -q -i /var/tmp/t-image.tar");
        asAdmin(strCat("podman run -d --name t-mine --network none -l owner=admin ", kImage, " sleep 100000"));
    }
    static void makeOci()
    {
        tool("mkdir -p /var/tmp/t-oci/runc/rootfs && tar xf /usr/local/share/lab/busybox.tar -C "
             "/var/tmp/t-oci/runc/rootfs && cd /var/tmp/t-oci/runc && runc spec && sed -i 's/\"terminal\": true/"
             "\"terminal\": false/; s/\"sh\"/\"sleep\", \"100000\"/' config.json && cp -a /var/tmp/t-oci/runc "
             "/var/tmp/t-oci/crun");
        tool("cd /var/tmp/t-oci/runc && runc run -d t-runc </dev/null >/dev/null 2>&1");
        tool("cd /var/tmp/t-oci/crun && crun run -d t-crun </dev/null >/dev/null 2>&1");
    }
    static void makeLxc()
    {
        tool("mkdir -p /var/lib/lxc/t-lxc/rootfs && tar xf /usr/local/share/lab/busybox.tar -C /var/lib/lxc/t-lxc/rootfs");
        std::ofstream("/var/lib/lxc/t-lxc/config") << "lxc.uts.name = t-lxc\n"
                                                      "lxc.rootfs.path = dir:/var/lib/lxc/t-lxc/rootfs\n"
                                                      "lxc.net.0.type = empty\n"
                                                      "lxc.init.cmd = /bin/sleep 100000\n";
        tool("lxc-start -d -n t-lxc");
    }
    /// Whatever a run before this left, and what this one made.
    static void removeAll()
    {
        const auto quietly = [](const std::string &line) { shell(line, false, true, kTools); };
        quietly("podman ps -aq --filter name=t- | xargs -r podman rm -f -t 0; podman pod rm -f -t 0 t-shop");
        quietly("cd /; runuser -u admin -- env XDG_RUNTIME_DIR=/run/user/1000 HOME=/home/admin podman rm -f -t 0 t-mine");
        quietly("docker ps -aq --filter name=t- | xargs -r docker rm -f");
        quietly("ctr tasks kill -s KILL t-ctr; sleep 1; ctr tasks rm t-ctr; ctr containers rm t-ctr");
        quietly("runc delete --force t-runc; crun delete --force t-crun; rm -rf /var/tmp/t-oci /var/tmp/t-image.tar");
        quietly("lxc-stop -k -n t-lxc; rm -rf /var/lib/lxc/t-lxc");
        quietly("machinectl kill -s KILL t-nspawn; systemctl stop t-nspawn; rm -rf /var/lib/machines/t-nspawn /srv/t-data");
    }

    std::map<std::string, Json> m_listed; ///< by gantryctl, once: a start of it takes seconds here
    std::unique_ptr<test::ServiceHost> m_host;
    std::unique_ptr<v1::Inventory::Stub> m_inventory;
    std::unique_ptr<v1::Control::Stub> m_control;
    std::unique_ptr<v1::Host::Stub> m_hostStub;
};

QTEST_GUILESS_MAIN(TestLabRuntimes)
#include "tst_lab_runtimes.moc"
