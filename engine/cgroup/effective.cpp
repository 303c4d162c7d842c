// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/limits.h"

#include "engine/base/fd.h"
#include "engine/base/limit_lines.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/cgroup/files.h"
#include "engine/cgroup/limit_text.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <vector>

#include <fcntl.h>

namespace gantry::cgroup {

namespace {

/// Share of CPUs; a missing quota is handled before.
double shareOf(const CpuMax &value)
{
    return static_cast<double>(value.quota->count()) /
           static_cast<double>(std::max<std::uint64_t>(value.period.count(), 1));
}

/// The tighter of two rates; "max" and unset lose.
bool tighten(std::optional<Limit<std::uint64_t>> &held, const std::optional<Limit<std::uint64_t>> &other)
{
    if (!other || !*other || (held && *held && **held <= **other))
        return false;
    held = other;
    return true;
}

/// The smaller of two texts that are numbers or "max".
bool isTighter(const std::string &text, const std::string &held)
{
    const auto number = parseU64(text);
    const auto than = parseU64(held);
    return number && (!than || *number < *than);
}

/// Lines name by name and field by field; true if anything changed.
bool tightenLines(const LimitInfo &info, std::string &held, const std::string &other)
{
    const auto lines = [&info](const std::string &text) {
        return readLimitLines(info, text).value_or(std::vector<LimitLine>{});
    };
    std::vector<LimitLine> merged = lines(held);
    bool changed = false;
    for (LimitLine &line : merged) {
        const auto more = lines(other);
        const auto same = std::ranges::find(more, line.name, &LimitLine::name);
        if (same == more.end())
            continue;
        for (auto &[field, value] : line.fields) {
            const auto rival = std::ranges::find(same->fields, field, &std::pair<std::string, std::string>::first);
            if (rival != same->fields.end() && isTighter(rival->second, value)) {
                value = rival->second;
                changed = true;
            }
        }
    }
    held = limitLinesText(merged);
    return changed;
}

/// Takes the tighter limits of `other` into `held`; true if anything changed.
bool tighten(const LimitInfo &info, LimitValue &held, const LimitValue &other)
{
    if (limitsNothing(other))
        return false;
    if (auto *cpu = std::get_if<CpuMax>(&held)) {
        const auto &tighter = std::get<CpuMax>(other);
        if (cpu->quota && shareOf(*cpu) <= shareOf(tighter))
            return false;
        *cpu = tighter;
        return true;
    }
    if (auto *devices = std::get_if<std::vector<IoMax>>(&held)) {
        bool changed = false;
        for (const IoMax &device : std::get<std::vector<IoMax>>(other)) {
            auto found = std::ranges::find(*devices, device.device, &IoMax::device);
            if (found == devices->end())
                found = devices->insert(devices->end(), IoMax{device.device, {}, {}, {}, {}});
            for (const ThrottleFile &file : throttleFiles())
                changed = tighten((*found).*file.rate, device.*file.rate) || changed;
        }
        return changed;
    }
    if (auto *text = std::get_if<std::string>(&held))
        return tightenLines(info, *text, std::get<std::string>(other));
    const auto *number = std::get_if<std::uint64_t>(&held);
    if (number != nullptr && *number <= std::get<std::uint64_t>(other))
        return false;
    held = other;
    return true;
}

/// What one cgroup has and wants to keep.
struct Claim
{
    std::uint64_t usage = 0;
    std::uint64_t setting = 0; ///< memory.min or memory.low
    [[nodiscard]] std::uint64_t kept() const { return std::min(usage, setting); }
};

constexpr std::uint64_t kEverything = std::numeric_limits<std::uint64_t>::max();

Claim claimOf(int dir, LimitKey key)
{
    const std::string file(limitInfo(key).name);
    TextBuffer buffer;
    Claim out{readNumber(buffer, dir, "memory.current").value_or(0), 0};
    const auto text = buffer.readAt(dir, file);
    const auto setting = text ? parseV2Limit(key, *text) : std::unexpected(text.error());
    if (const auto *number = setting ? std::get_if<std::uint64_t>(&*setting) : nullptr)
        out.setting = *number;
    else if (setting)
        out.setting = kEverything;
    return out;
}

/// What the children of a cgroup want to keep together, as they are used now. `own` stands in for the child of that
/// name.
std::uint64_t claimedByChildren(const Hierarchy &hierarchy, const CgroupPath &parent, LimitKey key,
                                std::string_view ownName, const Claim &own)
{
    const auto dir = openCgroup(hierarchy, parent);
    const auto children = dir ? childNames(dir->get()) : Result<std::vector<std::string>>();
    std::uint64_t sum = 0;
    for (const std::string &name : children.value_or(std::vector<std::string>{})) {
        std::uint64_t kept = own.kept();
        if (name != ownName) {
            const auto child = openAt(dir->get(), name, O_PATH | O_DIRECTORY);
            kept = child ? claimOf(child->get(), key).kept() : 0;
        }
        sum += std::min(kept, kEverything - sum);
    }
    return sum;
}

/// value * numerator / denominator without overflow.
std::uint64_t share(std::uint64_t value, std::uint64_t numerator, std::uint64_t denominator)
{
    return denominator == 0
               ? 0
               : static_cast<std::uint64_t>(static_cast<long double>(value) * static_cast<long double>(numerator) /
                                            static_cast<long double>(denominator));
}

/// What the kernel really protects now. Source: mm/page_counter.c, effective_protection(): a child's claim counts as
/// far as it is used, claims beyond the parent's protection are cut in proportion, and with the mount option
/// memory_recursiveprot what nobody claims goes to those who use more than they claim.
EffectiveLimit effectiveProtection(const Hierarchy &hierarchy, const Hierarchies &hierarchies, const Cgroup &cgroup,
                                   LimitKey key, const std::optional<LimitValue> &own)
{
    EffectiveLimit out;
    out.limitedBy = cgroup.path;
    const bool recursive = std::ranges::count(hierarchy.options, "memory_recursiveprot") != 0;
    std::vector<CgroupPath> chain; // from below the root down to the cgroup
    for (CgroupPath path = cgroup.path; !path.isRoot(); path = path.parent())
        chain.insert(chain.begin(), path);
    std::uint64_t parentEffective = kEverything;
    std::uint64_t parentUsage = 0;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto dir = openCgroup(hierarchy, chain[i]);
        if (!dir)
            return out;
        Claim claim = claimOf(dir->get(), key);
        if (own && i + 1 == chain.size()) {
            const auto *number = std::get_if<std::uint64_t>(&*own);
            claim.setting = number != nullptr ? *number : kEverything;
        }
        // Kernel: children of the root get what they ask for.
        std::uint64_t effective = claim.setting;
        if (i > 0) {
            const std::uint64_t claimed = claimedByChildren(hierarchy, chain[i].parent(), key, chain[i].name(), claim);
            const std::uint64_t kept = claim.kept();
            effective = claimed > parentEffective ? share(kept, parentEffective, claimed) : kept;
            if (recursive && parentEffective > claimed && parentUsage > claimed && claim.usage > kept)
                effective += share(parentEffective - claimed, claim.usage - kept, parentUsage - claimed);
            if (effective < claim.setting && effective < claim.usage)
                out.limitedBy = chain[i].parent();
        }
        parentEffective = effective;
        parentUsage = claim.usage;
    }
    if (!own && !readLimit(hierarchies, cgroup, key))
        return out;
    if (parentEffective == kEverything)
        out.value = Unlimited{};
    else
        out.value = parentEffective;
    return out;
}

/// CPUs and memory nodes: the kernel tells what holds, and the nearest ancestor with a list of its own decides it.
EffectiveLimit inheritedList(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key,
                             const std::optional<LimitValue> &own)
{
    EffectiveLimit out;
    out.limitedBy = cgroup.path;
    if (own) {
        if (!limitsNothing(*own))
            out.value = *own;
        return out;
    }
    const auto file = limitFile(hierarchies, key);
    if (!file)
        return out;
    const auto dir = openCgroup(*file->hierarchy, cgroup);
    if (!dir)
        return out;
    TextBuffer buffer;
    const bool v1 = file->hierarchy->version == Version::V1;
    const std::string effective = v1 ? strCat("cpuset.effective_", limitInfo(key).name.substr(sizeof("cpuset")))
                                     : strCat(limitInfo(key).name, ".effective");
    if (const auto text = buffer.readAt(dir->get(), effective); text && !trim(*text).empty())
        out.value = std::string(trim(*text));
    for (CgroupPath path = cgroup.path; out.value && !path.isRoot(); path = path.parent()) {
        const auto list = readLimit(hierarchies, path, key);
        out.limitedBy = path;
        if (list && !limitsNothing(*list))
            return out;
    }
    out.limitedBy = CgroupPath();
    return out;
}

/// "1GB max, 2MB max", "mlx4_0 hca_handle=max hca_object=max": no size, and no device, has a limit.
bool isAllMax(std::string_view text)
{
    while (!text.empty()) {
        const std::string_view entry = text.substr(0, std::min(text.find(','), text.size()));
        text.remove_prefix(std::min(text.size(), entry.size() + 1));
        const std::vector<std::string> words = splitWords(entry);
        const bool all = std::ranges::all_of(words | std::views::drop(1), [](const std::string &word) {
            return word == "max" || word.ends_with("=max");
        });
        if (words.size() < 2 || !all)
            return false;
    }
    return true;
}

} // namespace

bool limitsNothing(const LimitValue &value)
{
    if (const auto *text = std::get_if<std::string>(&value))
        return text->empty() || isAllMax(*text);
    if (const auto *cpu = std::get_if<CpuMax>(&value))
        return !cpu->quota;
    if (const auto *devices = std::get_if<std::vector<IoMax>>(&value))
        return devices->empty();
    return std::holds_alternative<Unlimited>(value);
}

EffectiveLimit effectiveLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key,
                              const std::optional<LimitValue> &own, std::string *unreadable)
{
    const LimitReach reach = limitInfo(key).reach;
    const Hierarchy *unified = hierarchies.unified();
    const bool onV2 = unified != nullptr && hierarchies.forController(limitInfo(key).controller) == unified;
    if (reach == LimitReach::Protected && onV2)
        return effectiveProtection(*unified, hierarchies, cgroup, key, own);
    if (reach == LimitReach::Inherited)
        return inheritedList(hierarchies, cgroup, key, own);
    EffectiveLimit out;
    out.limitedBy = cgroup.path;
    const auto note = [unreadable](const CgroupPath &path) {
        if (unreadable != nullptr)
            *unreadable += strCat(unreadable->empty() ? "" : ", ", path.text());
    };
    const auto take = [&out, key](const LimitValue &value, const CgroupPath &from) {
        if (!out.value && limitsNothing(value))
            return;
        if (!out.value)
            out.value = value;
        else if (!tighten(limitInfo(key), *out.value, value))
            return;
        out.limitedBy = from;
    };
    if (own) {
        take(*own, cgroup.path);
    } else if (const auto value = readLimit(hierarchies, cgroup, key)) {
        take(*value, cgroup.path);
    } else if (value.error().posix() != ENOENT) {
        note(cgroup.path);
    }
    if (reach == LimitReach::Own || reach == LimitReach::Host)
        return out;
    for (CgroupPath path = cgroup.path; !path.isRoot();) {
        path = path.parent();
        // Kernel: the root has no limit files; a controller that is not enabled there limits nothing either.
        if (const auto value = readLimit(hierarchies, path, key))
            take(*value, path);
        else if (value.error().posix() != ENOENT)
            note(path);
    }
    return out;
}

} // namespace gantry::cgroup
