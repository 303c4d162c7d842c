// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/oom_ledger.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gantry::alerts {

namespace {

/// Its counter is /proc/vmstat's: every kill on the host, whatever the version of the hierarchy.
constexpr std::string_view kHost = "/";

std::ptrdiff_t depthOf(const std::string &path)
{
    return path == kHost ? 0 : std::ranges::count(path, '/');
}

} // namespace

void OomLedger::credit(const std::string &path, std::uint64_t kills, Micros now)
{
    if (const auto owed = m_owed.find(path); owed != m_owed.end()) {
        const std::uint64_t paid = std::min(kills, owed->second.growth.by);
        pay(owed->second, paid);
        kills -= paid;
        if (owed->second.growth.by == 0)
            m_owed.erase(owed);
    }
    if (kills == 0)
        return;
    if (m_told.size() >= kMostTold)
        forgetOld(now);
    if (m_told.size() >= kMostTold)
        m_told.erase(m_told.begin());
    Credit &credit = m_told[path];
    credit.kills += kills;
    credit.when = now;
}

Micros OomLedger::dueOf(const std::string &path, const Debt &debt)
{
    return debt.parts.front().when + (path == kHost ? kHostPatience : kPatience);
}

void OomLedger::pay(Debt &debt, std::uint64_t by)
{
    debt.growth.by -= by;
    while (by > 0) {
        Part &oldest = debt.parts.front();
        const std::uint64_t paid = std::min(oldest.by, by);
        oldest.by -= paid;
        by -= paid;
        if (oldest.by == 0)
            debt.parts.pop_front();
    }
}

void OomLedger::forgetOld(Micros now)
{
    std::erase_if(m_told, [now](const auto &each) { return each.second.when + kCountedWithin < now; });
}

void OomLedger::creditAncestors(std::string path, std::uint64_t kills, Micros now)
{
    if (path != kHost)
        credit(std::string(kHost), kills, now);
    while (m_hierarchical && depthOf(path) > 1) {
        path.resize(path.rfind('/'));
        credit(path, kills, now);
    }
}

void OomLedger::told(const std::string &path, std::uint64_t kills, Micros now)
{
    credit(path, kills, now);
    creditAncestors(path, kills, now);
}

void OomLedger::grew(Growth growth, Micros now)
{
    forgetOld(now);
    for (const std::string &path : {growth.path, std::string()}) {
        const auto told = m_told.find(path);
        if (told == m_told.end() || (path.empty() && growth.path == kHost))
            continue;
        const std::uint64_t covered = std::min(growth.by, told->second.kills);
        growth.by -= covered;
        told->second.kills -= covered;
        if (told->second.kills == 0)
            m_told.erase(told);
    }
    if (growth.by == 0)
        return;
    Debt &debt = m_owed[growth.path];
    if (!debt.parts.empty() && debt.parts.back().when + kOnePart > now)
        debt.parts.back().by += growth.by;
    else
        debt.parts.push_back({growth.by, now});
    growth.by += debt.growth.by;
    debt.growth = std::move(growth);
}

std::optional<std::string> OomLedger::onlyOwing() const
{
    std::optional<std::string> out;
    for (const auto &[path, debt] : m_owed) {
        if (path == kHost)
            continue;
        if (m_hierarchical && std::ranges::any_of(m_owed, [&](const auto &other) {
                return other.first != path && isPathWithin(other.first, path);
            }))
            continue;
        if (out)
            return std::nullopt;
        out = path;
    }
    return out;
}

std::vector<OomLedger::Growth> OomLedger::due(Micros now)
{
    std::vector<Growth> out;
    while (true) {
        // The deepest of those that count the same kills, though an ancestor may have been read before it.
        auto deepest = m_owed.end();
        for (auto each = m_owed.begin(); each != m_owed.end(); ++each) {
            if (dueOf(each->first, each->second) <= now &&
                (deepest == m_owed.end() || depthOf(each->first) > depthOf(deepest->first)))
                deepest = each;
        }
        if (deepest == m_owed.end())
            return out;
        Debt &debt = deepest->second;
        Growth growth = debt.growth;
        growth.by = debt.parts.front().by;
        pay(debt, growth.by);
        growth.value -= std::min(growth.value, debt.growth.by); // as it was then
        if (debt.growth.by == 0)
            m_owed.erase(deepest);
        creditAncestors(growth.path, growth.by, now);
        if (!out.empty() && out.back().path == growth.path) {
            growth.by += out.back().by;
            out.back() = std::move(growth);
        } else {
            out.push_back(std::move(growth));
        }
    }
}

std::optional<Micros> OomLedger::next() const
{
    std::optional<Micros> out;
    for (const auto &[path, debt] : m_owed)
        out = std::min(out.value_or(dueOf(path, debt)), dueOf(path, debt));
    return out;
}

} // namespace gantry::alerts
