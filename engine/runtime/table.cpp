// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/table.h"

#include "engine/base/strings.h"
#include "engine/runtime/recognise.h"

#include <algorithm>

namespace gantry::runtime {

namespace {

template <class Value> void fill(Value &into, const Value &from)
{
    if (into == Value())
        into = from;
}

/// What `into` leaves open is taken from `from`.
void fillGaps(Facts &into, const Facts &from)
{
    fill(into.name, from.name);
    fill(into.image, from.image);
    fill(into.imageId, from.imageId);
    fill(into.labels, from.labels);
    fill(into.state, from.state);
    fill(into.createdMicros, from.createdMicros);
    fill(into.startedMicros, from.startedMicros);
    if (into.startedMicros != 0) // the process of one source, the container of the other: see applyProcess()
        into.startedMicros = std::max(into.startedMicros, into.createdMicros);
    fill(into.restartPolicy, from.restartPolicy);
    fill(into.ports, from.ports);
    fill(into.mounts, from.mounts);
    fill(into.addresses, from.addresses);
    fill(into.podId, from.podId);
    fill(into.podName, from.podName);
    fill(into.command, from.command);
    fill(into.health, from.health);
    fill(into.initPid, from.initPid);
    fill(into.monitorPid, from.monitorPid);
    into.infrastructure = into.infrastructure || from.infrastructure;
    fill(into.ociRuntime, from.ociRuntime);
    fill(into.rootFolder, from.rootFolder);
    fill(into.cgroupPath, from.cgroupPath);
}

} // namespace

bool isOfUser(std::string_view cgroupPath, std::uint32_t uid)
{
    return cgroupPath.starts_with(strCat("/user.slice/user-", uid, ".slice/"));
}

Table::Table(std::vector<Listed> sources)
{
    std::ranges::stable_sort(sources,
                             [](const Listed &a, const Listed &b) { return a.source->rank() > b.source->rank(); });
    for (const Listed &listed : sources) {
        for (const FactsPtr &facts : listed.containers)
            add(listed.source, facts);
    }
}

Known *Table::sameAs(const Facts &facts)
{
    const auto fits = [&](const Known &known) { return known.facts->userUid == facts.userUid; };
    const auto among = [&](auto range) -> Known * {
        for (auto it = range.first; it != range.second; ++it) {
            if (fits(m_all[it->second]))
                return &m_all[it->second];
        }
        return nullptr;
    };
    Known *found = isLongId(facts.id) ? among(m_byId.equal_range(facts.id)) : nullptr;
    if (found == nullptr && facts.initPid != 0)
        found = among(m_byInit.equal_range(facts.initPid));
    return found;
}

void Table::add(const std::shared_ptr<const Source> &source, const FactsPtr &facts)
{
    if (Known *known = sameAs(*facts)) {
        auto merged = std::make_shared<Facts>(*known->facts);
        fillGaps(*merged, *facts);
        if (merged->initPid != known->facts->initPid)
            m_byInit.emplace(merged->initPid, static_cast<std::size_t>(known - m_all.data()));
        if (merged->cgroupPath != known->facts->cgroupPath)
            m_byCgroup.emplace(merged->cgroupPath, static_cast<std::size_t>(known - m_all.data()));
        known->facts = std::move(merged);
        return;
    }
    const std::size_t index = m_all.size();
    m_all.push_back({facts, source});
    m_byId.emplace(facts->id, index);
    if (!facts->cgroupPath.empty())
        m_byCgroup.emplace(facts->cgroupPath, index);
    if (facts->initPid != 0)
        m_byInit.emplace(facts->initPid, index);
}

const Known *Table::find(std::string_view cgroupPath, std::string_view id, std::int32_t initPid) const
{
    const auto among = [&](auto range) -> const Known * {
        const Known *best = nullptr;
        for (auto it = range.first; it != range.second; ++it) {
            const Known &known = m_all[it->second];
            const auto user = known.facts->userUid;
            if ((!user || isOfUser(cgroupPath, *user)) && (best == nullptr || user))
                best = &known; // in a user's cgroups that user's own runtime knows best
        }
        return best;
    };
    const Known *found = id.empty() ? nullptr : among(m_byId.equal_range(std::string(id)));
    if (found == nullptr)
        found = among(m_byCgroup.equal_range(std::string(cgroupPath)));
    if (found == nullptr && initPid != 0)
        found = among(m_byInit.equal_range(initPid));
    return found;
}

const Known *Table::again(const Facts &facts) const
{
    const auto range = m_byId.equal_range(facts.id);
    for (auto it = range.first; it != range.second; ++it) {
        const Known &known = m_all[it->second];
        if (known.facts->userUid == facts.userUid && known.facts->runtime == facts.runtime)
            return &known;
    }
    return nullptr;
}

} // namespace gantry::runtime
