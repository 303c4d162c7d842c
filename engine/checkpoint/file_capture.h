// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/file_plan.h"
#include "engine/checkpoint/file_snapshot.h"
#include "engine/checkpoint/file_walk.h"
#include "engine/checkpoint/images.h"
#include "engine/repository/store.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::checkpoint {

struct FileTotals
{
    std::uint64_t files = 0;           ///< folders, links and nodes among them
    std::uint64_t bytes = 0;           ///< of regular files, as they are read
    std::chrono::microseconds stood{}; ///< how long the tree stood still for them; part of the whole
};

/// The files of one checkpoint on their way into the store. Nothing of it is left when it is destroyed, nor if we die:
/// clones have no name, and a snapshot that was left is found later. Thread: one at a time; blocks.
class FileCapture
{
public:
    /// While the tree runs: looks at what there is, and makes room. @errors as planFiles(); ENOSPC: neither memory nor
    /// disk has the room.
    [[nodiscard]] static Result<std::unique_ptr<FileCapture>> prepare(const FilesWish &wish,
                                                                      std::span<const std::int32_t> pids,
                                                                      const std::string &spillFolder,
                                                                      const std::stop_token &stop);
    /// The same; null where nothing is asked for.
    [[nodiscard]] static Result<std::unique_ptr<FileCapture>> ofWish(const FilesWish &wish,
                                                                     std::span<const std::int32_t> pids,
                                                                     const std::string &spillFolder,
                                                                     const std::stop_token &stop);
    /// Just before the tree stands still: a file system writes what it clones, and would do so then.
    void flush() const;

    /// While the tree stands still. @param tree all of its processes. @errors of reading, naming the file; ENOSPC;
    /// ECANCELED.
    [[nodiscard]] Result<> take(std::span<const std::int32_t> tree, const std::stop_token &stop);
    /// Afterwards. @param manifest is told how many there are. @errors of the writer, of reading; ECANCELED.
    [[nodiscard]] Result<> store(repository::Writer &writer, repository::Manifest &manifest,
                                 const std::stop_token &stop);

    [[nodiscard]] bool isEmpty() const { return m_files.entries.empty() && m_snapshots.empty(); }
    [[nodiscard]] const FileTotals &totals() const { return m_totals; }
    /// As FilesPlan::notes, after take() as it was then.
    [[nodiscard]] const std::vector<std::string> &notes() const { return m_notes; }

private:
    /// A file that holds the content of several, each at a place of its own.
    struct Pack
    {
        UniqueFd fd;
        std::uint64_t end = 0; ///< bytes
    };
    struct Place
    {
        std::size_t pack = 0;
        std::uint64_t base = 0;
    };
    struct Writing;

    FileCapture(FilesWish wish, FilesPlan plan, std::string stateFolder)
        : m_wish(std::move(wish)), m_plan(std::move(plan)), m_stateFolder(std::move(stateFolder))
    {}
    [[nodiscard]] Result<> makeRoom();
    [[nodiscard]] Result<> takeRoot(const KeptRoot &root, TakenBy by, const std::stop_token &stop);
    [[nodiscard]] Result<> takeContent(std::size_t entry, int dir, const std::string &name, bool clone,
                                       const std::stop_token &stop);
    [[nodiscard]] bool clonedInto(std::size_t entry, int file, int dir);
    [[nodiscard]] Result<> copiedInto(std::size_t entry, int file, const std::stop_token &stop);
    [[nodiscard]] Result<> storeSnapshots(Writing &writing);

    const FilesWish m_wish;
    FilesPlan m_plan;
    const std::string m_stateFolder;
    std::vector<std::string> m_notes;
    std::optional<ImageFolder> m_room; ///< for copies
    std::vector<Pack> m_packs;
    std::map<dev_t, std::size_t> m_clonePacks; ///< by file system
    std::optional<std::size_t> m_copyPack;
    KeptFiles m_files;
    std::map<std::size_t, Place> m_places;       ///< by entry
    std::map<std::size_t, Snapshot> m_snapshots; ///< by root
    FileTotals m_totals;
};

} // namespace gantry::checkpoint
