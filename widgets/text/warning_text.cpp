// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/warning_text.h"

#include "engine/base/limit.h"
#include "widgets/text/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace gantry::text {

namespace {

/// Numbers with a plural of their own are int to Qt.
constexpr std::uint64_t kMostCounted = 1'000'000'000;

QString amount(std::string_view key, std::uint64_t value)
{
    const auto known = limitKeyByName(key);
    const bool isBytes = known && limitInfo(*known).shape == LimitShape::ByteSize;
    return isBytes ? bytes(value) : count(value);
}

/// Gives this file's texts their context for translators.
struct WarningText
{
    Q_DECLARE_TR_FUNCTIONS(WarningText)
};

} // namespace

QString warningSentence(const v1::Warning &warning, std::string_view key)
{
    const QString subject = utf8(warning.subject());
    const QString have = amount(key, warning.have());
    const QString want = amount(key, warning.want());
    switch (warning.code()) {
    case v1::Warning::CODE_WILL_OOM_KILL:
        return WarningText::tr(
                   "Usage is %1, above the new limit of %2: the kernel will reclaim what it can, then kill processes.")
            .arg(have, want);
    case v1::Warning::CODE_MAY_BE_BUSY:
        return WarningText::tr(
                   "Usage is %1, above the new limit of %2: cgroup v1 refuses the limit when it cannot reclaim enough.")
            .arg(have, want);
    case v1::Warning::CODE_WILL_THROTTLE:
        return WarningText::tr(
                   "Usage is %1, above the new soft limit of %2: its processes will be slowed down to a crawl until "
                   "enough is reclaimed.")
            .arg(have, want);
    case v1::Warning::CODE_SOFT_LIMIT_INERT:
        return WarningText::tr(
            "This kernel does not enforce a soft limit on cgroup v1: Gantry raises an alert instead.");
    case v1::Warning::CODE_FORKS_WILL_FAIL:
        return WarningText::tr(
                   "There are %1 processes, more than the new limit of %2: nothing is killed, but no new process or "
                   "thread can start.")
            .arg(have, want);
    case v1::Warning::CODE_ANCESTOR_LIMITS:
        return WarningText::tr("%1 has a lower limit of %2: the new value has no effect.").arg(subject, have);
    case v1::Warning::CODE_SYSTEMD_OWNED:
        return WarningText::tr("systemd owns %1: it may undo the change at any time.").arg(subject);
    case v1::Warning::CODE_WILL_ROUND:
        return WarningText::tr("The kernel will keep %1 instead of %2.").arg(have, want);
    case v1::Warning::CODE_OWN_SESSION:
        return WarningText::tr("Your own session or Gantry itself runs in %1: you may lock yourself out.").arg(subject);
    case v1::Warning::CODE_DRAINS_SLOWLY:
        return WarningText::tr("Swap in use is %1, above the new limit of %2: it shrinks only as pages are used again.")
            .arg(have, want);
    case v1::Warning::CODE_FROZEN:
        return WarningText::tr("%1 is frozen: the effect shows after it is thawed.").arg(subject);
    case v1::Warning::CODE_CHARGES_STAY:
        return WarningText::tr("Memory used so far stays charged to %1.").arg(subject);
    case v1::Warning::CODE_CHANGES_OTHER:
        return WarningText::tr("This changes more than that: %1.").arg(utf8(warning.detail()));
    case v1::Warning::CODE_CHANGES_CHILDREN:
        return WarningText::tr("This changes every cgroup directly below: %1.").arg(utf8(warning.detail()));
    case v1::Warning::CODE_RUNTIME_OWNED:
        return WarningText::tr("%1 belongs to a container runtime, which may write the limit again.").arg(subject);
    case v1::Warning::CODE_NOT_PERSISTENT:
        return WarningText::tr("The change holds until %1 is stopped or the host is started again.").arg(subject);
    case v1::Warning::CODE_MOVES_TO_LEAF:
        return WarningText::tr("The %n process(es) of it are moved into the new cgroup %1 first.", nullptr,
                               static_cast<int>(std::min<std::uint64_t>(warning.have(), kMostCounted)))
            .arg(subject);
    case v1::Warning::CODE_NOT_IN_FORCE:
        return WarningText::tr("The kernel took the value but does not act on it: %1.").arg(utf8(warning.detail()));
    case v1::Warning::CODE_IRREVERSIBLE:
        return WarningText::tr("This cannot be undone: %1.").arg(utf8(warning.detail()));
    default:
        return utf8(warning.detail());
    }
}

bool isDangerous(const v1::Warning &warning)
{
    return warning.code() == v1::Warning::CODE_WILL_OOM_KILL || warning.code() == v1::Warning::CODE_OWN_SESSION ||
           warning.code() == v1::Warning::CODE_WILL_THROTTLE || warning.code() == v1::Warning::CODE_MAY_BE_BUSY;
}

} // namespace gantry::text
