// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace gantry::test {

/// CLOCK_MONOTONIC now, in microseconds.
[[nodiscard]] std::int64_t monotonicMicros();

/// Body of a child that takes memory page by page until somebody stops it, and the time of its last page. Thread: any.
class GreedyChild
{
public:
    /// @param most bytes it takes at most.
    explicit GreedyChild(std::uint64_t most);
    GreedyChild(const GreedyChild &) = delete;
    GreedyChild &operator=(const GreedyChild &) = delete;
    GreedyChild(GreedyChild &&) = delete;
    GreedyChild &operator=(GreedyChild &&) = delete;
    ~GreedyChild();

    /// For ChildProcess. It sleeps for ever once it has all.
    [[nodiscard]] std::function<int()> body() const;
    /// CLOCK_MONOTONIC when it last reached for a page, in microseconds; 0: not yet.
    [[nodiscard]] std::int64_t touched() const { return m_at->load(); }

private:
    std::uint64_t m_most;
    std::atomic<std::int64_t> *m_at; ///< shared with the child
};

} // namespace gantry::test
