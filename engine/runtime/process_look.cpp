// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/process_look.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/process/process.h"
#include "engine/runtime/recognise.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace gantry::runtime {

namespace {

constexpr std::int64_t kSlackMicros = 5'000'000; ///< a pid file is written a little before or after the start
constexpr std::int64_t kClockSetMicros = 500'000;
constexpr int kMostNesting = 33; ///< the kernel allows 32 user namespaces in each other

std::int64_t microsOf(clockid_t clock)
{
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

std::int64_t startOf(std::uint64_t ticks)
{
    static const auto hertz = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    const auto afterBoot = static_cast<std::int64_t>(ticks / hertz * 1'000'000 + ticks % hertz * 1'000'000 / hertz);
    // The two clocks are not read at one instant: the difference is kept, so that a process starts at the same
    // microsecond each time it is looked at, until somebody sets the clock.
    static std::atomic<std::int64_t> boot{0};
    const std::int64_t now = microsOf(CLOCK_REALTIME) - microsOf(CLOCK_BOOTTIME);
    std::int64_t known = boot.load();
    if (std::abs(now - known) > kClockSetMicros) {
        boot.store(now);
        known = now;
    }
    return known + afterBoot;
}

/// Source: ioctl_ns(2).
std::vector<uid_t> ownersOf(std::int32_t pid)
{
    std::vector<uid_t> out;
    UniqueFd space(::open(strCat("/proc/", pid, "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    for (int i = 0; space && i < kMostNesting; ++i) {
        uid_t owner = 0;
        if (::ioctl(space.get(), NS_GET_OWNER_UID, &owner) != 0)
            break;
        out.push_back(owner);
        // EPERM above the namespace we are in.
        space = UniqueFd(::ioctl(space.get(), NS_GET_PARENT));
    }
    return out;
}

/// Lines of /proc/PID/cgroup: "0::/path" (v2), "1:name=systemd:/path", "7:freezer:/path".
std::string pathIn(std::string_view text, std::string_view hierarchy)
{
    while (const auto line = takeLine(text)) {
        const std::size_t first = line->find(':');
        const std::size_t second = first == std::string_view::npos ? first : line->find(':', first + 1);
        if (second != std::string_view::npos && line->substr(first + 1, second - first - 1) == hierarchy)
            return std::string(line->substr(second + 1));
    }
    return {};
}

/// Kernel: a hybrid host has both files, and a runtime freezes by v1's there while cgroup.events stays "frozen 0".
/// v1's says FREEZING while some of the processes still run.
bool tellsFrozen(const std::string &stateFile)
{
    const auto text = readFile(stateFile);
    if (!text)
        return false;
    if (stateFile.ends_with("/freezer.state"))
        return trim(*text) != "THAWED";
    return text->find("frozen 1") != std::string::npos;
}

} // namespace

std::optional<ProcessFacts> lookAtProcess(std::int32_t pid)
{
    const auto stat = pid > 0 ? process::readStat(pid) : fail(ESRCH, "process", "", "no pid");
    if (!stat || stat->state == 'Z' || stat->state == 'X')
        return std::nullopt;
    ProcessFacts out;
    out.parentPid = stat->parentPid;
    out.startTicks = stat->startTicks;
    out.startedMicros = startOf(stat->startTicks);
    if (const auto status = process::readStatus(pid))
        out.uid = status->uid;
    out.owners = ownersOf(pid);
    const std::string cgroups = readFile(strCat("/proc/", pid, "/cgroup")).value_or(std::string());
    out.cgroupPath = pathIn(cgroups, "");
    for (const std::string_view mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
        const std::string events = strCat(mount, out.cgroupPath, "/cgroup.events");
        if (!out.cgroupPath.empty() && ::access(events.c_str(), R_OK) == 0)
            out.stateFiles.push_back(events);
    }
    const std::string freezer = pathIn(cgroups, "freezer");
    // The root has none.
    const std::string state = strCat("/sys/fs/cgroup/freezer", freezer, "/freezer.state");
    if (!freezer.empty() && ::access(state.c_str(), R_OK) == 0)
        out.stateFiles.push_back(state);
    out.frozen = std::ranges::any_of(out.stateFiles, tellsFrozen);
    // In the hybrid layout a process may be known to systemd's tree only.
    if (out.cgroupPath.empty() || out.cgroupPath == "/")
        if (std::string named = pathIn(cgroups, "name=systemd"); !named.empty())
            out.cgroupPath = std::move(named);
    return out;
}

std::optional<ProcessFacts> confirm(const ProcessLook &look, const PidClaim &claim)
{
    auto process = claim.pid > 0 ? look(claim.pid) : std::nullopt;
    if (!process)
        return std::nullopt;
    if (claim.owner && process->uid != *claim.owner &&
        std::ranges::find(process->owners, *claim.owner) == process->owners.end())
        return std::nullopt;
    if (claim.startTicks != 0)
        return process->startTicks == claim.startTicks ? process : std::nullopt;
    if (!claim.id.empty() && process->cgroupPath.find(claim.id) != std::string::npos)
        return process;
    if (claim.writtenMicros != 0 && process->startedMicros > claim.writtenMicros + kSlackMicros)
        return std::nullopt;
    return process;
}

std::string containerCgroup(std::string_view processPath, std::string_view told)
{
    const bool below = told != "/" && isPathWithin(processPath, told);
    const std::string_view best = !told.empty() && (processPath.empty() || below) ? told : processPath;
    if (const auto match = recognise(best))
        return match->root;
    return std::string(best);
}

void applyProcess(Facts &facts, std::int32_t pid, const ProcessFacts &process, bool monitored)
{
    facts.initPid = pid;
    // Its first process may be older than the container: runc makes that of it, and runs the payload last.
    if (facts.startedMicros == 0)
        facts.startedMicros = std::max(process.startedMicros, facts.createdMicros);
    if (monitored && facts.monitorPid == 0 && process.parentPid > 1)
        facts.monitorPid = process.parentPid;
    facts.cgroupPath = containerCgroup(process.cgroupPath, facts.cgroupPath);
    facts.state = process.frozen ? State::Paused : State::Running;
}

} // namespace gantry::runtime
