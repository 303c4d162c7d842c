// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampler/sampler.h"

#include <cstdint>
#include <map>
#include <mutex>

namespace gantry::service {

/// What all metric streams together want sampled: the union of their nodes, the shortest of their intervals.
/// Thread: any.
class Interests
{
public:
    /// @param sampler must outlive the streams.
    explicit Interests(sampler::Sampler &sampler) : m_sampler(sampler) {}

    /// One stream's part; withdrawn when destroyed.
    class Entry
    {
    public:
        Entry(Interests &board, std::uint64_t key) : m_board(board), m_key(key) {}
        Entry(const Entry &) = delete;
        Entry &operator=(const Entry &) = delete;
        Entry(Entry &&) = delete;
        Entry &operator=(Entry &&) = delete;
        ~Entry() { m_board.remove(m_key); }

    private:
        Interests &m_board;
        const std::uint64_t m_key;
    };
    [[nodiscard]] Entry add(sampler::Sampler::Interest interest);

private:
    void remove(std::uint64_t key);
    void tell();

    sampler::Sampler &m_sampler;
    std::mutex m_mutex;
    std::uint64_t m_next = 0;
    std::map<std::uint64_t, sampler::Sampler::Interest> m_all;
};

} // namespace gantry::service
