// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/rest.h"
#include "engine/repository/store.h"

#include <array>
#include <chrono>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// What a migration that broke off leaves in a store for the next one: unseen, and not for long. Inside engine/service
/// only. Thread: any; blocks. What fails is logged: nothing depends on it.
namespace gantry::service {

/// The names that a container has on the two hosts.
using ContainerNames = std::array<std::string_view, 2>;

/// After this long nobody comes back.
inline constexpr std::chrono::hours kUnfinishedKept{24};

/// What cannot be removed is logged.
void removeCheckpoints(repository::Store &store, const std::vector<repository::CheckpointId> &ids);

/// Keeps the last two of a migration that broke off: one that came as a whole, and one on its way. The others are
/// removed, and the oldest of earlier tries.
void keepForNext(repository::Store &store, const std::vector<repository::CheckpointId> &ids,
                 const ContainerNames &names);
/// Removes what is kept of a container.
void forgetUnfinished(repository::Store &store, const ContainerNames &names);
/// Removes what is kept of any. @param age at least so long.
/// @return how many. @errors as Store::list() and Store::remove().
[[nodiscard]] Result<std::size_t> forgetUnfinished(repository::Store &store, std::chrono::microseconds age);

/// What a target has of a container, for the source to leave out.
struct HeldHere
{
    std::vector<std::string> checkpoints; ///< those that are here as a whole
    std::vector<repository::Rest> rests;  ///< verified now
};
[[nodiscard]] HeldHere heldHere(const repository::Store &store, const ContainerNames &names,
                                const std::stop_token &stop);

/// Those that this host's checkpoints begin with.
[[nodiscard]] std::vector<repository::Rest> trueRests(const repository::Store &store,
                                                      std::vector<repository::Rest> rests, const std::stop_token &stop);

} // namespace gantry::service
