// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/stream_gate.h"
#include "gantry/v1/alerts.grpc.pb.h"

#include <string>
#include <utility>

namespace gantry::alerts {
class AlertEngine;
class EventLog;
class RuleStore;
} // namespace gantry::alerts

namespace gantry::control {
class AuditLog;
struct AuditRecord;
struct Actor;
} // namespace gantry::control

namespace gantry::service {

class Peers;

/// gantry.v1.Alerts. Thread: gRPC's; what it is given must outlive the server.
class AlertsService final : public v1::Alerts::Service
{
public:
    struct Parts
    {
        alerts::AlertEngine &engine;
        alerts::RuleStore &rules;
        alerts::EventLog &events;
        StreamGate &gate;
        const Peers &peers;
        control::AuditLog &audit; ///< gets every change of a rule, and what is acknowledged
    };
    explicit AlertsService(Parts parts) : m_parts(std::move(parts)) {}

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
    /// Changes a rule by `change` and records it. @param id empty for a new rule.
    template <class Change>
    [[nodiscard]] auto changeRule(const grpc::ServerContext &context, const v1::Actor &who, std::string_view verb,
                                  const std::string &id, Change change) const;
    void record(const control::AuditRecord &record) const;
    [[nodiscard]] std::string ruleText(const std::string &id) const;

    Parts m_parts;
};

} // namespace gantry::service
