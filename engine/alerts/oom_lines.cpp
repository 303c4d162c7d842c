// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/oom_lines.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <array>
#include <charconv>

namespace gantry::alerts {

namespace {

/// Kernel: TASK_COMM_LEN without its zero.
constexpr std::size_t kMostComm = 15;
/// Kernel: PAGE_COUNTER_MAX in kB, "no limit", is just below 2^53; nothing real comes near.
constexpr std::uint64_t kNoLimitKiB = std::uint64_t{1} << 52;

/// Takes what stands before `separator` off `text`, and the separator; nullopt, taking nothing, if it is not there.
std::optional<std::string_view> takeUntil(std::string_view &text, std::string_view separator)
{
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view out = text.substr(0, at);
    text.remove_prefix(at + separator.size());
    return out;
}

bool takePrefix(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Takes a number that fits off the front of `text`.
template <class Number> std::optional<Number> takeNumber(std::string_view &text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<std::int32_t> takePid(std::string_view &text)
{
    const auto pid = takeNumber<std::int32_t>(text);
    return pid && *pid > 0 ? pid : std::nullopt;
}

Bytes ofKiB(std::uint64_t kib)
{
    return Bytes(kib < kNoLimitKiB ? kib * 1024 : kNoLimitKiB * 1024);
}

/// The number behind `key`, wherever that is: fields came and went with the kernel's versions.
template <class Number> Number numberAfter(std::string_view text, std::string_view key)
{
    return takeUntil(text, key) ? takeNumber<Number>(text).value_or(0) : Number{};
}

std::string_view constraintName(std::string_view kernelName)
{
    constexpr std::array<std::array<std::string_view, 2>, 4> kNames{{{"CONSTRAINT_NONE", "none"},
                                                                     {"CONSTRAINT_CPUSET", "cpuset"},
                                                                     {"CONSTRAINT_MEMORY_POLICY", "mempolicy"},
                                                                     {"CONSTRAINT_MEMCG", "memcg"}}};
    for (const auto &[theirs, ours] : kNames) {
        if (kernelName == theirs)
            return ours;
    }
    return {};
}

/// "…,pid=812,uid=0": takes both off the end. A name before them cannot imitate them there.
bool takePidAndUid(std::string_view &text, OomLine &line)
{
    const std::size_t uidAt = text.rfind(",uid=");
    const std::size_t pidAt = uidAt == std::string_view::npos ? uidAt : text.rfind(",pid=", uidAt);
    if (pidAt == std::string_view::npos)
        return false;
    std::string_view uidText = text.substr(uidAt + 5);
    std::string_view pidText = text.substr(pidAt + 5, uidAt - pidAt - 5);
    const auto uid = takeNumber<std::uint32_t>(uidText);
    const auto pid = takePid(pidText);
    if (!uid || !pid || !uidText.empty() || !pidText.empty())
        return false;
    line.uid = *uid;
    line.pid = *pid;
    text = text.substr(0, pidAt);
    return true;
}

/// "oom-kill:constraint=C,nodemask=N,cpuset=NAME,mems_allowed=L,oom_memcg=/a,task_memcg=/a/b,task=X,pid=N,uid=N", or
/// with ",global_oom" for ",oom_memcg=/a". Names may hold any of these words, but "=/" only where a path begins: a name
/// has no "/".
std::optional<OomLine> parseVictim(std::string_view text)
{
    constexpr std::string_view kLimit = ",oom_memcg=/";
    constexpr std::string_view kTask = ",task_memcg=/";
    OomLine line{.kind = OomLine::Kind::Victim};
    if (!takePrefix(text, "oom-kill:constraint=") || !takePidAndUid(text, line))
        return std::nullopt;
    const auto constraint = takeUntil(text, ",");
    if (!constraint)
        return std::nullopt;
    line.constraint = constraintName(*constraint);
    const std::size_t limitAt = text.find(kLimit);
    const std::size_t taskAt = text.find(kTask);
    if (limitAt == std::string_view::npos || (taskAt != std::string_view::npos && taskAt < limitAt)) {
        line.taskAndComm =
            taskAt == std::string_view::npos ? std::string_view() : text.substr(taskAt + kTask.size() - 1);
        return line;
    }
    const std::string_view paths = text.substr(limitAt + kLimit.size() - 1);
    // The victim is below the limit that fired, which tells the right ",task_memcg=/" from one in a name.
    for (std::size_t at = paths.find(kTask); at != std::string_view::npos; at = paths.find(kTask, at + 1)) {
        const std::string_view limit = paths.substr(0, at);
        const std::string_view task = paths.substr(at + kTask.size() - 1);
        if (line.taskAndComm.empty() || isPathWithin(task, limit)) {
            line.limitPath = limit;
            line.taskAndComm = task;
        }
        if (isPathWithin(task, limit))
            break;
    }
    return line;
}

/// "… out of memory: Killed process 812 (X) total-vm:…", the text behind its first colon.
std::optional<OomLine> parseKilled(std::string_view text)
{
    OomLine line{.kind = OomLine::Kind::Killed};
    if (!takePrefix(text, "Killed process "))
        return std::nullopt;
    const auto pid = takePid(text);
    constexpr std::string_view kFigures = ") total-vm:";
    const std::size_t nameEnd = text.rfind(kFigures);
    if (!pid || nameEnd == std::string_view::npos || !takePrefix(text, " ("))
        return std::nullopt;
    line.pid = *pid;
    line.comm = text.substr(0, nameEnd - 2);
    const std::string_view figures = text.substr(nameEnd - 2);
    line.totalVm = ofKiB(numberAfter<std::uint64_t>(figures, "total-vm:"));
    line.anonRss = ofKiB(numberAfter<std::uint64_t>(figures, "anon-rss:"));
    line.fileRss = ofKiB(numberAfter<std::uint64_t>(figures, "file-rss:"));
    line.shmemRss = ofKiB(numberAfter<std::uint64_t>(figures, "shmem-rss:"));
    line.uid = numberAfter<std::uint32_t>(figures, "UID:");
    line.oomScoreAdj = numberAfter<std::int32_t>(figures, "oom_score_adj:");
    return line;
}

/// "… out of memory: OOM victim 812 (X) is already exiting. Skip killing the task", the text behind its first colon.
std::optional<OomLine> parseSpared(std::string_view text)
{
    OomLine line{.kind = OomLine::Kind::Spared};
    if (!takePrefix(text, "OOM victim "))
        return std::nullopt;
    line.pid = takePid(text).value_or(0);
    return line.pid != 0 ? std::optional(line) : std::nullopt;
}

std::optional<OomLine> parseUsage(std::string_view text)
{
    OomLine line{.kind = OomLine::Kind::Usage};
    if (!text.starts_with("memory: usage "))
        return text.starts_with("memory+swap: usage ") || text.starts_with("swap: usage ") ? std::optional(line)
                                                                                           : std::nullopt;
    if (takeUntil(text, ", limit ")) {
        const auto limit = takeNumber<std::uint64_t>(text);
        if (limit && text.starts_with("kB") && *limit < kNoLimitKiB)
            line.limit = ofKiB(*limit);
    }
    return line;
}

std::optional<OomLine> parseCpu(std::string_view text)
{
    OomLine line{.kind = OomLine::Kind::Cpu};
    if (!text.starts_with("CPU: ") || !takeUntil(text, " PID: "))
        return std::nullopt;
    const auto pid = takePid(text);
    if (!pid || !takePrefix(text, " Comm: "))
        return std::nullopt;
    line.pid = *pid;
    line.comm = text;
    return line;
}

} // namespace

std::optional<KernelLine> parseKernelRecord(std::string_view record)
{
    constexpr std::uint32_t kFacilityShift = 3; // syslog(2): facility and level in one number
    std::string_view head = record.substr(0, record.find('\n'));
    const auto fields = takeUntil(head, ";");
    if (!fields)
        return std::nullopt;
    std::string_view rest = *fields;
    KernelLine line;
    const auto priority = takeNumber<std::uint32_t>(rest);
    if (!priority || *priority >> kFacilityShift != 0 || !takePrefix(rest, ","))
        return std::nullopt;
    const auto sequence = takeNumber<std::uint64_t>(rest);
    if (!sequence || !takePrefix(rest, ",") || !takeUntil(rest, ","))
        return std::nullopt;
    line.sequence = *sequence;
    line.continues = rest.starts_with('c');
    if (takeUntil(rest, ",caller="))
        line.caller = rest.substr(0, rest.find(','));
    line.text = undoHexEscapes(head);
    return line;
}

bool beginsVictimLine(std::string_view text)
{
    return text.starts_with("oom-kill:constraint=");
}

std::optional<OomLine> parseOomLine(std::string_view text)
{
    constexpr std::string_view kInvoked = " invoked oom-killer: ";
    if (beginsVictimLine(text))
        return parseVictim(text);
    if (const std::size_t at = text.rfind(kInvoked); at != std::string_view::npos && at <= kMostComm)
        return OomLine{.kind = OomLine::Kind::Invoked, .comm = text.substr(0, at)};
    if (text.starts_with("CPU: "))
        return parseCpu(text);
    if (text.starts_with("Tasks in /") && text.ends_with(" are going to be killed due to memory.oom.group set"))
        return OomLine{.kind = OomLine::Kind::Group};
    if (text.starts_with("Out of memory") || text.starts_with("Memory cgroup out of memory")) {
        if (text.find("no killable process") != std::string_view::npos)
            return OomLine{.kind = OomLine::Kind::Spared};
        if (!takeUntil(text, ": "))
            return std::nullopt;
        auto killed = parseKilled(text);
        return killed ? killed : parseSpared(text);
    }
    return parseUsage(text);
}

OomTask splitTask(std::string_view taskAndComm, std::string_view comm)
{
    constexpr std::string_view kTask = ",task=";
    if (!comm.empty() && taskAndComm.size() > comm.size() + kTask.size() && taskAndComm.ends_with(comm)) {
        const std::string_view before = taskAndComm.substr(0, taskAndComm.size() - comm.size());
        if (before.ends_with(kTask))
            return {before.substr(0, before.size() - kTask.size()), comm};
    }
    const std::size_t at = taskAndComm.rfind(kTask);
    if (at == std::string_view::npos)
        return {taskAndComm, {}};
    return {taskAndComm.substr(0, at), taskAndComm.substr(at + kTask.size())};
}

} // namespace gantry::alerts
