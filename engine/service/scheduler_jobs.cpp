// SPDX-License-Identifier: GPL-3.0-or-later
// What the scheduler's workers do.
#include "engine/base/log.h"
#include "engine/checkpoint/kept_lock.h"
#include "engine/launch/keeper.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/lives.h"
#include "engine/service/migration_rests.h"
#include "engine/service/scheduler.h"

#include <algorithm>

#include <sys/stat.h>

namespace gantry::service {

using repository::Checkpoint;
using schedule::Follow;
using schedule::Policy;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kJobDeadline{600'000};

control::Actor actorOf(const Policy &policy)
{
    return {.program = "schedule", .user = policy.by};
}

v1::CreateCheckpointRequest requestFor(const Policy &policy)
{
    v1::CreateCheckpointRequest out;
    if (policy.follow == Follow::Cgroup) {
        out.mutable_target()->set_cgroup_path(policy.where);
    } else if (policy.follow == Follow::Container) {
        out.mutable_target()->set_container(policy.where);
    } else {
        // Each life of it has the pid of the first one: a restore gives it back.
        const auto life = parseLife(policy.where);
        out.mutable_target()->set_pid(life ? life->pid : 0);
    }
    return out;
}

/// A checkpoint of a container of this name is not always one of this container: the bundle it is started from is
/// written when the container is made.
bool isOfBundleNow(const Checkpoint &one)
{
    if (!checkpoint::isByRuntime(one.manifest))
        return true;
    const auto container = checkpoint::containerOf(one.manifest);
    struct stat facts
    {};
    if (!container || ::stat((container->bundle + "/config.json").c_str(), &facts) != 0)
        return false;
    const std::chrono::microseconds made = std::chrono::seconds(facts.st_mtim.tv_sec);
    return one.manifest.time.time_since_epoch() >= made;
}

/// What it may come back from, the best first: not from a future that somebody left.
std::vector<Checkpoint> candidatesFor(const Policy &policy, const std::string &stateFolder,
                                      const std::optional<Life> &dead, std::vector<Checkpoint> all)
{
    std::vector<Checkpoint> out = dead ? lineageOf(stateFolder, *dead, all) : std::vector<Checkpoint>();
    if (!out.empty())
        return out;
    std::erase_if(
        all, [&](const Checkpoint &one) { return one.manifest.container.id != policy.key || !isOfBundleNow(one); });
    std::ranges::reverse(all);
    return all;
}

} // namespace

std::vector<Checkpoint> expiredOf(const std::vector<Checkpoint> &which, const repository::Retention &retention)
{
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::vector<Checkpoint> out;
    for (const repository::CheckpointId &id : repository::expired(which, retention, now)) {
        const auto one = std::ranges::find(which, id, &Checkpoint::id);
        if (one != which.end())
            out.push_back(*one);
    }
    return out;
}

Result<std::string> removeAll(repository::Store &store, control::AuditLog &audit, const std::vector<Checkpoint> &which,
                              const control::Actor &actor)
{
    std::string lost;
    for (const Checkpoint &one : which) {
        const auto removed = store.remove(one.id);
        if (removed)
            checkpoint::letKeptGo(one.manifest);
        std::string unrecorded =
            record(audit, "removeCheckpoint", one.id.text(), "retention", actor, removed ? nullptr : &removed.error());
        if (!unrecorded.empty())
            lost = std::move(unrecorded);
        if (!removed && removed.error().posix() != ENOENT) // another one was faster
            return std::unexpected(removed.error());
    }
    return lost;
}

Result<std::uint64_t> Scheduler::expire(repository::Store &store, const Policy &policy) const
{
    const repository::Retention &keep = policy.retention;
    if (!keep.count && !keep.age && !keep.bytes)
        return 0;
    std::vector<Checkpoint> own = GANTRY_TRY(store.list()).checkpoints;
    std::erase_if(own, [&](const Checkpoint &one) { return one.manifest.container.id != policy.key; });
    const std::vector<Checkpoint> gone = expiredOf(own, keep);
    const std::string lost = GANTRY_TRY(removeAll(store, m_parts.audit, gone, actorOf(policy)));
    if (!lost.empty())
        log::warning(log::Area::Service, "not in the audit log: ", lost);
    return gone.size();
}

Scheduler::Done Scheduler::takeOne(const Policy &policy) const
{
    Done out{policy.key, false, {}, {}, 0, {}};
    std::optional<Life> life;
    const auto taken = [&]() -> Result<> {
        const auto request = requestFor(policy);
        checkpoint::SaveWish wish = GANTRY_TRY(m_parts.checkpoints.wishFor(request));
        life = GANTRY_TRY(lifeOf(wish.pids.front()));
        wish.manifest.trigger = "schedule";
        wish.manifest.container.id = policy.key;
        wish.manifest.container.name = policy.subject;
        wish.manifest.values[kSubject] = policy.subject;
        const auto kept = GANTRY_TRY(m_parts.checkpoints.keptBy(request.target()));
        if (policy.follow == Follow::Container && !kept)
            return fail(ESTALE, "checkpoint", policy.subject, "its runtime does not know it now");
        const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("checkpoint"));
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
        auto answer = m_parts.executor.run<checkpoint::Saved>(
            {"checkpoint", policy.subject, true, kJobDeadline}, {.actor = actorOf(policy), .deadline = kJobDeadline},
            [tools = m_parts.checkpoints.toolsFor(means, store), wish, kept](const control::Call &call) {
                return saveRecorded(tools, wish, kept, kJobDeadline, call);
            });
        const checkpoint::Saved saved = GANTRY_TRY(std::move(answer.result));
        out.checkpoint = saved.id.text();
        out.removed = GANTRY_TRY(expire(*store, policy));
        return {};
    }();
    if (!taken) {
        const auto stat = life ? statOf(*life) : std::unexpected(Error());
        if (stat && stat->state != 'Z')
            out.error = printable(taken.error().message());
        // It ended meanwhile otherwise, which is told as such.
        log::warning(log::Area::Service, "schedule of ", policy.subject, ": ", taken.error().message());
    }
    return out;
}

Scheduler::Done Scheduler::bringBack(const Policy &policy, const std::optional<Life> &dead) const
{
    Done out{policy.key, true, {}, {}, 0, {}};
    const auto back = [&]() -> Result<> {
        const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("restore"));
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        std::vector<Checkpoint> all;
        if (store != nullptr)
            all = GANTRY_TRY(store->list()).checkpoints;
        Result<> last = fail(ENOENT, "restore", policy.subject, "no checkpoint of it was taken yet");
        for (const Checkpoint &one : candidatesFor(policy, m_parts.store.spillFolder(), dead, all)) {
            last = restoreOne(policy, one, means, store, out);
            if (last || last.error().posix() != EBADMSG) // only what cannot be read makes an older one better
                break;
        }
        return last;
    }();
    if (!back)
        out.error = printable(back.error().message());
    log::warning(log::Area::Service, "schedule of ", policy.subject, ": it died, ",
                 back ? strCat("and runs again from checkpoint ", out.checkpoint) : out.error);
    return out;
}

Result<> Scheduler::restoreOne(const Policy &policy, const Checkpoint &one, const checkpoint::Means &means,
                               const CheckpointStore::StorePtr &store, Done &done) const
{
    const auto now = isKept(one.manifest) ? containerNow(one, {runtime::Clock::now() + kLookPatience}) : std::nullopt;
    if (now && *now)
        return {}; // somebody was faster
    auto answer = m_parts.executor.run<checkpoint::Restored>(
        {"restore", policy.subject, true, kJobDeadline}, {.actor = actorOf(policy), .deadline = kJobDeadline},
        [tools = m_parts.checkpoints.toolsFor(means, store), one](const control::Call &call) {
            return restoreRecorded(tools, one, kJobDeadline, call, {.now = checkpoint::FilesOfNow::PutLastAside});
        });
    const checkpoint::Restored restored = GANTRY_TRY(std::move(answer.result));
    done.checkpoint = one.id.text();
    if (auto life = lifeOf(restored.pid))
        done.life = *std::move(life);
    return {};
}

std::optional<int> Scheduler::keptExitOf(const Policy &policy, const Life &life) const
{
    const auto store = m_parts.store.forReading();
    const auto all = store && *store ? (*store)->list() : std::unexpected(Error());
    if (!all)
        return std::nullopt;
    for (auto one = all->checkpoints.rbegin(); one != all->checkpoints.rend(); ++one) {
        if (one->manifest.container.id != policy.key || !checkpoint::isByRuntime(one->manifest))
            continue;
        const auto container = checkpoint::containerOf(one->manifest);
        const auto end =
            container ? launch::lastEnd(checkpoint::logOf(*container, m_parts.store.spillFolder())) : std::nullopt;
        return end && end->pid == life.pid ? std::optional(end->status) : std::nullopt;
    }
    return std::nullopt;
}

void Scheduler::collect() const
{
    const auto done = [&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
        GANTRY_TRY(forgetUnfinished(*store, kUnfinishedKept));
        const auto report = store->collect();
        const std::string lost = record(m_parts.audit, "collect", "repository",
                                        report ? strCat("bytes given back: ", report->freed.v) : std::string(),
                                        {.program = "schedule"}, report ? nullptr : &report.error());
        if (!lost.empty())
            log::warning(log::Area::Service, "not in the audit log: ", lost);
        return report ? Result<>() : std::unexpected(report.error());
    }();
    if (!done)
        log::warning(log::Area::Service, "collection of the store: ", done.error().message());
}

} // namespace gantry::service
