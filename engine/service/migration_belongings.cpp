// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_belongings.h"

#include "engine/base/fd.h"
#include "engine/base/log.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/cgroup/limits.h"
#include "engine/checkpoint/placement.h"
#include "engine/service/convert_alerts.h"
#include "engine/service/schedule_service.h"

#include <algorithm>

#include <unistd.h>

namespace gantry::service {

using alerts::AlertRule;
using schedule::Policy;

namespace {

constexpr std::string_view kKept = "belongings";
constexpr std::string_view kTaken = "taken";

/// Of a path that is that of `cgroup`, or below it: what follows. nullopt: it is elsewhere.
std::optional<std::string_view> belowOf(std::string_view path, std::string_view cgroup)
{
    if (cgroup.size() < 2 || !path.starts_with(cgroup))
        return std::nullopt;
    path.remove_prefix(cgroup.size());
    return path.empty() || path.front() == '/' ? std::optional(path) : std::nullopt;
}

/// Of a cgroup within a scope of systemd the scope's, which people know: crun has one of its own making in there.
std::string ownCgroup(const std::string &path)
{
    constexpr std::string_view kScope = ".scope/";
    const std::size_t at = path.find(kScope);
    return at == std::string::npos ? path : path.substr(0, at + kScope.size() - 1);
}

bool isSame(AlertRule one, const AlertRule &other)
{
    one.id = other.id;
    return one == other;
}

/// nullopt: there is no such file, or it is none.
template <class Message> std::optional<Message> messageIn(const std::string &path)
{
    const auto text = readFile(path);
    Message out;
    if (!text || !out.ParseFromString(*text)) {
        if (text || text.error().posix() != ENOENT)
            log::warning(log::Area::Control, path, ": it cannot be read");
        return std::nullopt;
    }
    return out;
}

void recordChange(control::AuditLog &audit, std::string_view verb, const std::string &target, const std::string &value,
                  const std::string &by, const Result<> &done)
{
    const auto recorded = audit.record({.verb = std::string(verb),
                                        .target = target,
                                        .newValue = value,
                                        .actor = by,
                                        .result = done ? "done" : done.error().message(),
                                        .failed = !done});
    if (!recorded)
        log::warning(log::Area::Control, strCat(verb, ' ', target, ": not in the audit log"), recorded.error());
}

} // namespace

std::string Belongings::file(const std::string &migration, std::string_view what) const
{
    return strCat(m_parts.folder, "/", migration, ".", what);
}

v1::MigrationBelongings Belongings::of(const std::string &id, const std::string &path,
                                       std::span<const std::int32_t> pids, std::vector<std::string> &notes) const
{
    const std::string cgroup = ownCgroup(path);
    v1::MigrationBelongings out;
    out.set_cgroup_path(cgroup);
    if (const auto places = checkpoint::placesOf(*m_parts.hierarchies, pids); places && !places->empty())
        out.set_limits(homesText(*m_parts.hierarchies, *places));
    const auto policies = m_parts.schedules.policies();
    if (!policies)
        notes.push_back(strCat("its checkpoint schedule stays here: ", policies.error().message()));
    for (const Policy &policy : policies.value_or(std::vector<Policy>())) {
        if (policy.follow == schedule::Follow::Container && policy.where == id)
            *out.mutable_schedule() = toMessage(policy, {});
    }
    for (const AlertRule &rule : *m_parts.rules.rules()) {
        if (rule.scopePath.empty() || rule.scopePath == "/")
            continue; // about all of this host
        if (belowOf(rule.scopePath, cgroup) && !rule.builtIn)
            *out.add_rules() = toMessage(rule);
        else if (belowOf(rule.scopePath, cgroup))
            notes.push_back(strCat("alert rule \"", rule.id, "\" is one that every host has, and stays as it is here"));
        else if (belowOf(cgroup, rule.scopePath))
            notes.push_back(strCat("alert rule \"", rule.name, "\" is about all of ", rule.scopePath, ", and stays"));
    }
    return out;
}

std::vector<std::string> Belongings::giveAway(const std::string &id, const std::string &cgroup,
                                              const v1::MigrationTaken &taken, const std::string &by) const
{
    std::vector<std::string> out;
    if (taken.schedule()) {
        std::string words;
        const Result<> removed = m_parts.schedules.edit([&](std::vector<Policy> &all) -> Result<> {
            std::erase_if(all, [&](const Policy &policy) {
                const bool isIts = policy.follow == schedule::Follow::Container && policy.where == id;
                if (isIts)
                    words = wordsOf(policy);
                return isIts;
            });
            return {};
        });
        recordChange(m_parts.audit, "removeSchedule", id, words, by, removed);
        out.push_back(removed ? strCat("its checkpoint schedule went along: ", words)
                              : strCat("its checkpoint schedule is on both hosts: ", removed.error().message(),
                                       ". Remove it here: gantryctl schedule remove ", id));
    }
    for (const std::string &rule : taken.rules()) {
        const auto rules = m_parts.rules.rules();
        const auto found = std::ranges::find(*rules, rule, &AlertRule::id);
        // The other host's word: what is none of this container's is not its to take.
        if (found == rules->end() || found->builtIn || !belowOf(found->scopePath, ownCgroup(cgroup)))
            continue;
        const Result<> removed = m_parts.rules.remove(rule);
        recordChange(m_parts.audit, "deleteRule", rule, "it went along with a migration", by, removed);
        out.push_back(removed ? strCat("alert rule \"", found->name, "\" went along")
                              : strCat("alert rule \"", found->name, "\" is on both hosts: ", removed.error().message(),
                                       ". Remove it here"));
    }
    for (const std::string &note : taken.notes())
        out.push_back(printable(note));
    return out;
}

Result<> Belongings::keep(const std::string &migration, const v1::MigrationBelongings &belongings) const
{
    if (!belongings.has_schedule() && belongings.rules().empty())
        return {};
    return replaceFile(file(migration, kKept), belongings.SerializeAsString());
}

Result<> Belongings::takeSchedule(const v1::Schedule &schedule, const std::string &name, const std::string &by) const
{
    Policy policy;
    policy.key = policy.subject = policy.where = name;
    policy.follow = schedule::Follow::Container;
    policy.every = std::chrono::milliseconds(
        std::min(schedule.period_ms(), static_cast<std::uint64_t>(schedule::kMostPeriod.count()) + 1));
    policy.retention = retentionOf(schedule.retention());
    policy.restart = schedule.restart();
    policy.by = printable(schedule.by());
    GANTRY_CHECK(schedule::checkPolicy(policy));
    const Result<> set = m_parts.schedules.edit([&](std::vector<Policy> &all) -> Result<> {
        const auto old = std::ranges::find(all, policy.key, &Policy::key);
        if (old == all.end() && all.size() >= schedule::kMostPolicies)
            return fail(EDQUOT, "schedule", name, strCat("there are ", all.size(), " already"));
        if (old == all.end())
            all.push_back(policy);
        else
            *old = policy;
        return {};
    });
    recordChange(m_parts.audit, "setSchedule", name, wordsOf(policy), by, set);
    return set;
}

Result<> Belongings::takeRule(const v1::AlertRule &message, const std::string &from, const std::string &to,
                              const std::string &by) const
{
    AlertRule rule = GANTRY_TRY(fromMessage(message));
    const auto below = belowOf(rule.scopePath, from);
    if (!below)
        return fail(EINVAL, "setRule", printable(rule.scopePath), "it is not about this container");
    rule.scopePath = strCat(to, *below);
    rule.id.clear(); // another one has it here, perhaps
    rule.builtIn = false;
    const auto known = m_parts.rules.rules();
    if (std::ranges::any_of(*known, [&rule](const AlertRule &one) { return isSame(rule, one); }))
        return {}; // taken before this process died
    const auto set = m_parts.rules.set(rule);
    const Result<> done = set ? Result<>() : std::unexpected(set.error());
    recordChange(m_parts.audit, "setRule", set ? set->id : std::string("alert rule"), alerts::formatRules({rule}), by,
                 done);
    return done;
}

v1::MigrationTaken Belongings::adopt(const std::string &migration, const std::string &name, const std::string &cgroup,
                                     const std::string &by) const
{
    if (auto taken = messageIn<v1::MigrationTaken>(file(migration, kTaken)))
        return *std::move(taken);
    const auto kept = messageIn<v1::MigrationBelongings>(file(migration, kKept));
    v1::MigrationTaken out;
    if (!kept)
        return out;
    if (kept->has_schedule()) {
        const auto done = takeSchedule(kept->schedule(), name, by);
        out.set_schedule(done.has_value());
        if (!done)
            out.add_notes(strCat("its checkpoint schedule stays where it was: ", done.error().message(),
                                 ". Make it on the other host: gantryctl schedule set ", name));
    }
    for (const v1::AlertRule &rule : kept->rules()) {
        if (const auto done = takeRule(rule, kept->cgroup_path(), cgroup, by))
            out.add_rules(rule.id());
        else
            out.add_notes(strCat("alert rule \"", printable(rule.name()),
                                 "\" stays where it was: ", done.error().message(), ". Make it on the other host"));
    }
    // Otherwise it is taken once more, over itself, when the source asks.
    if (auto written = replaceFile(file(migration, kTaken), out.SerializeAsString()); !written)
        log::warning(log::Area::Control, "what went along with ", name, ": ", written.error().message());
    else
        ::unlink(file(migration, kKept).c_str());
    return out;
}

void Belongings::forget(const std::string &migration) const
{
    for (const std::string_view what : {kKept, kTaken})
        ::unlink(file(migration, what).c_str());
}

void leaveOutUnknown(std::optional<launch::LimitSettings> &limits, const cgroup::Hierarchies &hierarchies)
{
    if (limits)
        std::erase_if(*limits, [&](const auto &one) { return !cgroup::limitFile(hierarchies, one.first); });
}

std::vector<std::string> giveLimits(const std::vector<SavedLimit> &limits, std::string_view cgroup,
                                    const control::Control &control, const cgroup::Hierarchies &hierarchies,
                                    const control::Call &call)
{
    std::vector<std::string> out;
    control::Call quiet = call; // its phases are no news of a migration
    quiet.onPhase = {};
    for (const SavedLimit &saw : limits) {
        const auto given = [&]() -> Result<> {
            const auto path = GANTRY_TRY(cgroup::CgroupPath::parse(strCat(cgroup, saw.below)));
            const auto target = GANTRY_TRY(cgroup::locate(hierarchies, path));
            const auto now = cgroup::readLimit(hierarchies, target, saw.limit.key);
            if (!now || *now != saw.limit.value)
                GANTRY_TRY(control.setLimits(target, std::vector<control::LimitSetting>{saw.limit}, quiet));
            return {};
        }();
        if (!given)
            out.push_back(strCat("it has not the limit ", limitInfo(saw.limit.key).name, " = ",
                                 limitValueText(saw.limit.value), saw.below.empty() ? "" : " of ", saw.below,
                                 " there: ", given.error().message()));
    }
    return out;
}

} // namespace gantry::service
