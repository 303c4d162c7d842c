// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The cgroups of a saved tree. CRIU is told to leave cgroups alone: it would mount a tree of its own for them, and
/// make those anew that are gone, limits and all. Gantry puts each process back where it was, before it runs again.
namespace gantry::checkpoint {

/// Where one process is in one hierarchy.
struct Place
{
    std::int32_t pid = 0;
    unsigned hierarchy = 0; ///< cgroup::Hierarchy::index, the same on every host
    std::string path;
    bool operator==(const Place &) const = default;
};

/// Of every process, in every hierarchy that reaches it; of one that has ended meanwhile, none.
/// @errors of /proc/PID/cgroup.
[[nodiscard]] Result<std::vector<Place>> placesOf(const cgroup::Hierarchies &hierarchies,
                                                  std::span<const std::int32_t> pids);

/// As it stands in a manifest: one line each, "812 0 /a/b". parsePlaces() reads it back. @errors EILSEQ with the line.
[[nodiscard]] std::string placesText(std::span<const Place> places);
[[nodiscard]] Result<std::vector<Place>> parsePlaces(std::string_view text);

/// @errors ENOENT naming the cgroup that is gone; ENODEV: this host does not have the hierarchy.
[[nodiscard]] Result<> checkPlaces(const cgroup::Hierarchies &hierarchies, std::span<const Place> places);

/// Moves each process to its place, where it is not there already. @errors as checkPlaces(), and of the write.
[[nodiscard]] Result<> putInPlace(const cgroup::Hierarchies &hierarchies, std::span<const Place> places);

} // namespace gantry::checkpoint
