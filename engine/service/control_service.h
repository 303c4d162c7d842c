// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/verbs.h"
#include "gantry/v1/control.grpc.pb.h"

#include <cstdint>
#include <functional>
#include <string>

namespace gantry::alerts {
class EventLog;
}
namespace gantry::runtime {
class Runtimes;
}
namespace gantry::control {
class Control;
class Executor;
} // namespace gantry::control

namespace gantry::service {

class Peers;
class Schedules;
class Targets;

/// gantry.v1.Control: checks the request, finds the target, runs the verb on a worker as a job and waits for it. A
/// client that goes away does not stop a change half-way: the verb ends by itself. Dry runs only read and are no jobs.
/// Thread: gRPC's; what it is given must outlive the server and its workers.
class ControlService final : public v1::Control::Service
{
public:
    struct Parts
    {
        const control::Control &control;
        control::Executor &executor;
        const Targets &targets;
        const Peers &peers;
        alerts::EventLog &events;            ///< gets every executed verb with its actor
        const runtime::Runtimes &runtimes;
        std::function<void(NodeId)> touched; ///< called after limits of a node were written
        const Schedules &schedules;          ///< told what is ended on purpose
    };
    explicit ControlService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status ListLimits(grpc::ServerContext *context, const v1::ListLimitsRequest *request,
                            v1::ListLimitsReply *reply) override;
    grpc::Status SetLimits(grpc::ServerContext *context, const v1::SetLimitsRequest *request,
                           v1::SetLimitsReply *reply) override;
    grpc::Status Freeze(grpc::ServerContext *context, const v1::FreezeRequest *request,
                        v1::FreezeReply *reply) override;
    grpc::Status Thaw(grpc::ServerContext *context, const v1::FreezeRequest *request, v1::FreezeReply *reply) override;
    grpc::Status Kill(grpc::ServerContext *context, const v1::KillRequest *request, v1::KillReply *reply) override;
    grpc::Status Signal(grpc::ServerContext *context, const v1::SignalRequest *request,
                        v1::SignalReply *reply) override;
    grpc::Status MoveProcesses(grpc::ServerContext *context, const v1::MoveProcessesRequest *request,
                               v1::MoveProcessesReply *reply) override;
    grpc::Status CreateCgroup(grpc::ServerContext *context, const v1::CreateCgroupRequest *request,
                              v1::CreateCgroupReply *reply) override;
    grpc::Status RemoveCgroup(grpc::ServerContext *context, const v1::RemoveCgroupRequest *request,
                              v1::RemoveCgroupReply *reply) override;
    grpc::Status SetControllers(grpc::ServerContext *context, const v1::SetControllersRequest *request,
                                v1::SetControllersReply *reply) override;
    grpc::Status Reclaim(grpc::ServerContext *context, const v1::ReclaimRequest *request,
                         v1::ReclaimReply *reply) override;
    grpc::Status ActOnContainer(grpc::ServerContext *context, const v1::ContainerActionRequest *request,
                                v1::ContainerActionReply *reply) override;

private:
    /// Freeze and Thaw.
    [[nodiscard]] grpc::Status setFrozen(const grpc::ServerContext &context, const v1::FreezeRequest &request,
                                         v1::FreezeReply &reply, bool frozen) const;

    Parts m_parts;
};

} // namespace gantry::service
