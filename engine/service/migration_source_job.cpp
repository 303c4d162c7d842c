// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Migration: the source's side.
#include "engine/service/migration_jobs.h"

#include "engine/base/log.h"
#include "engine/base/time_text.h"
#include "engine/repository/transfer.h"
#include "engine/service/checkpoint_copies.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/migration_judge.h"

#include <array>

namespace gantry::service {

using migration::Frame;
using migration::Side;
using repository::CheckpointId;
using std::chrono::milliseconds;

namespace {

std::vector<CheckpointId> parsed(std::span<const std::string> ids)
{
    std::vector<CheckpointId> out;
    for (const std::string &id : ids) {
        if (const auto one = CheckpointId::parse(id))
            out.push_back(*one);
    }
    return out;
}

} // namespace

Result<KeptContainer> movable(const CheckpointService &checkpoints, const v1::Target &target)
{
    auto kept = GANTRY_TRY(checkpoints.keptBy(target));
    if (!kept || !kept->container)
        return fail(ENOTSUP, "migrate",
                    kept ? kept->known.facts->name : strCat("pid ", GANTRY_TRY(checkpoints.pidsOf(target)).front()),
                    "Gantry did not start it", "Containers that \"gantryctl run\" started can be migrated");
    return *std::move(kept);
}

Result<> MigrationService::SourceJob::prepare(const v1::MigrationBegin &begin)
{
    v1::CreateCheckpointRequest request;
    *request.mutable_target() = begin.target();
    request.mutable_options()->CopyFrom(begin.options());
    m_kept = GANTRY_TRY(movable(m_parts.checkpoints, begin.target()));
    m_wish = GANTRY_TRY(m_parts.checkpoints.wishFor(request));
    m_wish.manifest.values[kSubject] = m_wish.manifest.container.name = m_kept->known.facts->name;
    m_wish.manifest.trigger = kMigrationTrigger;
    GANTRY_CHECK(m_parts.peers.mayAct(m_context, "migrate", m_wish.manifest.container.name));
    if (m_kept->known.facts->state == runtime::State::Paused)
        return fail(EBUSY, "migrate", m_kept->known.facts->name, "it is paused", "Unpause it first");
    m_means = GANTRY_TRY(m_parts.checkpoints.meansFor("migrate"));
    m_profile = GANTRY_TRY(profileOf(*m_kept->container, m_wish.pids, m_means->criu));
    m_life = GANTRY_TRY(lifeOf(m_wish.pids.front()));
    m_store = GANTRY_TRY(m_parts.store.forWriting());
    if (auto forgotten = forgetUnfinished(*m_store, kUnfinishedKept); !forgotten)
        log::warning(log::Area::Control, "what migrations have left: ", forgotten.error().message());
    m_id = GANTRY_TRY(migration::newId());
    m_work = GANTRY_TRY(MigrationWork::begin(
        m_parts, m_service.folder(), Side::Source, m_id, m_kept->known.facts->name,
        m_parts.peers.actorOf(m_context, begin.actor().program(), begin.actor().user()), begin.deadline_ms()));
    return {};
}

migration::SourcePlan MigrationService::SourceJob::plan(const v1::MigrationBegin &begin) const
{
    migration::SourcePlan out;
    out.record = {.id = m_id,
                  .side = Side::Source,
                  .subject = m_kept->container->id,
                  .peer = printable(begin.peer()),
                  .by = m_work->call().actor.text(),
                  .begunMicros = realtimeMicros(),
                  .held = {m_kept->known.facts->cgroupPath, m_life.text()},
                  .keeps = begin.keep()};
    out.hello.set_id(m_id);
    *out.hello.mutable_profile() = m_profile;
    out.hello.set_name(begin.name().empty() ? m_kept->container->id : begin.name());
    *out.hello.mutable_actor() = begin.actor();
    out.hello.set_deadline_ms(begin.deadline_ms());
    out.hello.mutable_skip()->CopyFrom(begin.skip());
    out.rounds = std::min(begin.rounds(), migration::kMostRounds);
    out.bytesPerSecond = begin.limit_bytes_per_second();
    if (begin.downtime_ms() != 0)
        out.downtime = milliseconds(begin.downtime_ms());
    return out;
}

Result<checkpoint::Saved> MigrationService::SourceJob::save(bool leaveRunning, std::optional<checkpoint::HandOver> hand,
                                                            const checkpoint::OnPhase &onPhase)
{
    checkpoint::SaveWish wish = m_wish;
    wish.leaveRunning = leaveRunning;
    wish.handOver = std::move(hand);
    // What it is made of may have changed since it was looked at.
    wish.pids = GANTRY_TRY(checkpoint::treeOf(m_wish.pids.front()));
    const cgroup::Hierarchies &hierarchies = *m_parts.hierarchies;
    wish.manifest.values[kHomes] = homesText(hierarchies, GANTRY_TRY(checkpoint::placesOf(hierarchies, wish.pids)));
    control::Call call = m_work->call();
    call.onPhase = onPhase;
    return saveRecorded(m_parts.checkpoints.toolsFor(*m_means, m_store), std::move(wish), m_kept, m_work->left(), call);
}

Result<std::string> MigrationService::SourceJob::saveRunning()
{
    const checkpoint::Saved saved = GANTRY_TRY(save(true, std::nullopt, m_work->call().onPhase));
    m_rounds.push_back(saved.id);
    return saved.id.text();
}

Result<> MigrationService::SourceJob::saveStill(const checkpoint::HandOver &hand, const checkpoint::OnPhase &onPhase)
{
    const checkpoint::HandOver noted{[&](const checkpoint::Saved &saved) {
                                         m_last = saved.id;
                                         return hand.offer(saved);
                                     },
                                     hand.decide};
    GANTRY_TRY(save(false, noted, onPhase));
    return {};
}

migration::Workload MigrationService::SourceJob::workload()
{
    return {[this] { return saveRunning(); },
            [this](const checkpoint::HandOver &hand, const checkpoint::OnPhase &onPhase) {
                return saveStill(hand, onPhase);
            },
            [this](const std::string &id, const migration::Known &known, const repository::Sink &sink,
                   const std::stop_token &stop) {
                std::vector<CheckpointId> bases = parsed(known.checkpoints);
                std::erase_if(bases, [this](const CheckpointId &one) { return !m_store->checkpoint(one); });
                return repository::exportCheckpoints(*m_store, parsed(std::array{id}), sink, stop, bases, known.rests);
            },
            [this] { return belongings(); },
            [this](std::vector<repository::Rest> rests, const std::stop_token &stop) {
                return trueRests(*m_store, std::move(rests), stop);
            }};
}

v1::MigrationBelongings MigrationService::SourceJob::belongings()
{
    m_stays.clear();
    m_belongings = m_service.m_belongings.of(
        m_kept->container->id, m_kept->known.facts->cgroupPath,
        checkpoint::treeOf(m_wish.pids.front()).value_or(std::vector<std::int32_t>()), m_stays);
    return m_belongings;
}

migration::Frames &MigrationService::SourceJob::frames()
{
    if (m_direct)
        return *m_direct;
    return m_caller;
}

Result<> MigrationService::SourceJob::choose(const v1::MigrationBegin &begin)
{
    m_way.set_id(m_id);
    m_way.set_name("relay");
    m_way.set_way("relay");
    if (begin.has_direct()) {
        auto target = migration::connectDirect(begin.direct(), m_work->wait().stop);
        if (!target && begin.direct().only())
            return std::unexpected(std::move(target).error());
        if (target) {
            m_target = *std::move(target);
            m_direct.emplace(m_caller, *m_target, m_work->wait());
            m_way.set_name("direct");
            m_way.set_way(strCat("direct ", m_target->peer()));
        } else {
            m_way.set_note(
                strCat("the hosts could not be connected, so it was relayed: ", printable(target.error().detail)));
        }
    }
    Frame frame;
    *frame.mutable_phase() = m_way;
    return m_caller.send(frame);
}

void MigrationService::SourceJob::keepSaved(const migration::SourcePlan &wish, const Error &why)
{
    if (why.posix() == EINPROGRESS) { // whether it is the target's has to be settled: that needs no rounds
        removeCheckpoints(*m_store, m_rounds);
        return;
    }
    std::vector<CheckpointId> saved = m_rounds;
    if (m_last)
        saved.push_back(*m_last);
    const ContainerNames names{wish.record.subject, wish.hello.name()};
    keepForNext(*m_store, saved, names);
    if (why.posix() == EBADMSG) // as at the target
        forgetUnfinished(*m_store, names);
}

Result<> MigrationService::SourceJob::run(const v1::MigrationBegin &begin)
{
    if (auto ready = prepare(begin); !ready) {
        static_cast<void>(m_caller.send(migration::abortFrame(ready.error()))); // as the call's own end
        return ready;
    }
    if (auto chosen = choose(begin); !chosen) {
        static_cast<void>(m_caller.send(migration::abortFrame(chosen.error())));
        static_cast<void>(m_work->end(chosen.error(), begin.peer()));
        return chosen;
    }
    const migration::SourcePlan wish = plan(begin);
    auto moved = migration::runSource(
        frames(), m_service.m_log, wish, workload(), [this](std::string_view name) { m_work->call().phase(name); },
        m_work->wait());
    if (!moved) {
        keepSaved(wish, moved.error());
        static_cast<void>(m_work->end(moved.error(), begin.peer())); // the failure is what is told
        return std::unexpected(std::move(moved).error());
    }
    removeCheckpoints(*m_store, m_rounds);
    removeEarlier(*m_store, {wish.record.subject, wish.hello.name()}, *m_last);
    if (const auto removed = moved->unconfirmed ? Result<>() : m_service.removeRest(wish.record); !removed)
        moved->notes.push_back(strCat("its files are still here: ", removed.error().message()));
    if (!moved->unconfirmed) {
        moved->notes.insert(moved->notes.end(), m_stays.begin(), m_stays.end());
        const auto went = m_service.m_belongings.giveAway(m_kept->container->id, m_kept->known.facts->cgroupPath,
                                                          moved->taken, m_work->call().actor.text());
        moved->notes.insert(moved->notes.end(), went.begin(), went.end());
        const bool isTold = !moved->taken.notes().empty();
        if (m_belongings.has_schedule() && !moved->taken.schedule() && !isTold)
            moved->notes.emplace_back("its checkpoint schedule stays here: the other host's Gantry takes none");
        if (!m_belongings.rules().empty() && moved->taken.rules().empty() && !isTold)
            moved->notes.emplace_back("the alert rules about it stay here: the other host's Gantry takes none");
    }
    Frame last;
    v1::MigrationDone &done = *last.mutable_done();
    done.set_id(m_id);
    done.set_job_id(m_work->job());
    done.set_checkpoint(moved->checkpoint);
    done.set_bytes(moved->bytes);
    done.set_unpacked_bytes(moved->unpacked);
    done.set_resumed_bytes(moved->resumed);
    done.set_downtime_usec(static_cast<std::uint64_t>(moved->downtime.count()));
    done.set_total_usec(static_cast<std::uint64_t>(moved->total.count()));
    done.set_rounds(moved->rounds);
    done.set_unconfirmed(moved->unconfirmed);
    done.set_way(m_way.way());
    if (moved->sending.count() > 0)
        done.set_bytes_per_second(static_cast<std::uint64_t>(static_cast<double>(moved->bytes) /
                                                             std::chrono::duration<double>(moved->sending).count()));
    done.set_not_recorded(m_work->end(std::nullopt, begin.peer(),
                                      {strCat("to ", printable(begin.peer()), ", bytes: ", moved->bytes,
                                              ", stood still: ", moved->downtime.count(), " us, ", m_way.way())}));
    if (!m_way.note().empty())
        done.add_notes(m_way.note());
    for (const std::string &note : moved->notes)
        done.add_notes(printable(note));
    return frames().send(last);
}

} // namespace gantry::service
