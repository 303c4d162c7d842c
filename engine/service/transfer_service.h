// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/audit.h"
#include "engine/control/jobs.h"
#include "engine/service/checkpoint_store.h"
#include "engine/service/peers.h"
#include "engine/service/stream_gate.h"
#include "gantry/v1/transfer.grpc.pb.h"

#include <string>

namespace gantry::service {

/// gantry.v1.Transfer. The calls work on gRPC's own threads, as watch streams do: whoever is slow holds up nobody else.
/// Thread: gRPC's; what it is given must outlive the server.
class TransferService final : public v1::Transfer::Service
{
public:
    struct Parts
    {
        CheckpointStore &store;
        control::JobTable &jobs;
        StreamGate &gate;
        control::AuditLog &audit;
        const Peers &peers;
    };
    explicit TransferService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status Export(grpc::ServerContext *context, const v1::ExportRequest *request,
                        grpc::ServerWriter<v1::ExportPart> *writer) override;
    grpc::Status Import(grpc::ServerContext *context, grpc::ServerReader<v1::ImportPart> *reader,
                        v1::ImportReply *reply) override;

private:
    const Parts m_parts;
};

} // namespace gantry::service
