// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/store_state.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace gantry::repository {

/// Reads, verifies and decompresses blocks and makes digests on threads of its own, some way ahead of who takes them.
/// Thread: one takes.
class ReadAhead
{
public:
    /// @param needed lives as long as this.
    ReadAhead(const StoreState &state, std::vector<std::uint64_t> order, const PieceSet &needed);
    ReadAhead(const ReadAhead &) = delete;
    ReadAhead &operator=(const ReadAhead &) = delete;
    ~ReadAhead();

    /// The next block of the order; as often as it has blocks. @errors as BlockReader::readPieces().
    [[nodiscard]] Result<DigestedBlockPtr> next();

private:
    void work();

    const StoreState &m_state;
    const std::vector<std::uint64_t> m_order;
    const PieceSet &m_needed;
    std::mutex m_mutex;                  ///< of all below
    std::condition_variable m_wake;      ///< of who reads
    std::condition_variable m_takerWake; ///< of who takes
    std::size_t m_waiting = 0;           ///< who read ahead far enough
    std::size_t m_begun = 0;
    std::size_t m_taken = 0;
    bool m_ended = false;
    std::map<std::size_t, Result<DigestedBlockPtr>> m_ready;
    std::vector<std::jthread> m_threads;
};

} // namespace gantry::repository
