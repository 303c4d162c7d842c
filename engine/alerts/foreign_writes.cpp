// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/foreign_writes.h"

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limit_text.h"
#include "engine/cgroup/limits.h"

#include <algorithm>
#include <array>

#include <unistd.h>

namespace gantry::alerts {

namespace {

/// Starting one container writes a pid to cgroup.procs of nine hierarchies: one event within this time.
constexpr std::uint64_t kSameMicros = 1'000'000;
constexpr std::size_t kRecentKept = 64;
/// systemd sets a new unit's limits at once after it has made the cgroup.
constexpr std::uint64_t kStartMicros = 1'000'000;
constexpr std::size_t kBornKept = 1024;
/// What systemd writes for every unit.
constexpr std::array kUnitLimits{LimitKey::MemoryMin, LimitKey::MemoryLow,     LimitKey::MemoryHigh,
                                 LimitKey::MemoryMax, LimitKey::MemorySwapMax, LimitKey::CpuWeight,
                                 LimitKey::CpuMax,    LimitKey::PidsMax};

struct OtherFile
{
    std::string_view name;
    LimitKey key;
};
/// v1 files besides the one that cgroup::limitMapping() names.
constexpr std::array kOtherFiles{
    OtherFile{"cpu.cfs_period_us", LimitKey::CpuMax},
    OtherFile{"blkio.throttle.write_bps_device", LimitKey::IoMax},
    OtherFile{"blkio.throttle.read_iops_device", LimitKey::IoMax},
    OtherFile{"blkio.throttle.write_iops_device", LimitKey::IoMax},
};

/// Name of the process, empty when it has ended already.
std::string commOf(std::int32_t pid)
{
    const auto text = readFile(strCat("/proc/", pid, "/comm"));
    return text ? printable(trim(*text)) : std::string();
}

/// True for what a limit is in a new cgroup. Source: cgroup-v2.rst.
bool isDefault(LimitKey key, std::string_view text)
{
    if (key == LimitKey::CpuWeight)
        return text == "100";
    if (key == LimitKey::MemoryZswapWriteback)
        return text == "1";
    if (limitInfo(key).role == LimitRole::Mode && text == "0")
        return true;
    return text.empty() || text == "max" || text == "max 100000" || text == "default 100" ||
           (limitInfo(key).role == LimitRole::Guarantee && text == "0");
}

/// The v2 name of the file an event is about.
std::string_view fileOf(const Event &event)
{
    switch (event.kind) {
    case EventKind::Frozen:
    case EventKind::Thawed:
        return "cgroup.freeze";
    case EventKind::ProcessesMoved:
        return "cgroup.procs";
    default:
        return event.key;
    }
}

} // namespace

std::optional<LimitKey> limitKeyOfFile(std::string_view file)
{
    for (const LimitInfo &info : limitTable()) {
        const std::string_view v1File = cgroup::limitMapping(info.key).v1File;
        if (file == info.name || (!v1File.empty() && file == v1File) || cgroup::pageSizeOf(info.key, file))
            return info.key;
    }
    const auto other = std::ranges::find(kOtherFiles, file, &OtherFile::name);
    return other == kOtherFiles.end() ? std::nullopt : std::optional(other->key);
}

std::optional<EventKind> ForeignWrites::kindOf(const cgroup::Cgroup &cgroup, std::string_view file) const
{
    if (file == "cgroup.procs" || file == "tasks" || file == "cgroup.threads")
        return EventKind::ProcessesMoved;
    if (file == "cgroup.kill")
        return EventKind::Killed;
    if (file == "freezer.state" || file == "cgroup.freeze") {
        const auto state = cgroup::readFreezer(*m_hierarchies, cgroup);
        if (!state)
            return std::nullopt; // removed meanwhile
        return *state == cgroup::Freezer::Thawed ? EventKind::Thawed : EventKind::Frozen;
    }
    return limitKeyOfFile(file) ? std::optional(EventKind::LimitChanged) : std::nullopt;
}

void ForeignWrites::learn(const cgroup::Cgroup &cgroup)
{
    for (const LimitKey key : kUnitLimits) {
        const auto value = cgroup::readLimit(*m_hierarchies, cgroup, key);
        std::string text = value ? limitValueText(*value) : std::string();
        if (value && !isDefault(key, text))
            m_limits.try_emplace({cgroup.id, key}, std::move(text));
    }
}

void ForeignWrites::born(NodeId node)
{
    m_born.emplace_back(node, monotonicMicros());
    if (m_born.size() > kBornKept)
        m_born.pop_front();
}

bool ForeignWrites::isStartOfUnit(const Event &event) const
{
    return (event.pid == 1 || event.comm == "systemd") && event.kind == EventKind::LimitChanged &&
           std::ranges::any_of(m_born, [&event](const auto &born) {
               return born.first == event.node && event.monotonicMicros - born.second < kStartMicros;
           });
}

void ForeignWrites::written(const cgroup::Cgroup &cgroup, std::string_view file, std::int32_t pid)
{
    const auto kind = kindOf(cgroup, file);
    if (!kind)
        return;
    Event event{.monotonicMicros = monotonicMicros(),
                .kind = *kind,
                .node = cgroup.id,
                .path = cgroup.path.text(),
                .key = std::string(file),
                .pid = pid};
    if (*kind == EventKind::LimitChanged) {
        const LimitKey key = *limitKeyOfFile(file);
        event.key = limitInfo(key).name;
        const auto value = cgroup::readLimit(*m_hierarchies, cgroup, key);
        if (!value)
            return; // removed meanwhile, or the file holds something we do not know
        event.newValue = limitValueText(*value);
        event.oldValue = std::exchange(m_limits[{cgroup.id, key}], event.newValue);
        if (event.oldValue == event.newValue || (event.oldValue.empty() && isDefault(key, event.newValue)))
            return;
    }
    const bool ours = pid == ::getpid() || (m_expected && m_expected->has(event.path, fileOf(event), event.newValue));
    if (ours || isRepeated(event))
        return;
    event.comm = commOf(pid);
    if (isStartOfUnit(event))
        return;
    m_events.append(std::move(event));
}

void ForeignWrites::forget(NodeId node)
{
    const auto first = m_limits.lower_bound({node, LimitKey{}});
    const auto last = std::find_if(first, m_limits.end(), [node](const auto &e) { return e.first.first != node; });
    m_limits.erase(first, last);
}

bool ForeignWrites::isRepeated(const Event &event)
{
    if (event.kind == EventKind::LimitChanged)
        return false;
    const auto same = std::ranges::find_if(m_recent, [&event](const Recent &recent) {
        return recent.node == event.node && recent.kind == event.kind && recent.pid == event.pid &&
               event.monotonicMicros - recent.monotonicMicros < kSameMicros;
    });
    if (same != m_recent.end())
        return true;
    m_recent.push_back({event.node, event.kind, event.pid, event.monotonicMicros});
    if (m_recent.size() > kRecentKept)
        m_recent.pop_front();
    return false;
}

} // namespace gantry::alerts
