// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/inventory.h"

#include "engine/inventory/live_inventory.h"

namespace gantry::inventory {

Result<std::unique_ptr<Inventory>> Inventory::create(EventLoop &loop, cgroup::HierarchiesPtr hierarchies,
                                                     WorkerPool &workers, Options options)
{
    auto live = std::make_unique<LiveInventory>(loop, std::move(hierarchies), workers, std::move(options));
    GANTRY_CHECK(live->start());
    return live;
}

} // namespace gantry::inventory
