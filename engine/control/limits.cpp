// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/control.h"
#include "engine/control/limit_warnings.h"

#include <iterator>

#include <sys/utsname.h>

namespace gantry::control {

namespace {

constexpr std::string_view kVerb = "setLimits";

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

/// Checks one setting and says what it would do; writes nothing.
Result<LimitChange> preview(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                            const LimitSetting &setting, const std::string &kernel)
{
    GANTRY_CHECK(checkLimitValue(setting.key, setting.value));
    const cgroup::LimitFile file = GANTRY_TRY(cgroup::limitFile(hierarchies, setting.key));
    // A value that cannot be read could not be put back either.
    LimitValue old = GANTRY_TRY(cgroup::readLimit(hierarchies, target, setting.key));
    LimitValue rounded = cgroup::roundedLimit(hierarchies, setting.key, setting.value, old);
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
    return LimitChange{setting.key,          std::move(old),      std::move(rounded),
                       std::move(effective), std::move(warnings), shownFile(file, target.path)};
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

/// Puts back the first `count` changes, last first. @return what could not be put back, empty if all was.
std::string putBack(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target,
                    std::span<const LimitChange> done)
{
    std::string out;
    for (auto change = done.rbegin(); change != done.rend(); ++change) {
        const auto back =
            cgroup::writeLimit(hierarchies, target, change->key, undoOf(*change->oldValue, change->newValue));
        if (!back)
            out += strCat("; not put back: ", limitInfo(change->key).name, ": ", back.error().message());
    }
    return out;
}

} // namespace

Result<std::vector<LimitRow>> Control::listLimits(const cgroup::Cgroup &target) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        if (target.in(hierarchy.index))
            GANTRY_CHECK(cgroup::openCgroup(hierarchy, target));
    }
    const std::string protectedReason = m_protection(target.path);
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
        else if (!protectedReason.empty())
            row.notSettable = protectedReason;
        else if (file->hierarchy->readOnly)
            row.notSettable = strCat(file->hierarchy->mountPoint, " is mounted read-only");
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<SetLimitsResult> Control::setLimits(const cgroup::Cgroup &target, std::span<const LimitSetting> settings,
                                           const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    call.phase("check");
    GANTRY_CHECK(checkTarget(kVerb, target));
    if (settings.empty())
        return fail(EINVAL, kVerb, target.path.text(), "no setting is given");
    SetLimitsResult result;
    result.node = target.id;
    result.path = target.path;
    const std::string kernel = kernelRelease();
    for (const LimitSetting &setting : settings)
        result.changes.push_back(GANTRY_TRY(preview(hierarchies, target, setting, kernel)));
    result.warnings = cgroupWarnings(hierarchies, target);
    if (call.dryRun)
        return result;

    for (std::size_t i = 0; i < settings.size(); ++i) {
        LimitChange &change = result.changes[i];
        call.phase("write");
        auto written = call.stop.stop_requested()
                           ? fail(ECANCELED, kVerb, target.path.text(), "cancelled")
                           : cgroup::writeLimit(hierarchies, target, change.key, settings[i].value);
        AuditRecord record{.verb = std::string(kVerb),
                           .target = target.path.text(),
                           .key = std::string(limitInfo(change.key).name),
                           .oldValue = textOf(change.oldValue),
                           .newValue = limitValueText(written ? *written : settings[i].value),
                           .actor = call.actor.text()};
        if (!written) {
            call.phase("rollBack");
            Error error = written.error();
            error.detail += putBack(hierarchies, target, std::span(result.changes).first(i));
            return recorded(std::move(record), Result<SetLimitsResult>(std::unexpected(std::move(error))));
        }
        change.newValue = std::move(*written);
        change.effective = cgroup::effectiveLimit(hierarchies, target, change.key, std::nullopt);
        result = GANTRY_TRY(recorded(std::move(record), Result<SetLimitsResult>(std::move(result))));
    }
    call.phase("readBack");
    return result;
}

} // namespace gantry::control
