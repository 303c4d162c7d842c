// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/jobs.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/group_line.h"
#include "engine/service/stream_gate.h"
#include "gantry/v1/group.grpc.pb.h"

namespace gantry::service {

/// gantry.v1.Group. Its calls work on gRPC's own threads, as watch streams do: a member that waits for others takes no
/// worker from anybody. Thread: gRPC's; what it is given must outlive the server.
class GroupService final : public v1::Group::Service
{
public:
    struct Parts
    {
        const CheckpointService &checkpoints;
        CheckpointStore &store;
        control::JobTable &jobs;
        StreamGate &gate;
        const Peers &peers;
        EventLoop &loop;
        Adopted &adopted;
        const runtime::Runtimes &runtimes;
    };
    explicit GroupService(Parts parts) : m_parts(parts) {}

    grpc::Status Save(grpc::ServerContext *context, GroupLine::Stream *stream) override;
    grpc::Status Restore(grpc::ServerContext *context, GroupLine::Stream *stream) override;

private:
    class Member;

    const Parts m_parts;
};

} // namespace gantry::service
