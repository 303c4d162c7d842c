// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

// A dump that ends a tree leaves its connections held back in the host's net namespace: otherwise the kernel would
// answer their other ends that there is nobody, and they would be gone when the tree is restored. That is of use only
// where there are connections and until the tree runs again, from whichever of its checkpoints: CRIU itself takes away
// only what the one restored left. In a net namespace of the tree's own it ends with that.

/// Before such a dump's checkpoint is committed. @param pid the tree's first process. @param table as lockTableOf().
void tellKeptLock(std::int32_t pid, std::string_view table, const std::vector<std::string> &options,
                  repository::Manifest &manifest);
/// After such a dump: takes away a table that holds nothing back.
void removeEmptyLock(const repository::Manifest &manifest, const std::string &table);

/// Its tree runs again, or will not: what this checkpoint left is taken away.
void letKeptGo(const repository::Manifest &manifest);
/// That of all checkpoints whose first process has this pid, before it runs again. @param pids as in the manifest.
void letKeptGoOf(std::string_view pids, const repository::Store &store);

} // namespace gantry::checkpoint
