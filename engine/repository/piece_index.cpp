// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/piece_index.h"

#include <algorithm>
#include <cstring>

namespace gantry::repository {

namespace {

constexpr std::size_t kFirstSlots = 1024;

} // namespace

PieceIndex::PieceIndex(std::size_t most) : m_table(kFirstSlots), m_most(std::max<std::size_t>(most, 16)) {}

std::size_t PieceIndex::homeOf(const Digest &digest) const
{
    std::uint64_t hash = 0; // of a digest any eight bytes are as good as another hash
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash & (m_table.size() - 1);
}

/// Where the digest is, or the free slot where it belongs.
std::size_t PieceIndex::slotOf(const Digest &digest) const
{
    const std::size_t mask = m_table.size() - 1;
    std::size_t slot = homeOf(digest);
    while (m_table[slot].id.v != kFree && m_table[slot].digest != digest)
        slot = (slot + 1) & mask;
    return slot;
}

std::optional<PieceId> PieceIndex::find(const Digest &digest) const
{
    const Entry &entry = m_table[slotOf(digest)];
    return entry.id.v == kFree ? std::nullopt : std::optional(entry.id);
}

void PieceIndex::add(const Digest &digest, PieceId id)
{
    if (m_used >= m_most)
        forgetOlderHalf();
    // Up to four fifths full: a look-up of what is not there, the dearest, then looks at 13 slots on average.
    if (m_used * 5 >= m_table.size() * 4)
        rebuild(m_table.size() * 2, [](PieceId) { return true; });
    Entry &entry = m_table[slotOf(digest)];
    if (entry.id.v != kFree)
        return;
    entry = {digest, id};
    ++m_used;
}

void PieceIndex::rebuild(std::size_t slots, const std::function<bool(PieceId)> &keep)
{
    const std::vector<Entry> old = std::exchange(m_table, std::vector<Entry>(slots));
    m_used = 0;
    for (const Entry &entry : old) {
        if (entry.id.v == kFree || !keep(entry.id))
            continue;
        m_table[slotOf(entry.digest)] = entry;
        ++m_used;
    }
}

void PieceIndex::remove(const Digest &digest, PieceId id)
{
    std::size_t hole = slotOf(digest);
    if (m_table[hole].id != id)
        return;
    // What stands behind moves up where it may, so that no look-up stops at the hole before it has found its entry.
    const std::size_t mask = m_table.size() - 1;
    for (std::size_t slot = (hole + 1) & mask; m_table[slot].id.v != kFree; slot = (slot + 1) & mask) {
        const std::size_t home = homeOf(m_table[slot].digest);
        if (((slot - home) & mask) < ((slot - hole) & mask))
            continue;
        m_table[hole] = m_table[slot];
        hole = slot;
    }
    m_table[hole] = {};
    --m_used;
}

void PieceIndex::addAll(const PieceIndex &other)
{
    for (const Entry &entry : other.m_table) {
        if (entry.id.v != kFree)
            add(entry.digest, entry.id);
    }
}

void PieceIndex::forgetOlderHalf()
{
    std::vector<PieceId> ids;
    ids.reserve(m_used);
    for (const Entry &entry : m_table) {
        if (entry.id.v != kFree)
            ids.push_back(entry.id);
    }
    const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(ids.size() / 2);
    std::ranges::nth_element(ids, middle);
    rebuild(m_table.size(), [oldest = *middle](PieceId id) { return id >= oldest; });
}

void PieceSet::addAll(const PieceSet &other)
{
    for (const auto &[group, mask] : other.m_groups)
        m_groups[group] |= mask;
}

bool PieceSet::contains(PieceId id) const
{
    const auto at = m_groups.find(id.v >> 6);
    return at != m_groups.end() && (at->second >> (id.v & 63) & 1) != 0;
}

bool PieceSet::touches(std::uint64_t block) const
{
    const std::uint64_t first = block << (PieceId::kIndexBits - 6);
    for (std::uint64_t group = first; group < first + PieceId::kPerBlock / 64; ++group) {
        if (m_groups.contains(group))
            return true;
    }
    return false;
}

} // namespace gantry::repository
