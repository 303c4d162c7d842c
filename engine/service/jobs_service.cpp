// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/jobs_service.h"

#include "engine/base/log.h"
#include "engine/service/convert_control.h"
#include "engine/service/stream.h"

#include <utility>

namespace gantry::service {

grpc::Status JobsService::Watch(grpc::ServerContext *context, const v1::WatchJobsRequest * /*request*/,
                                grpc::ServerWriter<v1::JobUpdate> *writer)
{
    return serveStream(
        m_parts.gate, *context, *writer, [this](auto wake) { return m_parts.jobs.subscribe(std::move(wake)); },
        changesOf<v1::JobUpdate>(
            m_parts.jobs, [](v1::JobUpdate &update, const control::Job &job) { *update.add_jobs() = toMessage(job); }));
}

grpc::Status JobsService::Cancel(grpc::ServerContext *context, const v1::CancelJobRequest *request,
                                 v1::CancelJobReply * /*reply*/)
{
    return toStatus([&]() -> Result<> {
        const auto job = m_parts.jobs.find(request->job_id());
        const std::string words =
            strCat("job ", request->job_id(), job ? strCat(" (", job->verb, " ", job->subject, ")") : std::string());
        GANTRY_CHECK(m_parts.peers.mayDecide(*context, "cancel", words));
        const auto done = m_parts.jobs.cancel(request->job_id());
        const auto recorded = m_parts.audit.record({.verb = "cancel",
                                                    .target = words,
                                                    .actor = m_parts.peers.actorOf(*context, {}, {}).text(),
                                                    .result = done ? "done" : done.error().message(),
                                                    .failed = !done});
        if (!recorded)
            log::warning(log::Area::Service, strCat("cancel ", words, ": not in the audit log"), recorded.error());
        return done;
    }());
}

} // namespace gantry::service
