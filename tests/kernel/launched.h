// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/launch/launch.h"
#include "engine/process/process.h"
#include "engine/runtime/oci_source.h"
#include "tests/kernel/criu_case.h"
#include "tests/support/busybox_root.h"
#include "tests/support/keeper_parent.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include <sys/wait.h>

/// What the cases have in common that start containers by runc, in a test that runs apart (tests/support/apart.h).
/// Thread: the test's.
namespace gantry::test {

inline constexpr int kPatience = 20'000; ///< ms; a busy machine
/// For a shell: counts in its own memory; what it has counted is on its output and in /data/n.
inline const std::string kCount = "i=0; while :; do i=$((i+1)); echo $i; echo $i > /data/n; sleep 0.05; done";

/// A folder with a root file system of busybox and a state folder, until the end.
class LaunchFolder
{
public:
    /// Its root has /data/old besides. @param applets of busybox.
    explicit LaunchFolder(std::initializer_list<const char *> applets)
        : m_folder(QStringLiteral("/var/lib/gantry-XXXXXX")) // a tmpfs here: overlays want their own
    {
        makeBusyboxRoot(root(), applets);
        std::ofstream(root() + "/data/old") << "from the root";
        std::filesystem::create_directories(state());
    }
    [[nodiscard]] std::string path() const { return m_folder.path().toStdString(); }
    [[nodiscard]] std::string root() const { return path() + "/rootfs"; }
    [[nodiscard]] std::string state() const { return path() + "/state"; }

private:
    QTemporaryDir m_folder;
};

/// 0: there is no such process.
[[nodiscard]] inline std::int32_t parentOf(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    return stat ? stat->parentPid : 0;
}

/// In initTestCase(), as the last: runc, and what findCriu() finds; keepers are ours.
inline void findRuncAndCriu(checkpoint::Means &means)
{
    QVERIFY2(!runtime::toolPath("runc").empty(), "no runc: packaging/setup.sh installs it");
    becomeParentOfKeepers();
    findCriu(means);
}

/// Ends and removes containers of the test, whether they are there or not, and reaps what they leave.
inline void removeLaunched(std::initializer_list<const char *> names, const std::string &state)
{
    for (const char *name : names) {
        (void)runtime::runTool({"runc", "--root", "/run/runc", "delete", "--force", name}, patience());
        (void)launch::remove(name, state, patience());
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

/// A container that counts. @param root its root file system.
[[nodiscard]] inline launch::Wish countingBy(const std::string &name, const std::string &root)
{
    launch::Wish out;
    out.name = name;
    out.rootFolder = root;
    out.runtime = "runc";
    out.command = {"/bin/sh", "-c", kCount};
    return out;
}

/// The first container that runc knows; its facts are null where it knows none, or does not answer.
[[nodiscard]] inline runtime::Known knownByRunc()
{
    const std::shared_ptr<runtime::Source> source = runtime::makeOciSource({.tool = runtime::OciTool::Runc,
                                                                            .folder = "/run/runc",
                                                                            .runtime = "runc",
                                                                            .userUid = {},
                                                                            .owner = {},
                                                                            .anchor = {},
                                                                            .homeFolder = {},
                                                                            .root = {}});
    const auto listing = source->list(patience());
    for (const runtime::Facts &facts : listing ? listing->containers : std::vector<runtime::Facts>())
        return {std::make_shared<const runtime::Facts>(facts), source};
    return {};
}

/// A checkpoint of the one that runc knows, by runc. @param name the container's, for the manifest. @param leaveRunning
/// as in checkpoint::SaveWish. @param paths of files beside its root. @errors of treeOf(), ociContainer() and
/// saveByRuntime(); ESRCH where runc knows none.
[[nodiscard]] inline Result<checkpoint::Saved> saveKnown(const std::string &name, bool leaveRunning,
                                                         const checkpoint::Means &means, repository::Store &store,
                                                         std::vector<std::string> paths = {})
{
    const runtime::Known known = knownByRunc();
    if (known.facts == nullptr)
        return fail(ESRCH, "test", name, "runc does not know it");
    checkpoint::SaveWish wish;
    wish.pids = GANTRY_TRY(checkpoint::treeOf(known.facts->initPid));
    wish.leaveRunning = leaveRunning;
    wish.filesWish.declared = std::move(paths);
    wish.manifest.container.name = name;
    return checkpoint::saveByRuntime(GANTRY_TRY(checkpoint::ociContainer(known)), known, wish, means, store, patience(),
                                     {});
}

/// What a limit file of the container's cgroup holds, trimmed, or why it cannot be read. Empty: this host has no such
/// controller. @param v1, v2 the file's name in a hierarchy of that version.
[[nodiscard]] inline std::string limitOf(const cgroup::Hierarchies &hierarchies, const std::string &name,
                                         const char *controller, const char *v1, const char *v2)
{
    const cgroup::Hierarchy *hierarchy = hierarchies.forController(controller);
    if (hierarchy == nullptr)
        return {};
    TextBuffer buffer;
    const bool unified = hierarchy == hierarchies.unified();
    const auto value = buffer.readAt(hierarchy->dir->get(), strCat("gantry/", name, "/", unified ? v2 : v1));
    return value ? std::string(trim(*value)) : value.error().message();
}

} // namespace gantry::test
