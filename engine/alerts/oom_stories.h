// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/event_log.h"
#include "engine/alerts/kernel_log.h"
#include "engine/alerts/limit_changes.h"
#include "engine/alerts/oom_assembler.h"
#include "engine/alerts/oom_ledger.h"
#include "engine/base/event_loop.h"
#include "engine/base/ids.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gantry::sampler {
struct Frame;
}

namespace gantry::alerts {

/// Tells the event log of each kill by the kernel's OOM killer, once and with its story: from the kernel's log, the
/// last samples before it and the last change of the limit. Needs nothing of the cgroup, which may be gone by then.
/// Where the log cannot be read it tells nothing, and the counters' growth has to be told instead. Thread: the loop's,
/// but for problem().
class OomStories
{
public:
    /// Stories in a second; kills beyond are told as one event for each cgroup and second.
    static constexpr std::uint64_t kMostInSecond = 50;
    /// How long a kill without a cgroup waits for the counter that grew: a sample on v1.
    static constexpr Micros kNamelessPatience{1'500'000};
    static constexpr std::size_t kMostNameless = 1024;
    static constexpr std::size_t kMostFolded = 256;
    /// How long the id of a removed cgroup is known by its path.
    static constexpr Micros kRemovedKept{10'000'000};

    /// @param events must outlive it, as the loop does.
    /// @param hierarchical memory is on v2: ancestors count their descendants' kills.
    /// @param count reads the cgroup's counter of kills at once, which ends in grew().
    OomStories(EventLoop &loop, EventLog &events, bool hierarchical, std::function<void(NodeId)> count);

    /// The log of open(), or why there is none.
    void watch(Result<UniqueFd> log);
    /// The kernel's log, where its paths are those this process sees.
    /// @errors as KernelLog::open(); EXDEV in a cgroup namespace.
    [[nodiscard]] static Result<UniqueFd> open();
    [[nodiscard]] bool isWatching() const { return m_watching; }
    /// Why there are no stories; empty where there are. Thread: any.
    [[nodiscard]] std::string problem() const;

    /// The counter of kills of a cgroup grew; only while isWatching().
    void grew(OomLedger::Growth growth);
    void onFrame(std::shared_ptr<const sampler::Frame> frame);
    void onCgroupAdded(NodeId node, const std::string &path);
    void onCgroupRemoved(NodeId node, const std::string &path);

private:
    struct Place
    {
        NodeId node{};
        Micros removed{0}; ///< 0: it is there
    };
    void onLine(const KernelLine &line);
    void onPause();
    void settle();
    void settleNameless(Micros now);
    void schedule();
    void publish(OomReport report, const std::string &path, Micros now);
    void fold(const std::string &path, std::uint64_t kills);
    void unfold(Micros now);
    void enrich(OomRecord &record, Micros begun);
    [[nodiscard]] NodeId nodeAt(const std::string &path) const;
    void setProblem(std::string problem);

    EventLoop &m_loop;
    EventLog &m_events;
    std::function<void(NodeId)> m_count;
    OomAssembler m_assembler;
    OomLedger m_ledger;
    LimitChanges m_changes;
    std::unordered_map<std::string, Place> m_places{{"/", {NodeId::host(), Micros(0)}}};
    std::deque<std::pair<std::string, Micros>> m_removed; ///< oldest first
    std::deque<std::shared_ptr<const sampler::Frame>> m_frames;
    std::unordered_set<std::string> m_toCount; ///< cgroups in which something was killed since the last pause
    std::deque<OomReport> m_nameless;          ///< the kernel did not say in which cgroup
    Micros m_second{0};                        ///< when the current one began
    std::uint64_t m_inSecond = 0;
    std::map<std::string, std::uint64_t> m_folded; ///< kills beyond kMostInSecond by cgroup
    bool m_watching = false;
    mutable std::mutex m_problemMutex;
    std::string m_problem; ///< under m_problemMutex
    EventSource m_timer;
    EventSource m_follow;
    std::unique_ptr<KernelLog> m_log; ///< last: it calls back no more while the rest goes
};

} // namespace gantry::alerts
