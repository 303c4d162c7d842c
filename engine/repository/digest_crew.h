// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/bytes.h"
#include "engine/repository/sealer.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace gantry::repository {

/// Stands for a page of zeros: no content has this digest.
inline constexpr Digest kZeroPage{};

/// Makes the digests of many pieces at once, in the calling thread and some of its own: at 0.7 GB/s a core they are
/// what a checkpoint costs most. Thread: one at a time.
class DigestCrew
{
public:
    /// @param helpers threads besides the calling one; they start when there is enough to do.
    DigestCrew(const Sealer &sealer, unsigned helpers) : m_sealer(sealer), m_helpers(helpers) {}
    DigestCrew(const DigestCrew &) = delete;
    DigestCrew &operator=(const DigestCrew &) = delete;
    ~DigestCrew();

    /// One digest for each piece. @param zeroPages pieces of 4096 zeros get kZeroPage.
    [[nodiscard]] std::vector<Digest> digests(std::span<const ByteView> pieces, bool zeroPages);

private:
    struct Round
    {
        std::span<const ByteView> pieces;
        std::span<Digest> out;
        bool zeroPages = false;
    };
    void help();
    void share(const Round &round);

    const Sealer &m_sealer;
    const unsigned m_helpers;
    std::atomic<std::size_t> m_next = 0; ///< first piece that nobody has taken
    std::mutex m_mutex;                  ///< of all below
    std::condition_variable m_wake;
    Round m_round;
    std::uint64_t m_number = 0; ///< of the round
    unsigned m_busy = 0;        ///< helpers in it
    bool m_ended = false;
    std::vector<std::jthread> m_threads;
};

} // namespace gantry::repository
