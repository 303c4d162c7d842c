// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/block.h"
#include "engine/repository/bytes.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace gantry::repository {

/// Digest of a piece -> its id, in memory: a tick of a container looks up every page of it, so this must not be a query
/// each. 40 bytes an entry, half to all of the table used: 40 to 80 bytes a distinct piece. Bounded: when `most` is
/// reached the older half is forgotten, whose pieces are then stored once more when they come again: costs space, never
/// truth. Thread: one at a time.
class PieceIndex
{
public:
    explicit PieceIndex(std::size_t most);

    [[nodiscard]] std::optional<PieceId> find(const Digest &digest) const;
    /// Keeps the id that is there where the digest is known already.
    void add(const Digest &digest, PieceId id);
    /// Forgets the digest if this is its id.
    void remove(const Digest &digest, PieceId id);
    /// Takes over what `other` has.
    void addAll(const PieceIndex &other);
    [[nodiscard]] std::size_t size() const { return m_used; }

private:
    struct Entry
    {
        Digest digest{};
        PieceId id{kFree};
    };
    static constexpr std::uint64_t kFree = ~std::uint64_t{0};

    [[nodiscard]] std::size_t homeOf(const Digest &digest) const;
    [[nodiscard]] std::size_t slotOf(const Digest &digest) const;
    void rebuild(std::size_t slots, const std::function<bool(PieceId)> &keep);
    void forgetOlderHalf();

    std::vector<Entry> m_table; ///< open addressing, a power of two
    std::size_t m_used = 0;
    std::size_t m_most;
};

/// A set of ids; neighbours cost a bit each. Thread: one at a time.
class PieceSet
{
public:
    void add(PieceId id) { m_groups[id.v >> 6] |= std::uint64_t{1} << (id.v & 63); }
    void addAll(const PieceSet &other);
    [[nodiscard]] bool contains(PieceId id) const;
    /// True if any id of this block is in it.
    [[nodiscard]] bool touches(std::uint64_t block) const;

private:
    std::unordered_map<std::uint64_t, std::uint64_t> m_groups;
};

} // namespace gantry::repository
