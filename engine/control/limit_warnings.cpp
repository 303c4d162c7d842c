// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/limit_warnings.h"

#include "engine/base/strings.h"
#include "engine/cgroup/files.h"
#include "engine/control/subtree.h"

#include <algorithm>

namespace gantry::control {

namespace {

using cgroup::Version;

std::optional<std::uint64_t> readNumber(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &cgroup,
                                        const std::string &file)
{
    const auto dir = cgroup::openCgroup(hierarchy, cgroup);
    if (!dir)
        return std::nullopt;
    TextBuffer buffer;
    const auto number = cgroup::readNumber(buffer, dir->get(), file);
    return number ? std::optional(*number) : std::nullopt;
}

/// v1 counts memory and swap together.
std::optional<std::uint64_t> swapUsageV1(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &cgroup)
{
    const auto both = readNumber(hierarchy, cgroup, "memory.memsw.usage_in_bytes");
    const auto memory = readNumber(hierarchy, cgroup, "memory.usage_in_bytes");
    if (!both || !memory)
        return std::nullopt;
    return *both - std::min(*both, *memory);
}

/// What happens when this limit is put below what is in use.
std::optional<WarningCode> belowUsage(LimitKey key, Version version)
{
    switch (key) {
    case LimitKey::MemoryMax:
        return version == Version::V2 ? WarningCode::WillOomKill : WarningCode::MayBeBusy;
    case LimitKey::MemoryHigh:
        return version == Version::V2 ? std::optional(WarningCode::WillThrottle) : std::nullopt;
    case LimitKey::MemorySwapMax:
        return version == Version::V2 ? WarningCode::DrainsSlowly : WarningCode::MayBeBusy;
    case LimitKey::PidsMax:
        return WarningCode::ForksWillFail;
    default:
        return std::nullopt;
    }
}

/// True if the kernel keeps another number than the one asked for; a period of zero asks for none.
bool isRounded(const LimitValue &wanted, const LimitValue &rounded)
{
    if (std::holds_alternative<std::vector<IoMax>>(wanted) || std::holds_alternative<std::string>(wanted))
        return false;
    LimitValue asked = wanted;
    const auto *kept = std::get_if<CpuMax>(&rounded);
    if (auto *cpu = std::get_if<CpuMax>(&asked); cpu != nullptr && cpu->period.count() == 0 && kept != nullptr)
        cpu->period = kept->period;
    return asked != rounded;
}

std::uint64_t numberOr0(const LimitValue &value)
{
    const auto *number = std::get_if<std::uint64_t>(&value);
    return number != nullptr ? *number : 0;
}

std::string textOr(const LimitValue &value)
{
    const auto *text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : std::string();
}

} // namespace

std::optional<std::uint64_t> usageOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup, LimitKey key)
{
    const auto file = cgroup::limitFile(hierarchies, key);
    if (!file)
        return std::nullopt;
    const bool v1 = file->hierarchy->version == Version::V1;
    switch (key) {
    case LimitKey::MemoryMin:
    case LimitKey::MemoryLow:
    case LimitKey::MemoryHigh:
    case LimitKey::MemoryMax:
        return readNumber(*file->hierarchy, cgroup, v1 ? "memory.usage_in_bytes" : "memory.current");
    case LimitKey::MemorySwapMax:
        return v1 ? swapUsageV1(*file->hierarchy, cgroup) : readNumber(*file->hierarchy, cgroup, "memory.swap.current");
    case LimitKey::MemorySwapHigh:
        return readNumber(*file->hierarchy, cgroup, "memory.swap.current");
    case LimitKey::MemoryZswapMax:
        return readNumber(*file->hierarchy, cgroup, "memory.zswap.current");
    case LimitKey::PidsMax:
        return readNumber(*file->hierarchy, cgroup, "pids.current");
    default:
        return std::nullopt;
    }
}

std::vector<Warning> limitWarnings(const LimitFacts &facts)
{
    std::vector<Warning> out;
    const std::string subject = strCat(facts.path.text(), " ", facts.file);
    const auto *number = std::get_if<std::uint64_t>(&facts.rounded);
    if (number != nullptr && facts.usage && *facts.usage > *number) {
        if (const auto code = belowUsage(facts.key, facts.version))
            out.push_back({*code, subject, strCat("usage ", *facts.usage, " > ", *number), *facts.usage, *number});
    }
    if (facts.version == Version::V1 && facts.key == LimitKey::MemoryHigh && number != nullptr)
        out.push_back({WarningCode::SoftLimitInert, subject,
                       strCat("kernel ", facts.kernel,
                              ": memory.soft_limit_in_bytes throttles nobody; it is a hint for reclaim when the whole "
                              "host is short, and ignored by kernels from August 2026 on. Gantry alarms instead")});
    if (facts.version == Version::V1 && facts.key == LimitKey::MemorySwapMax)
        out.push_back({WarningCode::ChangesOther, subject,
                       "v1 limits memory and swap together: memory.memsw.limit_in_bytes is set to memory.max + this"});
    if (facts.effective.value && facts.effective.limitedBy != facts.path && *facts.effective.value != facts.rounded)
        out.push_back({WarningCode::AncestorLimits, facts.effective.limitedBy.text(),
                       strCat(limitInfo(facts.key).name, " of ", facts.effective.limitedBy.text(), " is ",
                              limitValueText(*facts.effective.value)),
                       numberOr0(*facts.effective.value), numberOr0(facts.rounded)});
    if (facts.key == LimitKey::CgroupType)
        out.push_back({WarningCode::Irreversible, subject,
                       "a threaded cgroup can never be a domain again; it shares the memory and I/O of its parent"});
    if (facts.key == LimitKey::CpusetCpusPartition && textOr(facts.rounded) != "member")
        out.push_back({WarningCode::ChangesOther, subject, "takes the CPUs away from its siblings and its parent"});
    if (isRounded(facts.wanted, facts.rounded))
        out.push_back({WarningCode::WillRound, subject,
                       strCat(limitValueText(facts.wanted), " becomes ", limitValueText(facts.rounded)),
                       numberOr0(facts.rounded), numberOr0(facts.wanted)});
    return out;
}

std::vector<Warning> cgroupWarnings(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup)
{
    std::vector<Warning> out;
    const auto freezer = cgroup::readFreezer(hierarchies, cgroup);
    if (freezer && (*freezer == cgroup::Freezer::Frozen || *freezer == cgroup::Freezer::Freezing ||
                    *freezer == cgroup::Freezer::FrozenByAncestor))
        out.push_back({WarningCode::Frozen, cgroup.path.text(), std::string(freezerText(*freezer))});
    std::vector<std::int32_t> session = ownChain();
    std::ranges::copy(displayServers(), std::back_inserter(session));
    if (const auto own = inside(hierarchies, cgroup, session); !own.empty())
        out.push_back(
            {WarningCode::OwnSession, cgroup.path.text(), strCat("process ", own.front(), " is inside"), own.size()});
    return out;
}

} // namespace gantry::control
