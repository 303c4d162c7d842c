// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/strings.h"
#include "engine/base/worker_pool.h"
#include "engine/control/jobs.h"
#include "engine/control/verbs.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace gantry::control {

/// Runs verbs on workers, each as a job. Thread: run() any.
class Executor
{
public:
    struct Spec
    {
        std::string verb;
        std::string subject;
        bool cancellable = true;
        std::chrono::milliseconds deadline{10'000}; ///< how long run() waits for the verb
    };
    /// What run() answers: the job's number, and the verb's result.
    template <class R> struct Answer
    {
        std::uint64_t job = 0;
        Result<R> result;
    };

    /// @param pool, jobs must outlive what runs: the pool is destroyed first.
    Executor(WorkerPool &pool, JobTable &jobs) : m_pool(pool), m_jobs(jobs) {}

    /// Calls `verb(call)` on a worker and waits for it. `call.stop` and `call.onPhase` are replaced by the job's. The
    /// verb must own what it needs: after the deadline it goes on without the caller, the answer is ETIMEDOUT, and the
    /// job stays running until it really ends and then tells the truth.
    template <class R>
    [[nodiscard]] Answer<R> run(const Spec &spec, Call call, std::function<Result<R>(const Call &)> verb);

private:
    WorkerPool &m_pool;
    JobTable &m_jobs;
};

template <class R>
Executor::Answer<R> Executor::run(const Spec &spec, Call call, std::function<Result<R>(const Call &)> verb)
{
    struct Shared
    {
        std::mutex mutex;
        std::condition_variable ended;
        std::optional<Result<R>> result;
    };
    const auto shared = std::make_shared<Shared>();
    const std::uint64_t id = m_jobs.add(spec.verb, spec.subject, call.actor.text(), spec.cancellable);
    call.stop = m_jobs.stopToken(id);
    call.onPhase = [&jobs = m_jobs, id](std::string_view phase) { jobs.phase(id, phase); };

    m_pool.run([&jobs = m_jobs, id, shared, call = std::move(call), verb = std::move(verb)](std::stop_token) {
        jobs.start(id);
        Result<R> result = verb(call);
        if (result)
            jobs.end(id, std::nullopt, resultLines(*result));
        else
            jobs.end(id, result.error(), {});
        const std::scoped_lock lock(shared->mutex);
        shared->result = std::move(result);
        shared->ended.notify_all();
    });

    std::unique_lock lock(shared->mutex);
    if (!shared->ended.wait_for(lock, spec.deadline, [&] { return shared->result.has_value(); }))
        return {id, fail(ETIMEDOUT, spec.verb, spec.subject, strCat("not finished; it goes on as job ", id),
                         "see the job list for how it ends")};
    return {id, std::move(*shared->result)};
}

} // namespace gantry::control
