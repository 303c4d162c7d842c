// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/oom_stories.h"

#include "engine/base/log.h"
#include "engine/base/metric.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/sampler/frame.h"

#include <algorithm>

#include <sys/stat.h>

namespace gantry::alerts {

namespace {

using namespace std::chrono_literals;
using sampler::Frame;

constexpr std::size_t kFramesKept = 3;
constexpr Micros kStorySecond{1'000'000};

std::optional<Bytes> sampled(const Frame &frame, NodeId node, Metric metric)
{
    const sampler::Column *const column = frame.column(metric);
    const auto row = std::ranges::find(frame.nodes, node);
    if (!node || column == nullptr || row == frame.nodes.end())
        return std::nullopt;
    const auto index = static_cast<std::size_t>(row - frame.nodes.begin());
    return column->states[index] == CellState::Value ? std::optional(Bytes(column->integers[index])) : std::nullopt;
}

std::string counterName()
{
    return std::string(metricInfo(Metric::MemoryEventsOomKill)->name);
}

} // namespace

OomStories::OomStories(EventLoop &loop, EventLog &events, bool hierarchical, std::function<void(NodeId)> count)
    : m_loop(loop)
    , m_events(events)
    , m_count(std::move(count))
    , m_ledger(hierarchical)
    , m_problem("the kernel's log is not read by this program")
{}

Result<UniqueFd> OomStories::open()
{
    // Kernel: PROC_CGROUP_INIT_INO; the log has the paths of that namespace.
    constexpr ino_t kInitialNamespace = 0xEFFFFFFB;
    struct stat about = {};
    if (::stat("/proc/self/ns/cgroup", &about) == 0 && about.st_ino != kInitialNamespace)
        return fail(EXDEV, "open", "/dev/kmsg", "the kernel's paths are not those of this cgroup namespace");
    return KernelLog::open();
}

void OomStories::watch(Result<UniqueFd> log)
{
    auto watched = log ? KernelLog::watch(m_loop, std::move(*log),
                                          {.line = [this](const KernelLine &line) { onLine(line); },
                                           .pause = [this] { onPause(); },
                                           .failed =
                                               [this](const Error &error) {
                                                   m_watching = false;
                                                   setProblem(error.message());
                                                   log::warning(log::Area::Alerts, "kernel log", error);
                                               }})
                       : Result<std::unique_ptr<KernelLog>>(std::unexpected(log.error()));
    auto follow = m_loop.every(1s, [this] { m_changes.follow(m_events); });
    if (!watched || !follow) {
        const Error &error = watched ? follow.error() : watched.error();
        log::info(log::Area::Alerts, "no stories of OOM kills: ", error.message());
        setProblem(error.message());
        return;
    }
    m_log = std::move(*watched);
    m_follow = std::move(*follow);
    m_watching = true;
    setProblem({});
}

std::string OomStories::problem() const
{
    const std::scoped_lock lock(m_problemMutex);
    return m_problem;
}

void OomStories::setProblem(std::string problem)
{
    const std::scoped_lock lock(m_problemMutex);
    m_problem = std::move(problem);
}

NodeId OomStories::nodeAt(const std::string &path) const
{
    const auto found = m_places.find(path);
    return found == m_places.end() ? NodeId{} : found->second.node;
}

void OomStories::onCgroupAdded(NodeId node, const std::string &path)
{
    m_places.insert_or_assign(path, Place{node, Micros(0)});
}

void OomStories::onCgroupRemoved(NodeId node, const std::string &path)
{
    const Micros now = Moment::now().monotonic;
    const auto place = m_places.find(path);
    if (place != m_places.end() && place->second.node == node) {
        place->second.removed = now;
        m_removed.emplace_back(path, now);
    }
    for (; !m_removed.empty() && m_removed.front().second + kRemovedKept < now; m_removed.pop_front()) {
        const auto old = m_places.find(m_removed.front().first);
        if (old != m_places.end() && old->second.removed == m_removed.front().second)
            m_places.erase(old);
    }
}

void OomStories::onFrame(std::shared_ptr<const Frame> frame)
{
    m_frames.push_back(std::move(frame));
    if (m_frames.size() > kFramesKept)
        m_frames.pop_front();
}

void OomStories::onLine(const KernelLine &line)
{
    const Micros now = Moment::now().monotonic;
    if (std::string path = m_assembler.take(line, now); !path.empty())
        m_toCount.insert(std::move(path));
}

void OomStories::onPause()
{
    // The alert need not wait for a sample. In a flood it does.
    if (m_inSecond < kMostInSecond) {
        for (const std::string &path : m_toCount) {
            const auto place = m_places.find(path);
            if (place != m_places.end() && place->second.removed == Micros(0) && place->second.node != NodeId::host())
                m_count(place->second.node);
        }
    }
    m_toCount.clear();
    settle();
}

void OomStories::grew(OomLedger::Growth growth)
{
    m_ledger.grew(std::move(growth), Moment::now().monotonic);
    schedule();
}

void OomStories::settle()
{
    const Micros now = Moment::now().monotonic;
    if (m_second + kStorySecond <= now) {
        unfold(now);
        m_second = now;
        m_inSecond = 0;
    }
    for (OomReport &report : m_assembler.ready(now)) {
        const std::string path = report.record.victimPath;
        if (!path.empty())
            publish(std::move(report), path, now);
        else if (m_nameless.size() < kMostNameless)
            m_nameless.push_back(std::move(report));
        else
            publish(std::move(report), {}, now);
    }
    // A report that is under way may be what the counters say.
    if (!m_assembler.isKillAwaited())
        settleNameless(now);
    schedule();
}

/// Kills whose cgroup only the counters know, and counters that only grew.
void OomStories::settleNameless(Micros now)
{
    while (!m_nameless.empty() && m_ledger.next().value_or(now + kStorySecond) <= now) {
        const auto path = m_ledger.onlyOwing();
        if (!path)
            break;
        publish(std::move(m_nameless.front()), *path, now);
        m_nameless.pop_front();
    }
    for (const OomLedger::Growth &growth : m_ledger.due(now)) {
        m_events.append({.realtimeMicros = growth.when.realtimeMicros,
                         .monotonicMicros = growth.when.monotonic.count(),
                         .kind = EventKind::OomKill,
                         .node = growth.node,
                         .path = growth.path,
                         .key = counterName(),
                         .oldValue = strCat(growth.value - std::min(growth.value, growth.by)),
                         .newValue = strCat(growth.value),
                         .delta = growth.by});
        // Which is whose cannot be said when several cgroups grew: the place is worth more than the name.
        for (std::uint64_t told = 0; told < growth.by && !m_nameless.empty();) {
            told += m_nameless.front().counted;
            m_nameless.pop_front();
        }
    }
    while (!m_nameless.empty() && m_nameless.front().begun + kNamelessPatience <= now) {
        publish(std::move(m_nameless.front()), {}, now);
        m_nameless.pop_front();
    }
}

void OomStories::schedule()
{
    std::optional<Micros> next = m_assembler.due();
    const auto sooner = [&next](Micros at) { next = std::min(next.value_or(at), at); };
    if (!m_assembler.isKillAwaited() && m_ledger.next())
        sooner(*m_ledger.next());
    if (!m_assembler.isKillAwaited() && !m_nameless.empty())
        sooner(m_nameless.front().begun + kNamelessPatience);
    if (!m_folded.empty())
        sooner(m_second + kStorySecond);
    if (!next) {
        m_timer.reset();
        return;
    }
    const Micros now = Moment::now().monotonic;
    const std::chrono::microseconds delay(*next > now ? (*next - now).count() : 1);
    if (auto timer = m_loop.after(delay, [this] { settle(); }))
        m_timer = std::move(*timer);
    else
        log::warning(log::Area::Alerts, "timer", timer.error());
}

void OomStories::fold(const std::string &path, std::uint64_t kills)
{
    const bool hasRoom = m_folded.size() < kMostFolded || m_folded.contains(path);
    m_folded[hasRoom ? path : std::string()] += kills;
}

void OomStories::unfold(Micros now)
{
    for (const auto &[path, kills] : std::exchange(m_folded, {})) {
        m_events.append({.monotonicMicros = now.count(),
                         .kind = EventKind::OomKill,
                         .node = nodeAt(path),
                         .path = path,
                         .key = counterName(),
                         .delta = kills});
    }
}

void OomStories::publish(OomReport report, const std::string &path, Micros now)
{
    const std::uint64_t kills = std::max<std::uint64_t>(report.kills, 1);
    m_ledger.told(path, std::max<std::uint64_t>(report.counted, 1), now);
    if (++m_inSecond > kMostInSecond) {
        fold(path, kills);
        return;
    }
    enrich(report.record, report.begun);
    const auto age = static_cast<std::int64_t>((now - report.begun).count());
    m_events.append({.realtimeMicros = realtimeMicros() - age,
                     .monotonicMicros = report.begun.count(),
                     .kind = EventKind::OomKill,
                     .node = nodeAt(path),
                     .path = path,
                     .key = counterName(),
                     .delta = kills,
                     .oom = std::make_shared<const OomRecord>(std::move(report.record))});
}

void OomStories::enrich(OomRecord &record, Micros begun)
{
    const auto frame = std::find_if(m_frames.rbegin(), m_frames.rend(),
                                    [begun](const auto &each) { return each->monotonic <= begun; });
    const NodeId limit = nodeAt(record.limitPath);
    if (frame != m_frames.rend()) {
        record.limitUsage = sampled(**frame, limit, Metric::MemoryCurrent);
        record.victimUsage = sampled(**frame, nodeAt(record.victimPath), Metric::MemoryCurrent);
        if (!record.limitMax)
            record.limitMax = sampled(**frame, limit, Metric::MemoryMax);
        if (record.limitUsage || record.victimUsage)
            record.sampledMonotonicMicros = (*frame)->monotonic.count();
    }
    m_changes.follow(m_events);
    if (const LimitChanges::Change *const change = m_changes.lastOf(record.limitPath, limit)) {
        record.lastChangeSequence = change->sequence;
        record.lastChange = change->text;
    }
}

} // namespace gantry::alerts
