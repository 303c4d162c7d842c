// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/packing.h"

#include <algorithm>

namespace gantry::migration {

namespace {

/// A byte, of a way that is left alone.
constexpr double kFastNanos = 10;
/// Of the way the last 16 pieces or so count.
constexpr double kFading = 15.0 / 16;
/// After so many pieces what was seen of a level is tried again: memory is not everywhere the same.
constexpr std::uint64_t kStale = 64;
/// What is compressed for less than half of what the way takes may be compressed harder.
constexpr double kSpare = 2;
/// Less is not worth a look.
constexpr std::size_t kLeastPacked = 1024;

} // namespace

std::optional<std::size_t> PackingChoice::best() const
{
    std::optional<std::size_t> out;
    double least = wayNanos();
    for (std::size_t i = 0; i < m_seen.size(); ++i) {
        if (!m_seen[i])
            continue;
        const double cost = m_seen[i]->nanos + m_seen[i]->ratio * wayNanos();
        if (cost < least) {
            least = cost;
            out = i;
        }
    }
    return out;
}

std::optional<std::size_t> PackingChoice::next()
{
    ++m_pieces;
    if (wayNanos() < kFastNanos)
        return std::nullopt;
    const auto isDue = [this](std::size_t i) { return !m_seen[i] || m_pieces - m_seen[i]->at > kStale; };
    if (isDue(0))
        return 0;
    const auto now = best();
    if (!now || *now + 1 == m_seen.size())
        return now;
    const Seen &seen = *m_seen[*now];
    if (seen.ratio * wayNanos() > kSpare * seen.nanos && isDue(*now + 1))
        return *now + 1;
    return now;
}

void PackingChoice::packed(std::size_t level, std::size_t bytes, std::size_t packed, Nanos took)
{
    const auto all = static_cast<double>(std::max<std::size_t>(bytes, 1));
    const Seen now{static_cast<double>(took.count()) / all, static_cast<double>(packed) / all, m_pieces};
    auto &seen = m_seen.at(level);
    const bool isNew = !seen || m_pieces - seen->at > kStale;
    seen = isNew ? now : Seen{(seen->nanos * 3 + now.nanos) / 4, (seen->ratio * 3 + now.ratio) / 4, m_pieces};
}

void PackingChoice::sent(std::size_t bytes, Nanos took)
{
    m_wayNanos = m_wayNanos * kFading + static_cast<double>(took.count());
    m_wayBytes = m_wayBytes * kFading + static_cast<double>(bytes);
}

std::optional<repository::ByteVector> Packer::pack(repository::ByteView bytes)
{
    const auto level = m_may && bytes.size() >= kLeastPacked ? m_choice.next() : std::nullopt;
    if (!level)
        return std::nullopt;
    auto &compressor = m_compressors.at(*level);
    if (!compressor)
        compressor = std::make_unique<repository::Compressor>(PackingChoice::kLevels.at(*level));
    const auto begin = std::chrono::steady_clock::now();
    repository::ByteVector out;
    const bool isSmaller = compressor->compress(bytes, out);
    m_choice.packed(*level, bytes.size(), isSmaller ? out.size() : bytes.size(),
                    std::chrono::steady_clock::now() - begin);
    return isSmaller ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace gantry::migration
