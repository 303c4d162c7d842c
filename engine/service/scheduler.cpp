// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/scheduler.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_common.h"

#include <algorithm>

#include <sys/wait.h>
#include <unistd.h>

namespace gantry::service {

using schedule::Clock;
using schedule::Follow;
using schedule::Policy;
using schedule::State;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLook{250};
constexpr std::chrono::hours kCollectEvery{1};

std::int64_t wallMicros(Clock::time_point when, Clock::time_point now)
{
    const auto wall = std::chrono::system_clock::now().time_since_epoch() + (when - now);
    return std::chrono::duration_cast<std::chrono::microseconds>(wall).count();
}

std::optional<milliseconds> sinceLast(const State &state)
{
    if (state.lastMicros == 0)
        return std::nullopt;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(now - std::chrono::microseconds(state.lastMicros));
}

} // namespace

void Scheduler::start()
{
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
}

void Scheduler::onExit(std::int32_t pid, int status)
{
    const std::scoped_lock lock(m_mutex);
    m_exits[pid] = status;
}

void Scheduler::run(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        if (!m_turn) {
            auto turn = m_parts.schedules.tryToRun();
            if (turn)
                m_turn = *std::move(turn);
        }
        if (m_turn)
            round();
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, stop, kLook, [] { return false; });
    }
}

void Scheduler::round()
{
    std::deque<Done> done;
    {
        const std::scoped_lock lock(m_mutex);
        done.swap(m_done);
    }
    for (const Done &one : done)
        take(one);
    reload();
    const Clock::time_point now = Clock::now();
    for (auto &[key, entry] : m_entries)
        step(entry, now);
    collectNowAndThen(now);
    tell();
}

void Scheduler::reload()
{
    const std::uint64_t version = m_parts.schedules.version();
    if (version == m_version)
        return;
    m_version = version;
    const auto policies = m_parts.schedules.policies();
    const std::string problem = policies ? std::string() : policies.error().message();
    if (problem != m_problem && !problem.empty())
        log::warning(log::Area::Service, "schedules: ", problem, "; those that were read before go on");
    m_problem = problem;
    if (!policies)
        return;
    const std::vector<State> states = m_parts.schedules.states();
    std::map<std::string, Entry> next;
    for (const Policy &policy : *policies) {
        const auto old = m_entries.find(policy.key);
        if (old != m_entries.end() && old->second.policy == policy) {
            next.insert(m_entries.extract(old));
            continue;
        }
        Entry &entry = next[policy.key];
        const auto state = std::ranges::find(states, policy.key, &State::key);
        if (state != states.end())
            entry.state = *state;
        if (old != m_entries.end())
            entry.running = old->second.running;
        entry.policy = policy;
        entry.state.key = policy.key;
        if (auto life = parseLife(entry.state.life))
            entry.life = *std::move(life);
        else if (policy.follow == Follow::Life)
            entry.life = parseLife(policy.where).value_or(Life());
        entry.due = schedule::firstTick(sinceLast(entry.state), policy.every, Clock::now());
    }
    m_entries = std::move(next);
}

std::optional<Life> Scheduler::lifeNow(const Entry &entry) const
{
    if (entry.policy.follow == Follow::Life) {
        auto now = entry.life ? lifeOf(entry.life->pid) : std::unexpected(Error());
        if (!now)
            return std::nullopt;
        if (*now == *entry.life)
            return *std::move(now);
        // Another life with its pid: its own, where it was restored from one of its checkpoints.
        const auto from = restoredFrom(m_parts.store.spillFolder(), *now);
        const auto store = from ? m_parts.store.forReading() : std::unexpected(Error());
        const auto one = store && *store ? (*store)->checkpoint(*from) : std::unexpected(Error());
        return one && one->manifest.container.id == entry.policy.key ? std::optional(*std::move(now)) : std::nullopt;
    }
    std::optional<Life> ended; // and nobody has reaped it yet
    if (entry.policy.follow == Follow::Container && entry.life) {
        // The inventory is a moment behind: whoever was just brought back is not in it.
        const auto stat = statOf(*entry.life);
        if (stat && stat->state != 'Z')
            return entry.life;
        if (stat)
            ended = entry.life;
    }
    v1::Target target;
    if (entry.policy.follow == Follow::Cgroup)
        target.set_cgroup_path(entry.policy.where);
    else
        target.set_container(entry.policy.where);
    const auto pids = m_parts.checkpoints.pidsOf(target);
    auto now = pids && !pids->empty() ? lifeOf(pids->front()) : std::unexpected(Error());
    return now ? std::optional(*std::move(now)) : ended;
}

Scheduler::Seen Scheduler::look(Entry &entry) const
{
    const std::optional<Life> now = lifeNow(entry);
    const auto stat = now ? process::readStat(now->pid) : std::unexpected(Error());
    if (!stat)
        return Seen::Dead;
    if (stat->state == 'Z') { // who reaps it at once tells how it ended
        const auto parent = process::readStat(stat->parentPid);
        const bool told = stat->parentPid == ::getpid() || (parent && parent->comm == "gantry-keeper");
        return told ? Seen::NotYetKnown : Seen::Dead;
    }
    entry.life = now;
    entry.state.life = now->text();
    return Seen::Alive;
}

void Scheduler::planRestart(Entry &entry, Clock::time_point now)
{
    entry.restartAt = entry.restarts.next(now);
    entry.state.note =
        entry.restartAt
            ? strCat("died; is brought back in ",
                     std::chrono::ceil<std::chrono::seconds>(*entry.restartAt - now).count(), " s")
            : strCat("died; was brought back ", entry.restarts.inWindow(), " times in ",
                     schedule::Restarts::kWindow.count(), " minutes, which is enough: see why, then restore it");
}

std::optional<int> Scheduler::exitOf(const Entry &entry)
{
    if (!entry.life)
        return std::nullopt;
    if (entry.policy.follow == Follow::Container)
        return keptExitOf(entry.policy, *entry.life);
    const std::scoped_lock lock(m_mutex);
    const auto exit = m_exits.find(entry.life->pid);
    if (exit == m_exits.end())
        return std::nullopt;
    const int out = exit->second;
    m_exits.erase(exit);
    return out;
}

void Scheduler::onDeath(Entry &entry, Clock::time_point now)
{
    entry.dead = true;
    entry.restartAt.reset();
    const std::optional<int> status = exitOf(entry);
    if (!entry.life)
        entry.state.note = "does not run";
    else if (m_parts.schedules.wasEnded(*entry.life))
        entry.state.note = "does not run: it was ended on purpose";
    else if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0)
        entry.state.note = "does not run: it ended by itself, with exit code 0";
    else if (!entry.policy.restart)
        entry.state.note = "does not run";
    else
        planRestart(entry, now);
}

void Scheduler::step(Entry &entry, Clock::time_point now)
{
    if (entry.running) {
        if (now >= entry.due) {
            ++entry.state.skipped;
            entry.due = schedule::nextTick(entry.due, entry.policy.every, now);
            log::warning(log::Area::Service, "schedule of ", entry.policy.subject,
                         ": a checkpoint is left out, the one before is still being taken");
        }
        return;
    }
    const Seen seen = look(entry);
    if (seen == Seen::NotYetKnown)
        return;
    if (seen == Seen::Alive) {
        entry.dead = false;
        entry.restartAt.reset();
        entry.state.note = "runs";
    } else if (!entry.dead) {
        onDeath(entry, now);
    }
    if (entry.restartAt && now >= *entry.restartAt) {
        entry.restartAt.reset();
        entry.restarts.add(now);
        onWorker(entry, true);
    } else if (now >= entry.due) {
        entry.due = schedule::nextTick(entry.due, entry.policy.every, now);
        if (seen == Seen::Alive)
            onWorker(entry, false);
    }
    entry.state.nextMicros = wallMicros(entry.due, now);
}

void Scheduler::onWorker(Entry &entry, bool restart)
{
    entry.running = true;
    m_workers.run([this, restart, policy = entry.policy, life = entry.life](const std::stop_token &) {
        Done done = restart ? bringBack(policy, life) : takeOne(policy);
        const std::scoped_lock lock(m_mutex);
        m_done.push_back(std::move(done));
    });
}

void Scheduler::take(const Done &done)
{
    m_removed += done.removed;
    const auto found = m_entries.find(done.key);
    if (found == m_entries.end())
        return; // it was removed meanwhile
    Entry &entry = found->second;
    entry.running = false;
    entry.state.lastError = done.error;
    if (done.restart) {
        entry.dead = false; // look again: it lives, or it does not and is to be brought back again
        if (done.life)
            entry.life = done.life;
        if (done.error.empty() && !done.checkpoint.empty()) {
            ++entry.state.restarts;
            entry.due = Clock::now() + entry.policy.every;
        }
    } else if (!done.checkpoint.empty()) {
        ++entry.state.taken;
        entry.state.lastCheckpoint = done.checkpoint;
        entry.state.lastMicros = wallMicros(Clock::now(), Clock::now());
    }
}

void Scheduler::collectNowAndThen(Clock::time_point now)
{
    if (m_removed == 0 || now - m_collected < kCollectEvery)
        return;
    m_removed = 0;
    m_collected = now;
    m_workers.run([this](const std::stop_token &) { collect(); });
}

void Scheduler::tell()
{
    std::vector<State> states;
    for (const auto &[key, entry] : m_entries)
        states.push_back(entry.state);
    for (State &state : states)
        state.nextMicros -= state.nextMicros % 1'000'000; // the same moment is not another one each time
    if (states == m_told)
        return;
    if (const auto kept = m_parts.schedules.keepStates(states); !kept)
        log::warning(log::Area::Service, "schedules: ", kept.error().message());
    m_told = std::move(states);
}

} // namespace gantry::service
