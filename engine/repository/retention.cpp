// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/retention.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gantry::repository {

namespace {

using ContainerKey = std::tuple<std::string, std::string, std::string>;

/// @param checkpoints of one container, newest first.
void judge(const std::vector<const Checkpoint *> &checkpoints, const Retention &retention,
           std::chrono::sys_time<std::chrono::microseconds> now, std::vector<const Checkpoint *> &out)
{
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    bool full = false;
    for (const Checkpoint *one : checkpoints)
        bytes += one->pinned ? one->sizes.stored.v : 0;
    for (const Checkpoint *one : checkpoints) {
        if (one->pinned)
            continue;
        const bool tooMany = retention.count && count >= *retention.count;
        const bool tooOld = retention.age && now - one->manifest.time > *retention.age;
        // Once it is full older ones go too: what is kept is the newest without a gap, not whatever happens to fit.
        full = full || (retention.bytes && bytes + one->sizes.stored.v > retention.bytes->v);
        if (tooMany || tooOld || full) {
            out.push_back(one);
            continue;
        }
        ++count;
        bytes += one->sizes.stored.v;
    }
}

} // namespace

std::vector<CheckpointId> expired(std::span<const Checkpoint> checkpoints, const Retention &retention,
                                  std::chrono::sys_time<std::chrono::microseconds> now)
{
    std::map<ContainerKey, std::vector<const Checkpoint *>> containers;
    for (const Checkpoint &one : checkpoints) {
        const ContainerIdentity &who = one.manifest.container;
        containers[{who.runtime, who.id, who.host}].push_back(&one);
    }
    std::vector<const Checkpoint *> gone;
    const auto byTime = [](const Checkpoint *one) { return std::pair(one->manifest.time, one->id); };
    for (auto &[key, list] : containers) {
        std::ranges::sort(list, std::ranges::greater{}, byTime);
        judge(list, retention, now, gone);
    }
    std::ranges::sort(gone, {}, byTime);
    std::vector<CheckpointId> out;
    out.reserve(gone.size());
    for (const Checkpoint *one : gone)
        out.push_back(one->id);
    return out;
}

} // namespace gantry::repository
