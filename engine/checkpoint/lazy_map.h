// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace gantry::checkpoint {

/// The pages of one address space that come from an image: where each belongs now, while its process unmaps, moves and
/// empties memory. Addresses are multiples of 4096; an image's page belongs to one address. Thread: one at a time.
class LazyMap
{
public:
    static constexpr std::uint64_t kPage = 4'096; ///< bytes; CRIU's images of x86-64 and arm64 know no other here

    /// Pages of the image that follow each other, at addresses that follow each other.
    struct Part
    {
        std::uint64_t address = 0;
        std::uint64_t page = 0; ///< of the image, from 0
        std::uint64_t count = 0;

        bool operator==(const Part &) const = default;
        [[nodiscard]] std::uint64_t end() const { return address + count * kPage; }
    };

    /// @return false where one of these addresses or pages is in use already: nothing was added.
    [[nodiscard]] bool add(const Part &part);
    /// The image's page that belongs there; nothing: none does, it is empty memory.
    [[nodiscard]] std::optional<std::uint64_t> pageAt(std::uint64_t address) const;
    /// Where `count` pages of the image from `page` on belong, in their order; what belongs nowhere is left out.
    [[nodiscard]] std::vector<Part> partsOf(std::uint64_t page, std::uint64_t count) const;
    /// The process has no longer what was there: unmapped, or to be empty when it is touched again.
    void remove(std::uint64_t start, std::uint64_t end);
    /// mremap(2): what was at `from` is at `to` now.
    void move(std::uint64_t from, std::uint64_t to, std::uint64_t length);
    [[nodiscard]] std::uint64_t pages() const;

private:
    /// Parts that touch the range, cut at its ends, taken out.
    [[nodiscard]] std::vector<Part> take(std::uint64_t start, std::uint64_t end);
    void insert(const Part &part);

    std::map<std::uint64_t, Part> m_byAddress;
    std::map<std::uint64_t, std::uint64_t> m_byPage; ///< first page -> address
};

} // namespace gantry::checkpoint
