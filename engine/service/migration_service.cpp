// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_service.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/launch/network.h"
#include "engine/service/migration_jobs.h"
#include "engine/service/migration_judge.h"
#include "engine/service/status.h"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace gantry::service {

using migration::Decision;
using migration::Duty;
using migration::Frame;
using migration::Record;
using migration::Side;
using std::chrono::steady_clock;

namespace {

std::string dutyText(const Record &record)
{
    switch (migration::dutyOf(record)) {
    case Duty::RunSource:
        return "it runs on here";
    case Duty::EndSource:
        return strCat(record.peer, " has it, and has not said so yet");
    case Duty::AskSource:
        return strCat("it stands still here until ", record.peer, " has said what was decided");
    case Duty::RunTarget:
        return strCat("it runs here; ", record.peer, " is to know");
    case Duty::RemoveTarget:
        return "what is here of it is to be removed";
    case Duty::None:
        break;
    }
    return "nothing";
}

/// Whether what a source's record is about lives still: what has the name now may be another one.
Result<bool> isThere(const Record &record)
{
    if (record.held.size() < 2)
        return false;
    return statOf(GANTRY_TRY(parseLife(record.held[1]))).has_value();
}

} // namespace

MigrationService::MigrationService(Parts parts)
    : m_parts(std::move(parts))
    , m_log(folder())
    , m_belongings({m_parts.hierarchies, m_parts.schedules, m_parts.rules, m_parts.audit, folder()})
{}

bool MigrationService::isAtWork(const std::string &id, Side side) const
{
    const std::string name = migrationWorkName(id, side);
    const auto held = heldFiles(folder(), kMigrationAtWork);
    return held && std::ranges::any_of(*held, [&name](const std::string &one) {
               return strCat(kMigrationAtWork, one).starts_with(name);
           });
}

migration::Landing MigrationService::landingOf(const Record &record) const
{
    return {{},
            {},
            [this, record]() -> Result<> {
                if (record.held.empty())
                    return {};
                auto ran = runHeld(record);
                if (!ran && record.held.size() > 1)
                    return fail(
                        ran.error().posix(), "migrate", record.subject,
                        strCat("what stood still here is gone, after a boot, say: ", ran.error().message()),
                        strCat("Its checkpoint is here: gantryctl restore ", record.held[1], " --as ", record.subject));
                return ran;
            },
            [this, record]() -> Result<> {
                m_belongings.forget(record.id);
                if (record.held.empty()) // it had not come so far
                    return {};
                const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("receive"));
                return checkpoint::removeHeld(record.subject,
                                              GANTRY_TRY(cgroup::CgroupPath::parse(record.held.front())), means,
                                              {runtime::Clock::now() + kMigrationEnd});
            }};
}

v1::MigrationTaken MigrationService::adopt(const Record &record) const
{
    return record.held.empty() ? v1::MigrationTaken()
                               : m_belongings.adopt(record.id, record.subject, record.held.front(), record.by);
}

Result<> MigrationService::runHeld(const Record &record) const
{
    return checkpoint::runHeld(record.subject, GANTRY_TRY(cgroup::CgroupPath::parse(record.held.front())),
                               m_parts.store.spillFolder(), *m_parts.hierarchies);
}

Result<> MigrationService::endSource(const Record &record) const
{
    // Its processes may have ended before its runtime had forgotten it.
    if (!GANTRY_TRY(isThere(record))) {
        const std::string &state = m_parts.store.spillFolder();
        GANTRY_CHECK(checkpoint::forgetEnded(record.subject, state, {runtime::Clock::now() + kMigrationEnd}));
        return launch::holderOf(record.subject).empty() ? launch::removeNetwork(launch::Place(state, record.subject))
                                                        : Result<>();
    }
    const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("migrate"));
    return checkpoint::endHeld(record.subject, GANTRY_TRY(cgroup::CgroupPath::parse(record.held.front())), means,
                               {runtime::Clock::now() + kMigrationEnd});
}

Result<> MigrationService::removeRest(const Record &record) const
{
    const std::string &state = m_parts.store.spillFolder();
    const launch::Place place(state, record.subject);
    if (record.keeps || !place.exists())
        return {};
    // One of its name that was started since then stays.
    std::error_code unknown;
    const auto made = std::filesystem::last_write_time(place.config(), unknown);
    const auto then = std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(record.begunMicros));
    if (unknown || std::chrono::file_clock::to_sys(made) > then)
        return {};
    return launch::remove(record.subject, state, {runtime::Clock::now() + kMigrationEnd});
}

Result<std::string> MigrationService::attend(const Record &record)
{
    const auto advance = [&](migration::Step step) { return m_log.advance(record.id, record.side, step); };
    switch (migration::dutyOf(record)) {
    case Duty::RunSource:
        GANTRY_CHECK(advance(migration::Step::Aborted));
        if (GANTRY_TRY(isThere(record))) {
            GANTRY_CHECK(runHeld(record));
            m_parts.schedules.forgetEnd(GANTRY_TRY(parseLife(record.held[1])));
        }
        return strCat(record.subject, " runs on here");
    case Duty::EndSource:
        GANTRY_CHECK(endSource(record));
        return dutyText(record);
    case Duty::RunTarget:
        if (auto ran = landingOf(record).run(); !ran && ran.error().posix() != ENOENT)
            return std::unexpected(std::move(ran).error());
        adopt(record);
        return dutyText(record);
    case Duty::RemoveTarget:
        GANTRY_CHECK(landingOf(record).remove());
        GANTRY_CHECK(advance(migration::Step::Aborted));
        return strCat("what was here of ", record.subject, " is removed");
    case Duty::AskSource:
    case Duty::None:
        break;
    }
    return dutyText(record);
}

void MigrationService::recover()
{
    LockedEntry::removeLeft(folder(), kMigrationAtWork, LockedEntry::Kind::File);
    std::vector<std::string> unreadable;
    const auto records = m_log.unfinished(unreadable);
    if (!records)
        return; // there was never one
    for (const std::string &file : unreadable)
        log::error(log::Area::Control, file, ": no record of a migration; somebody has to look at what it was about");
    for (const Record &record : *records) {
        if (isAtWork(record.id, record.side))
            continue;
        const auto done = attend(record);
        log::info(log::Area::Control, "migration ", record.id, ", ", migration::sideName(record.side), ": ",
                  done ? *done : done.error().message());
    }
}

grpc::Status MigrationService::Profile(grpc::ServerContext * /*context*/, const v1::MigrationProfileRequest *request,
                                       v1::MigrationProfile *reply)
{
    return toStatus([&]() -> Result<> {
        const KeptContainer kept = GANTRY_TRY(movable(m_parts.checkpoints, request->target()));
        const auto pids = GANTRY_TRY(m_parts.checkpoints.pidsOf(request->target()));
        const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("migrate"));
        *reply = GANTRY_TRY(profileOf(*kept.container, pids, means.criu));
        return {};
    }());
}

grpc::Status MigrationService::Judge(grpc::ServerContext * /*context*/, const v1::JudgeMigrationRequest *request,
                                     v1::JudgeMigrationReply *reply)
{
    return toStatus([&]() -> Result<> {
        const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("receive"));
        const std::string &name = request->name().empty() ? request->profile().subject() : request->name();
        for (v1::CheckFinding &finding : judgeProfile(request->profile(), name, means, m_parts.runtimes))
            reply->mutable_findings()->Add(std::move(finding));
        reply->set_memory_available_bytes(checkpoint::availableMemory().v);
        reply->set_memory_wanted_bytes(request->profile().resident_bytes());
        return {};
    }());
}

grpc::Status MigrationService::Send(grpc::ServerContext *context, StreamFrames::Stream *stream)
{
    return toStatus([&]() -> Result<> {
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        StreamFrames frames(*stream, *context);
        const Frame first = GANTRY_TRY(frames.receive({steady_clock::now() + kMigrationEnd}));
        if (!first.has_begin())
            return fail(EINVAL, "migrate", "stream", "the first message does not begin it");
        return SourceJob(*this, frames, *context).run(first.begin());
    }());
}

grpc::Status MigrationService::Receive(grpc::ServerContext *context, StreamFrames::Stream *stream)
{
    return toStatus([&]() -> Result<> {
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        StreamFrames frames(*stream, *context);
        const Frame first = GANTRY_TRY(frames.receive({steady_clock::now() + kMigrationEnd}));
        if (!first.has_hello())
            return fail(EINVAL, "receive", "stream", "the first message is no hello");
        return TargetJob(*this, frames, *context).run(first.hello());
    }());
}

grpc::Status MigrationService::Unfinished(grpc::ServerContext * /*context*/,
                                          const v1::UnfinishedMigrationsRequest * /*request*/,
                                          v1::UnfinishedMigrationsReply *reply)
{
    return toStatus([&]() -> Result<> {
        std::vector<std::string> unreadable;
        for (const Record &record : GANTRY_TRY(m_log.unfinished(unreadable))) {
            if (isAtWork(record.id, record.side))
                continue;
            v1::UnfinishedMigration &out = *reply->add_migrations();
            out.set_id(record.id);
            out.set_side(std::string(migration::sideName(record.side)));
            out.set_step(std::string(migration::stepName(record.step)));
            out.set_subject(printable(record.subject));
            out.set_peer(printable(record.peer));
            out.set_by(printable(record.by));
            out.set_begun_usec(record.begunMicros);
            out.set_duty(printable(dutyText(record)));
        }
        reply->mutable_unreadable()->Add(unreadable.begin(), unreadable.end());
        return {};
    }());
}

grpc::Status MigrationService::Decide(grpc::ServerContext *context, const v1::DecideMigrationRequest *request,
                                      v1::DecideMigrationReply *reply)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "migrate", request->id()));
        const bool atWork = isAtWork(request->id(), Side::Source);
        const auto found = GANTRY_TRY(m_log.find(request->id(), Side::Source));
        // Presumed abort is for a source that has lost its record, not for a host that never was the source.
        if (!found)
            return fail(ENOENT, "migrate", printable(request->id()),
                        "this host was not the source of such a migration");
        if (!atWork && migration::dutyOf(*found) != Duty::None)
            GANTRY_TRY(attend(*found));
        switch (GANTRY_TRY(m_log.decide(request->id(), atWork))) {
        case Decision::Undecided:
            reply->set_decision(v1::DecideMigrationReply::DECISION_UNDECIDED);
            break;
        case Decision::Commit:
            reply->set_decision(v1::DecideMigrationReply::DECISION_COMMIT);
            break;
        case Decision::Abort:
            reply->set_decision(v1::DecideMigrationReply::DECISION_ABORT);
            break;
        }
        return {};
    }());
}

grpc::Status MigrationService::Conclude(grpc::ServerContext *context, const v1::ConcludeMigrationRequest *request,
                                        v1::ConcludeMigrationReply *reply)
{
    return toStatus([&]() -> Result<> {
        const bool isSource = request->side() == migration::sideName(Side::Source);
        if (!isSource && request->side() != migration::sideName(Side::Target))
            return fail(EINVAL, "migrate", printable(request->side()), "no side of a migration: source, target");
        const Side side = isSource ? Side::Source : Side::Target;
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "migrate", request->id()));
        if (isAtWork(request->id(), side))
            return fail(EBUSY, "migrate", printable(request->id()), "a job is at it");
        const auto found = GANTRY_TRY(m_log.find(request->id(), side));
        if (!found)
            return fail(ENOENT, "migrate", printable(request->id()), "this host knows of no such migration");
        const auto done = [&]() -> Result<std::string> {
            if (!isSource) {
                auto text = migration::concludeTarget(m_log, request->id(), request->commit(), landingOf(*found));
                if (text && request->commit())
                    *reply->mutable_taken() = adopt(*found);
                return text;
            }
            std::string text = strCat(found->subject, ": all is done");
            if (found->step == migration::Step::Committed) {
                GANTRY_CHECK(endSource(*found));
                GANTRY_CHECK(removeRest(*found));
                for (const std::string &note :
                     m_belongings.giveAway(found->subject, found->held.empty() ? std::string() : found->held.front(),
                                           request->taken(), found->by))
                    text += "; " + note;
                GANTRY_CHECK(m_log.advance(request->id(), Side::Source, migration::Step::Done));
            }
            return text;
        }();
        reply->set_not_recorded(
            service::record(m_parts.audit, "settleMigration", found->subject, request->commit() ? "commit" : "abort",
                            m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()),
                            done ? nullptr : &done.error()));
        reply->set_text(GANTRY_TRY(done));
        return {};
    }());
}

} // namespace gantry::service
