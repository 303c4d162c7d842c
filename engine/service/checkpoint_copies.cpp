// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's Copy: a checkpoint restored as another container, or as several.
#include "engine/service/checkpoint_copies.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/cgroup/limits.h"
#include "engine/checkpoint/by_podman.h"
#include "engine/checkpoint/copies.h"
#include "engine/checkpoint/podman_copies.h"
#include "engine/proto/convert.h"
#include "engine/runtime/json.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_homes.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/checkpoint_volumes.h"
#include "engine/service/lives.h"
#include "engine/service/status.h"

#include <algorithm>
#include <atomic>

namespace gantry::service {

using checkpoint::CopyConflict;
using checkpoint::CopyMade;
using checkpoint::Restored;
using repository::Checkpoint;
using std::chrono::milliseconds;

namespace {

constexpr std::uint32_t kMostCopies = 100;
constexpr milliseconds kRuntimePatience{5'000};

/// What a copy cannot be started with, but can be given when it runs.
using Limits = std::vector<SavedLimit>;

struct CopyJob
{
    CheckpointTools tools;
    Checkpoint one;
    checkpoint::CopyWish wish;
    Limits later;
    milliseconds deadline;
    const control::Control *control;
    bool bySystemd = false; ///< their cgroups are
    bool byPodman = false;  ///< by its own verb
};

/// One copy as the answer tells it.
struct Told
{
    CopyMade made;
    std::string notRecorded{};
};

/// What the job did; looked at only when it has ended.
struct Copied
{
    std::vector<Told> copies;
    std::vector<std::string> notes;
    std::atomic<bool> ended = false;
};

Result<std::vector<std::string>> namesOf(const v1::CopyCheckpointRequest &request, const Checkpoint &one)
{
    return copyNames(request.name(), request.copies(),
                     checkpoint::isByPodman(one.manifest) ? one.manifest.container.name : one.manifest.container.id);
}

/// @return why they are not set; empty: they are.
std::string setLater(const CopyJob &job, const CopyMade &made, const control::Call &call)
{
    const auto set = setLater(job.later, launch::cgroupOf(made.name, job.bySystemd), *job.control,
                              *job.tools.means.hierarchies, call);
    return set ? std::string()
               : strCat(made.name, " has not every limit that it was saved with: ", set.error().message());
}

/// One that has ended, well or not: the records about it.
void conclude(const CopyJob &job, Told &told, std::vector<std::string> &notes, const control::Call &call)
{
    CopyMade &made = told.made;
    const Error *const failure = made.restored ? nullptr : &made.restored.error();
    told.notRecorded = record(job.tools.audit, "restoreCopy", made.name, job.one.id.text(), call.actor, failure);
    if (failure != nullptr)
        return;
    for (const std::string &note : made.restored->notes)
        notes.push_back(strCat(made.name, ": ", note));
    if (made.restored->child != 0)
        job.tools.loop.post([&adopted = job.tools.adopted, child = made.restored->child] { adopted.add(child); });
    const auto life = lifeOf(made.restored->pid);
    const auto kept =
        life ? keepRestored(job.tools.means.spillFolder, *life, job.one.id) : std::unexpected(life.error());
    if (!kept)
        log::warning(log::Area::Control, "the next checkpoint of ", made.name, " will not know that it goes on from ",
                     job.one.id.text(), ": ", kept.error().message());
    if (std::string note = setLater(job, made, call); !note.empty())
        notes.push_back(std::move(note));
}

Result<CopyLines> runCopies(const CopyJob &job, Copied &out, const control::Call &call)
{
    const auto each = [&](CopyMade &made) {
        out.copies.push_back({made});
        conclude(job, out.copies.back(), out.notes, call);
    };
    const runtime::Patience patience{runtime::Clock::now() + job.deadline, call.stop};
    auto done = job.byPodman ? checkpoint::restorePodmanCopies(job.one, job.wish.names, job.tools.means,
                                                               *job.tools.store, patience, call.onPhase, each)
                             : checkpoint::restoreCopies(job.one, job.wish, job.tools.means, *job.tools.store, patience,
                                                         call.onPhase, each);
    CopyLines lines;
    for (const Told &told : out.copies) {
        if (told.made.restored)
            lines.lines.push_back(strCat(told.made.name, ": pid ", told.made.restored->pid));
    }
    out.ended = true;
    if (!done)
        return std::unexpected(std::move(done).error());
    const auto failed = std::ranges::find_if(*done, [](const CopyMade &made) { return !made.restored; });
    if (failed == done->end())
        return lines;
    Error failure = failed->restored.error();
    failure.detail += strCat(failure.detail.empty() ? "" : "; ", lines.lines.size(), " of ", job.wish.names.size(),
                             " run: ", lines.lines.empty() ? "none" : joined(lines.lines));
    return std::unexpected(std::move(failure));
}

void fill(v1::CopyCheckpointReply::Copy &copy, const launch::Plan &plan)
{
    copy.set_bundle(plan.bundle);
    copy.set_log(plan.log);
    copy.set_cgroups_path(plan.cgroupsPath);
}

void fill(v1::CopyCheckpointReply &reply, const Copied &done)
{
    for (v1::CopyCheckpointReply::Copy &copy : *reply.mutable_copies()) {
        const auto told =
            std::ranges::find_if(done.copies, [&copy](const Told &one) { return one.made.name == copy.name(); });
        if (told == done.copies.end())
            continue;
        if (told->made.restored) {
            copy.set_root_pid(told->made.restored->pid);
            copy.set_duration_usec(static_cast<std::uint64_t>(told->made.restored->stood.count()));
        } else {
            *copy.mutable_failure() = gantry::toMessage(told->made.restored.error());
        }
        if (!told->notRecorded.empty())
            reply.set_not_recorded(told->notRecorded);
    }
    for (const std::string &note : done.notes)
        reply.add_notes(printable(note));
}

/// What an admin might not expect.
void addNotes(v1::CopyCheckpointReply &reply, const launch::Model &model)
{
    const auto config = runtime::parseJson("config.json", model.config);
    const std::string host = config ? runtime::textAt(*config, {"hostname"}) : std::string();
    if (!host.empty())
        reply.add_notes(printable(strCat("the host name inside is ", host, ", as it was saved")));
}

} // namespace

Result<std::vector<std::string>> copyNames(const std::string &name, std::uint32_t copies, const std::string &own)
{
    if (copies > kMostCopies)
        return fail(EINVAL, "restore", printable(own), strCat(copies, " copies: ", kMostCopies, " are the most"));
    if (copies == 0 && name.empty())
        return fail(EINVAL, "restore", printable(own), "nothing says what the new container is called");
    const std::string base = name.empty() ? own : name;
    if (copies == 0)
        return std::vector<std::string>{base};
    std::vector<std::string> out;
    for (std::uint32_t i = 1; i <= copies; ++i)
        out.push_back(strCat(base, "-", i));
    return out;
}

void addNamesakes(const runtime::Runtimes &runtimes, std::span<const std::string> names, std::vector<CopyConflict> &out)
{
    for (const std::string &name : names) {
        const bool known = std::ranges::any_of(
            out, [&name](const CopyConflict &one) { return one.name == name && one.error.posix() == EEXIST; });
        if (const std::string has = runtimeWith(runtimes, name, kRuntimePatience); !known && !has.empty())
            out.push_back({name, fail(EEXIST, "restore", name, strCat(has, " has a container of this name"),
                                      "Choose another name")
                                     .error()});
    }
}

std::string runtimeWith(const runtime::Runtimes &runtimes, const std::string &name, milliseconds patience)
{
    runtimes.waitForFirst(patience);
    const runtime::TablePtr table = runtimes.table();
    const auto same = std::ranges::find_if(
        table->all(), [&name](const runtime::Known &one) { return one.facts->name == name || one.facts->id == name; });
    return same == table->all().end() ? std::string() : same->facts->runtime;
}

Result<CopyLimits> copyLimitsOf(const repository::Manifest &manifest)
{
    const auto container = GANTRY_TRY(checkpoint::containerOf(manifest));
    auto saved = GANTRY_TRY(savedLimits(manifest, launch::cgroupOf(container.id, container.bySystemd)));
    CopyLimits out;
    if (!saved)
        return out;
    out.first.emplace();
    for (SavedLimit &saw : *saved) {
        // Some a container starts with, which a restore needs: memory that was given it later, for one. And crun has a
        // cgroup of its own making in the scope.
        if (saw.below.empty() && launch::resourcesOf({{saw.limit.key, saw.limit.value}}))
            out.first->emplace_back(saw.limit.key, std::move(saw.limit.value));
        else
            out.later.push_back(std::move(saw));
    }
    return out;
}

Result<> setLater(const std::vector<SavedLimit> &later, std::string_view cgroup, const control::Control &control,
                  const cgroup::Hierarchies &hierarchies, const control::Call &call)
{
    for (const SavedLimit &saw : later) {
        const auto path = GANTRY_TRY(cgroup::CgroupPath::parse(strCat(cgroup, saw.below)));
        const auto target = GANTRY_TRY(cgroup::locate(hierarchies, path));
        const auto now = cgroup::readLimit(hierarchies, target, saw.limit.key);
        if (!now || *now != saw.limit.value)
            GANTRY_TRY(control.setLimits(target, std::vector<control::LimitSetting>{saw.limit}, call));
    }
    return {};
}

grpc::Status CheckpointService::Copy(grpc::ServerContext *context, const v1::CopyCheckpointRequest *request,
                                     v1::CopyCheckpointReply *reply)
{
    const CopyRunner run = [this](const control::Executor::Spec &spec, const control::Call &call, auto work) {
        return m_parts.executor.run<CopyLines>(spec, call, std::move(work));
    };
    return toStatus(copyBy(*context, *request, run, *reply));
}

Result<> CheckpointService::copyBy(grpc::ServerContext &context, const v1::CopyCheckpointRequest &request,
                                   const CopyRunner &run, v1::CopyCheckpointReply &reply) const
{
    const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
    const Checkpoint one = GANTRY_TRY(theOne(store, request.checkpoint()));
    *reply.mutable_checkpoint() = toMessage(one);
    std::optional<launch::Model> model; // nullopt: podman knows
    if (!checkpoint::isByPodman(one.manifest))
        model = GANTRY_TRY(checkpoint::modelOf(one, *store));
    const checkpoint::Means means = GANTRY_TRY(meansFor("restore"));
    CopyJob job{
        toolsFor(means, store), one, {GANTRY_TRY(namesOf(request, one)), {}}, {}, deadlineOf(request.deadline_ms()),
        &m_parts.control};
    job.byPodman = !model;
    if (model) {
        CopyLimits limits = GANTRY_TRY(copyLimitsOf(one.manifest));
        job.wish.limits = std::move(limits.first);
        job.later = std::move(limits.later);
    }
    const runtime::Patience look{runtime::Clock::now() + kLookPatience};
    auto conflicts = GANTRY_TRY(model ? checkpoint::checkCopies(one, job.wish, means, *store, look)
                                      : checkpoint::checkPodmanCopies(one, job.wish.names, means, *store, look));
    addNamesakes(m_parts.runtimes, job.wish.names, conflicts);
    for (const CopyConflict &conflict : conflicts) {
        v1::CopyCheckpointReply::Conflict &told = *reply.add_conflicts();
        told.set_name(conflict.name);
        *told.mutable_failure() = gantry::toMessage(conflict.error);
    }
    for (const std::string &name : job.wish.names) {
        v1::CopyCheckpointReply::Copy &copy = *reply.add_copies();
        copy.set_name(name);
        if (!model)
            continue;
        const launch::Plan plan = launch::planCopy(*model, name, means.spillFolder);
        fill(copy, plan);
        job.bySystemd = plan.bySystemd;
    }
    if (model)
        addNotes(reply, *model);
    else
        reply.add_notes(
            "podman gives each an address of its own; what it has in volumes is as it is now, and is shared");
    GANTRY_CHECK(tellNotCopied(one, *store, reply));
    if (request.dry_run() || !conflicts.empty())
        return {};
    GANTRY_CHECK(m_parts.peers.mayAct(context, "restore", job.wish.names.front()));
    const control::Call call{.actor = m_parts.peers.actorOf(context, request.actor().program(), request.actor().user()),
                             .deadline = job.deadline};
    const auto done = std::make_shared<Copied>();
    const auto answer = run({"restoreCopies", reply.checkpoint().subject(), true, job.deadline}, call,
                            [job, done](const control::Call &running) { return runCopies(job, *done, running); });
    reply.set_job_id(answer.job);
    m_parts.runtimes.lookSoon();
    // Copies that were tried are an answer; what failed before the first one, and a job that goes on, are not.
    if (!answer.result && (!done->ended || done->copies.empty()))
        return std::unexpected(answer.result.error());
    fill(reply, *done);
    return {};
}

} // namespace gantry::service
