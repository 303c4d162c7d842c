// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/locked_entry.h"
#include "engine/base/quantity.h"
#include "engine/checkpoint/lazy_memory.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/repository/store.h"

#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace gantry::checkpoint {

/// Room for what images have besides memory, in bytes: descriptors, mappings, tar files of a container's tmpfs.
inline constexpr std::uint64_t kRoomBesides = std::uint64_t{64} << 20;
/// MemAvailable of /proc/meminfo; 0 where it is not told. Source: proc_meminfo(5).
[[nodiscard]] Bytes availableMemory();
/// For the images of these processes; CRIU saves what is in swap, too.
[[nodiscard]] Bytes roomFor(const TreeLook &look);

/// A folder of CRIU images that is gone with this object: in memory where half of what is free holds it, else on disk.
class ImageFolder
{
public:
    /// @param most bytes it is to hold. @param spillFolder on whose disk it is made where memory is short.
    /// @errors of tmpfs; as LockedEntry::create().
    [[nodiscard]] static Result<ImageFolder> create(Bytes most, const std::string &spillFolder);
    ImageFolder(ImageFolder &&other) noexcept = default;
    ImageFolder(const ImageFolder &) = delete;
    ImageFolder &operator=(const ImageFolder &) = delete;
    ImageFolder &operator=(ImageFolder &&) = delete;
    ~ImageFolder();

    [[nodiscard]] int fd() const { return m_onDisk ? m_onDisk->fd() : m_inMemory.get(); }

private:
    explicit ImageFolder(UniqueFd inMemory) : m_inMemory(std::move(inMemory)) {}
    explicit ImageFolder(LockedEntry onDisk) : m_onDisk(std::move(onDisk)) {}

    UniqueFd m_inMemory;
    std::optional<LockedEntry> m_onDisk;
};

/// Writes every file of the first folder but CRIU's logs into the checkpoint, a stream each. @param folders the images,
/// and behind them the rounds before, the last one first: memory is taken from there as writeMerged() does, so that the
/// checkpoint is as if there had been none. @errors of reading, of the writer, and as writeMerged().
[[nodiscard]] Result<> writeImages(repository::Writer &writer, std::span<const int> folders,
                                   const std::stop_token &stop);

/// Writes one file of the folder into the checkpoint as the stream `name`. @errors as writeImages().
[[nodiscard]] Result<> writeStream(repository::Writer &writer, int folder, const std::string &file,
                                   const std::string &name, const std::stop_token &stop);

/// The other way round: every stream that is an image, which has no "/" in its name, but the files of pages.
/// @errors of the store, and of writing.
[[nodiscard]] Result<> readImages(const repository::Store &store, const repository::CheckpointId &id, int folder,
                                  const std::stop_token &stop);
/// The files of pages. @param lazy what comes in later: holes stand for it. @errors as readImages().
[[nodiscard]] Result<> readPages(const repository::Store &store, const repository::CheckpointId &id, int folder,
                                 const LazyPlan &lazy, const std::stop_token &stop);

/// Reads the stream `name` into a new file of the folder. @errors as readImages(); EEXIST.
[[nodiscard]] Result<> readStream(const repository::Store &store, const repository::CheckpointId &id,
                                  const std::string &name, int folder, const std::string &file,
                                  const std::stop_token &stop);

} // namespace gantry::checkpoint
