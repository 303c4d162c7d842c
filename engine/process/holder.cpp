// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/process/process.h"

#include <algorithm>
#include <unordered_map>

namespace gantry::process {

namespace {

using Stats = std::unordered_map<std::int32_t, Stat>;

bool has(std::span<const std::int32_t> numbers, std::int32_t number)
{
    return number > 0 && std::ranges::find(numbers, number) != numbers.end();
}

bool descendsFrom(std::span<const std::int32_t> ancestors, const Stat &process, const Stats &all)
{
    auto at = all.find(process.pid);
    for (std::size_t steps = 0; at != all.end() && steps < all.size(); ++steps) {
        if (has(ancestors, at->first))
            return true;
        at = all.find(at->second.parentPid);
    }
    return false;
}

} // namespace

std::optional<Holder> holderOf(std::span<const std::int32_t> numbers, std::span<const std::int32_t> ending,
                               const std::string &proc)
{
    for (const std::int32_t number : numbers) { // a thread's number is in no list
        if (const auto stat = readStat(number, proc); number > 0 && stat && !has(ending, number))
            return Holder{number, *stat};
    }
    Stats all;
    for (const std::int32_t pid : listPids(proc).value_or(std::vector<std::int32_t>())) {
        if (auto stat = readStat(pid, proc))
            all.emplace(pid, *std::move(stat));
    }
    for (const auto &[pid, stat] : all) {
        for (const std::int32_t number : {stat.processGroup, stat.session}) {
            if (has(numbers, number) && !descendsFrom(ending, stat, all))
                return Holder{number, stat};
        }
    }
    return std::nullopt;
}

} // namespace gantry::process
