// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"
#include "engine/service/interests.h"
#include "engine/service/stream_gate.h"
#include "gantry/v1/metrics.grpc.pb.h"

#include <chrono>

namespace gantry::service {

class Targets;

/// gantry.v1.Metrics. Thread: gRPC's; what it is given must outlive the server.
class MetricsService final : public v1::Metrics::Service
{
public:
    /// @param interval of the sampler when nobody wants another.
    MetricsService(sampler::Sampler &sampler, cgroup::HierarchiesPtr hierarchies, const Targets &targets,
                   StreamGate &gate, std::chrono::milliseconds interval)
        : m_sampler(sampler)
        , m_hierarchies(std::move(hierarchies))
        , m_targets(targets)
        , m_gate(gate)
        , m_interval(interval)
        , m_interests(sampler)
    {}

    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchMetricsRequest *request,
                       grpc::ServerWriter<v1::Frame> *writer) override;
    grpc::Status History(grpc::ServerContext *context, const v1::HistoryRequest *request,
                         v1::HistoryReply *reply) override;
    grpc::Status Read(grpc::ServerContext *context, const v1::ReadRequest *request, v1::ReadReply *reply) override;
    grpc::Status ReadFiles(grpc::ServerContext *context, const v1::ReadFilesRequest *request,
                           v1::ReadFilesReply *reply) override;

private:
    sampler::Sampler &m_sampler;
    const cgroup::HierarchiesPtr m_hierarchies;
    const Targets &m_targets;
    StreamGate &m_gate;
    const std::chrono::milliseconds m_interval;
    Interests m_interests;
};

} // namespace gantry::service
