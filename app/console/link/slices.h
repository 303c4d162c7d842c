// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/console/link/host_client.h"

#include <vector>

namespace gantry::console {

/// As many new or changed nodes as the window takes in one turn: some milliseconds with its tree and views.
inline constexpr int kSliceNodes = 200;

/// Cuts a big delta, so that a thousand containers that start at once do not hold the window up. Each slice is a delta
/// that is right by itself: parents stay before their children, and what is gone goes with the last one, after what
/// takes its place has come. A snapshot stays whole: what is not in it is gone. Thread: any.
[[nodiscard]] std::vector<InventoryUpdatePtr> sliced(std::shared_ptr<v1::InventoryUpdate> update);

} // namespace gantry::console
