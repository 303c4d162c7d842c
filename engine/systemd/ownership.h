// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What systemd has to do with a cgroup: who owns it, and how that owner is asked.
namespace gantry::systemd {

/// Which manager has a cgroup. Mirrors gantry.v1.Ownership.
struct Ownership
{
    std::string unit;  ///< "cron.service"; "-.slice" for the root; names as systemd has them, escapes kept ("\x2d")
    std::string slice; ///< the unit is in; empty for "-.slice"
    bool own = false;  ///< the unit's own cgroup; false: below it
    bool delegated = false;               ///< what is below the unit's cgroup was given to it
    std::optional<std::uint32_t> userUid; ///< of the user manager that has the unit; nullopt: PID 1
    cgroup::CgroupPath unitPath;          ///< cgroup of the unit itself
    bool operator==(const Ownership &) const = default;
};

/// True if systemd is PID 1 of this host (sd_booted(3)). Thread: any.
[[nodiscard]] bool isBooted();

/// What the path alone says, as systemd itself reads it: slices, then one unit, then what is the unit's; below
/// user@UID.service the same once more for that user's manager. A nested systemd (in a container) starts anew below
/// the unit that the container is: nobody here can ask it, so its cgroups count as below that unit.
/// `delegated` stays false. @return nullopt for a cgroup that is no systemd's ("/docker/...", "/kubepods/...").
/// Source: systemd's cg_path_get_unit() and slice_build_parent_slice(), CGROUP_DELEGATION.md. Thread: any.
[[nodiscard]] std::optional<Ownership> ownershipOf(const cgroup::CgroupPath &path);

/// The same with `delegated` read from the extended attributes user.delegate and trusted.delegate that systemd sets on
/// the unit's cgroup (v250 and later), about 10 us. On a host without systemd as PID 1: nullopt, and nothing is read.
[[nodiscard]] std::optional<Ownership> readOwnership(const cgroup::Hierarchies &hierarchies,
                                                     const cgroup::CgroupPath &path);

/// True if the directory says that it was delegated. An attribute that cannot be read counts as not set.
[[nodiscard]] bool isDelegated(int dirFd);

/// True for what systemd takes as the name of a unit with a cgroup: of a legal form, and a service, scope, slice,
/// socket, mount, swap.
[[nodiscard]] bool isUnitName(std::string_view name);

/// The slice this one is in: "a-b.slice" is in "a.slice", "a.slice" in "-.slice". Empty for "-.slice".
/// @errors EINVAL for what is no slice name ("a--b.slice", "-a.slice").
[[nodiscard]] Result<std::string> parentSlice(std::string_view slice);

} // namespace gantry::systemd
