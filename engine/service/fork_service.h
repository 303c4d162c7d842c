// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/jobs.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/stream_gate.h"
#include "gantry/v1/fork.grpc.pb.h"

namespace gantry::service {

/// gantry.v1.Fork. Its long call works on gRPC's own thread, as watch streams do. Thread: gRPC's; what it is given must
/// outlive the server.
class ForkService final : public v1::Fork::Service
{
public:
    struct Parts
    {
        const CheckpointService &checkpoints;
        CheckpointStore &store;
        control::JobTable &jobs;
        StreamGate &gate;
        const Peers &peers;
        const runtime::Runtimes &runtimes;
    };
    explicit ForkService(Parts parts) : m_parts(parts) {}

    using Stream = grpc::ServerReaderWriter<v1::ForkNews, v1::ForkOrder>;
    grpc::Status Profile(grpc::ServerContext *context, const v1::ForkProfileRequest *request,
                         v1::ForkProfile *reply) override;
    grpc::Status Judge(grpc::ServerContext *context, const v1::JudgeForkRequest *request,
                       v1::JudgeForkReply *reply) override;
    grpc::Status Restore(grpc::ServerContext *context, Stream *stream) override;

private:
    const Parts m_parts;
};

} // namespace gantry::service
