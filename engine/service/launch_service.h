// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/control/audit.h"
#include "engine/control/executor.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/adopted.h"
#include "engine/service/peers.h"
#include "gantry/v1/launch.grpc.pb.h"

#include <string>

namespace gantry::service {

/// gantry.v1.Launch. Thread: gRPC's; what it is given must outlive the server.
class LaunchService final : public v1::Launch::Service
{
public:
    struct Parts
    {
        std::string stateFolder;
        control::Executor &executor;
        control::AuditLog &audit;
        const Peers &peers;
        EventLoop &loop;
        Adopted &adopted; ///< keepers of what is started
        const runtime::Runtimes &runtimes;
    };
    explicit LaunchService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status Run(grpc::ServerContext *context, const v1::RunRequest *request, v1::RunReply *reply) override;
    grpc::Status Remove(grpc::ServerContext *context, const v1::RemoveLaunchedRequest *request,
                        v1::RemoveLaunchedReply *reply) override;

private:
    const Parts m_parts;
};

} // namespace gantry::service
