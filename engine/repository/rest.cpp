// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/rest.h"

#include "engine/repository/sealer.h"

#include <algorithm>
#include <optional>

namespace gantry::repository {

namespace {

/// Read at once; a wish to stop is heard in between.
constexpr std::uint64_t kAtOnce = 1024;

/// @param most pages; nullopt: all. @return nullopt: there are fewer.
Result<std::optional<Rest>> firstPages(const Store &store, const CheckpointId &id, std::optional<std::uint64_t> most,
                                       const std::stop_token &stop)
{
    Rest out;
    RunningDigest digest;
    for (const StreamInfo &stream : GANTRY_TRY(store.streams(id))) {
        if (stream.kind != StreamKind::Pages || out.pages == most)
            continue;
        PageReader reader = GANTRY_TRY(store.pages(id, stream.name));
        const std::uint64_t count = most ? std::min(reader.count(), *most - out.pages) : reader.count();
        for (std::uint64_t at = 0; at < count; at += kAtOnce) {
            if (stop.stop_requested())
                return failErrno("read", id.text(), ECANCELED);
            GANTRY_CHECK(reader.read(at, std::min(kAtOnce, count - at), [&digest](ByteView bytes) -> Result<> {
                digest.add(bytes);
                return {};
            }));
        }
        out.pages += count;
    }
    if (most && out.pages != *most)
        return std::nullopt;
    out.digest = digest.finish();
    return out;
}

} // namespace

Result<Rest> restOf(const Store &store, const UnfinishedCheckpoint &unfinished, const std::stop_token &stop)
{
    Rest out = *GANTRY_TRY(firstPages(store, unfinished.checkpoint.id, std::nullopt, stop));
    out.of = unfinished.what.of;
    return out;
}

Result<bool> beginsWith(const Store &store, const Rest &rest, const std::stop_token &stop)
{
    const auto own = firstPages(store, rest.of, rest.pages, stop);
    if (!own && own.error().posix() == ENOENT)
        return false;
    if (!own)
        return std::unexpected(own.error());
    return *own && (*own)->digest == rest.digest;
}

} // namespace gantry::repository
