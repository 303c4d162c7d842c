// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/store.h"
#include "tests/support/verify.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

using repository::ByteVector;
using repository::ByteView;
using repository::StreamKind;

/// Content of a checkpoint: streams by name.
struct Content
{
    StreamKind kind = StreamKind::Bytes;
    ByteVector bytes;
    bool operator==(const Content &) const = default;
};
using Contents = std::map<std::string, Content>;

/// The same for the same seed; nothing compresses it.
[[nodiscard]] inline ByteVector noise(std::uint64_t seed, std::size_t size)
{
    std::mt19937_64 random(seed);
    ByteVector out(size);
    for (std::size_t at = 0; at < size; at += 8) {
        const std::uint64_t word = random();
        std::memcpy(out.data() + at, &word, std::min<std::size_t>(8, size - at));
    }
    return out;
}

/// Overwrites a share of the pages of `bytes`, by chance.
inline void dirty(ByteVector &bytes, std::uint64_t seed, double share)
{
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> chance;
    for (std::size_t at = 0; at + 4096 <= bytes.size(); at += 4096) {
        if (chance(random) >= share)
            continue;
        const ByteVector page = noise(random(), 4096);
        std::memcpy(bytes.data() + at, page.data(), page.size());
    }
}

[[nodiscard]] inline repository::Manifest manifestNamed(std::string name)
{
    repository::Manifest out;
    out.time = decltype(out.time)(std::chrono::microseconds(1'700'000'000'000'000));
    out.container = {"web", "podman", "c0ffee", "host-1"};
    out.name = std::move(name);
    return out;
}

/// One checkpoint with all of it; streams are written in turns of odd sizes.
[[nodiscard]] inline Result<repository::CheckpointId> save(repository::Store &store, const Contents &contents,
                                                           repository::Manifest manifest,
                                                           repository::Sizes *sizes = nullptr)
{
    repository::Writer writer = GANTRY_TRY(store.write());
    std::vector<std::pair<repository::Writer::StreamNumber, ByteView>> open;
    for (const auto &[name, content] : contents)
        open.emplace_back(GANTRY_TRY(writer.addStream(name, content.kind)), content.bytes);
    for (bool more = true; more;) {
        more = false;
        for (auto &[stream, rest] : open) {
            const std::size_t size = std::min<std::size_t>(rest.size(), 300'007);
            GANTRY_CHECK(writer.write(stream, rest.first(size)));
            rest = rest.subspan(size);
            more = more || !rest.empty();
        }
    }
    auto id = writer.commit(std::move(manifest));
    if (sizes != nullptr)
        *sizes = writer.sizes();
    return id;
}

[[nodiscard]] inline Result<ByteVector> load(const repository::Store &store, const repository::CheckpointId &id,
                                             std::string_view stream)
{
    ByteVector out;
    GANTRY_CHECK(store.read(id, stream, [&out](ByteView bytes) -> Result<> {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return {};
    }));
    return out;
}

[[nodiscard]] inline Result<Contents> loadAll(const repository::Store &store, const repository::CheckpointId &id)
{
    Contents out;
    for (const repository::StreamInfo &stream : GANTRY_TRY(store.streams(id)))
        out[stream.name] = {stream.kind, GANTRY_TRY(load(store, id, stream.name))};
    return out;
}

/// Small blocks and packs, so that little content has many.
[[nodiscard]] inline repository::StoreOptions smallOptions()
{
    repository::StoreOptions out;
    out.blockBytes = 16 << 10;
    out.packBytes = 256 << 10;
    return out;
}

} // namespace gantry::test
