// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/oom_record.h"
#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/observers.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::alerts {

/// Numbers of gantry.v1.EventKind.
enum class EventKind : std::uint8_t {
    CgroupCreated = 1,
    CgroupRemoved = 2,
    MemoryLow = 3,
    MemoryHigh = 4,
    MemoryMax = 5,
    Oom = 6,
    OomKill = 7,
    PidsMax = 8,
    Pressure = 9,
    CpuThrottled = 10,
    Frozen = 11,
    Thawed = 12,
    LimitChanged = 13,
    Killed = 14,
    Signalled = 15,
    ProcessesMoved = 16,
    Populated = 17,
    Empty = 18,
    AlertRaised = 19,
    AlertResolved = 20,
    Overflow = 21,
    OomdKill = 22,
    ContainerStarted = 23,
    ContainerExited = 24,
    ControllersChanged = 25,
    Reclaimed = 26,
    ContainerAction = 27
};

/// Something that happened; mirrors gantry.v1.Event.
struct Event
{
    std::uint64_t sequence = 0;        ///< given by the log
    std::int64_t realtimeMicros = 0;   ///< 0: filled in by the log
    std::uint64_t monotonicMicros = 0; ///< CLOCK_MONOTONIC of the notification; 0: filled in by the log
    EventKind kind = EventKind::Overflow;
    NodeId node{};
    std::string path{};
    std::string key{}; ///< file written, counter that grew, rule
    std::string oldValue{};
    std::string newValue{};
    std::int32_t pid = 0; ///< who wrote, 0: not known
    std::string comm{};
    std::string actor{}; ///< the Gantry user behind it
    std::uint64_t delta = 0;
    std::optional<Error> failure{}; ///< result of an action
    std::shared_ptr<const OomRecord> oom{}; ///< with OomKill, where the kernel's log could be read
};

/// The newest events of this host. Thread: any.
class EventLog
{
public:
    static constexpr std::size_t kKept = 8192;

    struct Batch
    {
        std::vector<Event> events; ///< oldest first
        std::uint64_t lost = 0;    ///< events after `after` that are not kept any more
    };

    explicit EventLog(std::size_t kept = kKept) : m_kept(kept) {}

    /// @return its sequence number; they start at 1 and have no holes.
    std::uint64_t append(Event event);
    /// What came after sequence number `after` (0: everything kept), at most `most` events.
    [[nodiscard]] Batch since(std::uint64_t after, std::size_t most = kKept) const;
    [[nodiscard]] Observers::Subscription subscribe(std::function<void()> callback)
    {
        return m_observers.subscribe(std::move(callback));
    }

private:
    const std::size_t m_kept;
    mutable std::mutex m_mutex;
    std::uint64_t m_last = 0;
    std::deque<Event> m_events;
    Observers m_observers;
};

/// CLOCK_MONOTONIC now, in microseconds. (CLOCK_REALTIME: engine/base/time_text.h.)
[[nodiscard]] std::uint64_t monotonicMicros();

} // namespace gantry::alerts
