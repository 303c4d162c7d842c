// SPDX-License-Identifier: GPL-3.0-or-later
// Containers that somebody else than the admin starts: Kubernetes, systemd, libvirt, a desktop. Made by the real thing and
// asserted from the outside. Runs as root in a guest of the lab; each case makes its own and removes it.
#include <QtTest>

#include "engine/base/fd.h"
#include "gantry/v1/control.grpc.pb.h"
#include "tests/lab/programs/containers.h"
#include "tests/lab/programs/cri_client.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using lab::byGantryctl;
using lab::containersOf;
using lab::gantryctl;
using lab::kernelFile;
using lab::kTools;
using lab::shell;
using lab::tool;
using runtime::Json;

namespace {

constexpr auto kImage = "localhost/lab:latest";
constexpr int kPatience = 90'000; ///< a guest without KVM beside a busy host

/// Qt Test ends a function after five minutes if it is not told before; beside a busy host one has taken three.
[[maybe_unused]] const bool kToldBefore = qputenv("QTEST_FUNCTION_TIMEOUT", "900000");

/// Shell lines that are run at the end, the last one first, whatever happened before.
class Undo
{
public:
    explicit Undo(std::vector<std::string> lines) : m_lines(std::move(lines)) {}
    Undo(const Undo &) = delete;
    Undo &operator=(const Undo &) = delete;
    Undo(Undo &&) = delete;
    Undo &operator=(Undo &&) = delete;
    ~Undo()
    {
        for (auto line = m_lines.rbegin(); line != m_lines.rend(); ++line)
            shell(*line, false, true, kTools);
    }

private:
    const std::vector<std::string> m_lines;
};

/// Waits until it is so: of time, not of looks as QTRY_VERIFY does, which take long here.
template <class Condition> bool within(Condition isSo)
{
    return QTest::qWaitFor(isSo, kPatience);
}

/// Tells why not.
template <class T> bool worked(const Result<T> &result)
{
    if (!result)
        qCritical("%s", result.error().message().c_str());
    return result.has_value();
}

/// containerd as a node of Kubernetes has it, with an image for the pause process: the lab's, which sleeps.
class ClusterNode
{
public:
    ClusterNode()
    {
        if (std::filesystem::exists(kSaved))
            putBack(); // whatever a run before this left
        tool("cp -a /etc/containerd/config.toml /etc/containerd/t-saved");
        std::ofstream("/etc/containerd/config.toml") << "version = 2\n"
                                                        "[plugins.\"io.containerd.grpc.v1.cri\"]\n"
                                                        "  sandbox_image = \"localhost/t-pause:latest\"\n"
                                                        "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n"
                                                        "    runtime_type = \"io.containerd.runc.v2\"\n"
                                                        "    [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n"
                                                        "      SystemdCgroup = true\n"
                                                        "  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.cgroupfs]\n"
                                                        "    runtime_type = \"io.containerd.runc.v2\"\n";
        tool("systemctl start containerd && mkdir -p /var/tmp/t-pause && cd /var/tmp/t-pause && "
             "tar xf /usr/local/share/lab/image.tar && old=$(ls *.json | grep -v manifest) && "
             "sed 's#\"/bin/sh\"#\"sleep\",\"100000\"#' $old > new && id=$(sha256sum new | cut -d' ' -f1) && "
             "mv new $id.json && sed -i \"s#\\[\\(.*\\)\\]#[\\1,\\1]#; s/${old%.json}/$id/; s#/lab:latest#/t-pause:latest#\" "
             "manifest.json && tar cf ../t-pause.tar *.json *.tar && ctr -n k8s.io images import ../t-pause.tar && "
             "systemctl restart containerd");
        removePods(cri.sandboxes().value_or(std::vector<std::string>()));
    }
    ClusterNode(const ClusterNode &) = delete;
    ClusterNode &operator=(const ClusterNode &) = delete;
    ClusterNode(ClusterNode &&) = delete;
    ClusterNode &operator=(ClusterNode &&) = delete;
    ~ClusterNode()
    {
        removePods(m_sandboxes);
        putBack();
    }
    /// @return id of its sandbox; empty where it failed, which is told.
    std::string run(const lab::Pod &pod)
    {
        const auto sandbox = cri.run(pod);
        if (worked(sandbox))
            m_sandboxes.push_back(*sandbox);
        return sandbox.value_or(std::string());
    }

    lab::CriClient cri{"/run/containerd/containerd.sock"};

private:
    void removePods(const std::vector<std::string> &sandboxes)
    {
        for (const std::string &sandbox : sandboxes)
            (void)worked(cri.removePod(sandbox));
    }
    static void putBack()
    {
        shell("ctr -n k8s.io images ls -q | xargs -r ctr -n k8s.io images rm; rm -rf /var/tmp/t-pause "
              "/var/tmp/t-pause.tar; test ! -e /etc/containerd/t-saved || { mv /etc/containerd/t-saved "
              "/etc/containerd/config.toml && systemctl restart containerd; }; systemctl stop kubepods.slice; "
              "find /sys/fs/cgroup/kubepods -depth -type d -exec rmdir {} +",
              false, true, kTools);
    }

    static constexpr auto kSaved = "/etc/containerd/t-saved";

    std::vector<std::string> m_sandboxes;
};

/// What a person is told, in one text.
template <class Warnings> std::string details(const Warnings &warnings)
{
    std::string out;
    for (const v1::Warning &warning : warnings)
        out += strCat(warning.subject(), ": ", warning.detail(), "\n");
    return out;
}

/// Makes the file, and its folder.
void writeText(const std::string &path, const std::string &text)
{
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

} // namespace

class TestLabOrchestrated : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::geteuid() == 0 && ::access("/usr/local/bin/lab-images", X_OK) == 0,
                 "this runs in a guest of the lab, as root");
        m_host = std::make_unique<test::ServiceHost>(500ms);
        const auto channel = m_host->channel(false);
        m_inventory = v1::Inventory::NewStub(channel);
        m_control = v1::Control::NewStub(channel);
    }
    void cleanupTestCase() { m_host.reset(); }

    void kubernetesPod_isNamedGroupedAndActedOn()
    {
        ClusterNode node;
        const auto version = node.cri.version();
        QVERIFY(worked(version));
        QVERIFY2(version->starts_with("containerd "), version->c_str());
        const lab::Pod pod{"t-web-0", "t-prod", "7a3c1e52-0b7d-4c55-9a5e-3f2d7c1b8e90"};
        const std::string sandbox = node.run(pod);
        QVERIFY(!sandbox.empty());
        constexpr std::int64_t kMemory = std::int64_t{64} << 20;
        const auto app = node.cri.start(pod, sandbox, "app", kImage, {"sleep", "100000"}, kMemory);
        QVERIFY(worked(app));
        const std::string name = "t-web-0/app";
        QVERIFY(shows(name, v1::CONTAINER_STATE_RUNNING));
        QVERIFY(shows(pod.name, v1::CONTAINER_STATE_RUNNING));
        compareWithPod(pod, sandbox, *app);
        if (QTest::currentTestFailed())
            return;
        const v1::ContainerDetail payload = containersOf(*m_inventory).at(name).container();
        QCOMPARE(kernelFile(payload.cgroup_path(), "memory.max"), std::to_string(kMemory));
        const Json told = byGantryctl().at(name);
        QCOMPARE(told["pod"], Json(pod.uid));
        QCOMPARE(told["init_pid"], Json(payload.init_pid()));

        // The same by kubelet's other driver, which asks systemd nothing.
        const lab::Pod plain{"t-db-0", "t-prod", "7a3c1e52-0b7d-4c55-9a5e-3f2d7c1b8e91", "cgroupfs"};
        const std::string other = node.run(plain);
        QVERIFY(!other.empty());
        QVERIFY(shows(plain.name, v1::CONTAINER_STATE_RUNNING));
        const v1::ContainerDetail third = containersOf(*m_inventory).at(plain.name).container();
        QCOMPARE(third.runtime(), std::string("kubernetes"));
        QCOMPARE(third.cgroup_path(), strCat(plain.slice(), "/", other));
        QCOMPARE(third.pod_id(), plain.uid);

        // It is kubelet's: paused and killed by systemd and the kernel, but not stopped here.
        lab::freeze(*m_control, name, &v1::Control::Stub::Freeze);
        QVERIFY(shows(name, v1::CONTAINER_STATE_PAUSED));
        QVERIFY(kernelFile(payload.cgroup_path(), "cgroup.events").find("frozen 1") != std::string::npos);
        lab::freeze(*m_control, name, &v1::Control::Stub::Thaw);
        QVERIFY(shows(name, v1::CONTAINER_STATE_RUNNING));
        const std::string refused = gantryctl(strCat("stop ", name), false);
        QVERIFY2(refused.find("kubectl -n t-prod delete pod t-web-0") != std::string::npos, refused.c_str());
        QCOMPARE(lab::kill(*m_control, name).remaining(), 0U);
        QVERIFY(vanishes(name));
        QVERIFY(shows(pod.name, v1::CONTAINER_STATE_RUNNING));
        Result<> removed;
        // containerd learns of the end by an event, some time after the kernel has none of its processes any more.
        QVERIFY2(within([&] {
                     removed = node.cri.removeContainer(*app);
                     return removed.has_value();
                 }),
                 removed ? "" : removed.error().message().c_str());
        QVERIFY(worked(node.cri.removePod(sandbox)));
        QVERIFY(vanishes(pod.name));
        QCOMPARE(kernelFile(pod.slice(), "cgroup.events").substr(0, 11), std::string("populated 0"));
    }

    void quadlet_isPodmansAndTellsItsUnit()
    {
        const Undo undo({"systemctl daemon-reload; systemctl reset-failed t-quad.service",
                         "rm -f /etc/containers/systemd/t-quad.container",
                         "systemctl stop t-quad.service; podman rm -f -t 0 t-quad"});
        tool("lab-images podman");
        writeText("/etc/containers/systemd/t-quad.container",
                  strCat("[Container]\nImage=", kImage, "\nContainerName=t-quad\nExec=sleep 100000\nStopTimeout=1\n"
                         "[Service]\nRestart=always\nRestartSec=1\n"));
        tool("systemctl daemon-reload && systemctl start t-quad.service");
        QVERIFY(shows("t-quad", v1::CONTAINER_STATE_RUNNING));
        const v1::ContainerDetail first = containersOf(*m_inventory).at("t-quad").container();
        QCOMPARE(first.runtime(), std::string("podman"));
        QCOMPARE(first.cgroup_path(), strCat("/system.slice/t-quad.service/libpod-payload-", first.id()));
        QVERIFY(isIn(first.init_pid(), first.cgroup_path()));
        QCOMPARE(byGantryctl().at("t-quad")["unit"], Json("t-quad.service"));
        // podman keeps the limit for this container's life, and the unit makes another one each time.
        const std::string set = gantryctl("set t-quad memory.max=100M");
        QVERIFY2(set.find("it holds until the unit stops") != std::string::npos, set.c_str());
        QCOMPARE(kernelFile(first.cgroup_path(), "memory.max"), std::string("104857600"));

        const v1::ContainerActionReply stopped =
            lab::act(*m_control, "t-quad", v1::ContainerActionRequest::ACTION_STOP);
        const std::string told = details(stopped.warnings());
        QVERIFY2(told.find("t-quad.service: it runs t-quad: systemctl stop t-quad.service") != std::string::npos,
                 told.c_str());
        // As told: it comes back, until the unit itself is stopped.
        std::map<std::string, v1::Node> now;
        QVERIFY(within([&] {
            now = containersOf(*m_inventory);
            return now.contains("t-quad") && now.at("t-quad").container().id() != first.id() &&
                   now.at("t-quad").container().init_pid() != 0;
        }));
        QCOMPARE(kernelFile(now.at("t-quad").container().cgroup_path(), "memory.max"), std::string("max"));
        tool("systemctl stop t-quad.service");
        QVERIFY(vanishes("t-quad"));
    }

    void libvirtLxc_hasItsDomainsName()
    {
        const Undo undo({"rm -rf /var/tmp/t-virt", "systemctl stop libvirtd.socket libvirtd-ro.socket "
                         "libvirtd-admin.socket libvirtd.service",
                         "virsh -q -c lxc:/// destroy t-virt; virsh -q -c lxc:/// undefine t-virt"});
        tool("systemctl start libvirtd.socket && mkdir -p /var/tmp/t-virt/root && "
             "tar xf /usr/local/share/lab/busybox.tar -C /var/tmp/t-virt/root");
        writeText("/var/tmp/t-virt/domain.xml",
                  "<domain type='lxc'><name>t-virt</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>"
                  "<os><type>exe</type><init>/bin/sh</init><initarg>-c</initarg>"
                  "<initarg>trap 'exit 0' TERM; while :; do sleep 1; done</initarg></os>"
                  "<devices><emulator>/usr/lib/libvirt/libvirt_lxc</emulator><filesystem type='mount'>"
                  "<source dir='/var/tmp/t-virt/root'/><target dir='/'/></filesystem><console type='pty'/></devices></domain>");
        const std::string virsh = "virsh -q -c lxc:/// ";
        tool(strCat(virsh, "define /var/tmp/t-virt/domain.xml && ", virsh, "start t-virt"));
        QCOMPARE(tool(strCat(virsh, "list --name")), std::string("t-virt"));
        QVERIFY(shows("t-virt", v1::CONTAINER_STATE_RUNNING));
        const v1::ContainerDetail detail = containersOf(*m_inventory).at("t-virt").container();
        QCOMPARE(detail.runtime(), std::string("libvirt"));
        QCOMPARE(detail.id(), tool("machinectl list --no-legend | awk '/t-virt/{print $1}'"));
        QCOMPARE(std::to_string(detail.monitor_pid()), tool(strCat(virsh, "domid t-virt")));
        QCOMPARE(std::to_string(detail.init_pid()), tool(strCat("machinectl show --value -p Leader ", detail.id())));
        QVERIFY(isIn(detail.init_pid(), detail.cgroup_path()));
        lab::freeze(*m_control, "t-virt", &v1::Control::Stub::Freeze);
        QVERIFY(shows("t-virt", v1::CONTAINER_STATE_PAUSED));
        lab::freeze(*m_control, "t-virt", &v1::Control::Stub::Thaw);
        QVERIFY(shows("t-virt", v1::CONTAINER_STATE_RUNNING));

        const v1::ContainerActionReply stopped =
            lab::act(*m_control, "t-virt", v1::ContainerActionRequest::ACTION_STOP);
        QCOMPARE(stopped.command(), std::string("virsh --quiet --connect lxc:/// shutdown --mode signal t-virt"));
        QVERIFY(within([&] { return tool(strCat(virsh, "domstate t-virt")) == "shut off"; }));
        QVERIFY(vanishes("t-virt"));
        tool(strCat(virsh, "start t-virt"));
        QVERIFY(shows("t-virt", v1::CONTAINER_STATE_RUNNING));
        const v1::KillReply killed = lab::kill(*m_control, "t-virt");
        QCOMPARE(killed.remaining(), 0U);
        QCOMPARE(killed.route(), std::string("libvirt: t-virt"));
        QCOMPARE(tool(strCat(virsh, "domstate --reason t-virt")), std::string("shut off (destroyed)"));
        QVERIFY(vanishes("t-virt"));
    }

    void nspawn_withoutSystemdInside_isStoppedAllTheSame()
    {
        const Undo undo({"rm -rf /var/tmp/t-bare", "systemctl stop t-bare.service"});
        tool("mkdir -p /var/tmp/t-bare/etc /var/tmp/t-bare/usr && tar xf /usr/local/share/lab/busybox.tar -C /var/tmp/t-bare "
             "&& echo ID=x > /var/tmp/t-bare/etc/os-release && systemd-run --quiet --collect --unit=t-bare "
             "systemd-nspawn -q -D /var/tmp/t-bare -M t-bare --register=yes /bin/sleep 100000");
        QVERIFY(shows("t-bare", v1::CONTAINER_STATE_RUNNING));
        const auto verbs = containersOf(*m_inventory).at("t-bare").container().runtime_verbs();
        QCOMPARE((std::vector<std::string>{verbs.begin(), verbs.end()}), (std::vector<std::string>{"stop", "kill"}));
        const v1::ContainerActionReply stopped =
            lab::act(*m_control, "t-bare", v1::ContainerActionRequest::ACTION_STOP);
        QCOMPARE(stopped.command(), std::string("machinectl terminate t-bare"));
        QVERIFY(vanishes("t-bare"));
        QVERIFY(within([] { return shell("machinectl list --no-legend").find("t-bare") == std::string::npos; }));
    }

    void flatpak_isNamedByItsApplication()
    {
        const Undo undo({"rm -rf /var/tmp/t-flatpak /home/admin/.local/share/flatpak /home/admin/.cache/flatpak "
                         "/home/admin/.var/app/org.lab.App",
                         strCat(kAsAdmin, "systemctl --user stop 'app-flatpak-org.lab.App-*.scope' t-flatpak.service")});
        tool("systemctl start user@1000.service");
        makeFlatpak();
        lab::asAdmin("systemd-run --user --collect --quiet --unit=t-flatpak flatpak run --branch=1 org.lab.App");
        QVERIFY(shows("org.lab.App", v1::CONTAINER_STATE_RUNNING));
        // Its first process is started by a wrapper, which is seen before it.
        v1::ContainerDetail detail;
        const auto byFlatpak = [] { return lab::asAdmin("flatpak ps --columns=instance,application,child-pid,pid"); };
        QVERIFY(within([&] {
            detail = containersOf(*m_inventory)["org.lab.App"].container();
            return byFlatpak() ==
                   strCat(detail.id(), "\torg.lab.App\t", detail.init_pid(), "\t", detail.monitor_pid());
        }));
        QCOMPARE(detail.runtime(), std::string("flatpak"));
        QCOMPARE(detail.image(), std::string("runtime/org.lab.Platform/x86_64/1"));
        QVERIFY(detail.has_user_uid());
        QCOMPARE(detail.user_uid(), 1000U);
        QVERIFY(isIn(detail.init_pid(), detail.cgroup_path()));
        QVERIFY(detail.cgroup_path().ends_with(strCat("/app-flatpak-org.lab.App-", detail.id(), ".scope")));
        lab::freeze(*m_control, "org.lab.App", &v1::Control::Stub::Freeze);
        QVERIFY(shows("org.lab.App", v1::CONTAINER_STATE_PAUSED));
        lab::freeze(*m_control, "org.lab.App", &v1::Control::Stub::Thaw);
        QVERIFY(shows("org.lab.App", v1::CONTAINER_STATE_RUNNING));
        QCOMPARE(lab::kill(*m_control, "org.lab.App").remaining(), 0U);
        QVERIFY(vanishes("org.lab.App"));
        // flatpak lists it until its wrapper has ended, too.
        QVERIFY(within([] { return lab::asAdmin("flatpak ps --columns=instance").empty(); }));
    }

    void scopesOfADesktop_areContainersOfSnapsOnly()
    {
        const std::string app = "app-gnome-org.lab.Editor-4711.scope";
        const std::string snap = "snap.t-hello.world-0b4a7a52-6a2f-4c0e-9f5e-0d8d6c2b7a11.scope";
        const std::string older = "snap.t-hello.older.0b4a7a52-6a2f-4c0e-9f5e-0d8d6c2b7a12.scope";
        const Undo undo({strCat(kAsAdmin, "systemctl --user stop ", app, " ", snap, " ", older),
                         "systemctl stop snap.t-hello.daemon.service"});
        tool("systemctl start user@1000.service");
        for (const std::string &unit : {app, snap, older})
            lab::asAdmin(strCat("sh -c 'systemd-run --user --scope --quiet --collect --slice=app.slice --unit=", unit,
                                " sleep 100000 >/dev/null 2>&1 &'"));
        tool("systemd-run --quiet --collect --unit=snap.t-hello.daemon.service sleep 100000");
        const std::string slice = "/user.slice/user-1000.slice/user@1000.service/app.slice/";
        QVERIFY(within([&] { return kernelFile(strCat(slice, app), "pids.current") == "1"; }));
        for (const std::string each : {"t-hello.world", "t-hello.older", "t-hello.daemon"})
            QVERIFY(shows(each, {}));
        const std::map<std::string, v1::Node> seen = containersOf(*m_inventory);
        const v1::ContainerDetail &world = seen.at("t-hello.world").container();
        QCOMPARE(world.runtime(), std::string("snap"));
        QCOMPARE(world.cgroup_path(), strCat(slice, snap));
        QVERIFY(isIn(world.init_pid(), world.cgroup_path()));
        QCOMPARE(seen.at("t-hello.daemon").container().cgroup_path(),
                 std::string("/system.slice/snap.t-hello.daemon.service"));
        QVERIFY(std::ranges::none_of(seen, [&](const auto &item) {
            return item.second.container().cgroup_path().find("org.lab.Editor") != std::string::npos;
        }));
    }

private:
    static constexpr auto kAsAdmin = "cd /; runuser -u admin -- env XDG_RUNTIME_DIR=/run/user/1000 ";

    /// Waits until a container of that name is in the tree with its first process in its cgroup and, where a state is
    /// given, its runtime says that it is in that state. Otherwise tells what is there.
    bool shows(const std::string &name, std::optional<v1::ContainerState> state)
    {
        std::map<std::string, v1::Node> seen;
        const bool there = within([&] {
            seen = containersOf(*m_inventory);
            if (!seen.contains(name))
                return false;
            // Seen by its path before its runtime is asked, and before its first process is what it will be.
            const v1::ContainerDetail &detail = seen.at(name).container();
            return isIn(detail.init_pid(), detail.cgroup_path()) &&
                   (!state || (detail.state() == *state && !detail.facts_source().empty()));
        });
        for (const auto &[other, node] : there ? std::map<std::string, v1::Node>() : seen)
            qCritical("%s: %s", other.c_str(), node.container().ShortDebugString().c_str());
        return there;
    }
    /// What is told of a pod's pause process and of its container "app". @param sandbox, app their ids.
    void compareWithPod(const lab::Pod &pod, const std::string &sandbox, const std::string &app)
    {
        const std::map<std::string, v1::Node> seen = containersOf(*m_inventory);
        const v1::ContainerDetail &pause = seen.at(pod.name).container();
        const v1::ContainerDetail &payload = seen.at(strCat(pod.name, "/app")).container();
        QVERIFY(pause.infrastructure());
        QVERIFY(!payload.infrastructure());
        QCOMPARE(pause.id(), sandbox);
        QCOMPARE(payload.id(), app);
        QCOMPARE(payload.image(), std::string(kImage));
        QCOMPARE(payload.cgroup_path(), strCat(pod.slice(), "/cri-containerd-", app, ".scope"));
        for (const v1::ContainerDetail *each : {&pause, &payload}) {
            QCOMPARE(each->runtime(), std::string("containerd"));
            QCOMPARE(each->pod_id(), pod.uid);
            QCOMPARE(each->pod_name(), pod.name);
            QCOMPARE(each->labels().at("io.kubernetes.cri.sandbox-namespace"), pod.space);
            QCOMPARE(each->facts_problem(), std::string());
            QVERIFY(each->started_realtime_usec() >= each->created_realtime_usec());
            QVERIFY(isIn(each->init_pid(), each->cgroup_path()));
        }
    }
    bool vanishes(const std::string &name)
    {
        return within([&] { return !containersOf(*m_inventory).contains(name); });
    }
    /// True if the kernel has the process in that cgroup or below it.
    static bool isIn(std::int32_t pid, const std::string &path)
    {
        const auto cgroup = readFile(strCat("/proc/", pid, "/cgroup"));
        return pid > 0 && !path.empty() && cgroup && trim(*cgroup).starts_with(strCat("0::", path));
    }
    /// An application that sleeps, on a runtime of busybox, installed for the user from a folder: no network is asked.
    static void makeFlatpak()
    {
        const std::string folder = "/var/tmp/t-flatpak/";
        tool(strCat("rm -rf ", folder, " && mkdir -p ", folder, "runtime/usr/lib ", folder, "runtime/files ", folder,
                    "app/export && tar xf /usr/local/share/lab/busybox.tar -C ", folder, "runtime/usr ./bin ./etc"));
        const std::string platform = "runtime=org.lab.Platform/x86_64/1\nsdk=org.lab.Platform/x86_64/1\n";
        writeText(folder + "runtime/metadata", strCat("[Runtime]\nname=org.lab.Platform\n", platform));
        writeText(folder + "app/metadata", strCat("[Application]\nname=org.lab.App\n", platform, "command=t-app\n"));
        writeText(folder + "app/files/bin/t-app", "#!/bin/sh\nexec sleep 100000\n");
        tool(strCat("cd ", folder, " && chmod 755 app/files/bin/t-app && flatpak build-export --runtime repo runtime 1 && "
                    "flatpak build-export repo app 1"));
        lab::asAdmin(strCat("sh -c 'flatpak --user remote-add --no-gpg-verify t-lab file://", folder,
                            "repo && flatpak --user install -y --noninteractive t-lab org.lab.App'"));
    }

    std::unique_ptr<test::ServiceHost> m_host;
    std::unique_ptr<v1::Inventory::Stub> m_inventory;
    std::unique_ptr<v1::Control::Stub> m_control;
};

QTEST_GUILESS_MAIN(TestLabOrchestrated)
#include "tst_lab_orchestrated.moc"
