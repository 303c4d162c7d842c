// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_jobs.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/checkpoint/program_talk.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_freeze.h"
#include "engine/service/lives.h"
#include "engine/service/schedules.h"

#include <algorithm>
#include <csignal>
#include <functional>
#include <set>
#include <thread>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::service {

using checkpoint::FilesOfNow;
using checkpoint::Restored;
using checkpoint::Saved;
using repository::Checkpoint;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// How long a process that was ended may take until its parent has reaped it.
constexpr std::chrono::seconds kReapPatience{10};
/// For bringing the present back: not shorter because the caller was in a hurry, and not cancelled with him.
constexpr std::chrono::minutes kBringBack{10};

/// Reads all of it and keeps nothing: what is damaged is to be known while the present still runs.
Result<> readWhole(const repository::Store &store, const Checkpoint &one, const std::stop_token &stop)
{
    for (const repository::StreamInfo &stream : GANTRY_TRY(store.streams(one.id)))
        GANTRY_CHECK(store.read(
            one.id, stream.name, [](std::span<const std::byte>) { return Result<>(); }, stop));
    return {};
}

std::vector<std::int32_t> pidsOf(const Checkpoint &one)
{
    const std::string text = valueOf(one.manifest, "pids");
    std::string_view rest = text;
    std::vector<std::int32_t> out;
    for (std::string_view word = takeToken(rest); !word.empty(); word = takeToken(rest)) {
        if (const auto pid = parseU64(word); pid && *pid > 0 && *pid <= 0x7fffffff)
            out.push_back(static_cast<std::int32_t>(*pid));
    }
    return out;
}

/// A restore that failed leaves what it had made to us: nobody else reaps it, and its pid stays taken.
void reapOurs(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    if (stat && stat->state == 'Z' && stat->parentPid == ::getpid())
        ::waitpid(pid, nullptr, WNOHANG);
}

/// Until nothing has these pids any more. @errors EEXIST naming who still has one.
Result<> waitUntilFree(const std::vector<std::int32_t> &pids)
{
    const auto last = steady_clock::now() + kReapPatience;
    for (auto holder = process::holderOf(pids, {}); holder; holder = process::holderOf(pids, {})) {
        const process::Stat &process = holder->process;
        reapOurs(process.pid);
        if (steady_clock::now() > last)
            return fail(EEXIST, "restore", strCat("pid ", holder->number),
                        process.state == 'Z'
                            ? strCat("pid ", process.pid, " has ended, but ", process.parentPid, " does not reap it")
                            : strCat("pid ", process.pid, " (", printable(process.comm), ") has it"),
                        "End that process; a checkpoint comes back with the pids it had");
        std::this_thread::sleep_for(milliseconds(5));
    }
    return {};
}

/// The present is kept, and gone; the restore has failed. @return what there is to tell.
Error broughtBack(const CheckpointTools &tools, Error failure, const std::optional<Saved> &safety,
                  const control::Call &call)
{
    const std::string before = failure.detail.empty() ? "" : "; ";
    if (!safety) {
        failure.detail += before + "the present has ended, and nothing of it was kept";
        return failure;
    }
    control::Call back = call;
    back.stop = {};
    const auto kept = tools.store->checkpoint(safety->id);
    if (kept)
        static_cast<void>(waitUntilFree(pidsOf(*kept))); // the restore tells it better
    const auto runs =
        kept ? restoreRecorded(tools, *kept, kBringBack, back, {.now = FilesOfNow::Drop}) : std::unexpected(kept.error());
    if (runs) {
        failure.detail += strCat(before, "the present runs again from checkpoint ", safety->id.text());
    } else {
        failure.detail += strCat(before, "the present could not be brought back either (", runs.error().message(),
                                 "): it is checkpoint ", safety->id.text());
        failure.remedy = strCat("see to what stands in the way, then restore ", safety->id.text());
    }
    return failure;
}

/// CRIU can wait for ever for a process that was killed under its hands: it is stopped then. Thread: of its own.
class DeathWatch
{
public:
    DeathWatch(std::int32_t pid, const std::stop_token &stop)
        : m_end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))
        , m_callback(stop, [this] { m_stop.request_stop(); })
    {
        if (m_end)
            m_thread = std::jthread([this](const std::stop_token &over) { run(over); });
    }
    [[nodiscard]] std::stop_token stopToken() const { return m_stop.get_token(); }

private:
    /// Where CRIU ends it itself, it is done a moment later.
    static constexpr std::chrono::seconds kGrace{5};
    static constexpr int kLookMillis = 100;

    void run(const std::stop_token &over)
    {
        pollfd wait{m_end.get(), POLLIN, 0};
        while (!over.stop_requested() && ::poll(&wait, 1, kLookMillis) <= 0) {
        }
        for (const auto last = steady_clock::now() + kGrace; !over.stop_requested();) {
            if (steady_clock::now() > last)
                m_stop.request_stop();
            std::this_thread::sleep_for(milliseconds(kLookMillis));
        }
    }

    UniqueFd m_end;
    std::stop_source m_stop;
    std::stop_callback<std::function<void()>> m_callback;
    std::jthread m_thread;
};

void sendAll(const std::vector<std::pair<std::int32_t, UniqueFd>> &all, int number)
{
    for (const auto &[pid, end] : all)
        ::syscall(SYS_pidfd_send_signal, end.get(), number, nullptr, 0); // who has ended already need not end
}

} // namespace

std::vector<std::string> resultLines(const WentBack &done)
{
    std::vector<std::string> out = resultLines(done.restored);
    if (done.safety)
        out.push_back(strCat("before: checkpoint ", done.safety->id.text()));
    return out;
}

Result<Saved> saveRecorded(const CheckpointTools &tools, checkpoint::SaveWish wish,
                           const std::optional<KeptContainer> &kept, milliseconds deadline, const control::Call &call)
{
    const std::string subject = wish.manifest.container.name;
    const auto saved = [&]() -> Result<Saved> {
        if (wish.pids.empty())
            return fail(ESRCH, "checkpoint", subject, "it has no process");
        const auto until = runtime::Clock::now() + deadline;
        const auto turn = GANTRY_TRY(tools.stores.turnFor(wish.pids.front(), until, call.stop));
        const Life life = GANTRY_TRY(lifeOf(wish.pids.front()));
        const repository::Listing listing = GANTRY_TRY(tools.store->list());
        wish.manifest.parent = parentOf(tools.means.spillFolder, life, listing.checkpoints);
        wish.manifest.values[kLife] = life.text();
        // Retention and schedules go by it: whoever goes on from a checkpoint is the same one.
        if (wish.manifest.container.id.empty())
            wish.manifest.container.id = identityOf(tools.means.spillFolder, life, listing.checkpoints);
        const Schedules schedules(tools.means.spillFolder);
        if (!wish.leaveRunning)
            schedules.ending(wish.pids);
        const DeathWatch watch(wish.pids.front(), call.stop);
        auto programs = checkpoint::ProgramTalk::with(wish.pids);
        std::vector<checkpoint::Finding> silent;
        // Not before the rounds that save memory while it runs: they need no quiet point.
        const auto onPhase = [&](std::string_view phase) {
            if (phase == "dump")
                silent = programs.untilReady(watch.stopToken());
            call.phase(phase);
        };
        auto done = saveAny(kept, wish, tools.means, *tools.store, {until, watch.stopToken()}, onPhase);
        if (!done)
            programs.tell("no-checkpoint");
        else if (wish.leaveRunning)
            programs.tell("after-checkpoint " + done->id.text());
        if (done)
            done->findings.insert(done->findings.end(), silent.begin(), silent.end());
        if (!wish.leaveRunning && !done)
            schedules.forgetEnd(life);
        if (done && !wish.together) // it has waited for others
            rememberFreeze(*done, tools.means.spillFolder, kept.has_value());
        return done;
    };
    Result<Saved> out = saved();
    std::string lost = record(tools.audit, "checkpoint", subject, out ? out->id.text() : std::string(), call.actor,
                              out ? nullptr : &out.error());
    if (out)
        out->notRecorded = std::move(lost);
    return out;
}

Result<Restored> restoreRecorded(const CheckpointTools &tools, const Checkpoint &one, milliseconds deadline,
                                 const control::Call &call, FilesAtRestore files, const checkpoint::OnHeld &onHeld)
{
    const auto adopt = [&tools](const Restored &restored) {
        if (restored.child != 0)
            tools.loop.post([&adopted = tools.adopted, child = restored.child] { adopted.add(child); });
    };
    // It may end without ever having run.
    const auto adoptHeld = [&](const Restored &held) {
        adopt(held);
        return onHeld(held);
    };
    auto out = restoreAny(one, tools.means, *tools.store, {runtime::Clock::now() + deadline, call.stop}, call.onPhase,
                          files, onHeld ? checkpoint::OnHeld(adoptHeld) : checkpoint::OnHeld());
    std::string lost = record(tools.audit, "restore", one.manifest.container.name, one.id.text(), call.actor,
                              out ? nullptr : &out.error());
    if (!out) {
        for (const std::int32_t pid : pidsOf(one))
            reapOurs(pid);
        return out;
    }
    out->notRecorded = std::move(lost);
    const auto tree = checkpoint::treeOf(out->pid);
    checkpoint::ProgramTalk::with(tree.value_or(std::vector<std::int32_t>())).tell("restored " + one.id.text());
    if (!onHeld)
        adopt(*out);
    const auto life = lifeOf(out->pid);
    const auto kept = life ? keepRestored(tools.means.spillFolder, *life, one.id) : std::unexpected(life.error());
    if (!kept)
        log::warning(log::Area::Control, "the next checkpoint will not know that it goes on from ", one.id.text(), ": ",
                     kept.error().message());
    return out;
}

Result<WentBack> goBack(const CheckpointTools &tools, const Checkpoint &one, const Present &present, bool skipSafety,
                        milliseconds deadline, const control::Call &call, checkpoint::KeptFilesUse use)
{
    call.phase("check");
    GANTRY_CHECK(
        checkGoingBack(one, tools.means, *tools.store, present, {runtime::Clock::now() + deadline, call.stop}));
    WentBack out;
    if (present.pids.empty()) {
        out.restored = GANTRY_TRY(restoreRecorded(tools, one, deadline, call, {.saved = use}));
        return out;
    }
    if (present.kept)
        GANTRY_CHECK(checkOwnVerb(*present.kept, false, tools.means.criu));
    // What CRIU would refuse later is to be known while the present still runs. (The root of a container is put in
    // before it comes back.)
    if (!present.kept || one.manifest.values.contains(checkpoint::kFilesKey))
        GANTRY_TRY(checkpoint::checkFiles(one.id, *tools.store, use, present.pids, call.stop));
    call.phase("verify");
    GANTRY_CHECK(readWhole(*tools.store, one, call.stop));
    if (skipSafety) {
        Schedules(tools.means.spillFolder).ending(present.pids);
        const auto ended = present.kept ? endContainer(*present.kept, present.pids.front()) : endTree(present.pids);
        const std::string lost = record(tools.audit, "kill", one.manifest.container.name, "for a restore in its place",
                                        call.actor, ended ? nullptr : &ended.error());
        if (!lost.empty())
            log::warning(log::Area::Control, "not in the audit log: ", lost);
        GANTRY_CHECK(ended);
    } else {
        auto saved = saveRecorded(tools, present.wish, present.kept, deadline, call);
        if (!saved) {
            Error failure = std::move(saved).error();
            failure.detail += strCat(failure.detail.empty() ? "" : "; ", "nothing was restored");
            return std::unexpected(std::move(failure));
        }
        out.safety = *std::move(saved);
    }
    auto restored = [&]() -> Result<Restored> {
        if (!present.kept)
            GANTRY_CHECK(waitUntilFree(present.pids));
        // Its files of now are in the checkpoint that was just made, or are not to be kept.
        return restoreRecorded(tools, one, deadline, call, {use, FilesOfNow::Drop});
    }();
    if (!restored)
        return std::unexpected(broughtBack(tools, std::move(restored).error(), out.safety, call));
    out.restored = *std::move(restored);
    return out;
}

Result<> endTree(const std::vector<std::int32_t> &pids)
{
    std::vector<std::pair<std::int32_t, UniqueFd>> all;
    std::set<std::int32_t> known;
    std::vector<std::int32_t> next = pids;
    while (!next.empty()) {
        for (const std::int32_t pid : next) {
            if (pid == 1 || pid == ::getpid())
                return fail(EPERM, "kill", strCat("pid ", pid), "it is Gantry itself, or the first process");
            known.insert(pid);
            UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
            if (!end)
                continue; // it has ended
            ::syscall(SYS_pidfd_send_signal, end.get(), SIGSTOP, nullptr, 0);
            all.emplace_back(pid, std::move(end));
        }
        next.clear();
        for (const std::int32_t pid : checkpoint::treeOf(pids.front()).value_or(std::vector<std::int32_t>())) {
            if (!known.contains(pid))
                next.push_back(pid);
        }
    }
    sendAll(all, SIGKILL);
    const auto last = steady_clock::now() + kReapPatience;
    for (const auto &[pid, end] : all) {
        for (auto stat = process::readStat(pid); stat && stat->state != 'Z'; stat = process::readStat(pid)) {
            if (steady_clock::now() > last)
                return fail(ETIMEDOUT, "kill", strCat("pid ", pid), "it does not end");
            std::this_thread::sleep_for(milliseconds(5));
        }
    }
    return {};
}

} // namespace gantry::service
