// SPDX-License-Identifier: GPL-3.0-or-later
// Incus' containers, of two projects, asserted by `incus list`, `incus config` and the kernel's files. Runs as root in
// a guest of the lab; what it makes in Incus is its own and is removed at the end.
#include <QtTest>

#include "engine/base/limit.h"
#include "engine/proto/convert.h"
#include "tests/lab/programs/containers.h"
#include "tests/lab/programs/limits.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using lab::byGantryctl;
using lab::containersOf;
using lab::json;
using lab::kernelFile;
using runtime::Json;

namespace {

constexpr int kPatience = 60'000;  ///< a guest without KVM beside a busy host
constexpr int kByEvent = 30'000;   ///< without events it is looked again after a minute only
constexpr auto kWork = "/var/tmp/t-incus";
constexpr auto kPayload = "/lxc.payload.t-web";

/// incus reads its standard input where that is no terminal.
std::string tool(const std::string &line)
{
    return lab::tool(strCat("exec </dev/null; ", line));
}
std::string quietly(const std::string &line)
{
    return lab::shell(strCat("exec </dev/null; ", line), false, true, lab::kTools);
}

/// A row of `incus list` by its full name ("t-blue_t-web").
std::map<std::string, Json> byIncus()
{
    std::map<std::string, Json> out;
    for (const Json &row : json(tool("incus list --all-projects --format json"))) {
        const std::string project = runtime::textAt(row, {"project"});
        const std::string name = runtime::textAt(row, {"name"});
        out.emplace(project == "default" ? name : strCat(project, "_", name), row);
    }
    return out;
}

std::string stateOf(const std::string &name)
{
    return tool(strCat("incus list --format csv -c s ^", name, "$"));
}

std::string configOf(const std::string &key)
{
    return tool(strCat("incus config get t-web ", key));
}

} // namespace

class TestLabIncus : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::geteuid() == 0 && ::access("/usr/local/bin/lab-images", X_OK) == 0,
                 "this runs in a guest of the lab, as root");
        tool("systemctl start incus.service");
        removeAll();
        makeImage();
        tool("mkdir -p /srv/t-incus");
        tool("incus init t-lab t-web -p t-lab -c user.role=front -c boot.autostart=true -c "
             "raw.lxc=lxc.init.cmd=/t-init");
        tool("incus config device add t-web eth0 nic nictype=p2p && "
             "incus config device add t-web data disk source=/srv/t-incus path=/data readonly=true && "
             "incus config device add t-web http proxy listen=tcp:127.0.0.1:18080-18081 connect=tcp:127.0.0.1:80-81");
        tool("incus project create t-blue -c features.images=false -c features.profiles=false");
        tool("incus init t-lab t-web --project t-blue -p t-lab -c raw.lxc=lxc.init.cmd=/t-init");
        tool("incus start t-web && incus exec t-web -- ip addr add 10.77.0.5/24 dev eth0 && "
             "incus start t-web --project t-blue");
        QVERIFY(byIncus().contains("t-web") && byIncus().contains("t-blue_t-web"));
        m_host = std::make_unique<test::ServiceHost>(500ms);
        const auto channel = m_host->channel(false);
        m_inventory = v1::Inventory::NewStub(channel);
        m_control = v1::Control::NewStub(channel);
    }
    /// As every case wants it, whatever the one before left.
    void init()
    {
        const std::string state = stateOf("t-web");
        if (state == "FROZEN")
            tool("incus resume t-web");
        else if (state != "RUNNING")
            tool("incus start t-web");
        tool("incus config set t-web limits.memory= limits.processes= limits.cpu.allowance= limits.cpu=");
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").state(), v1::CONTAINER_STATE_RUNNING, kPatience);
    }
    void cleanupTestCase()
    {
        m_host.reset();
        removeAll();
        quietly("systemctl stop incus.service incus.socket");
    }

    void incusList_agrees_fieldByField()
    {
        const std::map<std::string, Json> ours = byGantryctl();
        const std::map<std::string, Json> theirs = byIncus();
        QVERIFY(theirs.contains("t-web") && theirs.contains("t-blue_t-web"));
        for (const auto &[name, row] : theirs) {
            QVERIFY2(ours.contains(name), name.c_str());
            const Json &our = ours.at(name);
            const auto same = [&name](const Json &a, const Json &b, const char *field) {
                if (a != b)
                    qCritical("%s of %s: %s, incus says %s", field, name.c_str(), a.dump().c_str(), b.dump().c_str());
                return a == b;
            };
            QVERIFY(same(our["runtime"], "incus", "runtime"));
            QVERIFY(same(our["container_id"], row["config"]["volatile.uuid"], "uuid"));
            QVERIFY(same(our["state"], "running", "state"));
            QVERIFY(same(row["status"], "Running", "status"));
            QVERIFY(same(our["init_pid"], row["state"]["pid"], "pid"));
            QVERIFY(same(our["image"], row["config"]["image.description"], "image"));
            QVERIFY(same(our["image_id"], row["config"]["volatile.base_image"], "image_id"));
            QVERIFY(same(our["created_usec"], runtime::microsOfTime(row["created_at"].get<std::string>()), "created"));
            QVERIFY(same(our["started_usec"], runtime::microsOfTime(row["state"]["started_at"].get<std::string>()),
                         "started"));
            QVERIFY(same(our["restart_policy"], name == "t-web" ? "always" : "no", "restart_policy"));
            const std::string cgroup = *readFile(strCat("/proc/", row["state"]["pid"].get<int>(), "/cgroup"));
            QVERIFY(same(strCat("0::", our["cgroup"].get<std::string>()), trim(cgroup), "cgroup"));
            // LXC's own process beside it is no container, but the container's monitor.
            QVERIFY(readFile(strCat("/proc/", our["monitor_pid"].get<int>(), "/cgroup"))
                        ->find(strCat("lxc.monitor.", name)) != std::string::npos);
        }
        const Json &web = ours.at("t-web");
        QCOMPARE(web["labels"], Json({{"user.role", "front"}}));
        QCOMPARE(web["mounts"].size(), 1U);
        QCOMPARE(web["mounts"][0]["source"], Json("/srv/t-incus"));
        QCOMPARE(web["mounts"][0]["destination"], Json("/data"));
        QCOMPARE(web["ports"].size(), 1U);
        QCOMPARE(web["ports"][0]["host_port"], Json(18080));
        QCOMPARE(web["ports"][0]["container_port"], Json(80));
        QCOMPARE(web["addresses"].size(), 1U);
        QCOMPARE(web["addresses"][0]["address"], Json("10.77.0.5"));
        for (const auto &[name, our] : ours)
            QVERIFY2(our["runtime"] != "lxc" && name.find("monitor") == std::string::npos, name.c_str());
    }

    void pause_agreesWithIncusList()
    {
        lab::freeze(*m_control, "t-web", &v1::Control::Stub::Freeze);
        QCOMPARE(stateOf("t-web"), std::string("FROZEN"));
        QVERIFY(kernelFile(kPayload, "cgroup.events").find("frozen 1") != std::string::npos);
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").state(), v1::CONTAINER_STATE_PAUSED, kByEvent);
        lab::freeze(*m_control, "t-web", &v1::Control::Stub::Thaw);
        QCOMPARE(stateOf("t-web"), std::string("RUNNING"));
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").state(), v1::CONTAINER_STATE_RUNNING, kByEvent);
        // The other of that name was not meant.
        QCOMPARE(runtime::textAt(byIncus().at("t-blue_t-web"), {"status"}), std::string("Running"));
        tool("incus pause t-web");
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").state(), v1::CONTAINER_STATE_PAUSED, kByEvent);
    }

    void limit_setHere_showsThere()
    {
        const v1::SetLimitsReply reply = set({"memory.max=150M", "pids.max=77", "cpu.max=50%"});
        QCOMPARE(reply.changes_size(), 3);
        QCOMPARE(reply.changes(0).route(), std::string("incus: t-web"));
        QVERIFY(reply.changes(0).warnings_size() > 0);
        const std::string told = reply.changes(0).warnings(0).detail();
        QVERIFY2(told.starts_with("incus sets memory.swap.max to 0"), told.c_str());
        QCOMPARE(configOf("limits.memory"), std::string("157286400"));
        QCOMPARE(configOf("limits.processes"), std::string("77"));
        QCOMPARE(configOf("limits.cpu.allowance"), std::string("50ms/100ms"));
        QCOMPARE(kernelFile(kPayload, "memory.max"), std::string("157286400"));
        QCOMPARE(kernelFile(kPayload, "pids.max"), std::string("77"));
        QCOMPARE(kernelFile(kPayload, "cpu.max"), std::string("50000 100000"));
        // What an admin would type does the same.
        const std::string typed = set({"memory.max=max"}, true).changes(0).command();
        QCOMPARE(typed, std::string("incus config set t-web limits.memory="));
        tool(typed);
        QCOMPARE(kernelFile(kPayload, "memory.max"), std::string("max"));
        set({"pids.max=max", "cpu.max=max"});
        QCOMPARE(strCat(configOf("limits.memory"), configOf("limits.processes"), configOf("limits.cpu.allowance")),
                 std::string());
        QCOMPARE(kernelFile(kPayload, "pids.max"), std::string("max"));
        QCOMPARE(kernelFile(kPayload, "cpu.max"), std::string("max 100000"));
    }

    void limit_withoutAWord_isTheKernelsFile_andSaysSo()
    {
        const v1::SetLimitsReply reply = set({"memory.high=120M"});
        QCOMPARE(reply.changes_size(), 1);
        QCOMPARE(reply.changes(0).route(), std::string());
        QVERIFY(reply.changes(0).warnings(0).detail().starts_with("incus: t-web does not know of this change"));
        QCOMPARE(kernelFile(kPayload, "memory.high"), std::string("125829120"));
        set({"memory.high=max"});
    }

    void limit_setThere_showsHere()
    {
        const std::uint64_t node = containersOf(*m_inventory).at("t-web").id();
        const auto shown = [&] { return lab::configuredNumber(*m_control, node, "memory.max"); };
        tool("incus config set t-web limits.memory=180MiB");
        QTRY_COMPARE_WITH_TIMEOUT(shown(), 188'743'680U, 5'000);
    }

    void share_thatWouldBeLost_isKept()
    {
        tool("incus config set t-web limits.cpu.allowance=30%");
        QVERIFY(set({"cpu.max=50%"}).changes_size() == 0);
        QVERIFY2(m_refusal.find("limits.cpu.allowance is a share now (30%)") != std::string::npos, m_refusal.c_str());
        QCOMPARE(configOf("limits.cpu.allowance"), std::string("30%"));
    }

    void stopStartRestartRemove_agreeWithIncusList()
    {
        using v1::ContainerActionRequest;
        tool("incus copy t-web t-act && incus config device remove t-act http");
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-act").state(), v1::CONTAINER_STATE_EXITED, kByEvent);
        QCOMPARE(lab::act(*m_control, "t-act", ContainerActionRequest::ACTION_START).command(),
                 std::string("incus start t-act"));
        QCOMPARE(stateOf("t-act"), std::string("RUNNING"));
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-act").state(), v1::CONTAINER_STATE_RUNNING, kByEvent);
        QTRY_VERIFY_WITH_TIMEOUT(ours("t-act").init_pid() != 0, kByEvent);
        const int before = ours("t-act").init_pid();
        lab::act(*m_control, "t-act", ContainerActionRequest::ACTION_RESTART);
        QTRY_VERIFY_WITH_TIMEOUT(ours("t-act").init_pid() != 0 && ours("t-act").init_pid() != before, kByEvent);
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-act").state(), v1::CONTAINER_STATE_RUNNING, kByEvent);
        QCOMPARE(lab::kill(*m_control, "t-act").remaining(), 0U);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf("t-act"), std::string("STOPPED"), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-act").state(), v1::CONTAINER_STATE_EXITED, kByEvent);
        tool("incus start t-act");
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-act").state(), v1::CONTAINER_STATE_RUNNING, kByEvent);
        lab::act(*m_control, "t-act", ContainerActionRequest::ACTION_STOP);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf("t-act"), std::string("STOPPED"), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-act").state(), v1::CONTAINER_STATE_EXITED, kByEvent);
        lab::act(*m_control, "t-act", ContainerActionRequest::ACTION_REMOVE);
        QTRY_VERIFY_WITH_TIMEOUT(!containersOf(*m_inventory).contains("t-act"), kByEvent);
        QCOMPARE(stateOf("t-act"), std::string());
    }

    void log_isTheConsoles()
    {
        test::BoundedContext context(60s);
        v1::TailLogRequest request;
        v1::LogTail reply;
        request.mutable_target()->set_container("t-web");
        request.set_lines(1);
        QVERIFY(m_inventory->TailLog(&context, request, &reply).ok());
        QCOMPARE(reply.lines_size(), 1);
        QCOMPARE(reply.lines(0).text(), std::string("hello from t-init"));
    }

    void looking_startsNoDaemon()
    {
        tool("systemctl stop incus.service");
        QCOMPARE(tool("systemctl is-active incus.socket"), std::string("active"));
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").runtime(), std::string("lxc"), kPatience);
        QVERIFY(ours("t-web").init_pid() != 0); // it runs all the same
        QTest::qWait(12'000); // two looks for runtimes
        QCOMPARE(quietly("systemctl is-active incus.service"), std::string("inactive"));
        tool("systemctl start incus.service");
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").runtime(), std::string("incus"), kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(ours("t-web").facts_problem(), std::string(), kPatience);
    }

private:
    /// What the engine tells of a container; empty where it is not in the tree.
    v1::ContainerDetail ours(const std::string &name) { return containersOf(*m_inventory)[name].container(); }

    /// Sets limits of t-web ("pids.max=7"). A refusal is kept in m_refusal.
    v1::SetLimitsReply set(const std::vector<std::string> &settings, bool dryRun = false)
    {
        v1::SetLimitsRequest request;
        request.mutable_target()->set_container("t-web");
        request.set_dry_run(dryRun);
        request.set_deadline_ms(60'000);
        for (const std::string &text : settings) {
            const std::size_t equals = text.find('=');
            const LimitKey key = *limitKeyByName(text.substr(0, equals));
            v1::LimitSetting &setting = *request.add_settings();
            setting.set_key(text.substr(0, equals));
            *setting.mutable_value() = toMessage(*parseLimitValue(key, text.substr(equals + 1)));
        }
        test::BoundedContext context(90s);
        v1::SetLimitsReply reply;
        const grpc::Status status = m_control->SetLimits(&context, request, &reply);
        m_refusal = status.ok() ? std::string() : service::errorFrom(status).message();
        return reply;
    }

    /// A busybox whose init ends when Incus asks it to, a pool and a profile without a network.
    static void makeImage()
    {
        std::filesystem::create_directories(strCat(kWork, "/rootfs"));
        tool(strCat("tar xf /usr/local/share/lab/busybox.tar -C ", kWork, "/rootfs"));
        std::ofstream(strCat(kWork, "/rootfs/t-init")) << "#!/bin/sh\n"
                                                          "trap 'exit 0' PWR\n"
                                                          "echo hello from t-init >/dev/console\n"
                                                          "while :; do sleep 1; done\n";
        std::ofstream(strCat(kWork, "/metadata.yaml")) << "architecture: x86_64\n"
                                                          "creation_date: 1700000000\n"
                                                          "properties:\n"
                                                          "  description: lab's busybox\n"
                                                          "  os: busybox\n";
        tool(strCat("cd ", kWork,
                    " && chmod 755 rootfs/t-init && tar cf metadata.tar metadata.yaml && tar cf rootfs.tar -C rootfs . && "
                    "incus image import metadata.tar rootfs.tar --alias t-lab"));
        tool("incus storage create t-lab dir && incus profile create t-lab && "
             "incus profile device add t-lab root disk path=/ pool=t-lab");
    }
    /// Whatever a run before this left, and what this one made.
    static void removeAll()
    {
        quietly("incus delete -f t-act; incus delete -f t-web; incus delete -f t-web --project t-blue; "
                "incus project delete t-blue");
        quietly("incus profile delete t-lab; incus image delete t-lab; incus storage delete t-lab");
        quietly(strCat("rm -rf /srv/t-incus ", kWork));
    }

    std::string m_refusal;
    std::unique_ptr<test::ServiceHost> m_host;
    std::unique_ptr<v1::Inventory::Stub> m_inventory;
    std::unique_ptr<v1::Control::Stub> m_control;
};

QTEST_GUILESS_MAIN(TestLabIncus)
#include "tst_lab_incus.moc"
