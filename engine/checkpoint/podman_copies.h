// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/copies.h"

#include <string>
#include <vector>

/// A checkpoint by podman restored as another container, or as several, by podman's own verb: each has a name, an id,
/// an address and files of its own; what it has in volumes it shares. Thread: any; blocks.
namespace gantry::checkpoint {

/// Everything that can be seen beforehand to stand in the way, all at once: CRIU, its image, names, ports of this host
/// that it publishes, open TCP connections. Changes nothing. @errors EBADMSG; of the store; as runTool().
[[nodiscard]] Result<std::vector<CopyConflict>> checkPodmanCopies(const repository::Checkpoint &checkpoint,
                                                                  const std::vector<std::string> &names,
                                                                  const Means &means, const repository::Store &store,
                                                                  const runtime::Patience &patience);

/// One after the other; once one has failed none is begun any more, and nothing is left of it. Their first processes
/// are conmon's children. Phases: "check", "read", "copy 1/3" ... @return those that were begun.
/// @errors the first conflict, with how many there are; of reading the checkpoint. No copy was begun then.
[[nodiscard]] Result<std::vector<CopyMade>> restorePodmanCopies(const repository::Checkpoint &checkpoint,
                                                                const std::vector<std::string> &names,
                                                                const Means &means, const repository::Store &store,
                                                                const runtime::Patience &patience,
                                                                const OnPhase &onPhase, const OnCopy &onCopy);

} // namespace gantry::checkpoint
