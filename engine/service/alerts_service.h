// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/stream_gate.h"
#include "gantry/v1/alerts.grpc.pb.h"

#include <string>

namespace gantry::alerts {
class AlertEngine;
class EventLog;
class RuleStore;
} // namespace gantry::alerts

namespace gantry::service {

/// gantry.v1.Alerts. Thread: gRPC's; what it is given must outlive the server.
class AlertsService final : public v1::Alerts::Service
{
public:
    /// @param readOnlyReason why rules may not be changed; empty if they may.
    AlertsService(alerts::AlertEngine &engine, alerts::RuleStore &rules, alerts::EventLog &events, StreamGate &gate,
                  std::string readOnlyReason);

    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchAlertsRequest *request,
                       grpc::ServerWriter<v1::AlertUpdate> *writer) override;
    grpc::Status ListRules(grpc::ServerContext *context, const v1::ListRulesRequest *request,
                           v1::RuleList *reply) override;
    grpc::Status SetRule(grpc::ServerContext *context, const v1::SetRuleRequest *request,
                         v1::AlertRule *reply) override;
    grpc::Status DeleteRule(grpc::ServerContext *context, const v1::DeleteRuleRequest *request,
                            v1::DeleteRuleReply *reply) override;
    grpc::Status Acknowledge(grpc::ServerContext *context, const v1::AcknowledgeRequest *request,
                             v1::AcknowledgeReply *reply) override;
    grpc::Status WatchEvents(grpc::ServerContext *context, const v1::WatchEventsRequest *request,
                             grpc::ServerWriter<v1::EventBatch> *writer) override;

private:
    [[nodiscard]] Result<> mayChange(std::string_view verb) const;

    alerts::AlertEngine &m_engine;
    alerts::RuleStore &m_rules;
    alerts::EventLog &m_events;
    StreamGate &m_gate;
    const std::string m_readOnlyReason;
};

} // namespace gantry::service
