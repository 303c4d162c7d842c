// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/runtime_watch.h"

#include "engine/base/strings.h"
#include "engine/process/process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

namespace gantry::checkpoint {

namespace {

using runtime::Clock;

constexpr std::chrono::milliseconds kLook{20};
/// A CRIU that has done its work ends as well; the runtime is done a moment later, also on a busy machine.
constexpr std::chrono::seconds kEndGrace{5};

/// The processes of CRIU that a runtime waits for, the one that leads the others first. What was restored is none any
/// more.
std::vector<process::Stat> criusOf(std::int32_t runtime)
{
    std::vector<process::Stat> out;
    for (const std::int32_t pid : process::listPids().value_or(std::vector<std::int32_t>())) {
        const auto stat = process::readStat(pid);
        if (!stat || stat->parentPid != runtime)
            continue;
        const auto words = process::readArguments(pid);
        const std::string line = words ? joined(*words) : std::string();
        // It gives itself another title once it knows what it is to do.
        if (line.find("criu: restore") != std::string::npos || line.find("swrk") != std::string::npos)
            out.push_back(*stat);
    }
    std::ranges::stable_sort(out, {}, &process::Stat::startTicks);
    return out;
}

bool lives(const process::Stat &then)
{
    const auto now = process::readStat(then.pid);
    return now && now->startTicks == then.startTicks && now->state != 'Z';
}

} // namespace

RuntimeWatch::RuntimeWatch(std::string mark, runtime::Patience patience)
    : m_mark(std::move(mark))
    , m_patience(std::move(patience))
    , m_thread([this](const std::stop_token &over) { run(over); })
{}

bool RuntimeWatch::isMarked(std::int32_t pid) const
{
    const auto words = process::readArguments(pid);
    return words && joined(*words).find(m_mark) != std::string::npos;
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

void RuntimeWatch::run(const std::stop_token &over) const
{
    std::int32_t runtime = 0;
    std::optional<process::Stat> leader;
    Clock::time_point seen = Clock::now();
    for (; !over.stop_requested(); std::this_thread::sleep_for(kLook)) {
        if (!leader) {
            // Anew each time: who is the last one of the line may be about to start the runtime.
            runtime = this->runtime();
            if (const auto all = runtime == 0 ? std::vector<process::Stat>() : criusOf(runtime); !all.empty())
                leader = all.front();
        } else if (lives(*leader)) {
            seen = Clock::now();
        }
        const bool isLeft = leader && Clock::now() - seen > kEndGrace;
        if (!isLeft && !m_patience.stop.stop_requested() && Clock::now() < m_patience.deadline)
            continue;
        for (const process::Stat &one : runtime == 0 ? std::vector<process::Stat>() : criusOf(runtime))
            ::kill(one.pid, SIGKILL);
    }
}

} // namespace gantry::checkpoint
