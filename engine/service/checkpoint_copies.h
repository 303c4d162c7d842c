// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/control.h"
#include "engine/launch/bundle.h"
#include "engine/repository/manifest.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/checkpoint_homes.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::service {

/// Which runtime has a container of this name, or id: two of one name could not be told apart. Empty: none.
/// @param patience until the runtimes are known.
[[nodiscard]] std::string runtimeWith(const runtime::Runtimes &runtimes, const std::string &name,
                                      std::chrono::milliseconds patience);

/// The limits that a container had which comes up under another name, or on another host.
struct CopyLimits
{
    std::optional<launch::LimitSettings> first; ///< it is started with; nullopt: those of its config.json
    std::vector<SavedLimit> later;              ///< it can only be given when it is there
};
/// @errors as savedLimits(), containerOf().
[[nodiscard]] Result<CopyLimits> copyLimitsOf(const repository::Manifest &manifest);

/// Sets those that it could not start with. @param cgroup path of the container's. @errors as Control::setLimits().
[[nodiscard]] Result<> setLater(const std::vector<SavedLimit> &later, std::string_view cgroup,
                                const control::Control &control, const cgroup::Hierarchies &hierarchies,
                                const control::Call &call);

} // namespace gantry::service
