// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/digest_crew.h"

#include <algorithm>

namespace gantry::repository {

namespace {

/// Pieces that one takes at a time.
constexpr std::size_t kShare = 8;
/// Bytes below which waking somebody takes longer than doing it.
constexpr std::size_t kWorthHelp = std::size_t{128} << 10;

} // namespace

DigestCrew::~DigestCrew()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
    }
    m_wake.notify_all();
}

void DigestCrew::share(const Round &round)
{
    while (true) {
        const std::size_t first = m_next.fetch_add(kShare);
        if (first >= round.pieces.size())
            return;
        for (std::size_t i = first; i < std::min(first + kShare, round.pieces.size()); ++i) {
            const ByteView piece = round.pieces[i];
            if (round.zeroPages && piece.size() == kPage && isZeros(piece))
                round.out[i] = kZeroPage;
            else
                round.out[i] = m_sealer.digest(piece);
        }
    }
}

void DigestCrew::help()
{
    std::uint64_t seen = 0;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [&] { return m_ended || (m_number != seen && !m_round.pieces.empty()); });
        if (m_ended)
            return;
        seen = m_number;
        const Round round = m_round;
        ++m_busy;
        lock.unlock();
        share(round);
        lock.lock();
        --m_busy;
        m_wake.notify_all();
    }
}

std::vector<Digest> DigestCrew::digests(std::span<const ByteView> pieces, bool zeroPages)
{
    std::vector<Digest> out(pieces.size());
    const Round round{pieces, out, zeroPages};
    std::size_t bytes = 0;
    for (const ByteView piece : pieces)
        bytes += piece.size();
    const bool alone = m_helpers == 0 || bytes < kWorthHelp || pieces.size() <= kShare;
    m_next = 0; // nobody is in a round
    if (alone) {
        share(round);
        return out;
    }
    {
        const std::scoped_lock lock(m_mutex);
        while (m_threads.size() < m_helpers)
            m_threads.emplace_back([this] { help(); });
        m_round = round;
        ++m_number;
    }
    m_wake.notify_all();
    share(round);
    // Who has not woken up by now finds nothing to do any more.
    std::unique_lock lock(m_mutex);
    m_round = {};
    m_wake.wait(lock, [this] { return m_busy == 0; });
    return out;
}

} // namespace gantry::repository
