// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/worker_pool.h"
#include "engine/schedule/ticks.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/schedules.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gantry::service {

/// Runs the schedules of this host: one thread that looks at each subject four times a second, workers for what takes
/// long. Of several engines one does it, until it ends. Whatever fails leaves the workload alone, is told by
/// Schedules::states(), and is in the audit log. Thread: start() and onExit() any.
class Scheduler
{
public:
    struct Parts
    {
        CheckpointService &checkpoints;
        CheckpointStore &store;
        control::Executor &executor;
        control::AuditLog &audit;
        const Schedules &schedules;
    };
    /// @param parts must outlive it.
    explicit Scheduler(Parts parts) : m_parts(parts) {}

    void start();
    /// A restored process has ended. @param status of waitpid(2).
    void onExit(std::int32_t pid, int status);

private:
    struct Entry
    {
        schedule::Policy policy;
        schedule::State state;
        std::optional<Life> life; ///< as it was seen last
        schedule::Clock::time_point due;
        bool running = false; ///< a worker has it
        bool dead = false;
        std::optional<schedule::Clock::time_point> restartAt;
        schedule::Restarts restarts;
    };
    /// What a worker has done.
    struct Done
    {
        std::string key;
        bool restart = false;
        std::string checkpoint; ///< empty: it failed
        std::string error;
        std::uint64_t removed = 0;
        std::optional<Life> life{}; ///< of what was brought back
    };
    enum class Seen : std::uint8_t { Alive, Dead, NotYetKnown };

    void run(const std::stop_token &stop);
    void round();
    void reload();
    void step(Entry &entry, schedule::Clock::time_point now);
    void take(const Done &done);
    void tell();
    [[nodiscard]] Seen look(Entry &entry) const;
    [[nodiscard]] std::optional<Life> lifeNow(const Entry &entry) const;
    [[nodiscard]] std::optional<int> exitOf(const Entry &entry);
    void onDeath(Entry &entry, schedule::Clock::time_point now);
    void planRestart(Entry &entry, schedule::Clock::time_point now);
    void onWorker(Entry &entry, bool restart);
    void collectNowAndThen(schedule::Clock::time_point now);
    // scheduler_jobs.cpp; on workers
    [[nodiscard]] Done takeOne(const schedule::Policy &policy) const;
    [[nodiscard]] Done bringBack(const schedule::Policy &policy, const std::optional<Life> &dead) const;
    [[nodiscard]] Result<> restoreOne(const schedule::Policy &policy, const repository::Checkpoint &one,
                                      const checkpoint::Means &means, const CheckpointStore::StorePtr &store,
                                      Done &done) const;
    /// How a container has ended that a keeper stayed with.
    [[nodiscard]] std::optional<int> keptExitOf(const schedule::Policy &policy, const Life &life) const;
    [[nodiscard]] Result<std::uint64_t> expire(repository::Store &store, const schedule::Policy &policy) const;
    void collect() const;

    const Parts m_parts;
    std::optional<UniqueFd> m_turn; ///< held while it is ours to run them
    std::map<std::string, Entry> m_entries; ///< by Policy::key
    std::uint64_t m_version = 0;
    std::string m_problem; ///< of reading the schedules; logged once
    std::vector<schedule::State> m_told;
    std::uint64_t m_removed = 0; ///< since the last collection
    schedule::Clock::time_point m_collected = schedule::Clock::now();
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Done> m_done;             ///< under m_mutex
    std::map<std::int32_t, int> m_exits; ///< under m_mutex: status by pid
    WorkerPool m_workers{4};
    std::jthread m_thread;
};

/// What of these checkpoints is not to be kept any more, oldest first; each subject by itself.
[[nodiscard]] std::vector<repository::Checkpoint> expiredOf(const std::vector<repository::Checkpoint> &which,
                                                            const repository::Retention &retention);
/// Removes them; each has a record in the audit log. What another one has removed is no error.
/// @return why not all is recorded; empty: it is. @errors of the store.
[[nodiscard]] Result<std::string> removeAll(repository::Store &store, control::AuditLog &audit,
                                            const std::vector<repository::Checkpoint> &which,
                                            const control::Actor &actor);

} // namespace gantry::service
