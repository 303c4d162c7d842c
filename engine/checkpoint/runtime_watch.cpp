// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/runtime_watch.h"

#include "engine/base/strings.h"
#include "engine/process/process.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

using runtime::Clock;

constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::milliseconds kDumpLook{500};
/// A CRIU that has done its work ends as well; the runtime is done a moment later, also on a busy machine.
constexpr std::chrono::seconds kEndGrace{5};

std::string lineOf(std::int32_t pid)
{
    const auto words = process::readArguments(pid);
    return words ? joined(*words) : std::string();
}

/// The processes of CRIU that fit. What was restored is none any more.
template <class Fits> std::vector<process::Stat> criusThat(const Fits &fits)
{
    std::vector<process::Stat> out;
    for (const std::int32_t pid : process::listPids().value_or(std::vector<std::int32_t>())) {
        const auto stat = process::readStat(pid);
        if (!stat || stat->state == 'Z' || !fits(*stat))
            continue;
        const std::string line = lineOf(pid);
        // It gives itself another title once it knows what it is to do.
        if (line.find("criu: ") != std::string::npos || line.find("swrk") != std::string::npos)
            out.push_back(*stat);
    }
    return out;
}

/// Those that a runtime waits for.
std::vector<process::Stat> criusOf(std::int32_t runtime)
{
    return criusThat([runtime](const process::Stat &one) { return one.parentPid == runtime; });
}

bool lives(const process::Stat &then)
{
    const auto now = process::readStat(then.pid);
    return now && now->startTicks == then.startTicks && now->state != 'Z';
}

double secondsOf(clockid_t clock)
{
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// When a file was made, in clock ticks since the boot, as proc_pid_stat(5) counts. nullopt: it is not there.
/// Source: statx(2). A file system without a time of birth: now, when it is seen first.
std::optional<std::uint64_t> bornTicks(const std::string &file)
{
    struct statx facts
    {};
    if (::statx(AT_FDCWD, file.c_str(), 0, STATX_BTIME, &facts) != 0)
        return std::nullopt;
    const double born = (facts.stx_mask & STATX_BTIME) == 0 ? secondsOf(CLOCK_REALTIME)
                                                            : static_cast<double>(facts.stx_btime.tv_sec) +
                                                                  static_cast<double>(facts.stx_btime.tv_nsec) / 1e9;
    const double up = secondsOf(CLOCK_BOOTTIME) - (secondsOf(CLOCK_REALTIME) - born);
    return static_cast<std::uint64_t>(std::max(0.0, up) * static_cast<double>(::sysconf(_SC_CLK_TCK)));
}

} // namespace

RuntimeWatch::RuntimeWatch(std::string mark, runtime::Patience patience)
    : m_mark(std::move(mark))
    , m_patience(std::move(patience))
    , m_thread([this](const std::stop_token &over) { run(over); })
{}

bool RuntimeWatch::isMarked(std::int32_t pid) const
{
    return lineOf(pid).find(m_mark) != std::string::npos;
}

std::int32_t RuntimeWatch::runtime() const
{
    std::vector<process::Stat> marked;
    for (const std::int32_t pid : process::listPids().value_or(std::vector<std::int32_t>())) {
        if (const auto stat = isMarked(pid) ? process::readStat(pid) : std::unexpected(Error()); stat)
            marked.push_back(*stat);
    }
    const auto isParent = [&marked](std::int32_t pid) {
        return std::ranges::find(marked, pid, &process::Stat::parentPid) != marked.end();
    };
    // The last one of the line: the keeper forks once before it is the keeper.
    for (const process::Stat &one : marked) {
        if (std::ranges::find(marked, one.parentPid, &process::Stat::pid) != marked.end() && !isParent(one.pid))
            return one.pid;
    }
    return 0;
}

std::vector<process::Stat> RuntimeWatch::criusNow() const
{
    // Anew each time: who is the last one of the line may be about to start the runtime.
    const std::int32_t runtime = this->runtime();
    return runtime == 0 ? std::vector<process::Stat>() : criusOf(runtime);
}

void RuntimeWatch::run(const std::stop_token &over) const
{
    // The CRIU that restores is older than its log, and all that it starts is younger. (runc asks another one for its
    // version before: that one has no log.)
    std::optional<std::uint64_t> born;
    std::optional<process::Stat> leader;
    Clock::time_point seen = Clock::now();
    for (; !over.stop_requested(); std::this_thread::sleep_for(kLook)) {
        if (!born)
            born = bornTicks(m_mark + "/restore.log");
        bool isLed = !born || (leader && lives(*leader));
        if (!isLed) {
            const std::vector<process::Stat> all = criusNow();
            const auto found =
                std::ranges::find_if(all, [&born](const process::Stat &one) { return one.startTicks <= *born; });
            leader = found == all.end() ? std::nullopt : std::optional(*found);
            isLed = leader || all.empty();
        }
        if (isLed)
            seen = Clock::now();
        const bool isLeft = Clock::now() - seen > kEndGrace;
        if (!isLeft && !m_patience.stop.stop_requested() && Clock::now() < m_patience.deadline)
            continue;
        for (const process::Stat &one : criusNow())
            ::kill(one.pid, SIGKILL);
    }
}

DumpWatch::DumpWatch(std::string mark)
    : m_mark(std::move(mark)), m_thread([this](const std::stop_token &over) { run(over); })
{}

std::vector<std::int32_t> DumpWatch::orphans() const
{
    std::vector<std::int32_t> marked = process::listPids().value_or(std::vector<std::int32_t>());
    std::erase_if(marked, [this](std::int32_t pid) { return lineOf(pid).find(m_mark) == std::string::npos; });
    const auto isMarked = [&marked](std::int32_t pid) { return std::ranges::find(marked, pid) != marked.end(); };
    std::vector<std::int32_t> out;
    for (const process::Stat &one : criusThat([&](const process::Stat &each) { return isMarked(each.processGroup); })) {
        if (isMarked(one.parentPid))
            return {};
        out.push_back(one.pid);
    }
    return out;
}

void DumpWatch::run(const std::stop_token &over) const
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    Clock::time_point seen = Clock::now();
    while (!wake.wait_for(lock, over, kDumpLook, [] { return false; }) && !over.stop_requested()) {
        const std::vector<std::int32_t> left = orphans();
        if (left.empty())
            seen = Clock::now();
        if (Clock::now() - seen <= kEndGrace)
            continue;
        for (const std::int32_t pid : left)
            ::kill(pid, SIGKILL);
    }
}

} // namespace gantry::checkpoint
