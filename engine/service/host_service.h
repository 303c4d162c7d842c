// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu_keeper.h"
#include "engine/inventory/inventory.h"
#include "engine/runtime/runtimes.h"
#include "engine/systemd/manager.h"
#include "engine/systemd/oomd.h"
#include "gantry/v1/host.grpc.pb.h"

namespace gantry::alerts {
class AlertEngine;
}

namespace gantry::service {

class Peers;

/// Version of gantry.v1 this engine speaks.
inline constexpr std::uint32_t kProtocolMajor = 1;
inline constexpr std::uint32_t kProtocolMinor = 0;

/// gantry.v1.Host. Thread: gRPC's; what it is given must outlive the server.
class HostService final : public v1::Host::Service
{
public:
    struct Parts
    {
        cgroup::HierarchiesPtr hierarchies;
        const inventory::Inventory &inventory;
        const alerts::AlertEngine *alerts; ///< null where this engine was started without
        const systemd::Managers &systemd;
        systemd::Oomd &oomd;
        const runtime::Runtimes &runtimes;
        checkpoint::CriuKeeper *criu; ///< null where this engine was started without
        const Peers &peers;
    };
    explicit HostService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status Hello(grpc::ServerContext *context, const v1::HelloRequest *request, v1::HelloReply *reply) override;
    grpc::Status Info(grpc::ServerContext *context, const v1::HostInfoRequest *request, v1::HostInfo *reply) override;
    grpc::Status Oomd(grpc::ServerContext *context, const v1::OomdRequest *request, v1::OomdState *reply) override;

private:
    const Parts m_parts;
};

} // namespace gantry::service
