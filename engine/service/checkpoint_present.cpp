// SPDX-License-Identifier: GPL-3.0-or-later
// What lives now where a checkpoint is to come back to, of containers that a runtime keeps; and what lives now of all
// that was saved.
#include "engine/cgroup/procs.h"
#include "engine/checkpoint/restore_steps.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/runtime/oci_source.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_files.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/lives.h"

#include <algorithm>
#include <thread>

namespace gantry::service {

using checkpoint::OciContainer;
using repository::Checkpoint;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kEndPatience{20};
constexpr std::chrono::milliseconds kBetweenLooks{50};

/// All that a container runs, its first process first: those that were started in it later are no children of that one.
Result<std::vector<std::int32_t>> pidsIn(const cgroup::Hierarchies &hierarchies, const runtime::Facts &facts)
{
    std::vector<std::int32_t> out = GANTRY_TRY(checkpoint::treeOf(facts.initPid));
    const auto path = cgroup::CgroupPath::parse(facts.cgroupPath);
    const auto place = path ? cgroup::locate(hierarchies, *path) : std::unexpected(path.error());
    const auto all = place ? cgroup::readProcs(hierarchies, *place) : std::unexpected(place.error());
    for (const std::int32_t pid : all.value_or(std::vector<std::int32_t>())) {
        if (std::ranges::find(out, pid) == out.end())
            out.push_back(pid);
    }
    return out;
}

} // namespace

std::shared_ptr<runtime::Source> sourceOf(const std::string &tool, std::string folder)
{
    runtime::OciPlace place;
    place.tool = tool == "runc" ? runtime::OciTool::Runc : runtime::OciTool::Crun;
    place.folder = std::move(folder);
    place.runtime = tool;
    return runtime::makeOciSource(std::move(place));
}

Result<std::optional<KeptContainer>> containerNow(const Checkpoint &one, const runtime::Patience &patience)
{
    const OciContainer then = GANTRY_TRY(checkpoint::containerOf(one.manifest));
    // Asked now: what the inventory saw last may be older than the container.
    const std::shared_ptr<runtime::Source> source = sourceOf(then.runtime, then.stateFolder);
    if (GANTRY_TRY(checkpoint::stateOf(then, patience)).empty())
        return std::nullopt;
    for (const runtime::Facts &facts : GANTRY_TRY(source->list(patience)).containers) {
        if (facts.id != then.id || facts.initPid == 0 ||
            (facts.state != runtime::State::Running && facts.state != runtime::State::Paused))
            continue;
        const runtime::Known known{std::make_shared<const runtime::Facts>(facts), source};
        OciContainer now = GANTRY_TRY(checkpoint::ociContainer(known));
        if (now.bundle != then.bundle)
            return fail(EEXIST, "restore", then.id,
                        strCat(then.runtime, " has another container of this name, started from ", now.bundle),
                        strCat("End that one first, where it is not needed: gantryctl kill ", then.id));
        return KeptContainer{known, std::move(now)};
    }
    return std::nullopt;
}

Result<> checkGoingBack(const Checkpoint &one, const checkpoint::Means &means, const repository::Store &store,
                        const Present &present, const runtime::Patience &patience)
{
    if (checkpoint::isByRuntime(one.manifest))
        return checkpoint::checkRestoreByRuntime(one, means, store, patience, present.kept.has_value());
    return isByEngine(one.manifest) ? checkRestoreByEngine(one, means, patience, present.kept.has_value())
                                    : checkpoint::checkRestore(one, means, present.pids);
}

Result<> endContainer(const KeptContainer &kept, std::int32_t pid)
{
    const runtime::Facts &facts = *kept.known.facts;
    const runtime::Patience patience{runtime::Clock::now() + kEndPatience};
    GANTRY_CHECK(kept.known.owner->act(facts, runtime::Verb::Kill, patience));
    // Kernel: what is frozen by cgroup v1 takes a SIGKILL only when it is thawed.
    if (facts.state == runtime::State::Paused)
        static_cast<void>(kept.known.owner->act(facts, runtime::Verb::Unpause, patience)); // it may have ended already
    for (auto stat = process::readStat(pid); stat && stat->state != 'Z'; stat = process::readStat(pid)) {
        if (runtime::Clock::now() > patience.deadline)
            return fail(ETIMEDOUT, "kill", facts.name, "it does not end");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {};
}

Result<std::optional<KeptContainer>> CheckpointService::engineContainerNow(const Checkpoint &one,
                                                                           const runtime::Patience &patience) const
{
    const std::int32_t pid = GANTRY_TRY(pidByEngine(one.manifest, patience));
    if (pid == 0)
        return std::nullopt;
    // It may have been started a moment ago, or anew: what the inventory saw last is an older one then.
    while (true) {
        const runtime::TablePtr table = m_parts.runtimes.table();
        const auto known = std::ranges::find_if(table->all(), [&](const runtime::Known &each) {
            return each.facts->initPid == pid && each.facts->runtime == one.manifest.container.runtime;
        });
        if (known != table->all().end() && known->owner != nullptr)
            return keptOf(*known);
        if (auto patient = runtime::checkPatience("restore", one.manifest.container.name, patience); !patient)
            return fail(EAGAIN, "restore", one.manifest.container.name,
                        strCat(one.manifest.container.runtime, " has it as process ", pid,
                               ", but did not tell of it within ", kLookPatience.count(), " s"),
                        "Try again");
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

Result<Present> CheckpointService::keptPresentOf(const Checkpoint &one, const repository::Store &store) const
{
    Present out;
    const runtime::Patience patience{runtime::Clock::now() + kLookPatience};
    out.kept = isByEngine(one.manifest) ? GANTRY_TRY(engineContainerNow(one, patience))
                                        : GANTRY_TRY(containerNow(one, patience));
    if (!out.kept)
        return out;
    const runtime::Facts &facts = *out.kept->known.facts;
    if (const auto path = cgroup::CgroupPath::parse(facts.cgroupPath)) {
        if (const std::string reason = m_parts.inventory.protectedReason(*path); !reason.empty())
            return fail(EPERM, "restore", path->text(), strCat("protected: ", reason));
    }
    out.pids = GANTRY_TRY(pidsIn(*m_parts.hierarchies, facts));
    out.wish.pids = out.pids;
    out.wish.leaveRunning = false;
    out.wish.manifest.container = one.manifest.container;
    out.wish.manifest.trigger = "before-restore";
    out.wish.manifest.values[kSubject] = valueOf(one.manifest, kSubject);
    out.wish.manifest.values[kProcesses] = std::to_string(out.pids.size());
    GANTRY_CHECK(wishWhatIsReplaced(one, store, out.wish.filesWish));
    return out;
}

Result<> CheckpointService::tryKeptInPlace(const Checkpoint &one, const checkpoint::Means &means,
                                           const repository::Store &store, const Present &present,
                                           const v1::RestoreCheckpointRequest &request,
                                           v1::RestoreCheckpointReply &reply)
{
    GANTRY_CHECK(checkGoingBack(one, means, store, present, {runtime::Clock::now() + kLookPatience}));
    if (checkpoint::isByRuntime(one.manifest)) {
        const OciContainer container = GANTRY_TRY(checkpoint::containerOf(one.manifest));
        if (!container.place)
            reply.add_notes("the files of its root stay as they are now: Gantry did not start it");
        else if (!present.kept && checkpoint::hasStream(store, one.id, checkpoint::kUpperStream))
            reply.add_notes("what it has changed of its root since is put aside");
    }
    GANTRY_CHECK(tellFiles(one, store, present.pids, request, reply));
    if (!present.kept)
        return {};
    GANTRY_CHECK(checkOwnVerb(*present.kept, false, means.criu));
    if (request.skip_safety())
        return {};
    return checkpoint::checkSave(checkpoint::judge(GANTRY_TRY(checkpoint::lookAtTree(present.pids, {})), means.criu),
                                 present.wish.manifest.container.name);
}

void addHeads(v1::ListCheckpointsReply &reply, const std::string &stateFolder, std::span<const Checkpoint> checkpoints)
{
    for (const Head &head : headsOf(stateFolder, checkpoints)) {
        const auto one = std::ranges::find(checkpoints, head.from, &Checkpoint::id);
        if (one == checkpoints.end())
            continue; // it was removed: nothing to draw it from
        v1::ListCheckpointsReply::Head &out = *reply.add_heads();
        out.set_subject(printable(valueOf(one->manifest, kSubject)));
        out.set_checkpoint(one->id.text());
        out.set_pid(head.life.pid);
    }
}

} // namespace gantry::service
