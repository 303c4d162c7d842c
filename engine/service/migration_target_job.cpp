// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Migration: the target's side.
#include "engine/service/migration_jobs.h"

#include "engine/base/log.h"
#include "engine/base/time_text.h"
#include "engine/repository/transfer.h"
#include "engine/service/checkpoint_copies.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/migration_judge.h"

namespace gantry::service {

using migration::Landed;
using migration::Record;
using migration::Side;
using repository::CheckpointId;

void removeEarlier(repository::Store &store, const ContainerNames &names, const CheckpointId &last)
{
    const auto listing = store.list();
    if (!listing)
        return; // they stay until the next one
    std::vector<CheckpointId> out;
    for (const repository::Checkpoint &one : listing->checkpoints) {
        const repository::Manifest &manifest = one.manifest;
        const bool isOurs =
            manifest.trigger == kMigrationTrigger && std::ranges::find(names, manifest.container.name) != names.end();
        if (isOurs && one.id != last && !one.pinned && manifest.name.empty() && manifest.note.empty())
            out.push_back(one.id);
    }
    removeCheckpoints(store, out);
    forgetUnfinished(store, names);
}

Result<> MigrationService::TargetJob::judge(const v1::MigrationHello &hello)
{
    GANTRY_CHECK(m_parts.peers.mayAct(m_context, "receive", hello.name()));
    if (!migration::isId(hello.id()))
        return fail(EINVAL, "receive", printable(hello.id()), "no id of a migration");
    m_means = GANTRY_TRY(m_parts.checkpoints.meansFor("receive"));
    const std::vector<std::string> skip(hello.skip().begin(), hello.skip().end());
    GANTRY_CHECK(
        checkJudged(judgeProfile(hello.profile(), hello.name(), *m_means, m_parts.runtimes), skip, hello.name()));
    m_store = GANTRY_TRY(m_parts.store.forWriting());
    if (auto forgotten = forgetUnfinished(*m_store, kUnfinishedKept); !forgotten)
        log::warning(log::Area::Control, "what migrations have left: ", forgotten.error().message());
    const control::Actor actor = m_parts.peers.actorOf(m_context, hello.actor().program(), hello.actor().user());
    if (hello.profile().subject() != hello.name())
        m_subject = hello.name();
    m_record = {.id = hello.id(),
                .side = Side::Target,
                .subject = hello.name(),
                .peer = strCat("the host ", printable(hello.profile().host())),
                .by = actor.text(),
                .begunMicros = realtimeMicros(),
                .held = {}};
    m_work = GANTRY_TRY(MigrationWork::begin(m_parts, m_service.folder(), Side::Target, hello.id(), hello.name(), actor,
                                             hello.deadline_ms()));
    return {};
}

Result<std::vector<std::string>> MigrationService::TargetJob::store(const repository::Source &source,
                                                                    const std::stop_token &stop)
{
    m_work->call().phase("receive");
    // On its time line here they belong to it, whatever it was called there.
    const repository::Imported in =
        GANTRY_TRY(repository::importCheckpoints(*m_store, source, stop, subjectEdit(m_subject), true));
    std::vector<std::string> out;
    for (const repository::Checkpoint &one : in.added) {
        m_added.push_back(one.id);
        out.push_back(one.id.text());
    }
    for (const CheckpointId &id : in.known)
        out.push_back(id.text());
    return out;
}

Result<> MigrationService::TargetJob::keep(const v1::MigrationBelongings &belongings)
{
    if (belongings.has_limits())
        m_limits = belongings.limits();
    return m_service.m_belongings.keep(m_record.id, belongings);
}

Result<v1::MigrationHeld> MigrationService::TargetJob::hold(const std::string &id, const std::stop_token &stop)
{
    repository::Checkpoint one = GANTRY_TRY(theOne(m_store, id));
    m_last = one.id;
    if (m_limits)
        one.manifest.values[kHomes] = *m_limits;
    const auto container = GANTRY_TRY(checkpoint::containerOf(one.manifest));
    const auto wanted = GANTRY_TRY(savedLimits(one.manifest, launch::cgroupOf(container.id, container.bySystemd)));
    CopyLimits limits = GANTRY_TRY(copyLimitsOf(one.manifest));
    leaveOutUnknown(limits.first, *m_parts.hierarchies);
    const launch::Plan plan =
        launch::planCopy(GANTRY_TRY(checkpoint::modelOf(one, *m_store)), m_record.subject, m_means->spillFolder);
    const std::string cgroup = launch::cgroupOf(m_record.subject, plan.bySystemd);
    // Written before there is anything: whoever finds the record knows where to look.
    m_record.held = {cgroup, id};
    GANTRY_CHECK(m_service.m_log.setHeld(m_record.id, Side::Target, m_record.held));
    m_held = GANTRY_TRY(checkpoint::restoreHeld(one, m_record.subject, limits.first, *m_means, *m_store,
                                                {m_work->wait().until, stop}, m_work->call().onPhase));
    v1::MigrationHeld out;
    if (m_held->restored.child != 0)
        m_parts.loop.post([&adopted = m_parts.adopted, child = m_held->restored.child] { adopted.add(child); });
    for (const std::string &note : giveLimits(wanted.value_or(std::vector<SavedLimit>()), cgroup, m_parts.control,
                                              *m_parts.hierarchies, m_work->call()))
        out.add_notes(printable(note));
    for (const std::string &note : m_held->restored.notes)
        out.add_notes(printable(note));
    const auto life = lifeOf(m_held->restored.pid);
    const auto kept = life ? keepRestored(m_means->spillFolder, *life, one.id) : std::unexpected(life.error());
    if (!kept)
        out.add_notes(
            strCat("its next checkpoint will not know that it goes on from this one: ", kept.error().message()));
    return out;
}

Result<> MigrationService::TargetJob::remove(const ContainerNames &names)
{
    if (m_held)
        GANTRY_CHECK(
            checkpoint::removeHeld(m_held->name, m_held->cgroup, *m_means, {runtime::Clock::now() + kMigrationEnd}));
    keepForNext(*m_store, m_added, names);
    m_added.clear();
    m_service.m_belongings.forget(m_record.id);
    return {};
}

Result<> MigrationService::TargetJob::run(const v1::MigrationHello &hello)
{
    if (auto judged = judge(hello); !judged) {
        static_cast<void>(m_frames.send(migration::abortFrame(judged.error()))); // as the call's own end
        return judged;
    }
    HeldHere held = heldHere(*m_store, names(hello), m_work->wait().stop);
    const migration::TargetPlan plan{m_record, std::move(held.checkpoints), std::move(held.rests)};
    const migration::Landing landing{
        [this](const repository::Source &source, const std::stop_token &stop) { return store(source, stop); },
        [this](const std::string &id, const std::stop_token &stop) { return hold(id, stop); },
        [this]() -> Result<> {
            return checkpoint::runHeld(m_held->name, m_held->cgroup, m_means->spillFolder, *m_parts.hierarchies);
        },
        [this, &hello] { return remove(names(hello)); },
        [this](const v1::MigrationBelongings &belongings) { return keep(belongings); },
        [this] { return m_service.adopt(m_record); }};
    const auto landed = migration::runTarget(m_frames, m_service.m_log, plan, landing, m_work->wait());
    const std::string from = m_record.peer;
    if (!landed) {
        // What was damaged here, or takes the room that is missing, is in the way of the next try.
        if (const int why = landed.error().posix(); why == EBADMSG || why == ENOSPC || why == EDQUOT)
            forgetUnfinished(*m_store, names(hello));
        static_cast<void>(m_work->end(landed.error(), from));
        return std::unexpected(landed.error());
    }
    if (*landed == Landed::Holds) {
        Error error =
            fail(EINPROGRESS, "receive", m_record.subject,
                 strCat("the connection broke; it stands still here until ", from, " has said what was decided"),
                 "gantryctl migrations tells what is left; the console settles it when both are connected")
                .error();
        static_cast<void>(m_work->end(error, from));
        return std::unexpected(std::move(error));
    }
    m_parts.runtimes.lookSoon();
    const auto record = m_service.m_log.find(m_record.id, Side::Target);
    if (record && *record && (*record)->step == migration::Step::Done) // its source has removed what went along
        m_service.m_belongings.forget(m_record.id);
    // Those of rounds have done what they were for.
    std::erase(m_added, *m_last);
    removeCheckpoints(*m_store, m_added);
    removeEarlier(*m_store, names(hello), *m_last);
    static_cast<void>(m_work->end(std::nullopt, from, {strCat("pid ", m_held->restored.pid)}));
    return {};
}

} // namespace gantry::service
