// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/tree_look.h"

#include <string>
#include <vector>

namespace gantry::checkpoint {

/// CRIU's options for the mounts of a tree that has a mount namespace of its own, as in criu(8) without dashes.
struct MountOptions
{
    std::vector<std::string> dump;
    std::vector<std::string> restore;
};

/// Mounts that the host has as well (a service with its own view of the host's folders, "unshare --mount", a volume)
/// are bound from the host's again: CRIU would mount those file systems anew, and save what is in memory ones. Those
/// that the namespace alone has are left to CRIU. Empty for a tree in Gantry's own mount namespace, and for one whose
/// root is no mount of the host: its runtime knows where that comes from.
[[nodiscard]] MountOptions mountOptions(const TreeLook &look);

} // namespace gantry::checkpoint
