// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's calls that use the store.
#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/checkpoint/kept_lock.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_files.h"
#include "engine/service/checkpoint_freeze.h"
#include "engine/service/checkpoint_homes.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/checkpoint_volumes.h"
#include "engine/service/convert_checkpoint.h"
#include "engine/service/status.h"

#include <algorithm>
#include <array>

namespace gantry::service {

using repository::Checkpoint;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kUsualDeadline{600'000};
constexpr std::uint32_t kMostDeadline = 3'600'000;
/// Of criu(8), what a caller may choose: how things are saved. Not where to, and nothing that runs a program.
constexpr std::array<std::string_view, 22> kOptions{"allow-uprobes",
                                                    "cpu-cap",
                                                    "empty-ns",
                                                    "enable-external-masters",
                                                    "enable-external-sharing",
                                                    "enable-fs",
                                                    "evasive-devices",
                                                    "ext-unix-sk",
                                                    "external",
                                                    "file-locks",
                                                    "file-validation",
                                                    "force-irmap",
                                                    "ghost-fiemap",
                                                    "ghost-limit",
                                                    "link-remap",
                                                    "network-lock",
                                                    "shell-job",
                                                    "skip-in-flight",
                                                    "skip-mnt",
                                                    "tcp-close",
                                                    "tcp-established",
                                                    "timeout"};

} // namespace

milliseconds deadlineOf(std::uint32_t asked)
{
    return asked == 0 ? kUsualDeadline : milliseconds(std::min(asked, kMostDeadline));
}

v1::CheckpointInfo toMessage(const Checkpoint &checkpoint)
{
    const repository::Manifest &manifest = checkpoint.manifest;
    v1::CheckpointInfo out;
    out.set_id(checkpoint.id.text());
    out.set_realtime_usec(manifest.time.time_since_epoch().count());
    out.set_subject(printable(valueOf(manifest, kSubject)));
    out.set_runtime(printable(manifest.container.runtime));
    out.set_name(printable(manifest.name));
    out.set_note(printable(manifest.note));
    out.set_trigger(printable(manifest.trigger));
    out.set_parent(manifest.parent ? manifest.parent->text() : std::string());
    out.set_processes(static_cast<std::uint32_t>(parseU64(valueOf(manifest, kProcesses)).value_or(0)));
    out.set_logical_bytes(checkpoint.sizes.logical.v);
    out.set_fresh_bytes(checkpoint.sizes.fresh.v);
    out.set_stored_bytes(checkpoint.sizes.stored.v);
    out.set_pinned(checkpoint.pinned);
    out.set_criu_version(printable(manifest.criuVersion));
    out.set_kernel_release(printable(manifest.kernelRelease));
    out.set_host(printable(manifest.container.host));
    out.set_files(parseU64(valueOf(manifest, checkpoint::kFilesKey)).value_or(0));
    out.set_files_bytes(parseU64(valueOf(manifest, checkpoint::kFilesBytesKey)).value_or(0));
    out.set_group(printable(valueOf(manifest, kGroupId)));
    const std::string members = valueOf(manifest, kGroupMembers);
    for (std::string_view rest = members; !rest.empty();)
        out.add_group_members(printable(takeLine(rest).value_or("")));
    out.set_group_member(printable(valueOf(manifest, kGroupMember)));
    out.set_group_skew_usec(parseU64(valueOf(manifest, kGroupSkew)).value_or(0));
    return out;
}

std::function<void(repository::Manifest &)> subjectEdit(const std::string &subject)
{
    if (subject.empty())
        return {};
    return [subject](repository::Manifest &manifest) { manifest.values[kSubject] = subject; };
}

std::string machineId()
{
    return std::string(trim(readFile("/etc/machine-id").value_or("")));
}

Result<> checkLabel(std::string_view op, std::string_view words)
{
    constexpr std::size_t kMost = 4'096; // bytes
    if (words.size() > kMost)
        return fail(EINVAL, op, "name or note", strCat("longer than ", kMost, " bytes"));
    return {};
}

std::string record(control::AuditLog &audit, std::string_view verb, std::string_view target, std::string_view value,
                   const control::Actor &actor, const Error *failure)
{
    const auto written = audit.record({.verb = std::string(verb),
                                       .target = std::string(target),
                                       .newValue = std::string(value),
                                       .actor = actor.text(),
                                       .result = failure == nullptr ? "done" : failure->message(),
                                       .failed = failure != nullptr});
    return written ? std::string() : printable(written.error().message());
}

Result<Checkpoint> theOne(const CheckpointStore::StorePtr &store, const std::string &what)
{
    if (store == nullptr)
        return fail(ENOENT, "find", printable(what), "no checkpoint was made on this host yet");
    return store->checkpoint(GANTRY_TRY(store->find(what)));
}

Result<checkpoint::Means> CheckpointService::meansFor(std::string_view op) const
{
    return checkpoint::Means{GANTRY_TRY(criu(op)), m_parts.hierarchies, m_parts.store.spillFolder()};
}

Result<checkpoint::SaveWish> CheckpointService::wishFor(const v1::CreateCheckpointRequest &request) const
{
    for (const std::string *words : {&request.name(), &request.note()})
        GANTRY_CHECK(checkLabel("checkpoint", *words));
    for (const std::string &option : request.options()) {
        const std::string_view word = std::string_view(option).substr(0, option.find('='));
        if (std::ranges::find(kOptions, word) == kOptions.end() || option.find_first_of(" \t\n#") != std::string::npos)
            return fail(EINVAL, "checkpoint", printable(option), "no option that may be chosen here",
                        "as in criu(8), without dashes: tcp-close, ghost-limit=4194304");
    }
    checkpoint::SaveWish out;
    repository::Manifest &manifest = out.manifest;
    manifest.trigger = request.trigger().empty() ? "manual" : request.trigger();
    if (manifest.trigger != "manual" && manifest.trigger != "suspend")
        return fail(EINVAL, "checkpoint", printable(request.trigger()), "no reason that a caller may have",
                    "manual, suspend");
    out.pids = GANTRY_TRY(pidsOf(request.target()));
    out.leaveRunning = !request.stop();
    out.preDump = preDumpOf(request.pre_dump());
    out.options.assign(request.options().begin(), request.options().end());
    out.filesWish = GANTRY_TRY(filesWishOf(request));
    manifest.container.host = machineId();
    manifest.container.runtime = "bare";
    manifest.name = request.name();
    manifest.note = request.note();
    const auto first = GANTRY_TRY(process::readStat(out.pids.front()));
    manifest.container.name = strCat("pid ", first.pid, " (", printable(first.comm), ")");
    if (request.target().by_case() != v1::Target::kPid) {
        const inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(request.target()));
        const inventory::ContainerNode *container = node->container();
        const auto cgroup = GANTRY_TRY(m_parts.targets.cgroupOf(request.target()));
        if (const std::string reason = m_parts.inventory.protectedReason(cgroup.path); !reason.empty())
            return fail(EPERM, "checkpoint", cgroup.path.text(), strCat("protected: ", reason));
        manifest.container.name = container != nullptr ? node->name : cgroup.path.text();
        if (container == nullptr) {
            manifest.values[kCgroup] = cgroup.path.text();
            manifest.container.id = strCat("cgroup ", cgroup.path.text());
        }
    }
    const auto places = GANTRY_TRY(checkpoint::placesOf(*m_parts.hierarchies, out.pids));
    manifest.values[kHomes] = homesText(*m_parts.hierarchies, places);
    manifest.values[kSubject] = manifest.container.name;
    manifest.values[kProcesses] = std::to_string(out.pids.size());
    return out;
}

grpc::Status CheckpointService::Create(grpc::ServerContext *context, const v1::CreateCheckpointRequest *request,
                                       v1::CreateCheckpointReply *reply)
{
    return toStatus([&]() -> Result<> {
        auto wish = GANTRY_TRY(wishFor(*request));
        const auto kept = GANTRY_TRY(keptBy(request->target()));
        if (kept)
            wish.manifest.values[kSubject] = wish.manifest.container.name = kept->known.facts->name;
        GANTRY_CHECK(wishBesideRoot(kept, *request, wish));
        const std::string subject = wish.manifest.container.name;
        const checkpoint::Means means = GANTRY_TRY(meansFor("checkpoint"));
        GANTRY_CHECK(mayBeSaved(kept, *request, means));
        if (request->dry_run()) {
            const auto look = GANTRY_TRY(checkpoint::lookAtTree(wish.pids, {}));
            const auto findings = checkpoint::judge(look, means.criu);
            GANTRY_CHECK(checkpoint::checkSave(findings, subject));
            GANTRY_CHECK(m_parts.store.mayOpen());
            for (const checkpoint::Finding &finding : findings)
                *reply->add_findings() = service::toMessage(finding);
            *reply->mutable_checkpoint() = toMessage(Checkpoint{{}, wish.manifest, {}, false});
            reply->mutable_checkpoint()->clear_id();
            tellExpected(*reply, look, means, kept.has_value(), wish.preDump);
            if (kept)
                reply->set_files(takesFiles(*kept, wish.pids.front()));
            GANTRY_CHECK(tellFiles(wish, m_parts.store.spillFolder(), *reply));
            return kept ? tellVolumes(*kept, wish, true, *reply) : Result<>();
        }
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "checkpoint", subject));
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
        const milliseconds deadline = deadlineOf(request->deadline_ms());
        const control::Call call{
            .actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()),
            .deadline = deadline};
        // The service may be gone before a job is that outlived its caller: it has what it needs.
        auto answer = m_parts.executor.run<checkpoint::Saved>(
            {"checkpoint", subject, true, deadline}, call,
            [tools = toolsFor(means, store), wish, kept, deadline](const control::Call &running) {
                return saveRecorded(tools, wish, kept, deadline, running);
            });
        reply->set_job_id(answer.job);
        const checkpoint::Saved saved = GANTRY_TRY(std::move(answer.result));
        reply->set_not_recorded(saved.notRecorded);
        *reply->mutable_checkpoint() = toMessage(GANTRY_TRY(store->checkpoint(saved.id)));
        for (const checkpoint::Finding &finding : saved.findings)
            *reply->add_findings() = service::toMessage(finding);
        tellMeasured(*reply, saved);
        reply->set_files(saved.files);
        tellFiles(saved, *reply);
        return kept ? tellVolumes(*kept, wish, false, *reply) : Result<>();
    }());
}

grpc::Status CheckpointService::List(grpc::ServerContext * /*context*/, const v1::ListCheckpointsRequest * /*request*/,
                                     v1::ListCheckpointsReply *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        if (store == nullptr)
            return {};
        const repository::Listing listing = GANTRY_TRY(store->list());
        for (const Checkpoint &one : listing.checkpoints)
            *reply->add_checkpoints() = toMessage(one);
        for (const repository::Damage &damage : listing.damages)
            reply->add_damages(printable(strCat(damage.object, ": ", damage.text)));
        addHeads(*reply, m_parts.store.spillFolder(), listing.checkpoints);
        return {};
    }());
}

grpc::Status CheckpointService::Restore(grpc::ServerContext *context, const v1::RestoreCheckpointRequest *request,
                                        v1::RestoreCheckpointReply *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        const Checkpoint one = GANTRY_TRY(meant(store, *request));
        *reply->mutable_checkpoint() = toMessage(one);
        const checkpoint::Means means = GANTRY_TRY(meansFor("restore"));
        if (!request->dry_run())
            GANTRY_CHECK(m_parts.peers.mayAct(*context, "restore", printable(request->checkpoint())));
        const milliseconds deadline = deadlineOf(request->deadline_ms());
        const control::Call call{
            .actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()),
            .dryRun = request->dry_run(),
            .deadline = deadline};
        GANTRY_CHECK(prepareHost(one, call, *request, *reply));
        if (request->in_place())
            return restoreInPlace(one, means, call, *request, *reply);
        if (request->dry_run()) {
            GANTRY_CHECK(isKept(one.manifest) ? checkAnyRestore(one, means, *store)
                                              : checkDryRun(one, means, {}, *request));
            return tellFiles(one, *store, {}, *request, *reply);
        }
        const std::string subject = reply->checkpoint().subject();
        auto answer = m_parts.executor.run<checkpoint::Restored>(
            {"restore", subject, true, deadline}, call,
            [tools = toolsFor(means, store), one, deadline, use = useOf(*request)](const control::Call &running) {
                return restoreRecorded(tools, one, deadline, running, {.saved = use});
            });
        reply->set_job_id(answer.job);
        const checkpoint::Restored restored = GANTRY_TRY(std::move(answer.result));
        reply->set_not_recorded(restored.notRecorded);
        reply->set_root_pid(restored.pid);
        for (const std::string &note : restored.notes)
            reply->add_notes(printable(note));
        return {};
    }());
}

grpc::Status CheckpointService::Remove(grpc::ServerContext *context, const v1::RemoveCheckpointRequest *request,
                                       v1::RemoveCheckpointReply *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr looked = GANTRY_TRY(m_parts.store.forReading());
        const Checkpoint one = GANTRY_TRY(theOne(looked, request->checkpoint()));
        *reply->mutable_checkpoint() = toMessage(one);
        if (request->dry_run())
            return {};
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "removeCheckpoint", one.id.text()));
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
        const auto removed = store->remove(one.id);
        if (removed)
            checkpoint::letKeptGo(one.manifest);
        reply->set_not_recorded(
            record(m_parts.audit, "removeCheckpoint", one.id.text(), {}, actor, removed ? nullptr : &removed.error()));
        return removed;
    }());
}

} // namespace gantry::service
