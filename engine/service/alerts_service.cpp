// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/alerts_service.h"

#include "engine/alerts/alert_engine.h"
#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/control/audit.h"
#include "engine/service/convert_alerts.h"
#include "engine/service/peers.h"
#include "engine/service/stream.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

namespace gantry::service {

namespace {

constexpr std::size_t kMostEventsInBatch = 512;
constexpr std::size_t kMostNote = 1'000;
constexpr int kMostIds = 10'000;

/// "alerts 3 4 5", the first ones of many.
std::string idsText(std::span<const std::uint64_t> ids)
{
    constexpr std::size_t kMostShown = 20;
    std::string out = ids.size() == 1 ? "alert" : "alerts";
    for (const std::uint64_t id : ids.first(std::min(ids.size(), kMostShown)))
        out += strCat(' ', id);
    return ids.size() > kMostShown ? strCat(out, " and ", ids.size() - kMostShown, " more") : out;
}

} // namespace

std::string AlertsService::ruleText(const std::string &id) const
{
    const auto rules = m_parts.rules.rules();
    const auto found = std::ranges::find(*rules, id, &alerts::AlertRule::id);
    return found == rules->end() ? std::string() : alerts::formatRules({*found});
}

template <class Change>
auto AlertsService::changeRule(const grpc::ServerContext &context, const v1::Actor &who, std::string_view verb,
                               const std::string &id, Change change) const
{
    using Changed = decltype(change());
    if (auto may = m_parts.peers.mayAct(context, verb, "alert rules"); !may)
        return Changed(std::unexpected(std::move(may).error()));
    control::AuditRecord record{.verb = std::string(verb), .key = "alert rule", .oldValue = ruleText(id)};
    Changed changed = change();
    record.target = id;
    if constexpr (!std::is_void_v<typename Changed::value_type>) {
        if (changed)
            record.target = changed->id;
    }
    record.newValue = ruleText(record.target);
    record.actor = m_parts.peers.actorOf(context, who.program(), who.user()).text();
    record.failed = !changed;
    record.result = changed ? "done" : changed.error().message();
    this->record(record);
    return changed;
}

void AlertsService::record(const control::AuditRecord &record) const
{
    if (auto recorded = m_parts.audit.record(record); !recorded)
        log::warning(log::Area::Alerts, strCat(record.verb, ' ', record.target, ": not in the audit log"),
                     recorded.error());
}

grpc::Status AlertsService::Watch(grpc::ServerContext *context, const v1::WatchAlertsRequest * /*request*/,
                                  grpc::ServerWriter<v1::AlertUpdate> *writer)
{
    ChangeTable<alerts::Alert> &table = m_parts.engine.alerts();
    return serveStream(
        m_parts.gate, *context, *writer, [&](auto wake) { return table.subscribe(std::move(wake)); },
        changesOf<v1::AlertUpdate>(table, [](v1::AlertUpdate &update, const alerts::Alert &alert) {
            *update.add_alerts() = toMessage(alert);
        }));
}

grpc::Status AlertsService::ListRules(grpc::ServerContext * /*context*/, const v1::ListRulesRequest * /*request*/,
                                      v1::RuleList *reply)
{
    for (const alerts::AlertRule &rule : *m_parts.rules.rules())
        *reply->add_rules() = toMessage(rule);
    return grpc::Status::OK;
}

grpc::Status AlertsService::SetRule(grpc::ServerContext *context, const v1::SetRuleRequest *request,
                                    v1::AlertRule *reply)
{
    const auto kept =
        changeRule(*context, request->actor(), "setRule", request->rule().id(), [&]() -> Result<alerts::AlertRule> {
            return m_parts.rules.set(GANTRY_TRY(fromMessage(request->rule())));
        });
    if (kept)
        *reply = toMessage(*kept);
    return toStatus(kept);
}

grpc::Status AlertsService::DeleteRule(grpc::ServerContext *context, const v1::DeleteRuleRequest *request,
                                       v1::DeleteRuleReply * /*reply*/)
{
    return toStatus(changeRule(*context, request->actor(), "deleteRule", request->id(),
                               [&] { return m_parts.rules.remove(request->id()); }));
}

grpc::Status AlertsService::Acknowledge(grpc::ServerContext *context, const v1::AcknowledgeRequest *request,
                                        v1::AcknowledgeReply * /*reply*/)
{
    if (request->alert_ids_size() == 0 || request->alert_ids_size() > kMostIds)
        return toStatus(Result<>(fail(EINVAL, "acknowledge", "alert_ids", "1 to 10000 ids are wanted")));
    if (request->note().size() > kMostNote)
        return toStatus(Result<>(fail(EINVAL, "acknowledge", "note", "longer than 1000 bytes")));
    const std::vector<std::uint64_t> ids(request->alert_ids().begin(), request->alert_ids().end());
    if (auto may = m_parts.peers.mayDecide(*context, "acknowledge", "alerts"); !may)
        return toStatus(may);
    const auto done = m_parts.engine.acknowledge(ids, printable(request->note()), printable(request->user()));
    record({.verb = "acknowledge",
            .target = idsText(ids),
            .newValue = printable(request->note()),
            .actor = m_parts.peers.actorOf(*context, {}, request->user()).text(),
            .result = done ? "done" : done.error().message(),
            .failed = !done});
    return toStatus(done);
}

grpc::Status AlertsService::WatchEvents(grpc::ServerContext *context, const v1::WatchEventsRequest *request,
                                        grpc::ServerWriter<v1::EventBatch> *writer)
{
    return serveStream(
        m_parts.gate, *context, *writer, [this](auto wake) { return m_parts.events.subscribe(std::move(wake)); },
        [this, after = request->after_sequence(), follow = request->follow()](v1::EventBatch &batch) mutable {
            const alerts::EventLog::Batch events = m_parts.events.since(after, kMostEventsInBatch);
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
