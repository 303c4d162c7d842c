// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/alert_engine.h"

#include "engine/alerts/alert_book.h"
#include "engine/alerts/counters.h"
#include "engine/alerts/foreign_writes.h"
#include "engine/alerts/frame_rules.h"
#include "engine/alerts/kernel_watches.h"
#include "engine/alerts/oom_stories.h"
#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/cgroup/limits.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace gantry::alerts {

namespace {

using namespace std::chrono_literals;

/// Kernel: v1 tells of an OOM before it kills, so the counter is looked at again, after each of these times.
constexpr std::array kLookAgain{1ms, 1ms, 2ms, 2ms, 5ms, 5ms, 10ms, 20ms, 50ms, 100ms, 200ms};

std::optional<std::uint64_t> numberOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup,
                                      LimitKey key)
{
    const auto value = cgroup::readLimit(hierarchies, cgroup, key);
    const auto *number = value ? std::get_if<std::uint64_t>(&*value) : nullptr;
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

MemoryLimits limitsOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup)
{
    return {numberOf(hierarchies, cgroup, LimitKey::MemoryHigh), numberOf(hierarchies, cgroup, LimitKey::MemoryMax)};
}

/// A file of the cgroup in the hierarchy of a controller; empty when it cannot be read (removed meanwhile).
std::string textOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup, std::string_view controller,
                   std::string_view file)
{
    const cgroup::Hierarchy *hierarchy =
        controller.empty() ? hierarchies.unified() : hierarchies.forController(controller);
    const auto dir =
        hierarchy != nullptr ? cgroup::openCgroup(*hierarchy, cgroup) : fail(ENODEV, "open", file, "no such hierarchy");
    TextBuffer buffer;
    const auto text = dir ? buffer.readAt(dir->get(), std::string(file)) : std::unexpected(dir.error());
    return text ? std::string(*text) : std::string();
}

/// The "full" line of a pressure file, empty if there is none.
std::string_view fullLine(std::string_view text)
{
    while (const auto line = takeLine(text)) {
        if (line->starts_with("full "))
            return *line;
    }
    return {};
}

/// avg10 of such a line.
Result<double> average10(std::string_view line)
{
    while (!line.empty()) {
        const std::string_view field = takeToken(line);
        if (field.starts_with("avg10="))
            return parseDouble(field.substr(6));
    }
    return failParse("pressure", line);
}

} // namespace

class AlertEngine::Impl
{
public:
    Impl(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, Lookup lookup, RuleStore &rules, EventLog &events,
         std::shared_ptr<const ExpectedWrites> expected);

    void onFrame(const std::shared_ptr<const sampler::Frame> &shared);
    void onCgroupAdded(const cgroup::Cgroup &cgroup, bool isNew);
    void onCgroupRemoved(const cgroup::Cgroup &cgroup);
    void onWritten(const Written &written);
    void append(EventKind kind, const cgroup::Cgroup &cgroup, std::string key = {});

    AlertBook &book() { return m_book; }
    OomStories &stories() { return m_stories; }
    [[nodiscard]] std::string incompleteReason() const;

private:
    [[nodiscard]] std::optional<std::string> pathOf(NodeId node) const;
    void learnSome();
    void takeRules();
    void armMemory(const cgroup::Cgroup &cgroup, const MemoryLimits &limits);
    /// A cgroup whose memory limits are these now: eventfds on v1, a PSI trigger on v2.
    void watchLimited(const cgroup::Cgroup &cgroup, const MemoryLimits &limits);
    void armPressure(const cgroup::Cgroup &cgroup);
    void onNotification(NodeId node, KernelWatches::Kind kind);
    void onThreshold(const cgroup::Cgroup &cgroup, const Moment &when);
    void onPressure(NodeId node, const Moment &when);
    void lookForOomKill(NodeId node, const Moment &when, std::size_t turn);
    void countKills(NodeId node);
    void counted(std::size_t counter, NodeId node, std::uint64_t value, const Moment &when);
    void readEvents(const cgroup::Cgroup &cgroup, std::string_view controller, const std::string &file);
    void onPopulated(const cgroup::Cgroup &cgroup);

    EventLoop &m_loop;
    cgroup::HierarchiesPtr m_hierarchies;
    Lookup m_lookup;
    RuleStore &m_rules;
    EventLog &m_events;
    AlertBook m_book;
    Counters m_counters;
    ForeignWrites m_foreign;
    std::deque<NodeId> m_unlearned; ///< cgroups that were there at start, whose limits are not known yet
    EventSource m_learnTimer;
    KernelWatches m_watches;
    OomStories m_stories;
    std::unordered_map<NodeId, cgroup::Cgroup>
        m_pressured; ///< the host, top-level cgroups and, on v2, those with a memory limit
    std::unordered_map<NodeId, std::string> m_paths{{NodeId::host(), "/"}}; ///< of every node that was not removed
    std::unordered_map<NodeId, bool> m_populated;
    std::unordered_map<NodeId, EventSource> m_looks;
    EventSource m_tick;
    mutable std::mutex m_reasonMutex;
    std::string m_reason;                                     ///< under m_reasonMutex
    std::shared_ptr<char> m_alive = std::make_shared<char>(); ///< for tasks posted to the loop
    Observers::Subscription m_ruleChanges;                    ///< last: no callback runs while the rest goes
};

AlertEngine::Impl::Impl(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, Lookup lookup, RuleStore &rules,
                        EventLog &events, std::shared_ptr<const ExpectedWrites> expected)
    : m_loop(loop)
    , m_hierarchies(hierarchies)
    , m_lookup(std::move(lookup))
    , m_rules(rules)
    , m_events(events)
    , m_book(events, [this](NodeId node) { return pathOf(node); })
    , m_foreign(hierarchies, events, std::move(expected))
    , m_watches(loop, hierarchies, [this](NodeId node, KernelWatches::Kind kind) { onNotification(node, kind); })
    , m_stories(loop, events, !m_watches.wantsMemory(), [this](NodeId node) { countKills(node); })
{
    if (m_hierarchies->mode() != cgroup::Mode::None) {
        cgroup::Cgroup host;
        host.id = NodeId::host();
        m_pressured.emplace(host.id, host);
    }
    takeRules();
    if (auto tick = m_loop.every(1s, [this] { m_book.tick(Moment::now()); }))
        m_tick = std::move(*tick);
    else
        log::warning(log::Area::Alerts, "timer", tick.error());
    m_ruleChanges = m_rules.subscribe([this, alive = std::weak_ptr(m_alive)] {
        m_loop.post([this, alive] {
            if (!alive.expired())
                takeRules();
        });
    });
}

/// At once, because something was killed there.
void AlertEngine::Impl::countKills(NodeId node)
{
    if (m_watches.wantsMemory())
        lookForOomKill(node, Moment::now(), 0);
    else if (const auto cgroup = m_lookup(node))
        readEvents(*cgroup, "memory", "memory.events");
}

std::optional<std::string> AlertEngine::Impl::pathOf(NodeId node) const
{
    const auto known = m_paths.find(node);
    return known == m_paths.end() ? std::nullopt : std::optional(known->second);
}

void AlertEngine::Impl::takeRules()
{
    m_book.setRules(m_rules.rules(), Moment::now());
    // Thresholds follow with the next frame.
    m_watches.clearPressure();
    for (const auto &[node, cgroup] : m_pressured)
        armPressure(cgroup);
}

void AlertEngine::Impl::armPressure(const cgroup::Cgroup &cgroup)
{
    for (const AlertRule &rule : m_book.rules()) {
        if (rule.source == AlertSource::Metric && rule.metric == Metric::PressureMemoryFullAvg10)
            m_watches.watchPressure(cgroup, rule.soft.enabled ? rule.soft.value : rule.hard.value);
    }
}

void AlertEngine::Impl::armMemory(const cgroup::Cgroup &cgroup, const MemoryLimits &limits)
{
    if (limits.high || limits.max)
        m_watches.watchMemory(cgroup, thresholdsOf(m_book.rules(), limits));
    else
        m_watches.forgetMemory(cgroup.id);
}

void AlertEngine::Impl::watchLimited(const cgroup::Cgroup &cgroup, const MemoryLimits &limits)
{
    if (m_watches.wantsMemory()) {
        armMemory(cgroup, limits);
    } else if (limits.high || limits.max) {
        if (m_pressured.try_emplace(cgroup.id, cgroup).second)
            armPressure(cgroup);
    } else if (cgroup.path.depth() != 1 && m_pressured.erase(cgroup.id) != 0) {
        m_watches.forgetPressure(cgroup.id);
    }
}

std::string AlertEngine::Impl::incompleteReason() const
{
    const std::scoped_lock lock(m_reasonMutex);
    return m_reason;
}

void AlertEngine::Impl::onFrame(const std::shared_ptr<const sampler::Frame> &shared)
{
    const sampler::Frame &frame = *shared;
    m_stories.onFrame(shared);
    applyFrame(frame, m_book);
    const Moment when{frame.monotonic, frame.realtimeUsec};
    forEachCounter(frame,
                   [&](std::size_t counter, NodeId node, std::uint64_t value) { counted(counter, node, value, when); });
    forEachLimited(frame, [this](NodeId node, const MemoryLimits &limits) {
        const bool known = m_watches.wantsMemory()
                               ? !m_watches.canWatchMemory(node, thresholdsOf(m_book.rules(), limits))
                               : m_pressured.contains(node);
        if (known)
            return;
        if (const auto cgroup = m_lookup(node); cgroup && !cgroup->path.isRoot())
            watchLimited(*cgroup, limits);
    });
    const std::scoped_lock lock(m_reasonMutex);
    m_reason = m_watches.incompleteReason();
}

void AlertEngine::Impl::counted(std::size_t counter, NodeId node, std::uint64_t value, const Moment &when)
{
    const auto known = m_paths.find(node);
    if (known == m_paths.end())
        return;
    const auto by = m_counters.note(counter, node, value);
    if (!by)
        return;
    const CounterInfo &info = kCounters.at(counter);
    if (info.kind == EventKind::OomKill && m_stories.isWatching())
        m_stories.grew({node, known->second, *by, value, when});
    else
        m_events.append({.realtimeMicros = when.realtimeMicros,
                         .monotonicMicros = when.monotonic.count(),
                         .kind = info.kind,
                         .node = node,
                         .path = known->second,
                         .key = std::string(metricInfo(info.metric)->name),
                         .oldValue = strCat(value - *by),
                         .newValue = strCat(value),
                         .delta = *by});
    m_book.counted(info.metric, node, *by, when);
}

void AlertEngine::Impl::append(EventKind kind, const cgroup::Cgroup &cgroup, std::string key)
{
    m_events.append({.kind = kind, .node = cgroup.id, .path = cgroup.path.text(), .key = std::move(key)});
}

void AlertEngine::Impl::onCgroupAdded(const cgroup::Cgroup &cgroup, bool isNew)
{
    m_paths.insert_or_assign(cgroup.id, cgroup.path.text());
    m_stories.onCgroupAdded(cgroup.id, cgroup.path.text());
    if (isNew) {
        m_counters.startAtZero(cgroup.id);
        m_populated.insert_or_assign(cgroup.id, false);
        append(EventKind::CgroupCreated, cgroup);
        m_foreign.born(cgroup.id);
    } else {
        m_unlearned.push_back(cgroup.id);
        learnSome();
    }
    if (cgroup.path.depth() == 1 && m_hierarchies->unified() != nullptr && cgroup.in(m_hierarchies->unified()->index)) {
        m_pressured.insert_or_assign(cgroup.id, cgroup);
        armPressure(cgroup);
    }
    const cgroup::Hierarchy *memory = m_hierarchies->forController("memory");
    if (isNew && memory != nullptr && cgroup.in(memory->index))
        watchLimited(cgroup, limitsOf(*m_hierarchies, cgroup));
}

/// A few at a time: what else the loop has to do comes first.
void AlertEngine::Impl::learnSome()
{
    constexpr std::size_t kAtOnce = 20;
    if (m_learnTimer || m_unlearned.empty())
        return;
    auto timer = m_loop.after(20ms, [this] {
        m_learnTimer.reset();
        for (std::size_t i = 0; i < kAtOnce && !m_unlearned.empty(); ++i) {
            if (const auto cgroup = m_lookup(m_unlearned.front()))
                m_foreign.learn(*cgroup);
            m_unlearned.pop_front();
        }
        learnSome();
    });
    if (timer)
        m_learnTimer = *std::move(timer);
    else
        m_unlearned.clear(); // then a value that is written again may be told once as changed
}

void AlertEngine::Impl::onCgroupRemoved(const cgroup::Cgroup &cgroup)
{
    append(EventKind::CgroupRemoved, cgroup);
    m_stories.onCgroupRemoved(cgroup.id, cgroup.path.text());
    m_book.forget(cgroup.id, Moment::now());
    m_counters.forget(cgroup.id);
    m_foreign.forget(cgroup.id);
    m_watches.forget(cgroup.id);
    m_pressured.erase(cgroup.id);
    m_paths.erase(cgroup.id);
    m_populated.erase(cgroup.id);
    m_looks.erase(cgroup.id);
}

void AlertEngine::Impl::onWritten(const Written &written)
{
    const cgroup::Cgroup &cgroup = written.cgroup;
    if (written.file == "memory.events")
        readEvents(cgroup, "memory", written.file);
    else if (written.file == "pids.events")
        readEvents(cgroup, "pids", written.file);
    else if (written.file == "cgroup.events")
        onPopulated(cgroup);
    else if (!written.byKernel)
        m_foreign.written(cgroup, written.file, written.pid);

    const auto key = limitKeyOfFile(written.file);
    if (key == LimitKey::MemoryMax || key == LimitKey::MemoryHigh)
        watchLimited(cgroup, limitsOf(*m_hierarchies, cgroup));
}

void AlertEngine::Impl::readEvents(const cgroup::Cgroup &cgroup, std::string_view controller, const std::string &file)
{
    const Moment when = Moment::now();
    const auto read = forEachFlatKey(textOf(*m_hierarchies, cgroup, controller, file),
                                     [&](std::string_view key, std::uint64_t value) {
                                         for (std::size_t i = 0; i < kCounters.size(); ++i) {
                                             if (kCounters.at(i).file == file && kCounters.at(i).key == key)
                                                 counted(i, cgroup.id, value, when);
                                         }
                                     });
    if (!read)
        log::warning(log::Area::Alerts, strCat(cgroup.path.text(), '/', file), read.error());
}

void AlertEngine::Impl::onPopulated(const cgroup::Cgroup &cgroup)
{
    const auto read = forEachFlatKey(textOf(*m_hierarchies, cgroup, {}, "cgroup.events"),
                                     [&](std::string_view key, std::uint64_t value) {
                                         if (key != "populated")
                                             return;
                                         const auto [known, first] = m_populated.try_emplace(cgroup.id, value != 0);
                                         if (first || known->second == (value != 0))
                                             return;
                                         known->second = value != 0;
                                         append(value != 0 ? EventKind::Populated : EventKind::Empty, cgroup);
                                     });
    if (!read)
        log::warning(log::Area::Alerts, strCat(cgroup.path.text(), "/cgroup.events"), read.error());
}

void AlertEngine::Impl::onNotification(NodeId node, KernelWatches::Kind kind)
{
    const Moment when = Moment::now();
    if (kind == KernelWatches::Kind::MemoryPressure) {
        onPressure(node, when);
        return;
    }
    const auto cgroup = m_lookup(node);
    if (!cgroup)
        return; // Kernel: v1 eventfds also fire when the cgroup is removed
    if (kind == KernelWatches::Kind::Oom)
        lookForOomKill(node, when, 0);
    else
        onThreshold(*cgroup, when);
}

void AlertEngine::Impl::onThreshold(const cgroup::Cgroup &cgroup, const Moment &when)
{
    const auto usage = parseU64(trim(textOf(*m_hierarchies, cgroup, "memory", "memory.usage_in_bytes")));
    if (!usage)
        return; // removed meanwhile
    const std::vector<AlertRule> &rules = m_book.rules();
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].source != AlertSource::Ratio || rules[i].metric != Metric::MemoryCurrent)
            continue;
        const auto limit =
            rules[i].reference == Metric::MemoryMax    ? numberOf(*m_hierarchies, cgroup, LimitKey::MemoryMax)
            : rules[i].reference == Metric::MemoryHigh ? numberOf(*m_hierarchies, cgroup, LimitKey::MemoryHigh)
                                                       : std::nullopt;
        if (limit && *limit != 0)
            m_book.update(i, cgroup.id, 100 * static_cast<double>(*usage) / static_cast<double>(*limit), when);
    }
}

void AlertEngine::Impl::onPressure(NodeId node, const Moment &when)
{
    const auto cgroup = m_lookup(node);
    const auto text = node == NodeId::host() ? readFile("/proc/pressure/memory")
                      : cgroup ? Result<std::string>(textOf(*m_hierarchies, *cgroup, {}, "memory.pressure"))
                               : fail(ENOENT, "read", "memory.pressure", "the cgroup is gone");
    const std::string_view line = text ? fullLine(*text) : std::string_view();
    const auto average = average10(line);
    if (!average)
        return; // removed meanwhile
    m_events.append({.realtimeMicros = when.realtimeMicros,
                     .monotonicMicros = when.monotonic.count(),
                     .kind = EventKind::Pressure,
                     .node = node,
                     .path = pathOf(node).value_or(""),
                     .key = "memory.pressure",
                     .newValue = std::string(line)});
    const std::vector<AlertRule> &rules = m_book.rules();
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].source == AlertSource::Metric && rules[i].metric == Metric::PressureMemoryFullAvg10)
            m_book.update(i, node, *average, when);
    }
}

void AlertEngine::Impl::lookForOomKill(NodeId node, const Moment &when, std::size_t turn)
{
    const auto cgroup = m_lookup(node);
    if (!cgroup)
        return;
    const auto control = cgroup::parseOomControl(textOf(*m_hierarchies, *cgroup, "memory", "memory.oom_control"));
    if (!control)
        return;
    const auto index = static_cast<std::size_t>(
        std::ranges::find(kCounters, Metric::MemoryEventsOomKill, &CounterInfo::metric) - kCounters.begin());
    const std::uint64_t before = m_counters.last(index, node).value_or(control->oomKill);
    counted(index, node, control->oomKill, when);
    if (control->oomKill > before || turn == kLookAgain.size())
        return;
    auto next = m_loop.after(kLookAgain.at(turn), [this, node, when, turn] { lookForOomKill(node, when, turn + 1); });
    if (next)
        m_looks.insert_or_assign(node, std::move(*next));
    else
        log::warning(log::Area::Alerts, "timer", next.error());
}

AlertEngine::AlertEngine(EventLoop &loop, cgroup::HierarchiesPtr hierarchies, Lookup lookup, RuleStore &rules,
                         EventLog &events, std::shared_ptr<const ExpectedWrites> expected)
    : m_impl(
          std::make_unique<Impl>(loop, std::move(hierarchies), std::move(lookup), rules, events, std::move(expected)))
{}

AlertEngine::~AlertEngine() = default;

void AlertEngine::watchKernelLog(Result<UniqueFd> log)
{
    m_impl->stories().watch(std::move(log));
}

std::string AlertEngine::oomStoryProblem() const
{
    return m_impl->stories().problem();
}

void AlertEngine::onFrame(const std::shared_ptr<const sampler::Frame> &frame)
{
    m_impl->onFrame(frame);
}

void AlertEngine::onCgroupAdded(const cgroup::Cgroup &cgroup, bool isNew)
{
    m_impl->onCgroupAdded(cgroup, isNew);
}

void AlertEngine::onCgroupRemoved(const cgroup::Cgroup &cgroup)
{
    m_impl->onCgroupRemoved(cgroup);
}

void AlertEngine::onWritten(const Written &written)
{
    m_impl->onWritten(written);
}

void AlertEngine::onOverflow()
{
    m_impl->append(EventKind::Overflow, {});
}

ChangeTable<Alert> &AlertEngine::alerts()
{
    return m_impl->book().alerts();
}

Result<> AlertEngine::acknowledge(std::span<const std::uint64_t> ids, const std::string &note, const std::string &user)
{
    std::string missing;
    for (const std::uint64_t id : ids) {
        const bool there = alerts().update(id, [&](Alert &alert) {
            alert.acknowledged = true;
            alert.acknowledgedBy = printable(user);
            alert.note = printable(note);
        });
        if (!there)
            missing += strCat(missing.empty() ? "" : ", ", id);
    }
    if (!missing.empty())
        return fail(ENOENT, "acknowledge", strCat("alert ", missing), "it is not in the list any more");
    return {};
}

std::string AlertEngine::incompleteReason() const
{
    return m_impl->incompleteReason();
}

} // namespace gantry::alerts
