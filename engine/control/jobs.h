// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/change_table.h"
#include "engine/base/error.h"

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::control {

/// Numbers of gantry.v1.JobState.
enum class JobState : std::uint8_t { Queued = 1, Running, Done, Failed, Cancelled };

/// One operation, running or ended; mirrors gantry.v1.Job.
struct Job
{
    std::uint64_t id = 0;
    std::string verb{};    ///< "setLimits", "freeze", "thaw", "kill", "signal", "move", "createCgroup", "removeCgroup"
    std::string subject{}; ///< cgroup path or pids
    std::string actor{};
    JobState state = JobState::Queued;
    std::string phase{};
    std::int64_t startedRealtimeMicros = 0;
    std::int64_t endedRealtimeMicros = 0; ///< 0: runs
    std::optional<Error> failure{};
    std::vector<std::string> results{};
    bool cancellable = false;

    [[nodiscard]] bool ended() const { return state >= JobState::Done; }
};

/// The jobs of this engine: all that run and the last 256 that ended. Thread: any.
class JobTable
{
public:
    static constexpr std::size_t kEndedKept = 256;

    /// A new job, queued. @return its number; numbers start at 1.
    [[nodiscard]] std::uint64_t add(std::string verb, std::string subject, std::string actor, bool cancellable);
    /// Asked to stop by cancel().
    [[nodiscard]] std::stop_token stopToken(std::uint64_t id) const;
    void start(std::uint64_t id);
    void phase(std::uint64_t id, std::string_view phase);
    /// Ends it once; Cancelled if the failure is ECANCELED.
    void end(std::uint64_t id, std::optional<Error> failure, std::vector<std::string> results);

    /// Asks the job to stop at its next safe point. @errors ENOENT, EBUSY where it has ended or cannot be stopped.
    [[nodiscard]] Result<> cancel(std::uint64_t id);

    [[nodiscard]] std::optional<Job> find(std::uint64_t id) const { return m_jobs.find(id); }
    /// @param generation of the previous call, 0 for all.
    [[nodiscard]] ChangeTable<Job>::Changes since(std::uint64_t generation) const { return m_jobs.since(generation); }
    [[nodiscard]] Observers::Subscription subscribe(std::function<void()> callback)
    {
        return m_jobs.subscribe(std::move(callback));
    }

private:
    ChangeTable<Job> m_jobs;
    mutable std::mutex m_mutex; ///< of what follows
    std::uint64_t m_last = 0;
    std::map<std::uint64_t, std::stop_source> m_running;
    std::deque<std::uint64_t> m_ended;
};

} // namespace gantry::control
