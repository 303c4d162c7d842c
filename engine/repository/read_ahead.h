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

/// Reads, verifies and decompresses blocks on threads of its own, some way ahead of who takes them. Thread: one takes.
class ReadAhead
{
public:
    ReadAhead(const StoreState &state, std::vector<std::uint64_t> order, unsigned threads);
    ReadAhead(const ReadAhead &) = delete;
    ReadAhead &operator=(const ReadAhead &) = delete;
    ~ReadAhead();

    /// The next block of the order; as often as it has blocks. @errors as BlockReader::read().
    [[nodiscard]] Result<std::shared_ptr<const Block>> next();

private:
    void work();

    const StoreState &m_state;
    const std::vector<std::uint64_t> m_order;
    std::mutex m_mutex; ///< of all below
    std::condition_variable m_wake;
    std::size_t m_begun = 0;
    std::size_t m_taken = 0;
    bool m_ended = false;
    std::map<std::size_t, Result<std::shared_ptr<const Block>>> m_ready;
    std::vector<std::jthread> m_threads;
};

} // namespace gantry::repository
