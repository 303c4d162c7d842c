// SPDX-License-Identifier: GPL-3.0-or-later
// Sources that read what runtimes keep in files, on recorded trees.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/runtime/containerd_files.h"
#include "engine/runtime/docker_files.h"
#include "engine/runtime/files.h"
#include "engine/runtime/flatpak_files.h"
#include "engine/runtime/lxc_files.h"
#include "engine/runtime/machined.h"
#include "engine/runtime/oci_config.h"
#include "engine/runtime/oci_source.h"
#include "engine/runtime/podman_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace gantry;
using namespace gantry::runtime;
using namespace std::chrono_literals;

namespace {

/// A copy of a recorded tree that a test may change.
class Tree
{
public:
    explicit Tree(const char *name = nullptr)
    {
        if (name != nullptr)
            fs::copy(fs::path(GANTRY_TEST_DATA) / "runtimes" / name, root(), fs::copy_options::recursive);
    }
    Tree(const Tree &) = delete;
    Tree &operator=(const Tree &) = delete;
    Tree(Tree &&) = delete;
    Tree &operator=(Tree &&) = delete;
    ~Tree() { fs::remove_all(root()); } // names that are not UTF-8 are beyond QTemporaryDir

    [[nodiscard]] std::string root() const { return m_folder.path().toStdString(); }
    void write(const std::string &path, std::string_view text) const
    {
        const fs::path file = root() + path;
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }

private:
    QTemporaryDir m_folder;
};

/// Processes there are, by pid.
using Processes = std::map<std::int32_t, ProcessFacts>;

ProcessFacts process(const std::string &cgroupPath, std::uint64_t ticks = 1, bool frozen = false)
{
    ProcessFacts out;
    out.parentPid = 77;
    out.startTicks = ticks;
    out.startedMicros = 1'000'000;
    out.uid = ::getuid();
    out.cgroupPath = cgroupPath;
    out.frozen = frozen;
    return out;
}

ProcessLook lookIn(const Processes &processes)
{
    return [processes](std::int32_t pid) -> std::optional<ProcessFacts> {
        const auto found = processes.find(pid);
        return found != processes.end() ? std::optional(found->second) : std::nullopt;
    };
}

std::vector<Facts> listOf(Source &source)
{
    auto listing = source.list({Clock::now() + 20s});
    if (!listing)
        qWarning("%s", listing.error().message().c_str());
    return listing ? std::move(listing->containers) : std::vector<Facts>();
}

/// The container of that name; an empty one, which no test takes for it, if there is none.
Facts named(const std::vector<Facts> &all, std::string_view name)
{
    const auto found = std::ranges::find(all, name, &Facts::name);
    return found != all.end() ? *found : Facts();
}

QByteArray wordOf(State state)
{
    const std::string_view word = stateName(state);
    return {word.data(), static_cast<qsizetype>(word.size())};
}

std::string scope(std::string_view id)
{
    return strCat("/machine.slice/libpod-", id, ".scope");
}

PodmanPlace podmanPlace(const Tree &tree)
{
    return {.baseFolder = tree.root() + "/var/lib/containers/storage",
            .storage = {},
            .driver = "overlay",
            .runFolder = tree.root() + "/run/containers/storage",
            .runAnchor = {},
            .userUid = std::nullopt,
            .owner = std::nullopt};
}

OciPlace ociPlace(const Tree &tree, OciTool tool, const char *folder, const char *runtime)
{
    return {.tool = tool,
            .folder = tree.root() + folder,
            .runtime = runtime,
            .namespaces = std::string_view(folder).starts_with("/run/containerd"),
            .userUid = std::nullopt,
            .owner = std::nullopt,
            .anchor = {},
            .homeFolder = {},
            .root = tree.root()};
}

DockerPlace dockerPlace(const Tree &tree)
{
    return {.baseFolder = tree.root() + "/var/lib/docker",
            .below = "containers",
            .userUid = std::nullopt,
            .owner = std::nullopt};
}

const std::string kWeb = "299e4fa03a5cb255197b3f54d5fef4ca65627136fcae21829ddb50c77d128bed";
const std::string kNaps = "cb7e514452fb3426b4edbc41aac4535167e38372114cf9f4284c2d56547c6fa8";
const std::string kMine = "4ffb6e98dc95b1467c1a79ba3099f2bcf3ac2ffcc2890d50ac2028802bfff411";
const std::string kPod = "103feabd5f8149cf602edbc8d9b54dca6247b7ea5eacf5fe9952a4c199004da4";
const std::string kDocker = "ee3b9f24a98a1797ecc68deaa232c5d1fc1745e02652d21e2f5d9914cf254f30";

} // namespace

class TestRuntimeFiles : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void runc_tellsOfOneMadeByHand()
    {
        const Tree tree("runc");
        const auto source = makeOciSource(ociPlace(tree, OciTool::Runc, "/run/runc", "runc"),
                                          lookIn({{1487, process("/user.slice/user-0.slice/runc1", 27652)}}));
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{1});
        const Facts &facts = all.front();
        QCOMPARE(facts.runtime, std::string("runc"));
        QCOMPARE(facts.id, std::string("runc1"));
        QCOMPARE(facts.name, std::string("runc1"));
        QCOMPARE(wordOf(facts.state), QByteArray("running"));
        QCOMPARE(facts.initPid, 1487);
        QCOMPARE(facts.createdMicros, std::int64_t{1795691942172881});
        QCOMPARE(facts.cgroupPath, std::string("/user.slice/user-0.slice/runc1"));
        QCOMPARE(facts.rootFolder, std::string("/opt/b1/rootfs"));
        QCOMPARE(facts.command, (std::vector<std::string>{"sleep", "100000"}));
        QCOMPARE(facts.labels.at("org.example.role"), std::string("runcbox"));
        QCOMPARE(source->command(facts, Verb::Kill), strCat("runc --root ", tree.root(), "/run/runc kill runc1 KILL"));
        QVERIFY(source->sets(facts, LimitKey::MemoryMax));
        QVERIFY(!source->sets(facts, LimitKey::IoMax));
    }

    void runc_anotherProcessWithThePid_isNotTaken()
    {
        const Tree tree("runc");
        const auto source = makeOciSource(ociPlace(tree, OciTool::Runc, "/run/runc", "runc"),
                                          lookIn({{1487, process("/user.slice/user-0.slice/runc1", 27653)}}));
        const auto all = listOf(*source);
        QCOMPARE(wordOf(named(all, "runc1").state), QByteArray("exited"));
        QCOMPARE(named(all, "runc1").initPid, 0);
    }

    void runc_ofAUser_readsBundlesInTheHomeFolderOnly()
    {
        const Tree tree("runc");
        OciPlace place = ociPlace(tree, OciTool::Runc, "/run/runc", "runc");
        place.userUid = 1001;
        place.owner = ::getuid();
        place.anchor = tree.root() + "/run";
        place.homeFolder = tree.root() + "/home/ann";
        QVERIFY(named(listOf(*makeOciSource(place, lookIn({}))), "runc1").command.empty());
        place.homeFolder = tree.root() + "/opt";
        const auto source = makeOciSource(place, lookIn({}));
        const Facts facts = named(listOf(*source), "runc1");
        QCOMPARE(facts.command.size(), std::size_t{2});
        QVERIFY(source->command(facts, Verb::Kill).empty());
    }

    void crun_tellsOfOneMadeByHand()
    {
        const Tree tree("crun");
        const auto source = makeOciSource(ociPlace(tree, OciTool::Crun, "/run/crun", "crun"),
                                          lookIn({{1495, process("/crun1", 27701, true)}}));
        const Facts facts = named(listOf(*source), "crun1");
        QCOMPARE(wordOf(facts.state), QByteArray("paused"));
        QCOMPARE(facts.cgroupPath, std::string("/crun1"));
        QCOMPARE(facts.rootFolder, std::string("/opt/b2/rootfs"));
        QCOMPARE(facts.createdMicros, std::int64_t{1795691942435755});
        // Before "crun start" there is the FIFO that it opens.
        tree.write("/run/crun/crun1/exec.fifo", "");
        QCOMPARE(wordOf(named(listOf(*source), "crun1").state), QByteArray("created"));
    }

    void crun_ofPodman_isPodmans()
    {
        const Tree tree("podman");
        const auto source = makeOciSource(ociPlace(tree, OciTool::Crun, "/run/crun", "crun"),
                                          lookIn({{866, process(scope(kNaps) + "/container", 19848)}}));
        const auto all = listOf(*source);
        const auto naps = std::ranges::find(all, kNaps, &Facts::id);
        QVERIFY(naps != all.end());
        QCOMPARE(naps->runtime, std::string("podman"));
        QCOMPARE(naps->ociRuntime, std::string("crun"));
        QCOMPARE(naps->cgroupPath, scope(kNaps));
        QVERIFY(naps->verbs.empty());
        QVERIFY(source->command(*naps, Verb::Kill).empty());
    }

    void podman_tellsWhatItsFilesTell()
    {
        const Tree tree("podman");
        const auto source = makePodmanFiles(podmanPlace(tree), lookIn({{695, process(scope(kWeb) + "/container")},
                                                                       {866, process(scope(kNaps), 1, true)},
                                                                       {832, process(scope("7f639b859b2b"))}}));
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{6});
        const Facts web = named(all, "web");
        QCOMPARE(web.id, kWeb);
        QCOMPARE(web.image, std::string("localhost/lab:latest"));
        QVERIFY(web.imageId.starts_with("4c8184c5b894"));
        QCOMPARE(wordOf(web.state), QByteArray("running"));
        QCOMPARE(web.initPid, 695);
        QCOMPARE(web.cgroupPath, scope(kWeb));
        QCOMPARE(web.createdMicros, std::int64_t{1795691823738420});
        QCOMPARE(web.command, (std::vector<std::string>{"sleep", "100000"}));
        // What podman mounts itself (hosts, resolv.conf, shm ...) nobody asked for.
        QCOMPARE(web.mounts, (std::vector<Mount>{{"bind", "/srv/data", "/data", true}}));
        QCOMPARE(source->command(web, Verb::Stop), std::string("podman stop web"));
        QCOMPARE(wordOf(named(all, "naps").state), QByteArray("paused"));
        QCOMPARE(wordOf(named(all, "gone").state), QByteArray("exited"));
        QCOMPARE(wordOf(named(all, "fresh").state), QByteArray("created"));
        QCOMPARE(named(all, "shop-db").podId, kPod);
        QVERIFY(!named(all, "shop-db").infrastructure);
        QCOMPARE(named(all, "103feabd5f81-infra").podId, kPod);
        QVERIFY(named(all, "103feabd5f81-infra").infrastructure);
    }

    void podmanRootless_isTheUsers()
    {
        const Tree tree("podman-rootless");
        const std::string path =
            strCat("/user.slice/user-1001.slice/user@1001.service/user.slice/libpod-", kMine, ".scope");
        const PodmanPlace place{.baseFolder = tree.root() + "/home/ann",
                                .storage = ".local/share/containers/storage",
                                .driver = "overlay",
                                .runFolder = tree.root() + "/run/user/1001/containers",
                                .runAnchor = tree.root() + "/run/user/1001",
                                .userUid = 1001,
                                .owner = ::getuid()};
        const auto source = makePodmanFiles(place, lookIn({{963, process(path)}}));
        const auto all = listOf(*source);
        const Facts mine = named(all, "mine");
        QCOMPARE(mine.userUid, std::optional<std::uint32_t>(1001));
        QCOMPARE(wordOf(mine.state), QByteArray("running"));
        QCOMPARE(mine.cgroupPath, path);
        QVERIFY(mine.verbs.empty());
        QVERIFY(source->command(mine, Verb::Stop).empty());
        QCOMPARE(wordOf(named(all, "minegone").state), QByteArray("exited"));

        // A user may write any pid into a file.
        ProcessFacts foreign = process(path);
        foreign.uid = ::getuid() + 1;
        const auto fooled = makePodmanFiles(place, lookIn({{963, foreign}}));
        QCOMPARE(named(listOf(*fooled), "mine").initPid, 0);
        foreign.owners = {::getuid()};
        const auto inside = makePodmanFiles(place, lookIn({{963, foreign}}));
        QCOMPARE(named(listOf(*inside), "mine").initPid, 963);
    }

    void docker_tellsWhatItsFilesTell()
    {
        const Tree tree("docker");
        const auto source = makeDockerFiles(
            dockerPlace(tree), lookIn({{1063, process(strCat("/system.slice/docker-", kDocker, ".scope"))}}));
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{4});
        const Facts web = named(all, "dweb");
        QCOMPARE(web.id, kDocker);
        QCOMPARE(web.image, std::string("localhost/lab"));
        QCOMPARE(wordOf(web.state), QByteArray("running"));
        QCOMPARE(web.initPid, 1063);
        QCOMPARE(web.monitorPid, 77);
        QCOMPARE(web.restartPolicy, std::string("unless-stopped"));
        QCOMPARE(web.ports, (std::vector<Port>{{"", 8081, 80, "tcp", 1}}));
        QCOMPARE(web.mounts, (std::vector<Mount>{{"bind", "/srv/data", "/data", true}}));
        QCOMPARE(web.addresses, (std::vector<Address>{{"bridge", "172.17.0.2", "02:42:ac:11:00:02"}}));
        QCOMPARE(web.labels.at("role"), std::string("back"));
        QCOMPARE(web.ociRuntime, std::string("runc"));
        QCOMPARE(web.startedMicros, std::int64_t{1795691905140755});
        QCOMPARE(wordOf(named(all, "dgone").state), QByteArray("exited"));
        QCOMPARE(wordOf(named(all, "dfresh").state), QByteArray("created"));
        // Paused by its file, but no such process any more: the host went down.
        QCOMPARE(wordOf(named(all, "dnaps").state), QByteArray("exited"));
        const auto log = source->tailLog(named(all, "dgone"), 10, {Clock::now() + 5s});
        QVERIFY(log);
        QCOMPARE(log->lines.size(), std::size_t{2});
        QVERIFY(std::ranges::any_of(log->lines, [](const LogLine &line) {
            return line.text == "oops" && line.errorStream && line.realtimeMicros > 1795691900000000;
        }));
        QCOMPARE(source->tailLog(named(all, "dgone"), 1, {Clock::now() + 5s})->lines.size(), std::size_t{1});
        QVERIFY(!source->tailLog(named(all, "dfresh"), 1, {Clock::now() + 5s}));
    }

    void containerd_tellsOfItsTasks()
    {
        const Tree tree("containerd");
        const auto source = makeContainerdFiles(tree.root() + "/run/containerd/io.containerd.runtime.v2.task",
                                                lookIn({{1433, process("/other/ctr2/init")}}));
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{2}); // docker's are docker's
        const Facts two = named(all, "ctr2");
        QCOMPARE(two.runtime, std::string("containerd"));
        QCOMPARE(two.cgroupPath, std::string("/other/ctr2"));
        QCOMPARE(two.labels, (std::map<std::string, std::string>{{"a", "b"}, {"containerd.namespace", "other"}}));
        QCOMPARE(two.monitorPid, 77);
        QCOMPARE(source->command(two, Verb::Kill), std::string("ctr -n other tasks kill -s SIGKILL ctr2"));
        QCOMPARE(wordOf(named(all, "ctr1").state), QByteArray("exited"));
        const auto state = makeOciSource(ociPlace(tree, OciTool::Runc, "/run/containerd/runc", "containerd"),
                                         lookIn({{1433, process("/other/ctr2", 27183)}}));
        QCOMPARE(listOf(*state).size(), std::size_t{1}); // the other one ended, as containerd tells
        QCOMPARE(listOf(*state).front().labels.at("containerd.namespace"), std::string("other"));
    }

    void containerd_ofKubernetes_isNamedByItsPod()
    {
        const Tree tree;
        const std::string folder = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/";
        // Written by hand with the annotations of containerd's internal/cri/annotations.
        tree.write(folder + std::string(64, 'a') + "/config.json", R"({"annotations": {
            "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": "coredns",
            "io.kubernetes.cri.sandbox-id": "5b", "io.kubernetes.cri.sandbox-name": "dns-1",
            "io.kubernetes.cri.sandbox-uid": "6f8b", "io.kubernetes.cri.image-name": "registry/coredns:1"},
            "linux": {"cgroupsPath": "/kubepods/burstable/pod6f8b/aaaa"}})");
        tree.write(folder + std::string(64, 'b') + "/config.json", R"({"annotations": {
            "io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-name": "dns-1",
            "io.kubernetes.cri.sandbox-id": "5b"}})");
        const auto source =
            makeContainerdFiles(tree.root() + "/run/containerd/io.containerd.runtime.v2.task", lookIn({}));
        const auto all = listOf(*source);
        const Facts dns = named(all, "dns-1/coredns");
        QCOMPARE(dns.podName, std::string("dns-1"));
        QCOMPARE(dns.podId, std::string("6f8b"));
        QCOMPARE(dns.image, std::string("registry/coredns:1"));
        QVERIFY(!dns.infrastructure);
        QVERIFY(named(all, "dns-1").infrastructure);
        QVERIFY(dns.verbs.empty()); // the kubelet would undo them
    }

    void crio_isNamedByItsPod()
    {
        const OciConfig config = readOciConfig(*parseJson("test", R"({"annotations": {
            "io.kubernetes.cri-o.ContainerType": "container", "io.kubernetes.cri-o.SandboxID": "5b",
            "io.kubernetes.cri-o.ImageName": "registry/coredns:1", "io.kubernetes.pod.name": "dns-1",
            "io.kubernetes.pod.uid": "6f8b", "io.kubernetes.container.name": "coredns"}})"));
        QCOMPARE(config.manager, std::string("cri-o"));
        QCOMPARE(config.facts.name, std::string("dns-1/coredns"));
        QCOMPARE(config.facts.podId, std::string("6f8b"));
        const OciConfig nerd = readOciConfig(*parseJson("test", R"({"annotations": {"nerdctl/name": "web"}})"));
        QCOMPARE(nerd.facts.name, std::string("web"));
        QCOMPARE(nerd.manager, std::string("containerd"));
    }

    void lxc_tellsWhatItsConfigTells()
    {
        const Tree tree("lxc");
        const auto lxc = [](const std::string &name) {
            return name == "box" ? std::optional(LxcRunning{1505, 1504}) : std::nullopt;
        };
        const auto source =
            makeLxcFiles(tree.root() + "/var/lib/lxc", lxc, lookIn({{1505, process("/lxc.payload.box/init.scope")}}));
        tree.write("/var/lib/lxc/no-container/rootfs/x", "");
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{2});
        const Facts box = named(all, "box");
        QCOMPARE(wordOf(box.state), QByteArray("running"));
        QCOMPARE(box.initPid, 1505);
        QCOMPARE(box.monitorPid, 1504);
        QCOMPARE(box.cgroupPath, std::string("/lxc.payload.box"));
        QCOMPARE(box.restartPolicy, std::string("always"));
        QCOMPARE(box.rootFolder, std::string("/var/lib/lxc/box/rootfs"));
        QCOMPARE(box.mounts, (std::vector<Mount>{{"bind", "/srv/data", "/data", true}}));
        QCOMPARE(wordOf(named(all, "off").state), QByteArray("exited"));
        QCOMPARE(named(all, "off").restartPolicy, std::string("no"));
        tree.write("/etc/lxc/lxc.conf", "# moved\nlxc.lxcpath = /var/lib/lxc\n");
        QCOMPARE(findLxcFiles(tree.root()).size(), std::size_t{1});
        tree.write("/etc/lxc/lxc.conf", "lxc.lxcpath = /nowhere\n");
        QVERIFY(findLxcFiles(tree.root()).empty());
    }

    void flatpak_tellsOfWhatRuns()
    {
        const Tree tree;
        const std::string folder = "/run/user/1001/.flatpak/2817";
        tree.write(folder + "/info", "[Application]\nname=org.gimp.GIMP\nruntime=runtime/org.gnome.Platform/x86_64/47\n"
                                     "\n[Instance]\ninstance-id=2817\nbranch=stable\narch=x86_64\n");
        tree.write(folder + "/pid", "500");
        tree.write(folder + "/bwrapinfo.json", R"({"child-pid": 501, "net-namespace": 4026531992})");
        tree.write("/run/user/1001/.flatpak/1/info", "[Application]\nname=org.ended\n");
        QCOMPARE(findFlatpakFiles(tree.root()).size(), std::size_t{1});
        const std::string scopePath = "/user.slice/app.slice/app-flatpak-org.gimp.GIMP-500.scope";
        const auto source = makeFlatpakFiles(tree.root() + "/run/user/1001", 1001, ::getuid(),
                                             lookIn({{500, process(scopePath)}, {501, process(scopePath)}}));
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(all.front().name, std::string("org.gimp.GIMP"));
        QCOMPARE(all.front().image, std::string("runtime/org.gnome.Platform/x86_64/47"));
        QCOMPARE(all.front().initPid, 501);
        QCOMPARE(all.front().monitorPid, 500);
        QCOMPARE(all.front().cgroupPath, scopePath);
        QCOMPARE(all.front().labels.at("flatpak.branch"), std::string("stable"));
    }

    void finders_takeWhatIsThere()
    {
        const auto keys = [](const std::vector<Candidate> &found) {
            std::vector<std::string> out;
            for (const Candidate &one : found)
                out.push_back(one.key);
            return out;
        };
        const Tree none;
        for (const Finder &finder :
             std::vector<Finder>{findOciStates, findPodmanFiles, findDockerFiles, findContainerdFiles, findLxcFiles,
                                 findMachined, findFlatpakFiles})
            QVERIFY(finder(none.root()).empty());
        const Tree user("podman-rootless");
        QCOMPARE(keys(findPodmanFiles(user.root())),
                 (std::vector<std::string>{
                     strCat("podman ", user.root(), "/home/ann/.local/share/containers/storage/overlay-containers")}));
        QCOMPARE(keys(findOciStates(user.root())),
                 (std::vector<std::string>{strCat("oci ", user.root(), "/run/user/1001/crun")}));
        QCOMPARE(findOciStates(user.root()).front().make()->userUid(), std::optional<std::uint32_t>(1001));
        const Tree docker("docker");
        docker.write("/etc/docker/daemon.json", R"({"data-root": "/srv/docker"})");
        QVERIFY(findDockerFiles(docker.root()).empty());
        docker.write("/srv/docker/containers/x", "");
        QCOMPARE(keys(findDockerFiles(docker.root())),
                 (std::vector<std::string>{strCat("docker ", docker.root(), "/srv/docker/containers")}));
        const Tree booted;
        booted.write("/run/systemd/machines/.keep", "");
        QVERIFY2(findMachined(booted.root()).empty(), "without systemd as PID 1 nobody is there to ask");
        booted.write("/run/systemd/system/.keep", "");
        QCOMPARE(findMachined(booted.root()).size(), std::size_t{1});
        QCOMPARE(runtimeOfService("libvirt-lxc"), std::string("libvirt"));
        QCOMPARE(runtimeOfService("systemd-nspawn"), std::string("nspawn"));
        // As libvirt 11 registers them.
        QCOMPARE(domainOfMachine("lxc-581-t-virt"), std::string("t-virt"));
        QCOMPARE(domainOfMachine("qemu-3-web"), std::string("web"));
        QCOMPARE(domainOfMachine("lxc-web"), std::string("lxc-web"));
        QCOMPARE(domainOfMachine("lxc-1-"), std::string("lxc-1-"));
        QCOMPARE(domainOfMachine("web-1-db"), std::string("web-1-db"));
        QCOMPARE(domainOfMachine(""), std::string());
    }

    void started_isNeverBeforeCreated()
    {
        // runc's first process is there before it says that the container is made.
        Facts facts;
        facts.createdMicros = 3'000'000;
        applyProcess(facts, 42, process("/a"), false);
        QCOMPARE(facts.startedMicros, std::int64_t{3'000'000});
        facts = {};
        applyProcess(facts, 42, process("/a"), false);
        QCOMPARE(facts.startedMicros, std::int64_t{1'000'000});
    }

    void badFiles_leaveTheOthers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("truncated") << QByteArray(R"({"ID": "x", "State": {"Pid": )");
        QTest::newRow("list") << QByteArray("[1, 2]");
        QTest::newRow("wrong types") << QByteArray(R"({"ID": 7, "id": [], "init_process_pid": "x", "State": 3})");
        QTest::newRow("null") << QByteArray("null");
        QTest::newRow("binary") << QByteArray("\x00\xff\xfe{", 4);
        QTest::newRow("deep") << QByteArray(100'000, '[');
        QTest::newRow("huge") << QByteArray(5 << 20, ' ');
    }
    void badFiles_leaveTheOthers()
    {
        QFETCH(QByteArray, text);
        const std::string_view bytes(text.data(), static_cast<std::size_t>(text.size()));
        const std::string bad(64, 'c');
        const Tree docker("docker");
        docker.write(strCat("/var/lib/docker/containers/", bad, "/config.v2.json"), bytes);
        QCOMPARE(listOf(*makeDockerFiles(dockerPlace(docker), lookIn({}))).size(), std::size_t{4});
        docker.write(strCat("/var/lib/docker/containers/", kDocker, "/hostconfig.json"), bytes);
        QCOMPARE(named(listOf(*makeDockerFiles(dockerPlace(docker), lookIn({}))), "dweb").image,
                 std::string("localhost/lab"));
        const Tree runc("runc");
        runc.write("/run/runc/bad/state.json", bytes);
        runc.write("/opt/b1/config.json", bytes);
        QCOMPARE(listOf(*makeOciSource(ociPlace(runc, OciTool::Runc, "/run/runc", "runc"), lookIn({}))).front().name,
                 std::string("runc1"));
        const Tree podman("podman");
        podman.write(strCat("/var/lib/containers/storage/overlay-containers/", kWeb, "/userdata/config.json"), bytes);
        const auto all = listOf(*makePodmanFiles(podmanPlace(podman), lookIn({})));
        QCOMPARE(all.size(), std::size_t{6});
        const bool isJson = text == "[1, 2]" || text == "null" || text.startsWith("{\"ID\": 7");
        QCOMPARE(named(all, "web").problem.empty(), isJson);
        podman.write("/var/lib/containers/storage/overlay-containers/containers.json", bytes);
        // Rows that are none are left out; what is no list is an error.
        const bool isList = text.startsWith('[') && text.endsWith(']');
        QCOMPARE(makePodmanFiles(podmanPlace(podman), lookIn({}))->list({Clock::now() + 5s}).has_value(), isList);
    }

    void fifosAndLinks_areNotFollowed()
    {
        const Tree tree("docker");
        const std::string folder = tree.root() + "/var/lib/docker/containers/";
        fs::create_directories(folder + "fifo");
        QCOMPARE(::mkfifo((folder + "fifo/config.v2.json").c_str(), 0600), 0);
        fs::create_directories(folder + "link");
        fs::create_symlink(folder + kDocker + "/config.v2.json", folder + "link/config.v2.json");
        const auto before = Clock::now();
        QCOMPARE(listOf(*makeDockerFiles(dockerPlace(tree), lookIn({}))).size(), std::size_t{4});
        QVERIFY(Clock::now() - before < 5s);
    }

    void strangeNames_comeAsTheyAre()
    {
        std::string name;
        for (int c = 1; c < 256; ++c) {
            if (c != '/')
                name += static_cast<char>(c);
        }
        const Tree tree;
        tree.write(strCat("/var/lib/lxc/", name, "/config"),
                   "lxc.start.auto = 1\nnonsense\n= =\nlxc.mount.entry = x\n");
        const auto none = [](const std::string &) { return std::optional<LxcRunning>(); };
        const auto source = makeLxcFiles(tree.root() + "/var/lib/lxc", none, lookIn({}));
        const auto all = listOf(*source);
        QCOMPARE(all.size(), std::size_t{1});
        QCOMPARE(all.front().name, name);
        QVERIFY(isUtf8(source->command(all.front(), Verb::Start)));
    }
};

QTEST_GUILESS_MAIN(TestRuntimeFiles)
#include "tst_runtime_files.moc"
