// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/limits.h"

#include "engine/base/strings.h"
#include "engine/cgroup/limit_text.h"

#include <algorithm>

namespace gantry::cgroup {

namespace {

/// Share of CPUs; a missing quota is handled before.
double shareOf(const CpuMax &value)
{
    return static_cast<double>(value.quota->count()) /
           static_cast<double>(std::max<std::uint64_t>(value.period.count(), 1));
}

bool limitsNothing(const LimitValue &value)
{
    if (const auto *cpu = std::get_if<CpuMax>(&value))
        return !cpu->quota;
    if (const auto *devices = std::get_if<std::vector<IoMax>>(&value))
        return devices->empty();
    return std::holds_alternative<Unlimited>(value);
}

/// The tighter of two rates; "max" and unset lose.
bool tighten(std::optional<Limit<std::uint64_t>> &held, const std::optional<Limit<std::uint64_t>> &other)
{
    if (!other || !*other || (held && *held && **held <= **other))
        return false;
    held = other;
    return true;
}

/// Takes the tighter limits of `other` into `held`; true if anything changed.
bool tighten(LimitValue &held, const LimitValue &other)
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
    const auto *number = std::get_if<std::uint64_t>(&held);
    if (number != nullptr && *number <= std::get<std::uint64_t>(other))
        return false;
    held = other;
    return true;
}

} // namespace

EffectiveLimit effectiveLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key,
                              const std::optional<LimitValue> &own, std::string *unreadable)
{
    EffectiveLimit out;
    out.limitedBy = cgroup.path;
    const auto note = [unreadable](const CgroupPath &path) {
        if (unreadable != nullptr)
            *unreadable += strCat(unreadable->empty() ? "" : ", ", path.text());
    };
    const auto take = [&out](const LimitValue &value, const CgroupPath &from) {
        if (!out.value && limitsNothing(value))
            return;
        if (!out.value)
            out.value = value;
        else if (!tighten(*out.value, value))
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
    // A weight is relative to the siblings: ancestors do not cap it.
    if (limitInfo(key).role == LimitRole::Share)
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
