// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/schedule_service.h"

#include "engine/checkpoint/tree_look.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/scheduler.h"
#include "engine/service/status.h"

#include <algorithm>

namespace gantry::service {

using repository::Checkpoint;
using schedule::Policy;
using schedule::State;

repository::Retention retentionOf(const v1::Retention &in)
{
    repository::Retention out;
    if (in.has_count())
        out.count = in.count();
    if (in.has_age_sec()) {
        constexpr std::uint64_t kMost = std::uint64_t{366} * 24 * 3'600 * 1'000; // a thousand years
        out.age = std::chrono::seconds(std::min(in.age_sec(), kMost));
    }
    if (in.has_bytes())
        out.bytes = Bytes{in.bytes()};
    return out;
}

v1::Schedule toMessage(const Policy &policy, const std::vector<State> &states)
{
    v1::Schedule out;
    out.set_id(printable(policy.key));
    out.set_subject(printable(policy.subject));
    out.set_period_ms(static_cast<std::uint64_t>(policy.every.count()));
    v1::Retention &keep = *out.mutable_retention();
    if (policy.retention.count)
        keep.set_count(*policy.retention.count);
    if (policy.retention.age)
        keep.set_age_sec(static_cast<std::uint64_t>(policy.retention.age->count()));
    if (policy.retention.bytes)
        keep.set_bytes(policy.retention.bytes->v);
    out.set_restart(policy.restart);
    out.set_by(printable(policy.by));
    const auto state = std::ranges::find(states, policy.key, &State::key);
    if (state == states.end())
        return out;
    out.set_state(printable(state->note));
    out.set_next_usec(state->nextMicros);
    out.set_last_usec(state->lastMicros);
    out.set_last_checkpoint(printable(state->lastCheckpoint));
    out.set_last_error(printable(state->lastError));
    out.set_taken(state->taken);
    out.set_skipped(state->skipped);
    out.set_restarts(state->restarts);
    return out;
}

std::string wordsOf(const Policy &policy)
{
    const repository::Retention &keep = policy.retention;
    return strCat("every ", policy.every.count(), " ms", keep.count ? strCat(", keep ", *keep.count) : std::string(),
                  keep.age ? strCat(", for ", keep.age->count(), " s") : std::string(),
                  keep.bytes ? strCat(", at most ", keep.bytes->v, " bytes") : std::string(),
                  policy.restart ? ", restart" : "");
}

namespace {

bool keepsAll(const repository::Retention &retention)
{
    return !retention.count && !retention.age && !retention.bytes;
}

/// What a person calls it. "pid:N" is its first process's.
bool isMeant(const Policy &policy, const std::string &words)
{
    const auto life = parseLife(policy.where);
    return words == policy.key || words == policy.subject || words == policy.where ||
           (life && words == strCat("pid:", life->pid));
}

bool isOf(const Checkpoint &one, const std::string &words)
{
    return words == one.manifest.container.id || words == one.manifest.container.name ||
           words == valueOf(one.manifest, kSubject);
}

} // namespace

Result<Policy> ScheduleService::policyFor(const v1::SetScheduleRequest &request, const control::Actor &actor) const
{
    v1::CreateCheckpointRequest create;
    *create.mutable_target() = request.target();
    const auto kept = GANTRY_TRY(m_parts.checkpoints.keptBy(create.target()));
    const checkpoint::SaveWish wish = GANTRY_TRY(m_parts.checkpoints.wishFor(create));
    const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("schedule"));
    const auto look = GANTRY_TRY(checkpoint::lookAtTree(wish.pids, {}));
    GANTRY_CHECK(checkpoint::checkSave(checkpoint::judge(look, means.criu), wish.manifest.container.name));
    if (kept)
        GANTRY_CHECK(checkOwnVerb(*kept, true, means.criu));
    const std::string own = kept ? kept->known.facts->restartPolicy : std::string();
    if (request.restart() && !own.empty() && own != "no")
        return fail(
            EINVAL, "schedule", wish.manifest.container.name,
            strCat(kept->known.facts->runtime, " starts it anew itself when it ends: its restart policy is ", own),
            "Set that one to \"no\", or leave out --restart");
    const Life life = GANTRY_TRY(lifeOf(wish.pids.front()));
    Policy out;
    out.subject = wish.manifest.container.name;
    out.key = wish.manifest.container.id;
    if (kept) { // its checkpoints go by the runtime's id
        out.follow = schedule::Follow::Container;
        out.subject = kept->known.facts->name;
        out.key = out.where = kept->known.facts->id;
    } else if (const std::string path = valueOf(wish.manifest, kCgroup); !path.empty()) {
        out.follow = schedule::Follow::Cgroup;
        out.where = path;
    } else {
        out.where = life.text();
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        std::vector<Checkpoint> known;
        if (store != nullptr)
            known = GANTRY_TRY(store->list()).checkpoints;
        out.key = identityOf(m_parts.store.spillFolder(), life, known);
    }
    out.every = std::chrono::milliseconds(
        std::min(request.period_ms(), static_cast<std::uint64_t>(schedule::kMostPeriod.count()) + 1));
    out.retention = retentionOf(request.retention());
    out.restart = request.restart();
    out.by = actor.text();
    GANTRY_CHECK(schedule::checkPolicy(out));
    return out;
}

grpc::Status ScheduleService::Set(grpc::ServerContext *context, const v1::SetScheduleRequest *request,
                                  v1::SetScheduleReply *reply)
{
    return toStatus([&]() -> Result<> {
        if (!request->dry_run())
            GANTRY_CHECK(m_parts.peers.mayAct(*context, "schedule", "set"));
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        const Policy policy = GANTRY_TRY(policyFor(*request, actor));
        *reply->mutable_schedule() = toMessage(policy, {});
        reply->set_runner_pid(m_parts.schedules.runner());
        if (request->dry_run())
            return {};
        std::string before;
        const auto set = m_parts.schedules.edit([&](std::vector<Policy> &all) -> Result<> {
            const auto old = std::ranges::find(all, policy.key, &Policy::key);
            if (old != all.end()) {
                before = wordsOf(*old);
                *old = policy;
                return {};
            }
            if (all.size() >= schedule::kMostPolicies)
                return fail(EDQUOT, "schedule", policy.subject, strCat("there are ", all.size(), " already"));
            all.push_back(policy);
            return {};
        });
        reply->set_replaced(!before.empty());
        const auto written = m_parts.audit.record({.verb = "setSchedule",
                                                   .target = policy.subject,
                                                   .oldValue = before,
                                                   .newValue = wordsOf(policy),
                                                   .actor = actor.text(),
                                                   .result = set ? "done" : set.error().message(),
                                                   .failed = !set});
        if (!written)
            reply->set_not_recorded(printable(written.error().message()));
        return set;
    }());
}

grpc::Status ScheduleService::List(grpc::ServerContext * /*context*/, const v1::ListSchedulesRequest * /*request*/,
                                   v1::ListSchedulesReply *reply)
{
    return toStatus([&]() -> Result<> {
        const std::vector<State> states = m_parts.schedules.states();
        for (const Policy &policy : GANTRY_TRY(m_parts.schedules.policies()))
            *reply->add_schedules() = toMessage(policy, states);
        reply->set_runner_pid(m_parts.schedules.runner());
        return {};
    }());
}

grpc::Status ScheduleService::Remove(grpc::ServerContext *context, const v1::RemoveScheduleRequest *request,
                                     v1::RemoveScheduleReply *reply)
{
    return toStatus([&]() -> Result<> {
        const std::string words = printable(request->schedule());
        const std::vector<Policy> now = GANTRY_TRY(m_parts.schedules.policies());
        const auto meant = [&](const Policy &policy) { return isMeant(policy, request->schedule()); };
        const auto found = std::ranges::find_if(now, meant);
        if (found == now.end())
            return fail(ENOENT, "removeSchedule", words, "there is no such schedule");
        *reply->mutable_schedule() = toMessage(*found, m_parts.schedules.states());
        if (request->dry_run())
            return {};
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "removeSchedule", words));
        const auto removed = m_parts.schedules.edit([&](std::vector<Policy> &all) -> Result<> {
            std::erase_if(all, [&](const Policy &policy) { return policy.key == found->key; });
            return {};
        });
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        reply->set_not_recorded(record(m_parts.audit, "removeSchedule", found->subject, wordsOf(*found), actor,
                                       removed ? nullptr : &removed.error()));
        return removed;
    }());
}

Result<std::vector<Checkpoint>> ScheduleService::expiredNow(const repository::Store &store,
                                                            const v1::ExpireRequest &request) const
{
    std::vector<Checkpoint> all = GANTRY_TRY(store.list()).checkpoints;
    if (!request.subject().empty()) {
        std::erase_if(all, [&](const Checkpoint &one) { return !isOf(one, request.subject()); });
        if (all.empty())
            return fail(ENOENT, "expire", printable(request.subject()), "there is no checkpoint of it");
    }
    const repository::Retention asked = retentionOf(request.retention());
    if (!keepsAll(asked))
        return expiredOf(all, asked);
    std::vector<Checkpoint> out;
    for (const Policy &policy : GANTRY_TRY(m_parts.schedules.policies())) {
        std::vector<Checkpoint> own = all;
        std::erase_if(own, [&](const Checkpoint &one) { return one.manifest.container.id != policy.key; });
        const auto gone = keepsAll(policy.retention) ? std::vector<Checkpoint>() : expiredOf(own, policy.retention);
        out.insert(out.end(), gone.begin(), gone.end());
    }
    return out;
}

grpc::Status ScheduleService::Expire(grpc::ServerContext *context, const v1::ExpireRequest *request,
                                     v1::ExpireReply *reply)
{
    return toStatus([&]() -> Result<> {
        if (!request->dry_run())
            GANTRY_CHECK(m_parts.peers.mayAct(*context, "expire", "repository"));
        if (request->has_retention() && request->retention().has_count() && request->retention().count() == 0)
            return fail(EINVAL, "expire", "retention", "to keep none is not meant by this",
                        "remove the checkpoints, by their ids");
        CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        if (store == nullptr)
            return {};
        if (!request->dry_run())
            store = GANTRY_TRY(m_parts.store.forWriting());
        const std::vector<Checkpoint> gone = GANTRY_TRY(expiredNow(*store, *request));
        for (const Checkpoint &one : gone)
            *reply->add_checkpoints() = service::toMessage(one);
        if (request->dry_run())
            return {};
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        reply->set_not_recorded(GANTRY_TRY(removeAll(*store, m_parts.audit, gone, actor)));
        return {};
    }());
}

} // namespace gantry::service
