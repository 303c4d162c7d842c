// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/checkpoint_service.h"
#include "engine/service/schedules.h"
#include "gantry/v1/schedules.grpc.pb.h"

namespace gantry::service {

[[nodiscard]] repository::Retention retentionOf(const v1::Retention &in);
/// A schedule as it is told, with how it goes where that is among the states.
[[nodiscard]] v1::Schedule toMessage(const schedule::Policy &policy, const std::vector<schedule::State> &states);
/// For the audit log: "every 30000 ms, keep 5, restart".
[[nodiscard]] std::string wordsOf(const schedule::Policy &policy);

/// gantry.v1.Schedules. Thread: gRPC's; what it is given must outlive the server.
class ScheduleService final : public v1::Schedules::Service
{
public:
    struct Parts
    {
        const CheckpointService &checkpoints;
        CheckpointStore &store;
        const Schedules &schedules;
        control::AuditLog &audit;
        const Peers &peers;
    };
    explicit ScheduleService(Parts parts) : m_parts(parts) {}

    grpc::Status Set(grpc::ServerContext *context, const v1::SetScheduleRequest *request,
                     v1::SetScheduleReply *reply) override;
    grpc::Status List(grpc::ServerContext *context, const v1::ListSchedulesRequest *request,
                      v1::ListSchedulesReply *reply) override;
    grpc::Status Remove(grpc::ServerContext *context, const v1::RemoveScheduleRequest *request,
                        v1::RemoveScheduleReply *reply) override;
    grpc::Status Expire(grpc::ServerContext *context, const v1::ExpireRequest *request,
                        v1::ExpireReply *reply) override;

private:
    /// As the caller wants it, of what lives now. @errors as CheckpointService::wishFor(); ESRCH, ENOTSUP, EINVAL.
    [[nodiscard]] Result<schedule::Policy> policyFor(const v1::SetScheduleRequest &request,
                                                     const control::Actor &actor) const;
    [[nodiscard]] Result<std::vector<repository::Checkpoint>> expiredNow(const repository::Store &store,
                                                                         const v1::ExpireRequest &request) const;

    const Parts m_parts;
};

} // namespace gantry::service
