// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/inventory.h"
#include "gantry/v1/host.grpc.pb.h"

#include <string>

namespace gantry::alerts {
class AlertEngine;
}

namespace gantry::service {

/// Version of gantry.v1 this engine speaks.
inline constexpr std::uint32_t kProtocolMajor = 1;
inline constexpr std::uint32_t kProtocolMinor = 0;

/// gantry.v1.Host. Thread: gRPC's; what it is given must outlive the server.
class HostService final : public v1::Host::Service
{
public:
    /// @param alerts null where this engine was started without.
    /// @param readOnlyReason right that is missing to act; empty if none is.
    HostService(cgroup::HierarchiesPtr hierarchies, const inventory::Inventory &inventory,
                const alerts::AlertEngine *alerts, std::string readOnlyReason)
        : m_hierarchies(std::move(hierarchies))
        , m_inventory(inventory)
        , m_alerts(alerts)
        , m_readOnlyReason(std::move(readOnlyReason))
    {}

    grpc::Status Hello(grpc::ServerContext *context, const v1::HelloRequest *request, v1::HelloReply *reply) override;
    grpc::Status Info(grpc::ServerContext *context, const v1::HostInfoRequest *request, v1::HostInfo *reply) override;

private:
    cgroup::HierarchiesPtr m_hierarchies;
    const inventory::Inventory &m_inventory;
    const alerts::AlertEngine *const m_alerts;
    const std::string m_readOnlyReason;
};

} // namespace gantry::service
