// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/read_ahead.h"

#include <algorithm>

namespace gantry::repository {

namespace {

/// Blocks that may be ready and not taken yet.
constexpr std::size_t kAhead = 64;

} // namespace

DigestedBlockPtr digested(const Sealer &sealer, std::shared_ptr<const Block> block, const PieceSet &needed)
{
    auto out = std::make_shared<DigestedBlock>();
    out->digests.resize(block->pieces.size());
    for (std::size_t i = 0; i < block->pieces.size(); ++i) {
        const Block::Piece &piece = block->pieces[i];
        if (needed.contains(PieceId::make(block->number, piece.index)))
            out->digests[i] = sealer.digest(block->bytesOf(piece));
    }
    out->block = std::move(block);
    return out;
}

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
        m_wake.wait(lock, [this] { return m_ended || m_begun == m_order.size() || m_begun < m_taken + kAhead; });
        if (m_ended || m_begun == m_order.size())
            return;
        const std::size_t at = m_begun++;
        lock.unlock();
        auto block = reader.read(m_order[at]);
        Result<DigestedBlockPtr> done = nullptr;
        if (block)
            done = digested(m_state.sealer, *std::move(block), m_needed);
        else
            done = std::unexpected(std::move(block).error());
        lock.lock();
        m_ready.emplace(at, std::move(done));
        m_wake.notify_all();
    }
}

Result<DigestedBlockPtr> ReadAhead::next()
{
    std::unique_lock lock(m_mutex);
    GANTRY_ASSERT(m_taken < m_order.size());
    m_wake.wait(lock, [this] { return m_ready.contains(m_taken); });
    auto node = m_ready.extract(m_taken++);
    m_wake.notify_all();
    return std::move(node.mapped());
}

} // namespace gantry::repository
