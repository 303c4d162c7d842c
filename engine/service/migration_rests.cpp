// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_rests.h"

#include "engine/base/log.h"
#include "engine/base/time_text.h"

#include <algorithm>

namespace gantry::service {

using repository::CheckpointId;
using repository::UnfinishedCheckpoint;

namespace {

constexpr std::size_t kMostBases = 4;      ///< that a target names: their pages are looked at on both sides
constexpr std::size_t kKeptOfOne = 2;      ///< of one try
constexpr std::size_t kMostUnfinished = 4; ///< of one container

std::chrono::sys_time<std::chrono::microseconds> wallNow()
{
    return std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(realtimeMicros()));
}

bool isOneOf(const repository::Checkpoint &one, const ContainerNames &names)
{
    return std::ranges::find(names, one.manifest.container.name) != names.end();
}

/// In the order in which they came. None where the store does not tell.
std::vector<UnfinishedCheckpoint> unfinishedOf(const repository::Store &store, const ContainerNames &names)
{
    auto listing = store.list();
    if (!listing)
        return {};
    std::erase_if(listing->unfinished,
                  [&names](const UnfinishedCheckpoint &one) { return !isOneOf(one.checkpoint, names); });
    return std::move(listing->unfinished);
}

} // namespace

void removeCheckpoints(repository::Store &store, const std::vector<CheckpointId> &ids)
{
    for (const CheckpointId &id : ids) {
        if (auto removed = store.remove(id); !removed)
            log::warning(log::Area::Control, "a checkpoint of a migration stays: ", removed.error().message());
    }
}

void keepForNext(repository::Store &store, const std::vector<CheckpointId> &ids, const ContainerNames &names)
{
    const std::size_t first = ids.size() - std::min(ids.size(), kKeptOfOne);
    std::vector<CheckpointId> gone(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(first));
    for (const CheckpointId &id : std::span(ids).subspan(first)) {
        if (auto hidden = store.setUnfinished(id, true, wallNow()); !hidden) {
            log::warning(log::Area::Control, "a migration that broke off: ", hidden.error().message());
            gone.push_back(id);
        }
    }
    const auto all = unfinishedOf(store, names);
    for (std::size_t i = 0; i + kMostUnfinished < all.size(); ++i)
        gone.push_back(all[i].checkpoint.id);
    removeCheckpoints(store, gone);
}

void forgetUnfinished(repository::Store &store, const ContainerNames &names)
{
    std::vector<CheckpointId> gone;
    for (const UnfinishedCheckpoint &one : unfinishedOf(store, names))
        gone.push_back(one.checkpoint.id);
    removeCheckpoints(store, gone);
}

Result<std::size_t> forgetUnfinished(repository::Store &store, std::chrono::microseconds age)
{
    std::size_t out = 0;
    const auto now = wallNow();
    for (const UnfinishedCheckpoint &one : GANTRY_TRY(store.list()).unfinished) {
        // A clock that was put back makes nothing stay for ever.
        if (now >= one.what.since && now - one.what.since < age)
            continue;
        if (auto removed = store.remove(one.checkpoint.id); !removed && removed.error().posix() != ENOENT)
            return std::unexpected(std::move(removed).error());
        ++out;
    }
    return out;
}

HeldHere heldHere(const repository::Store &store, const ContainerNames &names, const std::stop_token &stop)
{
    HeldHere out;
    const auto listing = store.list();
    if (!listing)
        return out;
    for (const repository::Checkpoint &one : listing->checkpoints) {
        if (isOneOf(one, names))
            out.checkpoints.push_back(one.id.text());
    }
    if (out.checkpoints.size() > kMostBases)
        out.checkpoints.erase(out.checkpoints.begin(), out.checkpoints.end() - kMostBases);
    for (const UnfinishedCheckpoint &one : listing->unfinished) {
        if (!isOneOf(one.checkpoint, names))
            continue;
        if (one.what.of == one.checkpoint.id) {
            out.checkpoints.push_back(one.checkpoint.id.text());
        } else if (auto rest = repository::restOf(store, one, stop)) {
            out.rests.push_back(*rest);
        } else {
            log::warning(log::Area::Control, "what a migration has left is not used: ", rest.error().message());
        }
    }
    return out;
}

std::vector<repository::Rest> trueRests(const repository::Store &store, std::vector<repository::Rest> rests,
                                        const std::stop_token &stop)
{
    std::erase_if(rests, [&](const repository::Rest &rest) {
        const auto isTrue = repository::beginsWith(store, rest, stop);
        if (!isTrue)
            log::warning(log::Area::Control, "what the other host has is not used: ", isTrue.error().message());
        return !isTrue || !*isTrue;
    });
    return rests;
}

} // namespace gantry::service
