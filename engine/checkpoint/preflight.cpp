// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/preflight.h"

#include "engine/base/parse.h"
#include "engine/checkpoint/file_checks.h"
#include "engine/checkpoint/host_mounts.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <signal.h>
#include <unistd.h>

namespace gantry::checkpoint {

using namespaces::Type;

namespace {

/// The kinds CRIU saves once for the whole tree: a process inside may not have one of its own.
constexpr std::array kOncePerTree{Type::Uts, Type::Ipc, Type::Time, Type::Pid, Type::User};

bool lives(std::int32_t pid)
{
    return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

class Judge
{
public:
    Judge(const TreeLook &look, const CriuFacts &criu) : m_look(look), m_criu(criu)
    {
        for (const TaskLook &task : look.tasks) {
            m_pids.insert(task.key.pid);
            for (const OpenFile &file : task.files)
                m_inodes.insert(file.inode);
        }
    }

    [[nodiscard]] std::vector<Finding> run();

private:
    void add(Cause cause, const TaskLook *task, std::string object = {}, std::string value = {});
    void checkHost();
    void checkTask(const TaskLook &task);
    void checkMapping(const OddMapping &mapping, const TaskLook &task);
    void checkSession(const TaskLook &task);
    void checkProgram(const TaskLook &task);
    void checkSpaces(const TaskLook &task);
    void checkMounts();
    [[nodiscard]] bool inHostSpace(const TaskLook &task, Type type) const;
    [[nodiscard]] bool hasMaster() const;

    const TreeLook &m_look;
    const CriuFacts &m_criu;
    std::set<std::int32_t> m_pids;
    std::set<std::uint64_t> m_inodes; ///< of everything that is open in the tree
    std::vector<Finding> m_findings;
    std::map<Cause, std::size_t> m_count;
};

void Judge::add(Cause cause, const TaskLook *task, std::string object, std::string value)
{
    if (++m_count[cause] > kMostOfOneCause)
        return;
    Finding finding{cause, std::move(object), std::move(value), 0};
    if (task != nullptr) {
        finding.pid = task->key.pid;
        finding.object += strCat(finding.object.empty() ? "" : " of ", taskName(*task));
    }
    m_findings.push_back(std::move(finding));
}

bool Judge::inHostSpace(const TaskLook &task, Type type) const
{
    return std::ranges::find(m_look.hostSpaces, namespaces::Ref{type, task.space(type)}) != m_look.hostSpaces.end();
}

void Judge::checkHost()
{
    if (m_criu.path.empty())
        add(Cause::CriuMissing, nullptr, "criu");
    else if (!m_criu.problem.empty())
        add(Cause::CriuFails, nullptr, strCat("criu ", m_criu.version, ": ", m_criu.problem));
}

void Judge::checkTask(const TaskLook &task)
{
    for (const Error &problem : task.problems) {
        const bool rights = problem.posix() == EACCES || problem.posix() == EPERM;
        add(rights ? Cause::NoRights : Cause::Unreadable, &task, problem.message());
    }
    if (task.tracerPid != 0)
        add(Cause::Traced, &task, strCat("tracer ", task.tracerPid));
    if (task.state == 'D')
        add(Cause::Uninterruptible, &task);
    // Kernel: the folder in /proc belongs to root when the process may not be looked at (proc_pid(5)).
    if (task.uid != 0 && task.procOwner == 0)
        add(Cause::NotDumpable, &task);
    if (task.uid != ::geteuid() && !m_look.hasSysResource && inHostSpace(task, Type::User))
        add(Cause::OtherUid, &task, strCat("uid ", task.uid));
    if (task.key.pid == m_look.ownPid)
        add(Cause::HoldsGantry, &task);
    for (const OddMapping &mapping : task.mappings)
        checkMapping(mapping, task);
    if (&task != &m_look.tasks.front() && !m_pids.contains(task.parentPid))
        add(Cause::OutsideTree, &task);
    checkSession(task);
    checkSpaces(task);
    checkProgram(task);
    for (const OpenFile &file : task.files) {
        for (FileFinding &found : checkFile(file, task, m_look, m_inodes))
            add(found.cause, &task, std::move(found.object), std::move(found.value));
    }
}

void Judge::checkMapping(const OddMapping &mapping, const TaskLook &task)
{
    // CRIU saves System V shared memory with the IPC namespace of the tree, and the host's is not part of one.
    if (mapping.kind == OddMapping::Kind::SharedMemory && !inHostSpace(m_look.tasks.front(), Type::Ipc))
        return;
    const Cause cause = mapping.kind == OddMapping::Kind::Uprobes        ? Cause::UprobesMapping
                        : mapping.kind == OddMapping::Kind::SharedMemory ? Cause::HostSharedMemory
                                                                         : Cause::DeviceMapping;
    add(cause, &task, strCat("mapping ", mapping.range, " ", mapping.path));
}

void Judge::checkSession(const TaskLook &task)
{
    const TaskLook &root = m_look.tasks.front();
    if (task.sessionOutsideNamespace) {
        add(Cause::SessionOutsideNamespace, &task);
        return;
    }
    if (&task == &root) {
        if (task.session != task.key.pid)
            add(Cause::NotSessionLeader, &task, strCat("session ", task.session));
        return;
    }
    // One whose leader has ended is made anew at a restore.
    if (task.session != root.session && !m_pids.contains(task.session) && (task.session == 0 || lives(task.session)))
        add(Cause::SessionLeaderOutside, &task, strCat("session ", task.session));
}

void Judge::checkProgram(const TaskLook &task)
{
    const auto mounts = m_look.mounts.find(task.space(Type::Mnt));
    if (task.programMountId >= 0 && mounts != m_look.mounts.end() &&
        std::ranges::find(mounts->second, task.programMountId, &MountLook::id) == mounts->second.end())
        add(Cause::FileOutsideMounts, &task, task.program);
}

void Judge::checkSpaces(const TaskLook &task)
{
    const TaskLook &root = m_look.tasks.front();
    if (&task == &root) {
        if (!inHostSpace(root, Type::Pid) && root.namespacePids.size() > 1 && root.namespacePids.back() != 1)
            add(Cause::PidNamespaceWithoutInit, &root, strCat("pid ", root.namespacePids.back(), " inside"));
        // CRIU needs a /proc of the pid namespace in there, and binds the host's mounts again: the kernel allows the
        // one to who owns the pid namespace, and the other to nobody in a user namespace.
        const bool hostRoot = root.space(Type::Mnt) == m_look.ownMounts || !mountOptions(m_look).restore.empty();
        if (!inHostSpace(root, Type::User) && (inHostSpace(root, Type::Pid) || hostRoot))
            add(Cause::UserNamespace, &root);
        return;
    }
    for (const Type type : kOncePerTree) {
        const std::uint64_t own = task.space(type);
        if (own != 0 && root.space(type) != 0 && own != root.space(type))
            add(Cause::NestedNamespace, &task, namespaces::Ref{type, own}.text());
    }
    // unshare(2) moves nobody into a time namespace but the children to come, and CRIU saves those of the first
    // process.
    const std::uint64_t toCome = task.timeForChildren;
    if (toCome != 0 && root.space(Type::Time) != 0 && toCome != root.space(Type::Time) &&
        toCome != task.space(Type::Time))
        add(Cause::NestedNamespace, &task, strCat(namespaces::Ref{Type::Time, toCome}.text(), " for its children"));
}

bool Judge::hasMaster() const
{
    return std::ranges::any_of(m_look.tasks,
                               [](const TaskLook &task) { return std::ranges::any_of(task.files, &isTerminalMaster); });
}

void Judge::checkMounts()
{
    const TaskLook &root = m_look.tasks.front();
    const auto mounts = m_look.mounts.find(root.space(Type::Mnt));
    if (mounts == m_look.mounts.end() || inHostSpace(root, Type::Mnt))
        return;
    for (const MountLook &mount : mounts->second) {
        // One that the host has as well is bound from there, which CRIU takes as external.
        if (std::ranges::find(m_look.hostMounts, mount.device, &MountLook::device) != m_look.hostMounts.end())
            continue;
        const std::string object = printable(strCat(mount.mountPoint, " (", mount.type, ")"));
        if (mount.type == "fuse" || mount.type.starts_with("fuse."))
            add(Cause::FuseMount, nullptr, object);
        else if (isNetworkFilesystem(mount.type))
            add(Cause::UnknownFilesystem, nullptr, object);
    }
}

std::vector<Finding> Judge::run()
{
    checkHost();
    if (m_look.tasks.empty())
        return std::move(m_findings);
    for (const TaskLook &task : m_look.tasks) {
        if (task.state != 'Z' && task.state != 'X')
            checkTask(task);
        else if (task.state == 'Z' && task.threads > 1)
            add(Cause::LeaderGone, &task, strCat(task.threads - 1, " threads run on"));
    }
    const auto terminal = std::ranges::find_if(m_look.tasks, [](const TaskLook &task) {
        return task.terminal != 0 || std::ranges::any_of(task.files, &isTerminal);
    });
    if (terminal != m_look.tasks.end() && !hasMaster()) {
        const auto file = std::ranges::find_if(terminal->files, &isTerminal);
        add(Cause::Terminal, &*terminal, file == terminal->files.end() ? "controlling terminal" : fileName(*file));
    }
    checkMounts();
    for (const auto &[cause, count] : m_count) {
        if (count > kMostOfOneCause)
            m_findings.push_back({cause, strCat("and ", count - kMostOfOneCause, " more"), {}, 0});
    }
    std::ranges::stable_sort(m_findings, std::ranges::greater{},
                             [](const Finding &finding) { return finding.info().severity; });
    return std::move(m_findings);
}

} // namespace

std::vector<Finding> judge(const TreeLook &look, const CriuFacts &criu)
{
    return Judge(look, criu).run();
}

bool isPossible(const std::vector<Finding> &findings)
{
    return std::ranges::none_of(findings,
                                [](const Finding &finding) { return finding.info().severity == Severity::Error; });
}

std::vector<std::string> chosenOptions(const std::vector<Finding> &findings)
{
    std::map<std::string_view, std::uint64_t> chosen; ///< with the greatest value that one of them needs
    for (const Finding &finding : findings) {
        if (finding.info().option.empty())
            continue;
        std::uint64_t &value = chosen[finding.info().option];
        value = std::max(value, parseU64(finding.value).value_or(0));
    }
    std::vector<std::string> out;
    for (const auto &[option, value] : chosen)
        out.push_back(value == 0 ? std::string(option) : strCat(option, "=", value));
    return out;
}

} // namespace gantry::checkpoint
