// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/oom_lines.h"
#include "engine/alerts/oom_record.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace gantry::alerts {

/// One kill, as far as the kernel told of it.
struct OomReport
{
    OomRecord record{};
    Micros begun{0};           ///< CLOCK_MONOTONIC when its first line was read
    std::uint32_t kills = 0;   ///< processes killed: more than one with memory.oom.group; 0: its last line never came
    std::uint32_t counted = 0; ///< what the kernel's counters grow by: it counts the victim of a group twice
};

/// Puts the kernel's OOM reports together from lines of its log. Pure: time is handed in, and must not go back.
/// Kernel: kills are told under one lock, one report after the other, but other lines come in between, the report's are
/// left out beyond ten in five seconds (oom_kill_process() asks __ratelimit()), and lines can be lost.
class OomAssembler
{
public:
    /// A killed process may be the first of a group; the lines that say so come at once, if the console is not slow.
    static constexpr Micros kGroupPatience{50'000};
    /// Without any line of the log for so long, the rest of a report will not come.
    static constexpr Micros kPatience{200'000};
    /// However much is logged meanwhile.
    static constexpr Micros kMostPatience{5'000'000};
    static constexpr std::size_t kMostOpen = 16;
    static constexpr std::size_t kMostLog = 12;          ///< lines kept of a report
    static constexpr std::size_t kMostLogBytes = 512;    ///< of each of them
    static constexpr std::size_t kMostVictimLine = 9216; ///< two paths of PATH_MAX and the rest

    /// Any line of the log. @return path of a cgroup in which a process has been killed just now, empty if none or if
    /// that is not known.
    std::string take(const KernelLine &line, Micros now);
    /// The reports that are finished, oldest first, or will not be any more. To be called after each few lines.
    [[nodiscard]] std::vector<OomReport> ready(Micros now);
    /// When ready() has something although no line comes; nullopt: nothing is open.
    [[nodiscard]] std::optional<Micros> due() const;
    [[nodiscard]] bool isOpen() const { return !m_open.empty() || !m_done.empty(); }
    /// A report has begun, and its kill has not been told yet.
    [[nodiscard]] bool isKillAwaited() const;

private:
    struct Open
    {
        OomReport report{};
        Micros last{0};    ///< when any line of the log came
        Micros lastOwn{0}; ///< when a line of the report came
        std::string caller{};
        std::string taskAndComm{}; ///< of the Victim line, until it is known how to split it
        std::vector<std::int32_t> pids{};
        bool hasVictim = false;

        [[nodiscard]] bool isKilled() const { return report.counted != 0; }
        void keep(std::string_view text, Micros now);
        void takeVictim(const OomLine &line);
        void takeKilled(const OomLine &line);
    };

    Open &begin(const KernelLine &line, Micros now);
    /// @return as take().
    std::string apply(const KernelLine &line, const OomLine &oom, Micros now);
    void applyHeader(const KernelLine &line, const OomLine &oom, Micros now);
    void applyAfterKill(const KernelLine &line, const OomLine &oom, Micros now);
    [[nodiscard]] Open &openFor(const KernelLine &line, const OomLine &oom, Micros now);
    /// The newest open report of this caller that fits.
    template <class Fits> [[nodiscard]] Open *newest(const KernelLine &line, Fits fits);
    /// Beginning of a Victim line the kernel could not write in one piece.
    bool takePiece(const KernelLine &line);
    [[nodiscard]] static Micros dueOf(const Open &open);
    /// Moves those that `ends` to m_done.
    template <class Ends> void close(Ends ends);

    std::deque<Open> m_open; ///< oldest first, at most kMostOpen
    std::vector<OomReport> m_done;
    KernelLine m_pieces{}; ///< text empty: none
};

} // namespace gantry::alerts
