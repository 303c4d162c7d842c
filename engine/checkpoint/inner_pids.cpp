// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/inner_pids.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"

#include <algorithm>
#include <map>

namespace gantry::checkpoint {

Result<std::vector<std::int32_t>> innerPids(std::span<const std::int32_t> pids)
{
    std::vector<std::int32_t> out;
    for (const std::int32_t pid : pids) {
        const auto status = GANTRY_TRY(process::readStatus(pid));
        if (status.namespacePids.size() < 2)
            return std::vector<std::int32_t>();
        out.push_back(status.namespacePids.back());
    }
    return out;
}

Result<> renumber(std::span<Place> places, std::span<const std::int32_t> saved, std::span<const std::int32_t> inner,
                  std::int32_t first)
{
    const std::vector<std::int32_t> now = GANTRY_TRY(treeOf(first));
    const std::vector<std::int32_t> innerNow = GANTRY_TRY(innerPids(now));
    std::map<std::int32_t, std::int32_t> byInner;
    for (std::size_t i = 0; i < innerNow.size(); ++i)
        byInner[innerNow[i]] = now[i];
    for (Place &place : places) {
        const auto at = static_cast<std::size_t>(std::ranges::find(saved, place.pid) - saved.begin());
        const auto found = at < inner.size() ? byInner.find(inner[at]) : byInner.end();
        if (found == byInner.end())
            return fail(ESRCH, "restore", strCat("pid ", place.pid), "it did not come back with the others");
        place.pid = found->second;
    }
    return {};
}

} // namespace gantry::checkpoint
