// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's calls about the store as a whole.
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/migration_rests.h"
#include "engine/service/status.h"

namespace gantry::service {

namespace {

/// The whole store is read, or much of it written anew.
constexpr std::chrono::hours kUpkeepDeadline{1};
// A store on a failing disk can have one damage a block.
constexpr std::size_t kMostLines = 20;
constexpr int kMostDamages = 1'000;
constexpr int kMostIds = 100;

/// What a job about the store did, as the executor wants it.
template <class Report> struct Upkeep
{
    Report report;
    std::vector<std::string> lines;
    std::string notRecorded; ///< as Saved::notRecorded
};
template <class Report> std::vector<std::string> resultLines(const Upkeep<Report> &done)
{
    return done.lines;
}

std::vector<std::string> linesOf(const repository::CollectReport &report)
{
    return {strCat("bytes given back: ", report.freed.v, ", packs: ", report.packsRemoved)};
}

std::vector<std::string> linesOf(const repository::CheckReport &report)
{
    std::vector<std::string> out{strCat("checkpoints: ", report.checkpoints, ", bytes read: ", report.read.v,
                                        ", damages: ", report.damages.size())};
    for (const repository::Damage &damage : report.damages) {
        if (out.size() > kMostLines) {
            out.push_back(strCat("and ", report.damages.size() - kMostLines, " more"));
            break;
        }
        out.push_back(printable(strCat(damage.object, ": ", damage.text)));
    }
    return out;
}

/// Runs `work` as a job on the host's store; no store yet is an empty report.
/// @param audited it changes the store: the audit log has a record.
template <class Report>
control::Executor::Answer<Upkeep<Report>>
runJob(const CheckpointService::Parts &parts, std::string verb, const control::Actor &actor,
       bool audited, CheckpointStore::StorePtr store,
       std::function<Result<Report>(repository::Store &, std::stop_token)> work)
{
    return parts.executor.run<Upkeep<Report>>(
        {verb, "repository", true, kUpkeepDeadline}, {.actor = actor},
        [&audit = parts.audit, verb, audited, store = std::move(store),
         work = std::move(work)](const control::Call &call) -> Result<Upkeep<Report>> {
            Upkeep<Report> out;
            Result<Report> report = store != nullptr ? work(*store, call.stop) : Report();
            if (report)
                out.lines = linesOf(*report);
            if (audited)
                out.notRecorded = record(audit, verb, "repository", out.lines.empty() ? std::string() : out.lines.front(),
                                         call.actor, report ? nullptr : &report.error());
            out.report = GANTRY_TRY(std::move(report));
            return out;
        });
}

} // namespace

grpc::Status CheckpointService::Collect(grpc::ServerContext *context, const v1::CollectRequest *request,
                                        v1::CollectReply *reply)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "collect", "repository"));
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        auto answer = runJob<repository::CollectReport>(
            m_parts, "collect", actor, true, GANTRY_TRY(m_parts.store.forWriting()),
            [](repository::Store &store, std::stop_token stop) -> Result<repository::CollectReport> {
                // Who asks wants room. A migration that counts on it just now fails, and lets its container run on.
                GANTRY_TRY(forgetUnfinished(store, std::chrono::microseconds{0}));
                return store.collect(0.25, std::move(stop));
            });
        reply->set_job_id(answer.job);
        const Upkeep<repository::CollectReport> done = GANTRY_TRY(std::move(answer.result));
        reply->set_freed_bytes(done.report.freed.v);
        reply->set_packs_removed(done.report.packsRemoved);
        reply->set_packs_rewritten(done.report.packsRewritten);
        reply->set_not_recorded(done.notRecorded);
        return {};
    }());
}

grpc::Status CheckpointService::Verify(grpc::ServerContext *context, const v1::VerifyRequest *request,
                                       v1::VerifyReply *reply)
{
    return toStatus([&]() -> Result<> {
        // It changes nothing, but holds up those who do: the whole store is read, on their workers.
        GANTRY_CHECK(m_parts.peers.mayDecide(*context, "verify", "repository"));
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        auto answer = runJob<repository::CheckReport>(
            m_parts, "verify", actor, false, GANTRY_TRY(m_parts.store.forReading()),
            [](repository::Store &store, std::stop_token stop) { return store.check(std::move(stop)); });
        reply->set_job_id(answer.job);
        const Upkeep<repository::CheckReport> done = GANTRY_TRY(std::move(answer.result));
        reply->set_checkpoints(done.report.checkpoints);
        reply->set_read_bytes(done.report.read.v);
        reply->set_damages_found(done.report.damages.size());
        for (const repository::Damage &damage : done.report.damages) {
            if (reply->damages_size() == kMostDamages)
                break;
            v1::VerifyReply::Damage &out = *reply->add_damages();
            out.set_object(printable(damage.object));
            out.set_text(printable(damage.text));
            out.set_checkpoints_touched(damage.checkpoints.size());
            for (const repository::CheckpointId &id : damage.checkpoints) {
                if (out.checkpoints_size() == kMostIds)
                    break;
                out.add_checkpoints(id.text());
            }
        }
        return {};
    }());
}

grpc::Status CheckpointService::InitStore(grpc::ServerContext *context, const v1::InitStoreRequest *request,
                                          v1::InitStoreReply *reply)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "initStore", "repository"));
        const auto made = m_parts.store.create(request->key_file(), request->passphrase());
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        reply->set_path(m_parts.store.path());
        reply->set_not_recorded(record(m_parts.audit, "initStore", m_parts.store.path(),
                                       !request->passphrase().empty() ? "with a passphrase"
                                       : request->key_file().empty()  ? "not encrypted"
                                                                      : request->key_file(),
                                       actor,
                                       made ? nullptr : &made.error()));
        return made;
    }());
}

grpc::Status CheckpointService::Stats(grpc::ServerContext * /*context*/, const v1::StoreStatsRequest * /*request*/,
                                      v1::StoreStatsReply *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        if (store == nullptr)
            return {};
        const repository::StoreStats stats = GANTRY_TRY(store->stats());
        reply->set_checkpoints(stats.checkpoints);
        reply->set_logical_bytes(stats.logical.v);
        reply->set_stored_bytes(stats.packed.v + stats.catalogue.v);
        reply->set_unfinished(stats.unfinished);
        reply->set_unfinished_bytes(stats.unfinishedStored.v);
        return {};
    }());
}

} // namespace gantry::service
