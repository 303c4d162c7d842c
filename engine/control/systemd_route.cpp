// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/systemd_route.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <atomic>
#include <csignal>

#include <unistd.h>

namespace gantry::control {

namespace {

using systemd::Clock;
using systemd::Ownership;

/// systemd answers first and writes then; the kernel's event comes a little later.
constexpr std::chrono::seconds kSystemdLag{2};
constexpr std::chrono::seconds kLookPatience{1};
constexpr std::chrono::seconds kKillPatience{2};

/// One unit's own cgroup.
class SystemdRoute final : public Route
{
public:
    SystemdRoute(const SystemdParts &parts, const cgroup::Cgroup &target, Ownership owner)
        : m_hierarchies(parts.hierarchies)
        , m_manager(parts.managers->of(owner.userUid))
        , m_expected(parts.expected)
        , m_target(target)
        , m_owner(std::move(owner))
    {}

    [[nodiscard]] std::string name() const override
    {
        return strCat(m_manager->title(), ": ", printable(m_owner.unit));
    }

    [[nodiscard]] bool sets(LimitKey key) const override
    {
        return systemd::propertyRow(limitInfo(key).name) != nullptr;
    }

    [[nodiscard]] bool isKept(LimitKey, Persistence persistence) const override
    {
        return persistence == Persistence::Permanent && !isTransient();
    }

    [[nodiscard]] std::vector<Warning> caveats(LimitKey key, bool byRoute) const override
    {
        if (byRoute)
            return {};
        return {{WarningCode::SystemdOwned, m_target.path.text(),
                 strCat(name(), " keeps this cgroup and does not know of a change of ", limitInfo(key).name)}};
    }

    [[nodiscard]] LimitValue asApplied(LimitKey key, const LimitValue &value) const override
    {
        return systemd::asApplied(limitInfo(key).name, value);
    }

    [[nodiscard]] std::string command(std::span<const LimitSetting> settings, Persistence persistence) const override
    {
        std::string out = strCat(systemctl(), " set-property",
                                 persistence == Persistence::Runtime ? " --runtime " : " ", quoted(m_owner.unit));
        for (const LimitSetting &setting : settings) {
            if (const auto text = systemd::assignmentsFor(limitInfo(setting.key).name, setting.value))
                out += strCat(" ", *text);
        }
        return out;
    }

    [[nodiscard]] Result<> setLimits(std::span<const LimitSetting> settings, Persistence persistence,
                                     const Call &call) const override
    {
        const auto until = Clock::now() + call.deadline;
        std::vector<systemd::Property> properties;
        for (const LimitSetting &setting : settings) {
            auto made = GANTRY_TRY(
                systemd::propertiesFor(limitInfo(setting.key).name, setting.value, periodInForce(setting.key)));
            std::ranges::move(made, std::back_inserter(properties));
        }
        GANTRY_CHECK(checkUnit("setLimits", until));
        for (const LimitSetting &setting : settings)
            expectLimit(setting, until);
        return m_manager->setProperties(m_owner.unit, properties, persistence == Persistence::Runtime, until);
    }

    [[nodiscard]] std::string effective(LimitKey key) const override
    {
        const systemd::PropertyRow *row = systemd::propertyRow(limitInfo(key).name);
        // A manager that does not answer is not asked for every row of the table.
        if (row == nullptr || row->effective.empty() || m_silent)
            return {};
        const auto value = m_manager->number(m_owner.unit, row->effective, Clock::now() + kLookPatience);
        if (!value) {
            m_silent = value.error().posix() != ENOTSUP && value.error().posix() != EBADMSG;
            return {};
        }
        const bool bytes = limitInfo(key).shape == LimitShape::ByteSize;
        return strCat(row->effective, "=",
                      *value == systemd::kInfinity ? std::string("infinity")
                      : bytes                      ? compactBytes(*value)
                                                   : strCat(*value));
    }

    [[nodiscard]] std::optional<Result<>> setFrozen(bool frozen, const Call &call) const override
    {
        const auto until = Clock::now() + call.deadline;
        if (auto known = checkUnit(frozen ? "freeze" : "thaw", until); !known)
            return known;
        m_expected->expect(m_target.path.text(), "cgroup.freeze", {}, true, until + kSystemdLag);
        return frozen ? m_manager->freeze(m_owner.unit, until) : m_manager->thaw(m_owner.unit, until);
    }

    [[nodiscard]] std::optional<Result<>> kill(const Call &call) const override
    {
        const auto until = Clock::now() + std::min<std::chrono::milliseconds>(call.deadline, kKillPatience);
        if (auto known = checkUnit("kill", until); !known)
            return known;
        return m_manager->kill(m_owner.unit, SIGKILL, until);
    }

    [[nodiscard]] std::optional<Result<>> attach(std::span<const ProcessKey> processes, const Call &call) const override
    {
        if (!m_owner.delegated)
            return std::nullopt;
        const auto until = Clock::now() + call.deadline;
        if (auto known = checkUnit("move", until); !known)
            return known;
        std::vector<std::int32_t> pids;
        for (const ProcessKey &process : processes)
            pids.push_back(process.pid);
        m_expected->expect(m_target.path.text(), "cgroup.procs", {}, false, until + kSystemdLag);
        return m_manager->attach(m_owner.unit, "", pids, until);
    }

private:
    /// For a shell.
    static std::string quoted(std::string_view unit)
    {
        return unit.find('\\') == std::string_view::npos ? std::string(unit) : strCat("'", unit, "'");
    }

    /// A unit that was made by a call (scopes, systemd-run) has no file that "for ever" could hold for: systemd takes
    /// the setting and forgets it with the unit. Source: systemd.unit(5), "transient".
    [[nodiscard]] bool isTransient() const
    {
        const std::string run = m_owner.userUid ? strCat("/run/user/", *m_owner.userUid) : std::string("/run");
        return m_owner.unit.ends_with(".scope") ||
               ::access(strCat(run, "/systemd/transient/", m_owner.unit).c_str(), F_OK) == 0;
    }

    [[nodiscard]] std::string systemctl() const
    {
        return m_owner.userUid ? strCat("systemctl --user --machine=", *m_owner.userUid, "@.host")
                               : std::string("systemctl");
    }

    /// The unit has this very cgroup: systemd takes settings for units that are stopped, or never were.
    [[nodiscard]] Result<> checkUnit(std::string_view verb, Clock::time_point until) const
    {
        const systemd::UnitFacts facts = GANTRY_TRY(m_manager->unit(m_owner.unit, until));
        if (facts.cgroupPath.empty())
            return fail(ESTALE, verb, m_owner.unit,
                        strCat("the unit has no cgroup any more: it is ", facts.activeState), "look at the tree again");
        // -.slice says "/"; a user manager's paths begin at the host's root too.
        if (facts.cgroupPath != m_target.path.text())
            return fail(
                ESTALE, verb, m_owner.unit,
                strCat(m_manager->title(), " has the unit at ", facts.cgroupPath, ", not at ", m_target.path.text()),
                "look at the tree again");
        for (const cgroup::Hierarchy &hierarchy : m_hierarchies->all()) {
            if (m_target.in(hierarchy.index))
                GANTRY_CHECK(cgroup::openCgroup(hierarchy, m_target));
        }
        return {};
    }

    [[nodiscard]] Micros periodInForce(LimitKey key) const
    {
        if (key != LimitKey::CpuMax)
            return Micros(0);
        const auto held = cgroup::readLimit(*m_hierarchies, m_target, key);
        return std::get<CpuMax>(
                   cgroup::roundedLimit(*m_hierarchies, key, CpuMax{}, held ? std::optional(*held) : std::nullopt))
            .period;
    }

    void expectLimit(const LimitSetting &setting, Clock::time_point until) const
    {
        const std::string file(limitInfo(setting.key).name);
        const auto held = cgroup::readLimit(*m_hierarchies, m_target, setting.key);
        const LimitValue rounded =
            cgroup::roundedLimit(*m_hierarchies, setting.key, systemd::asApplied(file, setting.value),
                                 held ? std::optional(*held) : std::nullopt);
        // What several lines make up reads back otherwise than it was asked for.
        const bool lines =
            std::holds_alternative<std::vector<IoMax>>(rounded) || std::holds_alternative<std::string>(rounded);
        m_expected->expect(m_target.path.text(), file, lines ? std::string() : limitValueText(rounded), false,
                           until + kSystemdLag);
    }

    const cgroup::HierarchiesPtr m_hierarchies;
    const systemd::ManagerPtr m_manager;
    const std::shared_ptr<ExpectedWrites> m_expected;
    const cgroup::Cgroup m_target;
    const Ownership m_owner;
    mutable std::atomic<bool> m_silent = false; ///< it did not answer once
};

} // namespace

OwnershipFinder ownershipOnHost(cgroup::HierarchiesPtr hierarchies)
{
    return [hierarchies = std::move(hierarchies)](const cgroup::CgroupPath &path) {
        return systemd::readOwnership(*hierarchies, path);
    };
}

RouteFinder systemdRoutes(SystemdParts parts)
{
    return [parts = std::move(parts)](const cgroup::Cgroup &target) -> RoutePtr {
        std::optional<Ownership> owner = parts.ownership(target.path);
        if (!owner || !owner->own)
            return nullptr;
        return std::make_shared<const SystemdRoute>(parts, target, *std::move(owner));
    };
}

std::vector<Warning> foreignPlaceWarnings(const std::optional<Ownership> &owner, std::string_view verb,
                                          const cgroup::CgroupPath &path)
{
    if (!owner || owner->delegated)
        return {};
    const bool slice = owner->unit.ends_with(".slice");
    const std::string unit = printable(owner->unit);
    std::string detail;
    if (verb == "createCgroup")
        detail = strCat(unit, " was not given what is below its cgroup: systemd may remove or hide it. Legal: ",
                        slice ? strCat("a delegated scope, systemd-run --scope -p Delegate=yes --slice=", unit)
                              : strCat("Delegate=yes in ", unit));
    else if (verb == "removeCgroup" && owner->own)
        detail = strCat("it is the cgroup of ", unit, ". Legal: systemctl stop ", unit);
    else if (verb == "move" && slice && owner->own)
        detail = strCat(
            "no process belongs into a slice itself. Legal: a scope of its own, systemd-run --scope --slice=", unit);
    else if (verb == "move")
        detail = strCat(unit, " is not delegated: systemd takes the process for a part of it and stops it with it. "
                              "Legal: a scope of its own, systemd-run --scope");
    if (detail.empty())
        return {};
    return {{WarningCode::SystemdOwned, path.text(), std::move(detail)}};
}

} // namespace gantry::control
