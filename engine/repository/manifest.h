// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/quantity.h"
#include "engine/repository/bytes.h"

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::repository {

/// Names one checkpoint, for ever and on every host: 128 random bits.
struct CheckpointId
{
    std::array<std::byte, 16> v{};

    auto operator<=>(const CheckpointId &) const = default;
    /// 32 lower-case hexadecimal digits.
    [[nodiscard]] std::string text() const;
    /// @errors EILSEQ for what is not 32 hexadecimal digits.
    [[nodiscard]] static Result<CheckpointId> parse(std::string_view text);
    [[nodiscard]] static CheckpointId random();
};

/// How a stream is cut into the pieces that are stored once.
enum class StreamKind : std::uint8_t {
    Pages = 1, ///< every 4096 bytes: memory (CRIU's pages-N.img). Pages of zeros are not stored
    Bytes = 2  ///< where the content says, 64 KiB on average: files, archives, all else
};

/// Who was saved.
struct ContainerIdentity
{
    std::string name;
    std::string runtime; ///< "podman", "runc", "bare"; as engine/runtime names them
    std::string id;      ///< the runtime's own
    std::string host;    ///< machine-id of the host it ran on
};

/// What is known of a checkpoint besides its content. All texts are UTF-8. What the store does not look at may be
/// empty.
struct Manifest
{
    std::chrono::sys_time<std::chrono::microseconds> time{}; ///< when the container was frozen
    ContainerIdentity container;
    std::string criuVersion;                   ///< "4.2.1"
    std::string kernelRelease;                 ///< uname -r
    std::string cpuFeatures;                   ///< the flags line of /proc/cpuinfo, or what CRIU's cpuinfo image says
    std::optional<CheckpointId> parent;        ///< the one it went on from; need not be in the store any more
    std::string trigger;                       ///< "manual", "schedule", "before-restore"
    std::string name;                          ///< an admin's word for it; may be empty; can be changed
    std::string note;                          ///< can be changed
    std::map<std::string, std::string> values; ///< anything else: options of the dump, limits, addresses, mounts
};

struct Sizes
{
    Bytes logical; ///< of all streams, as they are read back
    Bytes fresh;   ///< of the pieces that were not in the store before
    Bytes stored;  ///< what these took in packs, compressed and sealed
};

struct StreamInfo
{
    std::string name;
    StreamKind kind = StreamKind::Bytes;
    Bytes size;
    std::uint64_t pieces = 0; ///< pages of zeros included
};

/// Whether a stream may have this name: of parts that a file can be called in a folder of images, none of which leads
/// out of it; printable UTF-8, at most 4 096 bytes.
[[nodiscard]] bool isStreamName(std::string_view name);

/// One checkpoint of the store.
struct Checkpoint
{
    CheckpointId id;
    Manifest manifest;
    Sizes sizes;
    bool pinned = false; ///< retention leaves it alone
};

/// Where a stream's content is: as the store writes it beside the manifest.
struct StreamRecord
{
    StreamInfo info;
    ByteVector listRuns;        ///< content list of the content list: see content_list.h
    std::uint64_t listSize = 0; ///< bytes of the content list
    Digest content{};           ///< over the digests of its pieces, in order
    Digest list{};              ///< over the bytes of the content list
};

/// The part of a checkpoint that never changes; sealed as a whole.
struct CheckpointBody
{
    Manifest manifest; ///< name and note as they were at the commit
    Sizes sizes;
    std::vector<StreamRecord> streams;
};

/// Kept for the next try of a transfer that broke off; nobody is shown it, and nothing is restored from it.
struct Unfinished
{
    CheckpointId of; ///< what was transferred: itself where all of it is here, else this has only its first pages
    std::chrono::sys_time<std::chrono::microseconds> since{}; ///< by this host's clock
};

/// The part that an admin may change.
struct CheckpointLabels
{
    std::string name;
    std::string note;
    bool pinned = false;
    std::optional<Unfinished> unfinished{};
};

/// The newest version of the manifest that this program reads.
inline constexpr int kManifestFormat = 1;

/// JSON of the manifest alone. @errors as encodeBody().
[[nodiscard]] Result<std::string> encodeManifest(const Manifest &manifest);
/// @errors EBADMSG for what is no manifest.
[[nodiscard]] Result<Manifest> parseManifest(std::string_view json);
/// JSON. @errors EILSEQ: a text in it is not UTF-8; the subject names it.
[[nodiscard]] Result<std::string> encodeBody(const CheckpointBody &body);
/// @errors ENOTSUP where a newer Gantry wrote it; EBADMSG for what is no manifest.
[[nodiscard]] Result<CheckpointBody> parseBody(std::string_view json);
[[nodiscard]] Result<std::string> encodeLabels(const CheckpointLabels &labels);
[[nodiscard]] Result<CheckpointLabels> parseLabels(std::string_view json);

} // namespace gantry::repository
