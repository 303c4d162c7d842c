// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/limit_changes.h"

#include "engine/base/limit.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <array>
#include <ctime>
#include <string_view>

namespace gantry::alerts {

namespace {

/// Bytes of a limit file in the largest unit that is exact.
std::string sizeText(std::string_view text)
{
    constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    const auto bytes = parseU64(text);
    if (!bytes)
        return std::string(text); // "max"
    std::uint64_t value = *bytes;
    std::size_t unit = 0;
    for (; unit + 1 < kUnits.size() && value >= 1024 && value % 1024 == 0; ++unit)
        value /= 1024;
    return strCat(value, ' ', kUnits.at(unit));
}

std::string utcText(std::int64_t realtimeMicros)
{
    const std::time_t seconds = realtimeMicros / 1'000'000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 40> buffer{};
    return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%F %T UTC", &parts)};
}

std::string whoText(const Event &event)
{
    if (!event.actor.empty())
        return event.actor;
    if (event.pid <= 0)
        return "somebody";
    return event.comm.empty() ? strCat("pid ", event.pid) : strCat(event.comm, " (pid ", event.pid, ')');
}

} // namespace

std::string changeText(const Event &event)
{
    const std::string from = event.oldValue.empty() ? std::string() : strCat(" from ", sizeText(event.oldValue));
    return strCat(event.key, " set", from, " to ", sizeText(event.newValue), " by ", whoText(event), " at ",
                  utcText(event.realtimeMicros));
}

void LimitChanges::take(const Event &event)
{
    const bool isLimit =
        event.key == limitInfo(LimitKey::MemoryMax).name || event.key == limitInfo(LimitKey::MemoryHigh).name;
    if (event.kind != EventKind::LimitChanged || !isLimit || event.failure)
        return;
    const auto [row, isNew] = m_changes.try_emplace(event.path);
    if (!isNew)
        m_ages.erase(row->second.age);
    row->second = {{event.sequence, event.node, changeText(event)}, m_ages.insert(m_ages.end(), event.path)};
    if (m_ages.size() > kMost) {
        m_changes.erase(m_ages.front());
        m_ages.pop_front();
    }
}

void LimitChanges::follow(const EventLog &events)
{
    for (const Event &event : events.since(m_seen).events) {
        m_seen = event.sequence;
        take(event);
    }
}

const LimitChanges::Change *LimitChanges::lastOf(const std::string &path, NodeId node) const
{
    const auto found = m_changes.find(path);
    if (found == m_changes.end())
        return nullptr;
    const Change &change = found->second.change;
    return node && change.node && change.node != node ? nullptr : &change;
}

} // namespace gantry::alerts
