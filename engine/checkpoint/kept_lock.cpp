// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/kept_lock.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/checkpoint/network_lock.h"

#include <algorithm>

#include <unistd.h>

namespace gantry::checkpoint {

namespace {

// Names in Manifest::values.
constexpr const char *kLock = "network_lock"; ///< the table
constexpr const char *kPids = "pids";         ///< see save.cpp

void remove(const std::string &table)
{
    // Any process of ours will do: what is kept is in the engine's own net namespace.
    const auto lock = NetworkLock::of(::getpid());
    const auto removed = lock ? lock->removeTable(table) : Result<bool>(std::unexpected(lock.error()));
    if (!removed)
        log::warning(log::Area::Runtime, table, " still holds connections back: ", removed.error().message());
}

std::string_view firstOf(std::string_view pids)
{
    return takeToken(pids);
}

} // namespace

void tellKeptLock(std::int32_t pid, std::string_view table, const std::vector<std::string> &options,
                  repository::Manifest &manifest)
{
    const auto lock = NetworkLock::of(pid);
    if (lock && lock->isOutside() && !table.empty() && std::ranges::find(options, "tcp-established") != options.end())
        manifest.values[kLock] = table;
}

void removeEmptyLock(const repository::Manifest &manifest, const std::string &table)
{
    if (!table.empty() && !manifest.values.contains(kLock))
        remove(table);
}

void letKeptGo(const repository::Manifest &manifest)
{
    const auto table = manifest.values.find(kLock);
    // The catalogue is no proof: what is not CRIU's is nobody's business here.
    if (table != manifest.values.end() && table->second.starts_with("CRIU-"))
        remove(table->second);
}

void letKeptGoOf(std::string_view pids, const repository::Store &store)
{
    const auto all = store.list();
    if (!all)
        return;
    for (const repository::Checkpoint &one : all->checkpoints) {
        const auto value = one.manifest.values.find(kPids);
        if (value != one.manifest.values.end() && firstOf(value->second) == firstOf(pids))
            letKeptGo(one.manifest);
    }
}

} // namespace gantry::checkpoint
