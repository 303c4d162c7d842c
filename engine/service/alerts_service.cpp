// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/alerts_service.h"

#include "engine/alerts/alert_engine.h"
#include "engine/base/strings.h"
#include "engine/service/convert_alerts.h"
#include "engine/service/stream.h"

#include <utility>
#include <vector>

namespace gantry::service {

namespace {

constexpr std::size_t kMostEventsInBatch = 512;
constexpr std::size_t kMostNote = 1'000;
constexpr int kMostIds = 10'000;

} // namespace

AlertsService::AlertsService(alerts::AlertEngine &engine, alerts::RuleStore &rules, alerts::EventLog &events,
                             StreamGate &gate, std::string readOnlyReason)
    : m_engine(engine), m_rules(rules), m_events(events), m_gate(gate), m_readOnlyReason(std::move(readOnlyReason))
{}

Result<> AlertsService::mayChange(std::string_view verb) const
{
    if (!m_readOnlyReason.empty())
        return fail(EPERM, verb, "alert rules", strCat("missing: ", m_readOnlyReason));
    return {};
}

grpc::Status AlertsService::Watch(grpc::ServerContext *context, const v1::WatchAlertsRequest * /*request*/,
                                  grpc::ServerWriter<v1::AlertUpdate> *writer)
{
    ChangeTable<alerts::Alert> &table = m_engine.alerts();
    return serveStream(
        m_gate, *context, *writer, [&](auto wake) { return table.subscribe(std::move(wake)); },
        changesOf<v1::AlertUpdate>(table, [](v1::AlertUpdate &update, const alerts::Alert &alert) {
            *update.add_alerts() = toMessage(alert);
        }));
}

grpc::Status AlertsService::ListRules(grpc::ServerContext * /*context*/, const v1::ListRulesRequest * /*request*/,
                                      v1::RuleList *reply)
{
    for (const alerts::AlertRule &rule : *m_rules.rules())
        *reply->add_rules() = toMessage(rule);
    return grpc::Status::OK;
}

grpc::Status AlertsService::SetRule(grpc::ServerContext * /*context*/, const v1::SetRuleRequest *request,
                                    v1::AlertRule *reply)
{
    const auto kept = [&]() -> Result<alerts::AlertRule> {
        GANTRY_CHECK(mayChange("setRule"));
        return m_rules.set(GANTRY_TRY(fromMessage(request->rule())));
    }();
    if (kept)
        *reply = toMessage(*kept);
    return toStatus(kept);
}

grpc::Status AlertsService::DeleteRule(grpc::ServerContext * /*context*/, const v1::DeleteRuleRequest *request,
                                       v1::DeleteRuleReply * /*reply*/)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(mayChange("deleteRule"));
        return m_rules.remove(request->id());
    }());
}

grpc::Status AlertsService::Acknowledge(grpc::ServerContext * /*context*/, const v1::AcknowledgeRequest *request,
                                        v1::AcknowledgeReply * /*reply*/)
{
    if (request->alert_ids_size() == 0 || request->alert_ids_size() > kMostIds)
        return toStatus(Result<>(fail(EINVAL, "acknowledge", "alert_ids", "1 to 10000 ids are wanted")));
    if (request->note().size() > kMostNote)
        return toStatus(Result<>(fail(EINVAL, "acknowledge", "note", "longer than 1000 bytes")));
    const std::vector<std::uint64_t> ids(request->alert_ids().begin(), request->alert_ids().end());
    return toStatus(m_engine.acknowledge(ids, printable(request->note()), printable(request->user())));
}

grpc::Status AlertsService::WatchEvents(grpc::ServerContext *context, const v1::WatchEventsRequest *request,
                                        grpc::ServerWriter<v1::EventBatch> *writer)
{
    return serveStream(
        m_gate, *context, *writer, [this](auto wake) { return m_events.subscribe(std::move(wake)); },
        [this, after = request->after_sequence(), follow = request->follow()](v1::EventBatch &batch) mutable {
            const alerts::EventLog::Batch events = m_events.since(after, kMostEventsInBatch);
            if (events.events.empty())
                return follow ? StreamStep::Wait : StreamStep::End;
            batch.set_lost(events.lost);
            for (const alerts::Event &event : events.events)
                *batch.add_events() = toMessage(event);
            after = events.events.back().sequence;
            return StreamStep::Write;
        });
}

} // namespace gantry::service
