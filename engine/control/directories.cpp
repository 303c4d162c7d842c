// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that make and remove cgroups.
#include "engine/base/fd.h"
#include "engine/cgroup/procs.h"
#include "engine/cgroup/watcher.h"
#include "engine/control/control.h"

#include <chrono>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::control {

namespace {

using std::chrono::steady_clock;

std::string directoryOf(const cgroup::Hierarchy &hierarchy, const cgroup::CgroupPath &path)
{
    return hierarchy.mountPoint + path.text();
}

/// Kernel: a new v1 cpuset has no CPUs and no memory nodes, and attaching to it fails with ENOSPC; on v2 empty means
/// the parent's.
Result<> inheritCpuset(const cgroup::Hierarchy &hierarchy, int parent, int child)
{
    if (hierarchy.version != cgroup::Version::V1 || !hierarchy.has("cpuset"))
        return {};
    TextBuffer buffer;
    for (const char *file : {"cpuset.cpus", "cpuset.mems"}) {
        if (!trim(GANTRY_TRY(buffer.readAt(child, file))).empty())
            continue; // cgroup.clone_children did it
        const std::string value(trim(GANTRY_TRY(buffer.readAt(parent, file))));
        if (!value.empty())
            GANTRY_CHECK(writeFileAt(child, file, value));
    }
    return {};
}

/// @return true if the directory was made, even if the rest failed: `failure` tells.
bool makeIn(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &parent, const cgroup::CgroupPath &path,
            std::optional<Error> &failure)
{
    const std::string name(path.name());
    const std::string subject = directoryOf(hierarchy, path);
    const auto dir = cgroup::openCgroup(hierarchy, parent);
    if (!dir) {
        failure = dir.error();
        return false;
    }
    if (::mkdirat(dir->get(), name.c_str(), 0755) != 0) {
        failure = failErrno("mkdir", subject).error();
        return false;
    }
    const auto child = openAt(dir->get(), name, O_PATH | O_DIRECTORY);
    const auto ready = child ? inheritCpuset(hierarchy, dir->get(), child->get()) : std::unexpected(child.error());
    if (!ready)
        failure = ready.error();
    return true;
}

Result<> removeIn(const cgroup::Hierarchy &hierarchy, const cgroup::CgroupPath &path)
{
    const UniqueFd parent = GANTRY_TRY(cgroup::openCgroup(hierarchy, path.parent()));
    if (::unlinkat(parent.get(), std::string(path.name()).c_str(), AT_REMOVEDIR) != 0)
        return failErrno("rmdir", directoryOf(hierarchy, path));
    return {};
}

/// @errors EBUSY with the numbers.
Result<> checkEmpty(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &target)
{
    const auto pids = GANTRY_TRY(cgroup::readProcs(hierarchy, target));
    const std::size_t below = GANTRY_TRY(cgroup::walk(hierarchy, target.path)).size() - 1;
    if (pids.empty() && below == 0)
        return {};
    return fail(EBUSY, "removeCgroup", directoryOf(hierarchy, target.path),
                strCat("processes: ", pids.size(), ", cgroups below: ", below),
                "move or kill the processes and remove the cgroups below first");
}

} // namespace

Result<DirectoriesResult> Control::createCgroup(const cgroup::CgroupPath &path, const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    call.phase("check");
    if (path.isRoot())
        return fail(EEXIST, "createCgroup", path.text(), "the root is always there");
    if (const std::string reason = m_protection(path); !reason.empty())
        return fail(EPERM, "createCgroup", path.text(), reason);
    if (cgroup::locate(hierarchies, path))
        return fail(EEXIST, "createCgroup", path.text(), "it is there already");
    const cgroup::Cgroup parent = GANTRY_TRY(cgroup::locate(hierarchies, path.parent()));
    std::vector<const cgroup::Hierarchy *> wanted;
    DirectoriesResult result;
    result.path = path;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        // A named hierarchy (systemd's on v1) belongs to the program that mounted it.
        const bool named = hierarchy.controllers.size() == 1 && hierarchy.controllers.front().starts_with("name=");
        if (!parent.in(hierarchy.index) || named)
            continue;
        wanted.push_back(&hierarchy);
        result.directories.push_back(directoryOf(hierarchy, path));
    }
    addPlaceWarnings(result, "createCgroup", path.parent());
    if (call.dryRun)
        return result;

    call.phase("write");
    std::optional<Error> failure;
    std::vector<const cgroup::Hierarchy *> made;
    for (const cgroup::Hierarchy *hierarchy : wanted) {
        if (makeIn(*hierarchy, parent, path, failure))
            made.push_back(hierarchy);
        if (failure)
            break;
    }
    AuditRecord record{.verb = "createCgroup", .target = path.text(), .newValue = "made", .actor = call.actor.text()};
    if (!failure) {
        if (const auto now = cgroup::locate(hierarchies, path))
            result.node = now->id;
        return recorded(std::move(record), Result<DirectoriesResult>(std::move(result)));
    }
    call.phase("rollBack");
    for (const cgroup::Hierarchy *hierarchy : made) {
        if (const auto removed = removeIn(*hierarchy, path); !removed)
            failure->detail += strCat("; left behind: ", removed.error().message());
    }
    return recorded(std::move(record), Result<DirectoriesResult>(std::unexpected(std::move(*failure))));
}

Result<DirectoriesResult> Control::removeCgroup(const cgroup::Cgroup &target, const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    call.phase("check");
    if (target.path.isRoot())
        return fail(EPERM, "removeCgroup", target.path.text(), "the root cannot be removed");
    GANTRY_CHECK(checkTarget("removeCgroup", target));
    DirectoriesResult result;
    result.node = target.id;
    result.path = target.path;
    std::vector<const cgroup::Hierarchy *> present;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        if (!target.in(hierarchy.index))
            continue;
        GANTRY_CHECK(checkEmpty(hierarchy, target));
        present.push_back(&hierarchy);
        result.directories.push_back(directoryOf(hierarchy, target.path));
    }
    addPlaceWarnings(result, "removeCgroup", target.path);
    if (call.dryRun)
        return result;

    const auto until = steady_clock::now() + call.deadline;
    const auto removeFrom = [&](const cgroup::Hierarchy &hierarchy) -> Result<> {
        while (true) {
            GANTRY_CHECK(cgroup::openCgroup(hierarchy, target));
            auto removed = removeIn(hierarchy, target.path);
            if (removed || removed.error().posix() != EBUSY || steady_clock::now() > until ||
                call.stop.stop_requested())
                return removed;
            // Kernel: a process that has just been killed is out of cgroup.procs some time before it lets go.
            GANTRY_CHECK(checkEmpty(hierarchy, target));
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    };
    AuditRecord record{.verb = "removeCgroup",
                       .target = target.path.text(),
                       .oldValue = "there",
                       .newValue = "removed",
                       .actor = call.actor.text()};
    call.phase("write");
    for (std::size_t i = 0; i < present.size(); ++i) {
        auto removed = removeFrom(*present[i]);
        if (removed)
            continue;
        Error error = std::move(removed).error();
        for (std::size_t left = i; left < present.size(); ++left)
            error.detail += strCat(error.detail.empty() ? "" : "; ", "left: ", result.directories[left]);
        return recorded(std::move(record), Result<DirectoriesResult>(std::unexpected(std::move(error))));
    }
    return recorded(std::move(record), Result<DirectoriesResult>(std::move(result)));
}

} // namespace gantry::control
