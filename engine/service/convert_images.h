// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/image_diff.h"
#include "gantry/v1/checkpoint.pb.h"

#include <cstddef>

namespace gantry::service {

/// What a reply has at most of each list, for what its caller asked.
[[nodiscard]] std::size_t rowLimit(std::uint32_t asked);

/// Fills in everything but the checkpoint and command lines. Texts are made printable. @param limit of each list.
void fill(v1::InspectReply &reply, const checkpoint::SavedTree &tree, std::size_t limit);

/// Fills in everything but the two checkpoints.
void fill(v1::DiffReply &reply, const checkpoint::TreeDiff &diff, std::size_t limit);

} // namespace gantry::service
