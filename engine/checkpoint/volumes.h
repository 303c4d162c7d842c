// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/oci_container.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::checkpoint {

/// A file or folder of the host that a container has by a bind mount, and may write to: others may have it as well, so
/// that it is part of a checkpoint only where somebody wants that (FilesWish::declared).
struct Volume
{
    std::string path; ///< on the host, without symbolic links
    std::string destination;

    bool operator==(const Volume &) const = default;
};

/// By its config.json: bind mounts that are not read-only, of regular files and folders of a disk that are there. Not
/// what it has below /dev, /proc and /sys, nor what Docker keeps for it itself. One that it has at several places is
/// told once.
/// @errors EBADMSG: not JSON. Source: runtime-spec's config.md, "Mounts". Thread: any; blocks.
[[nodiscard]] Result<std::vector<Volume>> volumesOf(const OciContainer &container);

struct VolumeSize
{
    std::uint64_t files = 0; ///< everything in it
    std::uint64_t bytes = 0; ///< what that takes on disk
    bool more = false;       ///< it was not looked at to its end
};
/// @param most entries that are looked at. @errors of reading; ECANCELED. Thread: any; blocks.
[[nodiscard]] Result<VolumeSize> sizeOf(const Volume &volume, std::uint64_t most, const std::stop_token &stop);

/// True if a wish with these paths has it. @param declared as FilesWish::declared.
[[nodiscard]] bool isDeclared(const Volume &volume, std::span<const std::string> declared);

} // namespace gantry::checkpoint
