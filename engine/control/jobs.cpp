// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/jobs.h"

#include "engine/base/strings.h"
#include "engine/base/time_text.h"

#include <chrono>
#include <utility>

namespace gantry::control {

std::uint64_t JobTable::add(std::string verb, std::string subject, std::string actor, bool cancellable)
{
    Job job{.verb = std::move(verb),
            .subject = std::move(subject),
            .actor = std::move(actor),
            .startedRealtimeMicros = realtimeMicros(),
            .cancellable = cancellable};
    {
        const std::scoped_lock lock(m_mutex);
        job.id = ++m_last;
        m_running.try_emplace(job.id);
    }
    const std::uint64_t id = job.id;
    m_jobs.put(std::move(job));
    return id;
}

std::stop_token JobTable::stopToken(std::uint64_t id) const
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_running.find(id);
    return found == m_running.end() ? std::stop_token() : found->second.get_token();
}

void JobTable::start(std::uint64_t id)
{
    m_jobs.update(id, [](Job &job) { job.state = JobState::Running; });
}

void JobTable::phase(std::uint64_t id, std::string_view phase)
{
    m_jobs.update(id, [phase](Job &job) { job.phase = phase; });
}

void JobTable::end(std::uint64_t id, std::optional<Error> failure, std::vector<std::string> results)
{
    std::optional<std::uint64_t> oldest;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_running.erase(id) == 0)
            return;
        m_ended.push_back(id);
        if (m_ended.size() > kEndedKept) {
            oldest = m_ended.front();
            m_ended.pop_front();
        }
    }
    m_jobs.update(id, [&](Job &job) {
        job.state = !failure ? JobState::Done : failure->posix() == ECANCELED ? JobState::Cancelled : JobState::Failed;
        job.failure = std::move(failure);
        job.results = std::move(results);
        job.endedRealtimeMicros = realtimeMicros();
        job.cancellable = false;
    });
    if (oldest)
        m_jobs.remove(*oldest);
}

Result<> JobTable::cancel(std::uint64_t id)
{
    const auto job = m_jobs.find(id);
    if (!job)
        return fail(ENOENT, "cancel", strCat("job ", id), "there is no such job");
    if (job->ended())
        return fail(EBUSY, "cancel", strCat("job ", id), "it has ended");
    if (!job->cancellable)
        return fail(EBUSY, "cancel", strCat("job ", id), "it cannot be stopped half-way");
    std::stop_source source(std::nostopstate);
    {
        const std::scoped_lock lock(m_mutex);
        if (const auto found = m_running.find(id); found != m_running.end())
            source = found->second;
    }
    source.request_stop();
    return {};
}

} // namespace gantry::control
