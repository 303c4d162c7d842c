// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu_keeper.h"
#include "engine/checkpoint/preflight.h"
#include "engine/inventory/inventory.h"
#include "engine/service/targets.h"
#include "gantry/v1/checkpoint.grpc.pb.h"

namespace gantry::service {

/// gantry.v1.Checkpoint. Thread: gRPC's; what it is given must outlive the server.
class CheckpointService final : public v1::Checkpoint::Service
{
public:
    struct Parts
    {
        cgroup::HierarchiesPtr hierarchies;
        const inventory::Inventory &inventory;
        const Targets &targets;
        checkpoint::CriuKeeper &criu;
    };
    explicit CheckpointService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status Check(grpc::ServerContext *context, const v1::CheckRequest *request, v1::CheckReply *reply) override;

private:
    [[nodiscard]] Result<std::vector<std::int32_t>> pidsOf(const v1::Target &target) const;

    const Parts m_parts;
};

} // namespace gantry::service
