// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/cutter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace gantry::repository {

namespace {

/// A random number a byte value: splitmix64 from 1. Part of the format: another table finds no old piece again.
constexpr std::array<std::uint64_t, 256> makeGear()
{
    std::array<std::uint64_t, 256> out{};
    std::uint64_t state = 1;
    for (std::uint64_t &value : out) {
        state += 0x9E37'79B9'7F4A'7C15;
        std::uint64_t z = state;
        z = (z ^ z >> 30) * 0xBF58'476D'1CE4'E5B9;
        z = (z ^ z >> 27) * 0x94D0'49BB'1331'11EB;
        value = z ^ z >> 31;
    }
    return out;
}
constexpr std::array<std::uint64_t, 256> kGear = makeGear();

/// The topmost `bits`: those that all of the last 64 bytes went into.
constexpr std::uint64_t topMask(int bits)
{
    return ~std::uint64_t{0} << (64 - bits);
}

} // namespace

std::size_t firstCut(ByteView bytes, const CutSizes &sizes)
{
    const std::size_t end = std::min(bytes.size(), sizes.most);
    const std::size_t normal = std::min(end, sizes.mean);
    const int bits = std::countr_zero(sizes.mean);
    std::uint64_t hash = 0;
    std::size_t at = sizes.least;
    for (const std::uint64_t mask = topMask(bits + 1); at < normal; ++at) {
        hash = (hash << 1) + kGear[std::to_integer<std::size_t>(bytes[at])];
        if ((hash & mask) == 0)
            return at + 1;
    }
    for (const std::uint64_t mask = topMask(bits - 1); at < end; ++at) {
        hash = (hash << 1) + kGear[std::to_integer<std::size_t>(bytes[at])];
        if ((hash & mask) == 0)
            return at + 1;
    }
    return end;
}

} // namespace gantry::repository
