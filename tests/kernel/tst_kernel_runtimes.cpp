// SPDX-License-Identifier: GPL-3.0-or-later
// Containers of the runtimes that a bare machine with cgroup v1 or hybrid and without systemd can run: runc, crun and
// podman (as root, by the cgroupfs driver), each started for real and asserted by its own tool. They are made at the
// usual places, in a mount namespace where these are empty (runApart), and in a cgroup of the test's own.
//
// What a build machine cannot do, and how the test lives with it:
// - crun 1.8 refuses to start anything on a hybrid host whose v2 tree has controllers ("cgroups in hybrid mode not
//   supported"), so that what is started by it sees an empty cgroup.controllers there. Nothing else does; pause, state,
//   kill and delete need none of that.
// - podman asks for more open files than a machine without CAP_SYS_RESOURCE may give: its configuration asks for less.
// - podman as a user is proven in the lab: it wants a systemd session, or a cgroup that was delegated to that user.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/json.h"
#include "engine/runtime/tool.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"
#include "tests/support/running_inventory.h"
#include "tests/support/scratch_cgroup.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using inventory::ContainerNode;
using inventory::NodePtr;
using runtime::Json;
using runtime::State;
using test::RunningInventory;
using test::ScratchCgroup;

namespace {

constexpr int kPatience = 20'000; ///< ms; a busy machine
const std::string kFolder = "/run/gantry-test";
const std::string kImage = "localhost/gantry-test:1";

/// Standard output of a shell line; one that fails where it must work is told. By the engine's way to run programs:
/// QProcess shares its memory with the child for a moment, which the thread sanitizer takes for a fork.
std::string shell(const std::string &line, bool mustWork = true)
{
    const auto done = runtime::runTool({"/bin/sh", "-c", line}, {runtime::Clock::now() + 60s});
    if (!done)
        qCritical("%s: %s", line.c_str(), done.error().message().c_str());
    else if (mustWork && done->exitCode != 0)
        qCritical("%s: %s%s", line.c_str(), done->standardOutput.c_str(), done->standardError.c_str());
    return done ? std::string(trim(done->standardOutput)) : std::string();
}

/// How one runtime's own tool is told and asked, as shell lines.
struct Tool
{
    std::string runtime;    ///< Facts::runtime
    std::string ociRuntime; ///< who runs it
    std::string name;
    std::string start;
    std::string state; ///< gives JSON with id, pid and status
    std::string pause;
    std::string resume;
    std::string kill;
    std::string ended; ///< its word for one that was killed
    std::string remove;
};

struct Told
{
    std::string id;
    std::int32_t pid = 0;
    std::string status;
};

Told ask(const Tool &tool)
{
    const auto json = runtime::parseJson("state", shell(tool.state, false));
    if (!json)
        return {};
    return {runtime::textAt(*json, {"id"}), runtime::pidAt(*json, {"pid"}), runtime::textAt(*json, {"status"})};
}

/// Starts crun where it thinks that v2 has no controllers.
std::string crunStarter()
{
    return kFolder + "/crun";
}

/// A container of runc or crun by hand: a bundle as the tool makes it, in a cgroup below `parent`.
Tool byHand(const std::string &program, const std::string &parent)
{
    const std::string name = "t-" + program;
    const std::string bundle = strCat(kFolder, "/", name);
    std::filesystem::create_directories(bundle);
    Json config = runtime::parseJson("config.json", shell(strCat("cd ", bundle, " && rm -f config.json && ", program,
                                                                 " spec && cat config.json")))
                      .value_or(Json::object());
    config["process"]["terminal"] = false;
    config["process"]["args"] = {"/bin/sleep", "100000"};
    config["root"]["path"] = kFolder + "/rootfs";
    config["linux"]["cgroupsPath"] = strCat(parent, "/", program);
    std::ofstream(bundle + "/config.json") << config.dump();
    const auto line = [&](std::string_view words) { return strCat(program, " ", words, " ", name); };
    return {.runtime = program,
            .ociRuntime = program,
            .name = name,
            // The container holds what the tool has for output, and would keep a pipe open.
            .start = strCat(program == "crun" ? crunStarter() : program, " run -d -b ", bundle, " ", name,
                            " </dev/null >", bundle, "/out 2>&1 || { cat ", bundle, "/out; false; }"),
            .state = line("state"),
            .pause = line("pause"),
            .resume = line("resume"),
            .kill = line("kill") + " KILL",
            .ended = "stopped",
            .remove = line("delete")};
}

Tool byPodman(const std::string &ociRuntime, const std::string &parent)
{
    const std::string name = "t-podman-" + ociRuntime;
    const auto line = [&](std::string_view words) { return strCat("podman ", words, " ", name); };
    return {.runtime = "podman",
            .ociRuntime = ociRuntime,
            .name = name,
            .start = strCat("podman --runtime ", ociRuntime, " run -d --network none --cgroup-parent ", parent,
                            " --annotation role=test --name ", name, " ", kImage, " /bin/sleep 100000"),
            .state = line(R"(inspect --format '{"id":"{{.Id}}","pid":{{.State.Pid}},"status":"{{.State.Status}}"}')"),
            .pause = line("pause"),
            .resume = line("unpause"),
            .kill = line("kill"),
            .ended = "exited",
            .remove = line("rm")};
}

Tool toolOf(const QString &row, const ScratchCgroup &top)
{
    const std::string name = row.toStdString();
    const std::string podman = "podman-";
    return name.starts_with(podman) ? byPodman(name.substr(podman.size()), top.path().text())
                                    : byHand(name, top.path().text());
}

/// Removes what a case made, by the tools, also after a failure. What they cannot remove the scratch cgroup kills.
struct RemoveAll
{
    RemoveAll() = default;
    RemoveAll(const RemoveAll &) = delete;
    RemoveAll &operator=(const RemoveAll &) = delete;
    RemoveAll(RemoveAll &&) = delete;
    RemoveAll &operator=(RemoveAll &&) = delete;
    ~RemoveAll()
    {
        shell("podman rm -af -t 0; runc delete --force t-runc; crun delete --force t-crun", false);
    }
};

RunningInventory follow()
{
    runtime::Runtimes::Options runtimes;
    runtimes.lookInterval = 200ms; // the first container makes its runtime's folder
    inventory::Options options;
    options.scanInterval = 500ms;
    return RunningInventory(std::move(options), std::move(runtimes));
}

/// The container of that name as the inventory has it now.
std::optional<ContainerNode> containerOf(const RunningInventory &running, const std::string &name)
{
    const auto found = running.now()->findContainer(name);
    return found && *found != nullptr ? std::optional(*(*found)->container()) : std::nullopt;
}

State stateOf(const RunningInventory &running, const std::string &name)
{
    const auto container = containerOf(running, name);
    return container && container->facts ? container->facts->state : State::Unknown;
}

/// Path of a process in v2's tree, which runtimes join on a hybrid host as well.
std::string cgroupOf(std::int32_t pid)
{
    const std::string text = readFile(strCat("/proc/", pid, "/cgroup")).value_or(std::string());
    const std::size_t at = text.find("0::");
    return at == std::string::npos ? std::string() : text.substr(at + 3, text.find('\n', at) - at - 3);
}

void writeFile(const std::string &path, const std::string &text)
{
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
}

} // namespace

class TestKernelRuntimes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::geteuid() == 0, "needs root");
        for (const char *program : {"/usr/sbin/runc", "/usr/bin/crun", "/usr/bin/podman", "/bin/busybox"})
            QVERIFY2(::access(program, X_OK) == 0, strCat(program, ": see packaging/setup.sh test").c_str());
        const std::string root = kFolder + "/rootfs";
        test::makeBusyboxRoot(root, {"sleep"});
        writeFile(crunStarter(), strCat("#!/bin/sh\nexec unshare --mount /bin/sh -c 'mount --bind ", kFolder,
                                        "/empty /sys/fs/cgroup/unified/cgroup.controllers; exec /usr/bin/crun \"$@\"' "
                                        "crun \"$@\"\n"));
        std::filesystem::permissions(crunStarter(), std::filesystem::perms::owner_all);
        writeFile(kFolder + "/empty", "");
        writeFile("/etc/containers/policy.json", R"({"default": [{"type": "insecureAcceptAnything"}]})");
        writeFile("/etc/containers/storage.conf", "[storage]\ndriver = \"overlay\"\n"
                                                  "graphroot = \"/var/lib/containers/storage\"\n"
                                                  "runroot = \"/run/containers/storage\"\n");
        writeFile("/etc/containers/containers.conf",
                  strCat("[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n"
                         "log_driver = \"k8s-file\"\n[engine]\ncgroup_manager = \"cgroupfs\"\n"
                         "events_logger = \"file\"\nruntime = \"runc\"\n[engine.runtimes]\ncrun = [\"",
                         crunStarter(), "\"]\n"));
        shell(strCat("tar -C ", root, " -cf ", kFolder, "/image.tar . && podman import -q ", kFolder, "/image.tar ",
                     kImage));
        QVERIFY(!shell(strCat("podman image inspect --format '{{.Id}}' ", kImage)).empty());
    }

    void container_isFollowedFromStartToEnd_data()
    {
        QTest::addColumn<QString>("row");
        for (const char *row : {"runc", "crun", "podman-runc", "podman-crun"})
            QTest::newRow(row) << QString::fromLatin1(row);
    }
    void container_isFollowedFromStartToEnd()
    {
        QFETCH(QString, row);
        const ScratchCgroup top("rt", {});
        const RemoveAll removeAtEnd;
        const Tool tool = toolOf(row, top);
        RunningInventory running = follow();
        QVERIFY(!containerOf(running, tool.name));
        shell(tool.start);
        const Told told = ask(tool);
        QCOMPARE(told.status, std::string("running"));
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(running, tool.name), State::Running, kPatience);
        // A look in the midst of the start may have met the process before it was in every hierarchy's cgroup.
        const auto complete = [&] {
            const auto seen = containerOf(running, tool.name);
            return seen && seen->init.pid != 0 && seen->cgroupPath == cgroupOf(told.pid) &&
                   seen->facts->ociRuntime == tool.ociRuntime;
        };
        QTRY_VERIFY_WITH_TIMEOUT(complete(), kPatience);
        compare(running, *containerOf(running, tool.name), tool, told, top);

        shell(tool.pause);
        QCOMPARE(ask(tool).status, std::string("paused"));
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(running, tool.name), State::Paused, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(freezerOf(running, tool.name), cgroup::Freezer::Frozen, kPatience);
        shell(tool.resume);
        QCOMPARE(ask(tool).status, std::string("running"));
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(running, tool.name), State::Running, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(freezerOf(running, tool.name), cgroup::Freezer::Thawed, kPatience);

        shell(tool.kill);
        QTRY_COMPARE_WITH_TIMEOUT(ask(tool).status, tool.ended, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(running, tool.name), State::Exited, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(containerOf(running, tool.name)->init.pid, 0, kPatience);
        shell(tool.remove);
        QTRY_VERIFY_WITH_TIMEOUT(!containerOf(running, tool.name), kPatience);
    }

#ifdef GANTRYCTL
    void gantryctl_listsThemAndActsByTheirTool()
    {
        const ScratchCgroup top("rt", {});
        const RemoveAll removeAtEnd;
        std::vector<Tool> tools;
        for (const char *row : {"runc", "crun", "podman-runc"}) {
            tools.push_back(toolOf(QString::fromLatin1(row), top));
            shell(tools.back().start);
        }
        for (const Tool &tool : tools) {
            const Told told = ask(tool);
            const Json seen = listed(tool.name);
            QCOMPARE(runtime::textAt(seen, {"runtime"}), tool.runtime);
            QCOMPARE(runtime::textAt(seen, {"container_id"}), told.id);
            QCOMPARE(runtime::pidAt(seen, {"init_pid"}), told.pid);
            QCOMPARE(runtime::textAt(seen, {"state"}), std::string("running"));
            QCOMPARE(runtime::textAt(seen, {"cgroup"}), cgroupOf(told.pid));
            gantryctl("freeze " + tool.name);
            QCOMPARE(ask(tool).status, std::string("paused"));
            QCOMPARE(runtime::textAt(listed(tool.name), {"state"}), std::string("paused"));
            gantryctl("thaw " + tool.name);
            QCOMPARE(ask(tool).status, std::string("running"));
            gantryctl(strCat("set ", tool.name, " memory.max=150M"));
            const std::string below = cgroupOf(told.pid).substr(top.path().text().size() + 1);
            QCOMPARE(top.read("memory", strCat(below, "/", top.file("memory.max"))), std::string("157286400\n"));
            gantryctl("kill " + tool.name);
            QTRY_COMPARE_WITH_TIMEOUT(ask(tool).status, tool.ended, kPatience);
        }
    }
#endif

private:
#ifdef GANTRYCTL
    static std::string gantryctl(const std::string &words)
    {
        return shell(strCat(GANTRYCTL " ", words));
    }
    static Json listed(const std::string &name)
    {
        const auto document = runtime::parseJson("containers", gantryctl("--json containers"));
        for (const Json &container : document ? runtime::at(*document, {"containers"}) : Json()) {
            if (runtime::textAt(container, {"name"}) == name)
                return container;
        }
        return {};
    }
#endif

    static cgroup::Freezer freezerOf(RunningInventory &running, const std::string &name)
    {
        const auto container = containerOf(running, name);
        const NodePtr node = container ? running.now()->find(container->cgroup) : nullptr;
        return node != nullptr && node->cgroup() != nullptr ? node->cgroup()->freezer : cgroup::Freezer::Absent;
    }

    /// A container that runs, field by field.
    static void compare(const RunningInventory &running, const ContainerNode &seen, const Tool &tool, const Told &told,
                        const ScratchCgroup &top)
    {
        QCOMPARE(seen.runtime, tool.runtime);
        QCOMPARE(seen.id, told.id);
        QCOMPARE(seen.init.pid, told.pid);
        QVERIFY(readFile(strCat("/proc/", told.pid, "/cmdline"))->find("sleep") != std::string::npos);
        QVERIFY2(seen.cgroupPath.starts_with(top.path().text() + "/"), seen.cgroupPath.c_str());
        const NodePtr node = running.now()->find(seen.cgroup);
        QVERIFY(node != nullptr && node->cgroup() != nullptr);
        QCOMPARE(node->cgroup()->cgroup.path.text(), seen.cgroupPath);
        const runtime::Facts &facts = *seen.facts;
        QCOMPARE(facts.name, tool.name);
        QCOMPARE(facts.initPid, told.pid);
        QCOMPARE(facts.cgroupPath, seen.cgroupPath);
        QCOMPARE(facts.problem, std::string());
        QVERIFY(!facts.source.empty() && facts.createdMicros > 0 && facts.startedMicros > 0);
        QCOMPARE(facts.command, (std::vector<std::string>{"/bin/sleep", "100000"}));
        if (tool.runtime != "podman")
            return;
        QCOMPARE(facts.image, kImage);
        QCOMPARE(facts.labels.at("role"), std::string("test"));
        QCOMPARE(strCat(facts.monitorPid), shell(strCat("podman inspect --format '{{.State.ConmonPid}}' ", tool.name)));
    }
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestKernelRuntimes suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_kernel_runtimes.moc"
