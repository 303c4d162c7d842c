// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/inventory/inventory.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/stream_gate.h"
#include "gantry/v1/inventory.grpc.pb.h"

namespace gantry::service {

class Targets;

/// gantry.v1.Inventory. Thread: gRPC's; what it is given must outlive the server.
class InventoryService final : public v1::Inventory::Service
{
public:
    struct Parts
    {
        EventLoop &loop;
        inventory::Inventory &inventory;
        cgroup::HierarchiesPtr hierarchies;
        const Targets &targets;
        Observers &snapshots; ///< woken after each new snapshot
        StreamGate &gate;
        const runtime::Runtimes &runtimes;
    };
    explicit InventoryService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchInventoryRequest *request,
                       grpc::ServerWriter<v1::InventoryUpdate> *writer) override;
    grpc::Status TailLog(grpc::ServerContext *context, const v1::TailLogRequest *request, v1::LogTail *reply) override;
    grpc::Status Get(grpc::ServerContext *context, const v1::GetNodeRequest *request, v1::Node *reply) override;
    grpc::Status ListProcesses(grpc::ServerContext *context, const v1::ListProcessesRequest *request,
                               v1::ProcessList *reply) override;
    grpc::Status ListNamespaces(grpc::ServerContext *context, const v1::ListNamespacesRequest *request,
                                v1::NamespaceList *reply) override;

private:
    class NamespaceWish;
    Parts m_parts;
};

} // namespace gantry::service
