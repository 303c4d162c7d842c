// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/store_state.h"

#include <algorithm>

namespace gantry::repository {

namespace {

constexpr std::size_t kMostQueued = std::size_t{8} << 20;

} // namespace

bool isRefusal(const Error &error)
{
    const int err = error.posix();
    return err == ENOSPC || err == EDQUOT || err == EFBIG || err == EBUSY || err == EROFS;
}

BlockPress::BlockPress(const StoreState &state, PackStore &packs) : m_state(state), m_appender(packs) {}

BlockPress::~BlockPress()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        m_jobs.clear();
    }
    m_wake.notify_all();
    m_threads.clear(); // joins, before the appender lets go of the packs
}

Result<> BlockPress::put(Block block, std::vector<PieceRow> pieces)
{
    std::unique_lock lock(m_mutex);
    // Only when there is something to do: most ticks of an idle container have nothing new.
    if (m_threads.empty()) {
        for (unsigned i = 0; i < std::clamp(m_state.options.threads, 1U, 64U); ++i)
            m_threads.emplace_back([this] { work(); });
    }
    m_wake.wait(lock, [this] { return m_failure || m_queuedBytes < kMostQueued; });
    if (m_failure)
        return std::unexpected(*m_failure);
    m_queuedBytes += block.bytes.size();
    m_jobs.push_back({std::move(block), std::move(pieces)});
    m_wake.notify_all();
    return {};
}

void BlockPress::work()
{
    std::optional<Compressor> compressor;
    if (m_state.options.level > 0)
        compressor.emplace(m_state.options.level);
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [this] { return !m_jobs.empty() || m_ended; });
        if (m_jobs.empty())
            return;
        const Job job = std::move(m_jobs.front());
        m_jobs.pop_front();
        if (m_failure)
            continue;
        lock.unlock();
        auto row = press(job, compressor ? &*compressor : nullptr);
        lock.lock();
        m_queuedBytes -= job.block.bytes.size();
        if (row)
            m_rows.push_back(*std::move(row));
        else if (!m_failure)
            m_failure = std::move(row).error();
        m_wake.notify_all();
    }
}

Result<BlockRow> BlockPress::press(const Job &job, Compressor *compressor)
{
    const ByteVector record = encodeBlock(job.block, m_state.sealer, compressor, m_state.layout);
    const PackAppender::Place place = GANTRY_TRY(m_appender.append(record));
    BlockRow row{job.block.number, place.pack, place.offset, record.size(), {}};
    row.pieces = sealPieces(job.pieces, row, m_state.sealer);
    return row;
}

Result<std::vector<BlockRow>> BlockPress::finish()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
    }
    m_wake.notify_all();
    m_threads.clear();
    const std::scoped_lock lock(m_mutex);
    if (m_failure)
        return std::unexpected(*m_failure);
    GANTRY_CHECK(m_appender.sync());
    std::ranges::sort(m_rows, {}, &BlockRow::number);
    return std::move(m_rows);
}

} // namespace gantry::repository
