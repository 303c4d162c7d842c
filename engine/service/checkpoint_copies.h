// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/copies.h"
#include "engine/control/control.h"
#include "engine/control/executor.h"
#include "engine/launch/bundle.h"
#include "engine/repository/manifest.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/checkpoint_homes.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::service {

/// Which runtime has a container of this name, or id: two of one name could not be told apart. Empty: none.
/// @param patience until the runtimes are known.
[[nodiscard]] std::string runtimeWith(const runtime::Runtimes &runtimes, const std::string &name,
                                      std::chrono::milliseconds patience);

/// What copies are called, in order. @param copies 0: one, of this very name. @param own begin of their names where
/// none is given. @errors EINVAL: neither a name nor a number, or too many.
[[nodiscard]] Result<std::vector<std::string>> copyNames(const std::string &name, std::uint32_t copies,
                                                         const std::string &own);

/// Adds names that a container of any runtime has: two of one name could not be told apart.
void addNamesakes(const runtime::Runtimes &runtimes, std::span<const std::string> names,
                  std::vector<checkpoint::CopyConflict> &out);

/// What a job of copies has done, for the job list: a line each that runs.
struct CopyLines
{
    std::vector<std::string> lines;
};
[[nodiscard]] inline std::vector<std::string> resultLines(const CopyLines &done)
{
    return done.lines;
}
/// Runs what brings copies up, as a job: control::Executor::run(), or what does the same on the caller's own thread.
using CopyRunner = std::function<control::Executor::Answer<CopyLines>(
    const control::Executor::Spec &, const control::Call &, std::function<Result<CopyLines>(const control::Call &)>)>;

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
