// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/source.h"
#include "engine/repository/store.h"
#include "engine/repository/transfer.h"

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

/// Podman's archive of a checkpoint (podman-container-checkpoint(1), --export) in the store, and out of it again byte
/// for byte. It is taken apart: CRIU's images, "checkpoint/NAME.img" there, are streams of that name as those of other
/// checkpoints, so that pages are stored once and can be looked into; each other file is a stream
/// "podman-archive/NAME"; what stands between contents is the stream kPodmanHeads. Nothing is ever extracted by the
/// names in it. Source of the format: libpod/container_internal_common.go, exportCheckpoint().
namespace gantry::checkpoint {

inline constexpr const char *kPodmanHeads = "podman/archive.heads"; ///< tar headers of all members, in their order
inline constexpr const char *kPodmanMembers = "podman-archive/";

/// What an archive says of itself.
struct PodmanArchive
{
    std::string name;                ///< of the container
    std::string id;                  ///< 64 hexadecimal digits
    std::string criuVersion;         ///< "4.1.1"; empty: its log is not in the archive
    std::string kernelRelease;       ///< likewise
    std::chrono::sys_seconds time{}; ///< when it was made
    std::uint32_t processes = 0;
    std::vector<std::string> options; ///< of CRIU, that a restore needs, too: "tcp-established"
};

/// Writes an archive into a checkpoint that is being made. @param source not packed. @param digest of its bytes, where
/// that is wanted.
/// @errors EBADMSG: it is none (the detail names what is missing), or is cut off or damaged, with the byte; ENOTSUP
/// naming a member that it must not have: a link, a device, a place outside; as Writer; the source's; ECANCELED.
/// Thread: any; blocks.
[[nodiscard]] Result<PodmanArchive> takePodmanArchive(repository::Source source, repository::Writer &writer,
                                                      const std::stop_token &stop,
                                                      repository::RunningDigest *digest = nullptr);

/// The archive of a checkpoint by podman, not packed: podman takes it as it is. @errors ENOTSUP: it is of another
/// kind; as Store::read(); the sink's. Thread: any; blocks.
[[nodiscard]] Result<> givePodmanArchive(const repository::Store &store, const repository::CheckpointId &id,
                                         const repository::Sink &sink, const std::stop_token &stop);

/// The same into a new file of a folder. @errors as givePodmanArchive(); of openat(2) and write(2).
[[nodiscard]] Result<> readPodmanArchive(const repository::Store &store, const repository::CheckpointId &id, int folder,
                                         const std::string &file, const std::stop_token &stop);

/// Makes a checkpoint of an archive that podman wrote, with the manifest of one that Gantry had podman make. The same
/// archive again is known. It is to be trusted as a program is: what is restored from it runs as root.
/// @errors as takePodmanArchive(). Thread: any; blocks.
[[nodiscard]] Result<repository::Imported> importPodmanArchive(repository::Store &store, repository::Source source,
                                                               const std::stop_token &stop);

} // namespace gantry::checkpoint
