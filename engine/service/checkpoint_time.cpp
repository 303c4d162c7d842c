// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's calls about checkpoints on the time axis: their labels, going back in place, resuming.
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_files.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/status.h"

#include "engine/base/parse.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_homes.h"
#include "engine/service/lives.h"

#include <algorithm>
#include <functional>

namespace gantry::service {

using repository::Checkpoint;

namespace {

/// One label that is to change.
struct Edit
{
    const char *key;
    std::string before;
    std::string after;
    std::function<Result<>()> apply;
};

std::string pinText(bool pinned)
{
    return pinned ? "pinned" : "not pinned";
}

std::vector<Edit> editsOf(const v1::UpdateCheckpointRequest &request, const Checkpoint &one, repository::Store &store)
{
    std::vector<Edit> out;
    if (request.has_name())
        out.push_back(
            {"name", one.manifest.name, request.name(), [&] { return store.rename(one.id, request.name()); }});
    if (request.has_note())
        out.push_back({"note", one.manifest.note, request.note(), [&] { return store.note(one.id, request.note()); }});
    if (request.has_pinned())
        out.push_back({"pinned", pinText(one.pinned), pinText(request.pinned()),
                       [&] { return store.pin(one.id, request.pinned()); }});
    std::erase_if(out, [](const Edit &edit) { return edit.before == edit.after; });
    return out;
}

/// What a person calls it: its subject, its path, "pid:N" of its first process.
bool isSubject(const Checkpoint &one, const std::string &words)
{
    const std::string pids = valueOf(one.manifest, "pids");
    return words == valueOf(one.manifest, kSubject) || words == one.manifest.container.name ||
           words == valueOf(one.manifest, kCgroup) || words == strCat("pid:", pids.substr(0, pids.find(' ')));
}

/// In the answer: who ends.
void tell(v1::RestoreCheckpointReply &reply, const std::vector<std::int32_t> &pids)
{
    constexpr int kMost = 1'000;
    reply.set_ended_count(static_cast<std::uint32_t>(pids.size()));
    for (const std::int32_t pid : pids) {
        const auto stat = process::readStat(pid);
        if (!stat || reply.ended_size() == kMost)
            continue;
        v1::RestoreCheckpointReply::Ended &ended = *reply.add_ended();
        ended.set_pid(pid);
        ended.set_comm(printable(stat->comm));
    }
}

} // namespace

CheckpointTools CheckpointService::toolsFor(const checkpoint::Means &means, CheckpointStore::StorePtr store) const
{
    return {m_parts.audit, m_parts.loop, m_parts.adopted, m_parts.store, std::move(store), means};
}

Result<> checkDryRun(const Checkpoint &one, const checkpoint::Means &means, std::span<const std::int32_t> ending,
                     const v1::RestoreCheckpointRequest &request)
{
    auto checked = checkpoint::checkRestore(one, means, ending);
    // Of what it looks at only a cgroup can be missing, and that one it looks at last.
    if (!checked && checked.error().posix() == ENOENT && request.make_cgroups())
        return {};
    return checked;
}

Result<Checkpoint> CheckpointService::meant(const CheckpointStore::StorePtr &store,
                                            const v1::RestoreCheckpointRequest &request)
{
    auto named = theOne(store, request.checkpoint());
    if (!request.resume() || store == nullptr || named || named.error().posix() != ENOENT)
        return named;
    const repository::Listing listing = GANTRY_TRY(store->list());
    for (auto one = listing.checkpoints.rbegin(); one != listing.checkpoints.rend(); ++one) {
        if (one->manifest.trigger == "suspend" && isSubject(*one, request.checkpoint()))
            return *one;
    }
    return fail(ENOENT, "resume", printable(request.checkpoint()),
                "it is no checkpoint, and nothing of this name was suspended");
}

Result<Present> CheckpointService::presentOf(const Checkpoint &one, const repository::Store &store) const
{
    if (isKept(one.manifest))
        return keptPresentOf(one, store);
    if (one.manifest.container.runtime != "bare")
        return fail(
            ENOTSUP, "restore", one.manifest.container.name,
            strCat(one.manifest.container.runtime, " keeps it, and would not know what is restored in its place"));
    v1::CreateCheckpointRequest request;
    request.set_stop(true);
    Present out;
    if (const std::string path = valueOf(one.manifest, kCgroup); !path.empty()) {
        request.mutable_target()->set_cgroup_path(path);
        out.pids = pidsOf(request.target()).value_or(std::vector<std::int32_t>());
    } else {
        std::string_view pids = "";
        const std::string text = valueOf(one.manifest, "pids");
        pids = text;
        const auto root = parseI64(takeToken(pids));
        const auto life = root ? lifeOf(static_cast<std::int32_t>(*root)) : std::unexpected(root.error());
        // Whoever else has that pid is not ours to end: the check of the pids names it.
        if (life && areRelated(m_parts.store.spillFolder(), *life, one, GANTRY_TRY(store.list()).checkpoints)) {
            request.mutable_target()->set_pid(life->pid);
            out.pids = GANTRY_TRY(checkpoint::treeOf(life->pid));
        }
    }
    if (out.pids.empty())
        return out;
    out.wish = GANTRY_TRY(wishFor(request));
    out.pids = out.wish.pids;
    out.wish.manifest.trigger = "before-restore";
    out.wish.manifest.container = one.manifest.container;
    out.wish.manifest.values[kSubject] = valueOf(one.manifest, kSubject);
    GANTRY_CHECK(wishWhatIsReplaced(one, store, out.wish.filesWish));
    return out;
}

Result<> CheckpointService::prepareHost(const Checkpoint &one, const control::Call &call,
                                        const v1::RestoreCheckpointRequest &request,
                                        v1::RestoreCheckpointReply &reply) const
{
    const auto then = parseLife(valueOf(one.manifest, kLife));
    const auto now = lifeOf(1);
    if (then && now && then->boot != now->boot)
        reply.add_notes("the host was booted since: what is open of /proc, /sys, /run and /tmp may be another one");
    if (!request.make_cgroups() || isKept(one.manifest)) // a runtime makes its own
        return {};
    for (std::string &note : GANTRY_TRY(remakeHomes(m_parts.control, *m_parts.hierarchies, one.manifest, call)))
        reply.add_notes(printable(note));
    return {};
}

Result<> CheckpointService::restoreInPlace(const Checkpoint &one, const checkpoint::Means &means,
                                           const control::Call &call, const v1::RestoreCheckpointRequest &request,
                                           v1::RestoreCheckpointReply &reply)
{
    CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
    const Present present = GANTRY_TRY(presentOf(one, *store));
    tell(reply, present.pids);
    if (request.dry_run() && isKept(one.manifest))
        return tryKeptInPlace(one, means, *store, present, request, reply);
    if (request.dry_run()) {
        GANTRY_CHECK(checkDryRun(one, means, present.pids, request));
        GANTRY_CHECK(tellFiles(one, *store, present.pids, request, reply));
        if (present.pids.empty() || request.skip_safety())
            return {};
        return checkpoint::checkSave(
            checkpoint::judge(GANTRY_TRY(checkpoint::lookAtTree(present.pids, {})), means.criu),
            present.wish.manifest.container.name);
    }
    if (!present.pids.empty() && !request.skip_safety())
        store = GANTRY_TRY(m_parts.store.forWriting());
    auto answer = m_parts.executor.run<WentBack>(
        {"restoreInPlace", printable(one.manifest.container.name), true, call.deadline}, call,
        [tools = toolsFor(means, store), one, present, skip = request.skip_safety(), deadline = call.deadline,
         use = useOf(request)](const control::Call &running) {
            return goBack(tools, one, present, skip, deadline, running, use);
        });
    reply.set_job_id(answer.job);
    const WentBack done = GANTRY_TRY(std::move(answer.result));
    reply.set_root_pid(done.restored.pid);
    for (const std::string &note : done.restored.notes)
        reply.add_notes(printable(note));
    reply.set_not_recorded(done.restored.notRecorded);
    if (done.safety) {
        if (!done.safety->notRecorded.empty())
            reply.set_not_recorded(done.safety->notRecorded);
        *reply.mutable_safety() = toMessage(GANTRY_TRY(store->checkpoint(done.safety->id)));
    }
    return {};
}

grpc::Status CheckpointService::Update(grpc::ServerContext *context, const v1::UpdateCheckpointRequest *request,
                                       v1::UpdateCheckpointReply *reply)
{
    return toStatus([&]() -> Result<> {
        if (!request->has_name() && !request->has_note() && !request->has_pinned())
            return fail(EINVAL, "updateCheckpoint", printable(request->checkpoint()), "nothing is to be changed",
                        "give a name, a note, or whether it is pinned");
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "updateCheckpoint", printable(request->checkpoint())));
        GANTRY_CHECK(checkLabel("updateCheckpoint", request->name()));
        GANTRY_CHECK(checkLabel("updateCheckpoint", request->note()));
        const CheckpointStore::StorePtr reading = GANTRY_TRY(m_parts.store.forReading());
        const Checkpoint looked = GANTRY_TRY(theOne(reading, request->checkpoint()));
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
        const Checkpoint one = GANTRY_TRY(store->checkpoint(looked.id)); // as it is now that nobody else writes
        const std::string actor =
            m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()).text();
        for (const Edit &edit : editsOf(*request, one, *store)) {
            const auto done = edit.apply();
            const auto written = m_parts.audit.record({.verb = "updateCheckpoint",
                                                       .target = one.id.text(),
                                                       .key = edit.key,
                                                       .oldValue = edit.before,
                                                       .newValue = edit.after,
                                                       .actor = actor,
                                                       .result = done ? "done" : done.error().message(),
                                                       .failed = !done});
            if (!written)
                reply->set_not_recorded(printable(written.error().message()));
            GANTRY_CHECK(done);
        }
        *reply->mutable_checkpoint() = toMessage(GANTRY_TRY(store->checkpoint(one.id)));
        return {};
    }());
}

} // namespace gantry::service
