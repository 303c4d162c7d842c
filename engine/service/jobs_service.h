// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/audit.h"
#include "engine/service/peers.h"
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
    struct Parts
    {
        control::JobTable &jobs;
        StreamGate &gate;
        const Peers &peers;
        control::AuditLog &audit; ///< gets who has cancelled what
    };
    explicit JobsService(const Parts &parts) : m_parts(parts) {}

    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchJobsRequest *request,
                       grpc::ServerWriter<v1::JobUpdate> *writer) override;
    grpc::Status Cancel(grpc::ServerContext *context, const v1::CancelJobRequest *request,
                        v1::CancelJobReply *reply) override;

private:
    const Parts m_parts;
};

} // namespace gantry::service
