// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/repository/bytes.h"
#include "engine/repository/catalogue.h"
#include "engine/repository/disk.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace gantry::repository {

inline constexpr const char *kPackFolder = "packs";
/// Of a pack: "GNTRPACK", then its number.
inline constexpr std::uint64_t kPackHead = 16;

/// "packs/000000000000002a.pack".
[[nodiscard]] std::string packName(std::uint64_t number);

/// The packs: files that grow at their end and are removed whole. One who writes has a pack for itself; what it has
/// written counts from the commit on, and is cut off where that does not come. Thread: any.
class PackStore
{
public:
    /// One pack in the hands of one who writes.
    struct Claim
    {
        std::uint64_t number = 0;
        std::string name;
        UniqueFd fd;
        std::uint64_t committed = 0; ///< bytes that stay whatever happens
        std::uint64_t end = 0;       ///< where the next record goes
        std::uint64_t begun = 0;     ///< up to here the kernel was asked to write
        bool fresh = false;          ///< the catalogue does not know it yet
    };

    /// @param packBytes a pack of this size gets nothing more.
    PackStore(const Disk &disk, std::uint64_t packBytes) : m_disk(disk), m_packBytes(packBytes) {}

    /// For who writes, before claim(): cuts off what a crash left behind the committed end of a pack, and removes packs
    /// that no row names. A pack whose row and blocks do not agree, or that is too short, is left alone and never
    /// written to again: the catalogue is what is broken then.
    /// @param ends of each pack, where its last block ends, by rows that were verified.
    /// @param unsure some rows could not be verified: nothing is removed or cut.
    [[nodiscard]] Result<> recover(const std::vector<PackRow> &rows, const std::map<std::uint64_t, std::uint64_t> &ends,
                                   bool unsure);
    [[nodiscard]] Result<std::unique_ptr<Claim>> claim();
    /// After the catalogue has taken it.
    void keep(std::unique_ptr<Claim> claim, std::uint64_t length);
    /// Cuts off what was added, or removes the file; what fails here recover() does.
    void abandon(std::unique_ptr<Claim> claim);
    /// As it is, and not to be written to until the next recover().
    void leave(std::unique_ptr<Claim> claim);
    /// Keeps claim() off a pack until remove() or giveBack(). @return false: somebody has it.
    [[nodiscard]] bool reserve(std::uint64_t number);
    void giveBack(std::uint64_t number);
    /// After the catalogue has forgotten it.
    [[nodiscard]] Result<> remove(std::uint64_t number);

    /// @errors ENOENT: the pack was collected; ask the catalogue again. EBADMSG where it ends before.
    [[nodiscard]] Result<> read(std::uint64_t number, std::uint64_t offset, std::span<std::byte> to) const;
    /// The next read() opens the file anew: another process may have collected it.
    void forget(std::uint64_t number) const;
    /// The file's size and whether its head is right.
    struct Look
    {
        std::uint64_t size = 0;
        bool headGood = false;
    };
    [[nodiscard]] Result<Look> look(std::uint64_t number) const;
    [[nodiscard]] std::uint64_t packBytes() const { return m_packBytes; }
    [[nodiscard]] const Disk &disk() const { return m_disk; }

private:
    struct Known
    {
        std::uint64_t committed = 0;
        bool claimed = false;
        bool sound = true; ///< may be written to
    };
    [[nodiscard]] Result<std::unique_ptr<Claim>> claimNew();
    [[nodiscard]] Result<std::shared_ptr<const UniqueFd>> opened(std::uint64_t number) const;

    const Disk &m_disk;
    const std::uint64_t m_packBytes;
    mutable std::mutex m_mutex; ///< of all below
    std::map<std::uint64_t, Known> m_known;
    std::uint64_t m_next = 1;
    mutable std::map<std::uint64_t, std::shared_ptr<const UniqueFd>> m_open; ///< for reading
};

/// Appends records to packs of its own. What was appended lasts after sync(); it is let go by the destructor unless
/// kept. Thread: append() any, several at once; the rest one, after the last append().
class PackAppender
{
public:
    explicit PackAppender(PackStore &packs) : m_packs(packs) {}
    PackAppender(const PackAppender &) = delete;
    PackAppender &operator=(const PackAppender &) = delete;
    ~PackAppender();

    struct Place
    {
        std::uint64_t pack = 0;
        std::uint64_t offset = 0;
    };
    [[nodiscard]] Result<Place> append(ByteView record);
    [[nodiscard]] Result<> sync();
    /// The packs with their new lengths, for the catalogue.
    [[nodiscard]] std::vector<PackRow> rows() const;
    /// The catalogue has taken them.
    void keep();
    /// Nobody knows whether the catalogue has: recover() sees to it.
    void leave();
    [[nodiscard]] std::uint64_t bytes() const;

private:
    PackStore &m_packs;
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<PackStore::Claim>> m_claims; ///< the last one is written to
    std::uint64_t m_bytes = 0;
};

} // namespace gantry::repository
