// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/jobs_service.h"

#include "engine/service/convert_control.h"
#include "engine/service/stream.h"

#include <utility>

namespace gantry::service {

grpc::Status JobsService::Watch(grpc::ServerContext *context, const v1::WatchJobsRequest * /*request*/,
                                grpc::ServerWriter<v1::JobUpdate> *writer)
{
    return serveStream(
        m_gate, *context, *writer, [this](auto wake) { return m_jobs.subscribe(std::move(wake)); },
        changesOf<v1::JobUpdate>(
            m_jobs, [](v1::JobUpdate &update, const control::Job &job) { *update.add_jobs() = toMessage(job); }));
}

grpc::Status JobsService::Cancel(grpc::ServerContext * /*context*/, const v1::CancelJobRequest *request,
                                 v1::CancelJobReply * /*reply*/)
{
    return toStatus(m_jobs.cancel(request->job_id()));
}

} // namespace gantry::service
