// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/process/process.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>

#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::process {

namespace {

/// Text of /proc/PID/`name`. Kernel: a process that ends between open and read gives ESRCH, before that ENOENT; both
/// are "gone" here.
Result<std::string> readOf(std::int32_t pid, const char *name, const std::string &proc)
{
    auto text = readFile(strCat(proc, '/', pid, '/', name));
    if (!text && text.error().posix() == ENOENT)
        return fail(ESRCH, text.error().op, strCat("pid ", pid), "the process is gone");
    return text;
}

Micros fromTicks(std::uint64_t ticks)
{
    static const auto perSecond = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    return Micros(ticks * (1'000'000 / perSecond));
}

Bytes fromPages(std::uint64_t pages)
{
    static const auto pageSize = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    return Bytes(pages * pageSize);
}

bool gone(const Error &error)
{
    return error.posix() == ESRCH;
}

} // namespace

Result<Stat> readStat(std::int32_t pid, const std::string &proc)
{
    return parseStat(GANTRY_TRY(readOf(pid, "stat", proc)));
}

Result<Status> readStatus(std::int32_t pid, const std::string &proc)
{
    return parseStatus(GANTRY_TRY(readOf(pid, "status", proc)));
}

Result<std::vector<std::string>> readArguments(std::int32_t pid, const std::string &proc)
{
    const std::string raw = GANTRY_TRY(readOf(pid, "cmdline", proc));
    std::vector<std::string> out;
    for (std::size_t at = 0; at < raw.size();) {
        const std::size_t end = std::min(raw.find('\0', at), raw.size());
        out.push_back(raw.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

Result<ProcessInfo> readProcess(std::int32_t pid, const std::string &proc)
{
    const Stat stat = GANTRY_TRY(readStat(pid, proc));
    ProcessInfo out;
    out.key = {pid, stat.startTicks};
    out.parentPid = stat.parentPid;
    out.comm = printable(stat.comm);
    out.threads = stat.threads;
    out.state = stat.state;
    out.resident = fromPages(stat.residentPages);
    out.cpuUser = fromTicks(stat.userTicks);
    out.cpuSystem = fromTicks(stat.systemTicks);

    if (const auto status = readStatus(pid, proc)) {
        out.uid = status->uid;
        if (status->namespacePids.size() > 1)
            out.innerPid = status->namespacePids.back();
    } else if (gone(status.error())) {
        return std::unexpected(status.error());
    } else {
        out.unreadableReason = status.error().message();
    }
    if (const auto cmdline = readOf(pid, "cmdline", proc))
        out.commandLine = joinArguments(*cmdline);
    else if (gone(cmdline.error()))
        return std::unexpected(cmdline.error());
    else
        out.unreadableReason = cmdline.error().message();
    return out;
}

Result<std::vector<std::int32_t>> listPids(const std::string &proc)
{
    std::error_code code;
    std::filesystem::directory_iterator entries(proc, code);
    std::vector<std::int32_t> pids;
    for (; !code && entries != std::filesystem::directory_iterator(); entries.increment(code)) {
        const auto pid = parseU64(entries->path().filename().native());
        if (pid && *pid > 0 && *pid <= 1u << 22) // PID_MAX_LIMIT
            pids.push_back(static_cast<std::int32_t>(*pid));
    }
    if (code)
        return failErrno("readdir", proc, code.value());
    std::ranges::sort(pids);
    return pids;
}

Result<UniqueFd> openProcess(const ProcessKey &key)
{
    const std::string subject = strCat("pid ", key.pid);
    UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, key.pid, 0)));
    if (!fd)
        return failErrno("pidfd_open", subject);
    if (key.startTicks != 0) {
        // Read after opening: were it read before, the pid could be reused in between.
        const Stat now = GANTRY_TRY(readStat(key.pid));
        if (now.startTicks != key.startTicks)
            return fail(ESRCH, "pidfd_open", subject, "another process has this pid now");
    }
    return fd;
}

Result<> sendSignal(const ProcessKey &key, int signal)
{
    const UniqueFd fd = GANTRY_TRY(openProcess(key));
    if (::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0) != 0)
        return failErrno("pidfd_send_signal", strCat("pid ", key.pid));
    return {};
}

bool hasCapability(int capability)
{
    const auto status = readFile("/proc/thread-self/status");
    std::string_view text = status ? std::string_view(*status) : std::string_view();
    std::uint64_t effective = 0;
    while (auto line = takeLine(text)) {
        if (takeToken(*line) == "CapEff:") {
            const std::string_view digits = trim(*line);
            std::from_chars(digits.begin(), digits.end(), effective, 16);
        }
    }
    return (effective >> capability & 1U) != 0;
}

const std::string &UserNames::name(uid_t uid)
{
    const auto [found, added] = m_names.try_emplace(uid);
    if (added) {
        passwd entry{};
        passwd *result = nullptr;
        std::vector<char> buffer(16 * 1024);
        ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &result);
        found->second = result != nullptr ? printable(result->pw_name) : strCat(uid);
    }
    return found->second;
}

} // namespace gantry::process
