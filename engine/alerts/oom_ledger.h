// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/alert_book.h"
#include "engine/base/ids.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gantry::alerts {

/// Keeps one kill from being told twice: the kernel's log tells of it, and the counters of its cgroup grow (on v2 those
/// of the ancestors too, and that of the host, "/", for any kill), in any order. What the log did not tell is due after
/// a while. Pure. Thread: one at a time.
class OomLedger
{
public:
    /// The log is behind the counters by so much at most, unless a report is under way.
    static constexpr Micros kPatience{300'000};
    /// The host's counter says nothing that a cgroup's, once sampled, would not say better.
    static constexpr Micros kHostPatience{2'500'000};
    /// A cgroup is sampled within this time; what was told of it and not counted by then is forgotten.
    static constexpr Micros kCountedWithin{30'000'000};
    static constexpr std::size_t kMostTold = 4096;

    /// Growth of a counter.
    struct Growth
    {
        NodeId node{};
        std::string path{};
        std::uint64_t by = 0;
        std::uint64_t value = 0; ///< of the counter, after it
        Moment when{};
    };

    /// @param hierarchical a cgroup counts its descendants' kills too (v2).
    explicit OomLedger(bool hierarchical) : m_hierarchical(hierarchical) {}

    /// An event tells of so many kills in the cgroup. @param path empty: nobody knows where.
    void told(const std::string &path, std::uint64_t kills, Micros now);
    /// A counter grew: what was not told is kept until it is told or due.
    void grew(Growth growth, Micros now);
    /// The path of the only cgroup whose kills were not told; nullopt if there is none or more than one. Ancestors that
    /// count the same kills do not matter, nor does the host.
    [[nodiscard]] std::optional<std::string> onlyOwing() const;
    /// Takes what is due, deepest first, and takes it for told.
    [[nodiscard]] std::vector<Growth> due(Micros now);
    /// When due() has something; nullopt: never.
    [[nodiscard]] std::optional<Micros> next() const;

private:
    struct Credit
    {
        std::uint64_t kills = 0;
        Micros when{0};
    };
    struct Part
    {
        std::uint64_t by = 0;
        Micros when{0};
    };
    struct Debt
    {
        Growth growth{};          ///< all of it
        std::deque<Part> parts{}; ///< oldest first; never empty
    };
    /// Growth within this time is one part: a cgroup that is killed all the time owes a dozen of them.
    static constexpr Micros kOnePart{20'000};
    [[nodiscard]] static Micros dueOf(const std::string &path, const Debt &debt);
    /// Takes up to so much off, oldest first.
    static void pay(Debt &debt, std::uint64_t by);
    void credit(const std::string &path, std::uint64_t kills, Micros now);
    void creditAncestors(std::string path, std::uint64_t kills, Micros now);
    void forgetOld(Micros now);

    bool m_hierarchical;
    std::map<std::string, Credit> m_told; ///< told, not counted yet
    std::map<std::string, Debt> m_owed;   ///< counted, not told yet
};

} // namespace gantry::alerts
