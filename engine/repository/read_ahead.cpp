// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/read_ahead.h"

#include <algorithm>

namespace gantry::repository {

namespace {

/// Blocks that may be ready and not taken yet.
constexpr std::size_t kAhead = 64;

} // namespace

ReadAhead::ReadAhead(const StoreState &state, std::vector<std::uint64_t> order, const PieceSet &needed)
    : m_state(state), m_order(std::move(order)), m_needed(needed)
{
    // A stream of a few blocks is read sooner than a second thread starts.
    const std::size_t most = std::min<std::size_t>(std::clamp(state.options.threads, 1U, 64U), m_order.size() / 8 + 1);
    for (std::size_t i = 0; i < most && !m_order.empty(); ++i)
        m_threads.emplace_back([this] { work(); });
}

ReadAhead::~ReadAhead()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
    }
    m_wake.notify_all();
}

void ReadAhead::work()
{
    BlockReader reader(m_state);
    std::unique_lock lock(m_mutex);
    while (true) {
        ++m_waiting;
        m_wake.wait(lock, [this] { return m_ended || m_begun == m_order.size() || m_begun < m_taken + kAhead; });
        --m_waiting;
        if (m_ended || m_begun == m_order.size())
            return;
        const std::size_t at = m_begun++;
        lock.unlock();
        auto block = reader.readPieces(m_order[at], m_needed);
        lock.lock();
        m_ready.emplace(at, std::move(block));
        if (at == m_taken)
            m_takerWake.notify_one();
    }
}

Result<DigestedBlockPtr> ReadAhead::next()
{
    std::unique_lock lock(m_mutex);
    GANTRY_ASSERT(m_taken < m_order.size());
    m_takerWake.wait(lock, [this] { return m_ready.contains(m_taken); });
    auto node = m_ready.extract(m_taken++);
    // Not at each block: waking somebody up for every one of thousands takes longer than reading them.
    if (m_waiting > 0 && m_begun <= m_taken + kAhead / 2)
        m_wake.notify_all();
    return std::move(node.mapped());
}

} // namespace gantry::repository
