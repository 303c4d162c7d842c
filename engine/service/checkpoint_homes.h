// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/placement.h"
#include "engine/control/control.h"
#include "engine/repository/manifest.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The cgroups that a checkpoint comes back to. They are gone after a boot, or when somebody removed them.
namespace gantry::service {

/// Key in Manifest::values: what homesText() gives.
inline constexpr const char *kHomes = "cgroup_limits";

/// The limits of these cgroups and of those above them that limit something: one line each, "KEY\tVALUE\tPATH".
[[nodiscard]] std::string homesText(const cgroup::Hierarchies &hierarchies, std::span<const checkpoint::Place> places);

/// A limit that was saved of a cgroup.
struct SavedLimit
{
    std::string below; ///< where, from the cgroup that was asked for: "" itself, "/container"
    control::LimitSetting limit;
};
/// The limits that were saved of this cgroup and of those in it. nullopt: none were noted with the checkpoint, of any.
/// @errors EILSEQ: what was noted cannot be read.
[[nodiscard]] Result<std::optional<std::vector<SavedLimit>>> savedLimits(const repository::Manifest &manifest,
                                                                         std::string_view path);

/// Makes the cgroups that are gone again, with those above them, and gives these the limits that were saved with the
/// checkpoint. What is there is left as it is. A dry run only tells.
/// @return what was, or would be, done: a sentence each; empty: all are there.
/// @errors as Control::createCgroup() and setLimits(): protected, read-only, a limit that this host does not take.
/// Thread: a worker.
[[nodiscard]] Result<std::vector<std::string>> remakeHomes(const control::Control &control,
                                                           const cgroup::Hierarchies &hierarchies,
                                                           const repository::Manifest &manifest,
                                                           const control::Call &call);

} // namespace gantry::service
