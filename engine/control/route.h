// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/verbs.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::control {

/// How a verb reaches a cgroup that somebody else keeps: systemd its units, a runtime its containers. What a route does
/// not do is done with the kernel's files. Checks, read-back, undo and audit stay with Control.
/// Thread: any; a call waits for the manager's answer, so workers only, and no longer than the call's deadline.
class Route
{
public:
    Route() = default;
    Route(const Route &) = delete;
    Route &operator=(const Route &) = delete;
    Route(Route &&) = delete;
    Route &operator=(Route &&) = delete;
    virtual ~Route() = default;

    /// "systemd: cron.service", "podman: web".
    [[nodiscard]] virtual std::string name() const = 0;
    /// Keys that go this way.
    [[nodiscard]] virtual bool sets(LimitKey key) const = 0;
    /// Who sets this key: name(), or another that this route goes on to.
    [[nodiscard]] virtual std::string nameFor(LimitKey) const { return name(); }
    /// True if what is set this way is set again when the unit or container starts anew.
    [[nodiscard]] virtual bool isKept(LimitKey, Persistence persistence) const
    {
        return persistence == Persistence::Permanent;
    }
    /// What to say besides before this key is set, by this route or past it.
    [[nodiscard]] virtual std::vector<Warning> caveats(LimitKey, bool /*byRoute*/) const { return {}; }
    /// What to say before all in it is killed.
    [[nodiscard]] virtual std::vector<Warning> killCaveats() const { return {}; }
    /// The value as this way will write it (systemd rounds CPUQuota=).
    [[nodiscard]] virtual LimitValue asApplied(LimitKey, const LimitValue &value) const { return value; }
    /// What an admin would type for the same ("systemctl set-property --runtime cron.service MemoryMax=300M").
    [[nodiscard]] virtual std::string command(std::span<const LimitSetting> settings,
                                              Persistence persistence) const = 0;
    /// All settings at once; every key is one that it sets(), with the same nameFor(). Does not read back.
    /// @errors of the manager, with its own words in the detail; ETIMEDOUT; ESTALE when the unit or container is gone.
    [[nodiscard]] virtual Result<> setLimits(std::span<const LimitSetting> settings, Persistence persistence,
                                             const Call &call) const = 0;
    /// What the manager says holds ("EffectiveMemoryMax=300M"); empty where it says nothing.
    [[nodiscard]] virtual std::string effective(LimitKey) const { return {}; }

    /// nullopt: this route has no such verb.
    [[nodiscard]] virtual std::optional<Result<>> setFrozen(bool, const Call &) const { return std::nullopt; }
    [[nodiscard]] virtual std::optional<Result<>> kill(const Call &) const { return std::nullopt; }
    [[nodiscard]] virtual std::optional<Result<>> attach(std::span<const ProcessKey>, const Call &) const
    {
        return std::nullopt;
    }
};
using RoutePtr = std::shared_ptr<const Route>;

/// The route to a cgroup, nullptr for none: the files are anybody's. Thread: any.
using RouteFinder = std::function<RoutePtr(const cgroup::Cgroup &)>;

} // namespace gantry::control
