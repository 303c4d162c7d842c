// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/checkpoint_store.h"
#include "gantry/v1/fork.pb.h"

#include <span>
#include <string>
#include <vector>

/// Pre-flight of copies of a checkpoint on another host: what the host that has it tells, and what the other one thinks
/// of it. Thread: any; blocks on files.
namespace gantry::service {

/// @errors ENOTSUP: no copies can be made of it, see checkpoint::modelOf(); EBADMSG; of the store.
[[nodiscard]] Result<v1::ForkProfile> forkProfileOf(const repository::Checkpoint &checkpoint,
                                                    const repository::Store &store);

/// What this host thinks of copies of these names, worst first. @param known the checkpoint is here already.
[[nodiscard]] std::vector<v1::CheckFinding> judgeFork(const v1::ForkProfile &profile,
                                                      std::span<const std::string> names, bool known,
                                                      const checkpoint::Means &means, CheckpointStore &store,
                                                      const runtime::Runtimes &runtimes);

} // namespace gantry::service
