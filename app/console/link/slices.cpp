// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/link/slices.h"

#include "gantry/v1/inventory.pb.h"

#include <algorithm>
#include <unordered_set>

namespace gantry::console {

std::vector<InventoryUpdatePtr> sliced(std::shared_ptr<v1::InventoryUpdate> update)
{
    if (update->snapshot() || update->upserted_size() <= kSliceNodes)
        return {std::move(update)};
    std::vector<InventoryUpdatePtr> slices;
    std::shared_ptr<v1::InventoryUpdate> last;
    std::unordered_set<std::uint64_t> fresh;
    auto &nodes = *update->mutable_upserted();
    for (int first = 0; first < nodes.size(); first += kSliceNodes) {
        last = std::make_shared<v1::InventoryUpdate>();
        last->set_generation(update->generation());
        for (int i = first; i < std::min(nodes.size(), first + kSliceNodes); ++i) {
            fresh.insert(nodes[i].id());
            *last->add_upserted() = std::move(nodes[i]);
        }
        slices.push_back(last);
    }
    // In a whole update what is removed goes first: a node that is in both stays.
    for (const std::uint64_t id : update->removed()) {
        if (!fresh.contains(id))
            last->add_removed(id);
    }
    return slices;
}

} // namespace gantry::console
