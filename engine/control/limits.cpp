// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/limit_lines.h"
#include "engine/control/control.h"
#include "engine/control/limit_warnings.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <ranges>
#include <thread>

#include <sys/utsname.h>

namespace gantry::control {

namespace {

constexpr std::string_view kSetLimits = "setLimits";

std::string kernelRelease()
{
    utsname name{};
    return ::uname(&name) == 0 ? name.release : "";
}

/// "memory/a/b/memory.limit_in_bytes": the mount by its own name, so that two hierarchies can be told apart.
std::string shownFile(const cgroup::LimitFile &file, const cgroup::CgroupPath &path)
{
    const std::string &mount = file.hierarchy->mountPoint;
    return strCat(std::string_view(mount).substr(mount.rfind('/') + 1), path.isRoot() ? "" : path.text(), "/",
                  file.name);
}

std::string textOf(const Result<LimitValue> &value)
{
    return value ? limitValueText(*value) : value.error().message();
}

/// The command that writes a kernel file.
std::string fileCommand(const cgroup::LimitFile &file, const cgroup::CgroupPath &path, const LimitValue &value)
{
    return strCat("echo '", limitValueText(value), "' > ", file.hierarchy->mountPoint, path.isRoot() ? "" : path.text(),
                  "/", file.name);
}

/// Checks one setting and says what it would do; writes nothing.
Result<LimitChange> preview(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                            const LimitSetting &setting, const Route *route, const Call &call,
                            const std::string &kernel)
{
    GANTRY_CHECK(checkLimitValue(setting.key, setting.value));
    const cgroup::LimitFile file = GANTRY_TRY(cgroup::limitFile(hierarchies, setting.key));
    // A value that cannot be read could not be put back either.
    LimitValue old = GANTRY_TRY(cgroup::readLimit(hierarchies, target, setting.key));
    const bool routed = route != nullptr && route->sets(setting.key) && !call.byFile;
    LimitValue rounded = cgroup::roundedLimit(
        hierarchies, setting.key, routed ? route->asApplied(setting.key, setting.value) : setting.value, old);
    cgroup::EffectiveLimit effective = cgroup::effectiveLimit(hierarchies, target, setting.key, rounded);
    std::vector<Warning> warnings = limitWarnings({.key = setting.key,
                                                   .wanted = setting.value,
                                                   .rounded = rounded,
                                                   .effective = effective,
                                                   .version = file.hierarchy->version,
                                                   .file = file.name,
                                                   .path = target.path,
                                                   .usage = usageOf(hierarchies, target, setting.key),
                                                   .kernel = kernel});
    const std::string by = routed ? route->nameFor(setting.key) : std::string();
    if (routed && !route->isKept(setting.key, call.persistence))
        warnings.push_back({WarningCode::NotPersistent, by, "set for as long as it runs"});
    for (Warning &caveat : route != nullptr ? route->caveats(setting.key, routed) : std::vector<Warning>())
        warnings.push_back(std::move(caveat));
    return LimitChange{.key = setting.key,
                       .oldValue = std::move(old),
                       .newValue = std::move(rounded),
                       .effective = std::move(effective),
                       .warnings = std::move(warnings),
                       .file = shownFile(file, target.path),
                       .route = by,
                       .command = routed ? route->command(std::span(&setting, 1), call.persistence)
                                         : fileCommand(file, target.path, setting.value)};
}

/// How long a manager may take from its answer to the kernel's file. systemd answers first and writes then.
constexpr std::chrono::milliseconds kSettle{1'000};

/// What the kernel holds once the manager has written, or after kSettle.
Result<LimitValue> settled(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target, LimitKey key,
                           const LimitValue &wanted)
{
    const auto end = std::chrono::steady_clock::now() + kSettle;
    while (true) {
        auto held = cgroup::readLimit(hierarchies, target, key);
        if (!held || *held == wanted || std::chrono::steady_clock::now() >= end)
            return held;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

/// Tells where the kernel does not do what was asked for, although it took it.
void compareWithWish(LimitChange &change, const LimitValue &wished, const cgroup::CgroupPath &path)
{
    const std::string subject = strCat(path.text(), " ", limitInfo(change.key).name);
    if (const auto *text = std::get_if<std::string>(&change.newValue)) {
        if (const auto [word, reason] = splitInvalid(*text); !reason.empty())
            change.warnings.push_back({WarningCode::NotInForce, subject, reason});
    } else if (!change.route.empty() && change.newValue != wished) {
        change.warnings.push_back({WarningCode::NotInForce, subject,
                                   strCat(change.route, " took ", limitValueText(wished), ", the kernel holds ",
                                          limitValueText(change.newValue))});
    }
}

/// The changes by who makes them, managers first.
std::map<std::string, std::vector<std::size_t>, std::greater<>> byRoute(std::span<const LimitChange> changes)
{
    std::map<std::string, std::vector<std::size_t>, std::greater<>> out;
    for (std::size_t i = 0; i < changes.size(); ++i)
        out[changes[i].route].push_back(i);
    return out;
}

/// The value to write so that the old one holds again: io.max needs a line for a device that had none.
LimitValue undoOf(const LimitValue &old, const LimitValue &written)
{
    const auto *devices = std::get_if<std::vector<IoMax>>(&written);
    const auto *before = std::get_if<std::vector<IoMax>>(&old);
    if (devices == nullptr)
        return old;
    std::vector<IoMax> out;
    for (const IoMax &device : *devices) {
        constexpr Limit<std::uint64_t> kMax = std::nullopt;
        IoMax undo{device.device, kMax, kMax, kMax, kMax};
        for (const IoMax &known : before != nullptr ? *before : std::vector<IoMax>{}) {
            if (known.device == device.device)
                undo = known;
        }
        out.push_back(undo);
    }
    return out;
}

/// Puts back changes that were made, last first. @return what could not be put back, empty if all was.
std::string putBack(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target, const Route *route,
                    std::span<const LimitChange> changes, std::span<const std::size_t> done, const Call &call)
{
    std::string out;
    for (const std::size_t i : done | std::views::reverse) {
        const LimitChange &change = changes[i];
        const LimitSetting undo{change.key, undoOf(*change.oldValue, change.newValue)};
        Result<> back;
        if (!change.route.empty())
            back = route->setLimits(std::span(&undo, 1), call.persistence, call);
        else if (const auto written = cgroup::writeLimit(hierarchies, target, undo.key, undo.value); !written)
            back = std::unexpected(written.error());
        if (!back)
            out += strCat("; not put back: ", limitInfo(change.key).name, ": ", back.error().message());
    }
    return out;
}

} // namespace

std::string Control::protectedReason(const cgroup::CgroupPath &path, LimitReach reach) const
{
    // Gantry lives below the root, always: what is of a device does not touch it. A root that is protected by
    // configuration is so with all below it.
    if (path.isRoot() && reach == LimitReach::Host)
        return m_protection(path.child("x").value_or(path));
    return m_protection(path);
}

Result<std::vector<LimitRow>> Control::listLimits(const cgroup::Cgroup &target) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        if (target.in(hierarchy.index))
            GANTRY_CHECK(cgroup::openCgroup(hierarchy, target));
    }
    const std::string ofCgroup = protectedReason(target.path, LimitReach::Own);
    const std::string ofHost =
        target.path.isRoot() ? protectedReason(target.path, LimitReach::Host) : ofCgroup;
    const RoutePtr route = routeTo(target);
    std::vector<LimitRow> rows;
    for (const LimitInfo &info : limitTable()) {
        LimitRow row{.key = info.key, .configured = cgroup::readLimit(hierarchies, target, info.key)};
        row.mapping = cgroup::limitMapping(info.key).note;
        row.effective = cgroup::effectiveLimit(hierarchies, target, info.key, std::nullopt);
        row.usage = usageOf(hierarchies, target, info.key);
        const auto file = cgroup::limitFile(hierarchies, info.key);
        if (file)
            row.file = shownFile(*file, target.path);
        if (!row.configured)
            row.notSettable = row.configured.error().detail.empty() ? row.configured.error().message()
                                                                    : row.configured.error().detail;
        else if (const std::string &why = info.reach == LimitReach::Host ? ofHost : ofCgroup; !why.empty())
            row.notSettable = why;
        else if (file->hierarchy->readOnly)
            row.notSettable = strCat(file->hierarchy->mountPoint, " is mounted read-only");
        if (route != nullptr && row.configured && route->sets(info.key)) {
            row.route = route->nameFor(info.key);
            row.managerEffective = route->effective(info.key);
        }
        if (auto *text = row.configured ? std::get_if<std::string>(&*row.configured) : nullptr;
            text != nullptr && info.shape == LimitShape::Word) {
            auto [word, reason] = splitInvalid(*text);
            *text = std::move(word);
            row.notInForce = std::move(reason);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<SetLimitsResult> Control::setLimits(const cgroup::Cgroup &target, std::span<const LimitSetting> settings,
                                           const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    call.phase("check");
    if (settings.empty())
        return fail(EINVAL, kSetLimits, target.path.text(), "no setting is given");
    const bool ofHost = std::ranges::all_of(
        settings, [](const LimitSetting &setting) { return limitInfo(setting.key).reach == LimitReach::Host; });
    GANTRY_CHECK(
        checkTarget(kSetLimits, target, protectedReason(target.path, ofHost ? LimitReach::Host : LimitReach::Own)));
    SetLimitsResult result;
    result.node = target.id;
    result.path = target.path;
    const std::string kernel = kernelRelease();
    const RoutePtr route = routeTo(target);
    for (const LimitSetting &setting : settings)
        result.changes.push_back(GANTRY_TRY(preview(hierarchies, target, setting, route.get(), call, kernel)));
    result.warnings = cgroupWarnings(hierarchies, target);
    if (call.dryRun)
        return result;

    call.phase("write");
    std::vector<std::size_t> done; // indices of changes, in the order they were made
    for (const auto &[by, indices] : byRoute(result.changes)) {
        // What a manager keeps goes to it in one call, the rest file by file.
        std::vector<LimitSetting> routed;
        for (const std::size_t i : indices)
            routed.push_back(settings[i]);
        const Result<> asked = by.empty() ? Result<>{} : route->setLimits(routed, call.persistence, call);
        for (const std::size_t i : indices) {
            LimitChange &change = result.changes[i];
            const LimitValue wished = change.newValue;
            Result<LimitValue> written = fail(ECANCELED, kSetLimits, target.path.text(), "cancelled", "");
            if (!by.empty())
                written = asked ? settled(hierarchies, target, change.key, wished)
                                : Result<LimitValue>(std::unexpected(asked.error()));
            else if (!call.stop.stop_requested())
                written = cgroup::writeLimit(hierarchies, target, change.key, settings[i].value);
            AuditRecord record{.verb = std::string(kSetLimits),
                               .target = target.path.text(),
                               .key = std::string(limitInfo(change.key).name),
                               .oldValue = textOf(change.oldValue),
                               .newValue = limitValueText(written ? *written : settings[i].value),
                               .actor = call.actor.text()};
            if (!written) {
                call.phase("rollBack");
                Error error = written.error();
                error.detail += putBack(hierarchies, target, route.get(), result.changes, done, call);
                return recorded(std::move(record), Result<SetLimitsResult>(std::unexpected(std::move(error))));
            }
            change.newValue = std::move(*written);
            compareWithWish(change, wished, target.path);
            change.effective = cgroup::effectiveLimit(hierarchies, target, change.key, std::nullopt);
            result = GANTRY_TRY(recorded(std::move(record), Result<SetLimitsResult>(std::move(result))));
            done.push_back(i);
        }
    }
    call.phase("readBack");
    return result;
}

} // namespace gantry::control
