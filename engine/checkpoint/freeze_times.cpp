// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/freeze_times.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>

namespace gantry::checkpoint {

namespace {

constexpr std::string_view kHead = "gantry-freeze 1";
constexpr std::array<std::string_view, 3> kWays{"at-once", "in-rounds", "by-runtime"}; ///< in the order of SaveWay
/// One that had less than this part of the memory says more of what a checkpoint costs at all than of a speed.
constexpr std::uint64_t kMuchSmaller = 4;

double secondsOf(std::chrono::microseconds time)
{
    return std::chrono::duration<double>(time).count();
}

double speedOf(const FreezeTime &time)
{
    return static_cast<double>(time.resident.v) / secondsOf(time.stood);
}

} // namespace

std::optional<FreezeGuess> guessFreeze(std::span<const FreezeTime> measured, SaveWay way, Bytes resident)
{
    std::vector<FreezeTime> like;
    for (const FreezeTime &time : measured) {
        if (time.way == way && time.stood.count() > 0 && time.resident.v > 0)
            like.push_back(time);
    }
    if (like.empty())
        return std::nullopt;
    const auto shortest = std::ranges::min(like, {}, &FreezeTime::stood).stood;
    std::vector<double> speeds;
    for (const FreezeTime &time : like) {
        if (time.resident.v >= resident.v / kMuchSmaller)
            speeds.push_back(speedOf(time));
    }
    if (speeds.empty())
        speeds.push_back(speedOf(std::ranges::max(like, {}, [](const FreezeTime &time) { return time.resident.v; })));
    std::ranges::sort(speeds);
    const double speed = speeds[speeds.size() / 2];
    const auto stood =
        std::chrono::microseconds(static_cast<std::int64_t>(static_cast<double>(resident.v) / speed * 1e6));
    return FreezeGuess{std::max(stood, shortest), static_cast<std::uint64_t>(speed)};
}

std::string freezeTimesText(std::span<const FreezeTime> times)
{
    std::string out = strCat(kHead, "\n");
    for (const FreezeTime &time : times)
        out +=
            strCat(kWays.at(static_cast<std::size_t>(time.way)), " ", time.resident.v, " ", time.stood.count(), "\n");
    return out;
}

Result<std::vector<FreezeTime>> parseFreezeTimes(std::string_view text)
{
    std::vector<FreezeTime> out;
    const auto head = takeLine(text);
    if (!head || *head != kHead)
        return failParse("times of checkpoints", head.value_or(""));
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const auto way = std::ranges::find(kWays, takeToken(rest));
        const auto resident = parseU64(takeToken(rest));
        const auto stood = parseU64(takeToken(rest));
        constexpr std::uint64_t kMostStood = std::uint64_t{1} << 42; // 50 days
        if (way == kWays.end() || !resident || !stood || *stood > kMostStood || !trim(rest).empty() ||
            out.size() == FreezeTimes::kMost)
            return failParse("times of checkpoints", *line);
        out.push_back({static_cast<SaveWay>(way - kWays.begin()), Bytes{*resident},
                       std::chrono::microseconds(static_cast<std::int64_t>(*stood))});
    }
    return out;
}

std::vector<FreezeTime> FreezeTimes::all() const
{
    const auto text = readFile(m_file);
    auto times = text ? parseFreezeTimes(*text) : std::unexpected(text.error());
    return times ? *std::move(times) : std::vector<FreezeTime>();
}

Result<> FreezeTimes::add(const FreezeTime &time) const
{
    if (time.resident.v == 0 || time.stood.count() <= 0)
        return {};
    std::vector<FreezeTime> times = all();
    times.push_back(time);
    if (times.size() > kMost)
        times.erase(times.begin());
    return replaceFile(m_file, freezeTimesText(times));
}

} // namespace gantry::checkpoint
