// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/lazy_map.h"

#include <algorithm>
#include <iterator>

namespace gantry::checkpoint {

namespace {

/// What of it lies between these addresses.
LazyMap::Part clipped(const LazyMap::Part &part, std::uint64_t start, std::uint64_t end)
{
    const std::uint64_t first = std::max(part.address, start);
    const std::uint64_t last = std::min(part.end(), end);
    return {first, part.page + (first - part.address) / LazyMap::kPage, (last - first) / LazyMap::kPage};
}

/// The first of a map's entries that may reach beyond `key`: the one before counts too.
template <class Map> auto atOrBefore(Map &map, std::uint64_t key)
{
    auto at = map.upper_bound(key);
    return at == map.begin() ? at : std::prev(at);
}

} // namespace

void LazyMap::insert(const Part &part)
{
    m_byAddress.emplace(part.address, part);
    m_byPage.emplace(part.page, part.address);
}

bool LazyMap::add(const Part &part)
{
    const auto address = atOrBefore(m_byAddress, part.address);
    const bool addressUsed =
        address != m_byAddress.end() && address->second.address < part.end() && address->second.end() > part.address;
    const auto next = m_byAddress.lower_bound(part.address);
    const bool nextUsed = next != m_byAddress.end() && next->second.address < part.end();
    if (part.count == 0 || addressUsed || nextUsed || !partsOf(part.page, part.count).empty())
        return false;
    insert(part);
    return true;
}

std::optional<std::uint64_t> LazyMap::pageAt(std::uint64_t address) const
{
    const auto at = atOrBefore(m_byAddress, address);
    if (at == m_byAddress.end() || address < at->second.address || address >= at->second.end())
        return std::nullopt;
    return at->second.page + (address - at->second.address) / kPage;
}

std::vector<LazyMap::Part> LazyMap::partsOf(std::uint64_t page, std::uint64_t count) const
{
    std::vector<Part> out;
    for (auto at = atOrBefore(m_byPage, page); at != m_byPage.end() && at->first < page + count; ++at) {
        const Part &whole = m_byAddress.at(at->second);
        const std::uint64_t first = std::max(whole.page, page);
        const std::uint64_t last = std::min(whole.page + whole.count, page + count);
        if (first < last)
            out.push_back({whole.address + (first - whole.page) * kPage, first, last - first});
    }
    return out;
}

std::vector<LazyMap::Part> LazyMap::take(std::uint64_t start, std::uint64_t end)
{
    std::vector<Part> out;
    std::vector<Part> stay;
    for (auto at = atOrBefore(m_byAddress, start); at != m_byAddress.end() && at->first < end;) {
        const Part part = at->second;
        if (part.end() <= start) {
            ++at;
            continue;
        }
        at = m_byAddress.erase(at);
        m_byPage.erase(part.page);
        out.push_back(clipped(part, start, end));
        if (part.address < start)
            stay.push_back(clipped(part, part.address, start));
        if (part.end() > end)
            stay.push_back(clipped(part, end, part.end()));
    }
    for (const Part &part : stay)
        insert(part);
    return out;
}

void LazyMap::remove(std::uint64_t start, std::uint64_t end)
{
    static_cast<void>(take(start, end));
}

void LazyMap::move(std::uint64_t from, std::uint64_t to, std::uint64_t length)
{
    const std::vector<Part> moved = take(from, from + length);
    remove(to, to + length); // whatever was mapped there is gone
    for (Part part : moved) {
        part.address = part.address - from + to;
        insert(part);
    }
}

std::uint64_t LazyMap::pages() const
{
    std::uint64_t out = 0;
    for (const auto &[address, part] : m_byAddress)
        out += part.count;
    return out;
}

} // namespace gantry::checkpoint
