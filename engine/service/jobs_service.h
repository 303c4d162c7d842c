// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/stream_gate.h"
#include "gantry/v1/jobs.grpc.pb.h"

namespace gantry::control {
class JobTable;
}

namespace gantry::service {

/// gantry.v1.Jobs. Thread: gRPC's; what it is given must outlive the server.
class JobsService final : public v1::Jobs::Service
{
public:
    JobsService(control::JobTable &jobs, StreamGate &gate) : m_jobs(jobs), m_gate(gate) {}

    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchJobsRequest *request,
                       grpc::ServerWriter<v1::JobUpdate> *writer) override;
    grpc::Status Cancel(grpc::ServerContext *context, const v1::CancelJobRequest *request,
                        v1::CancelJobReply *reply) override;

private:
    control::JobTable &m_jobs;
    StreamGate &m_gate;
};

} // namespace gantry::service
