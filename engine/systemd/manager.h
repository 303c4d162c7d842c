// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/strings.h"
#include "engine/systemd/bus.h"
#include "engine/systemd/properties.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::systemd {

/// What systemd says of a loaded unit.
struct UnitFacts
{
    std::string description;
    std::string activeState;  ///< "active", "inactive", "failed" ...
    std::string freezerState; ///< "running", "freezing", "frozen" ...; empty before systemd 246
    std::string cgroupPath;   ///< empty: it has none now. Below the host's root also for a user manager's unit
    bool delegated = false;
};

/// One systemd manager, the system's or a user's, as org.freedesktop.systemd1.Manager (dbus man page of that name).
/// Every call has a deadline and fails with what systemd said: ESTALE for a unit that is not loaded (any more), EACCES,
/// EINVAL, ENOTSUP for what this version does not have; and as Bus::call(). Nothing is retried.
/// Thread: any, several at once; calls block: workers only.
class Manager
{
public:
    /// PID 1.
    [[nodiscard]] static std::shared_ptr<const Manager> ofSystem();
    /// user@UID.service.
    [[nodiscard]] static std::shared_ptr<const Manager> ofUser(std::uint32_t uid);
    /// @param title "systemd", "systemd of user 1000".
    Manager(std::string title, std::vector<BusAddress> addresses)
        : m_title(std::move(title)), m_bus(strCat("bus of ", m_title), std::move(addresses))
    {}

    [[nodiscard]] const std::string &title() const { return m_title; }

    /// "257.9-1~deb13u1".
    [[nodiscard]] Result<std::string> version(Clock::time_point deadline) const;
    /// Not loaded for being asked. @errors ESTALE when it is not loaded.
    [[nodiscard]] Result<UnitFacts> unit(std::string_view name, Clock::time_point deadline) const;
    /// One number property of a unit, as EffectiveMemoryMax. @errors ENOTSUP before the version that has it.
    [[nodiscard]] Result<std::uint64_t> number(std::string_view unit, std::string_view property,
                                               Clock::time_point deadline) const;
    /// Sets all or none. @param runtime until the next boot (a drop-in below /run), else for ever (below /etc).
    /// systemd answers before it writes the kernel's files.
    [[nodiscard]] Result<> setProperties(std::string_view unit, std::span<const Property> properties, bool runtime,
                                         Clock::time_point deadline) const;
    /// Answers when the kernel has acknowledged it. @errors EBUSY (a job is queued for the unit); EIO and others as
    /// systemd words them.
    [[nodiscard]] Result<> freeze(std::string_view unit, Clock::time_point deadline) const;
    [[nodiscard]] Result<> thaw(std::string_view unit, Clock::time_point deadline) const;
    /// One signal to every process of the unit. @errors ESRCH (there is none), ENOTSUP (slices before v258).
    [[nodiscard]] Result<> kill(std::string_view unit, int signal, Clock::time_point deadline) const;
    /// Moves processes into a unit that was delegated, or below it.
    /// @param below "" or "/payload", from the unit's cgroup. @errors EINVAL for a unit that is not delegated.
    [[nodiscard]] Result<> attach(std::string_view unit, std::string_view below, std::span<const std::int32_t> pids,
                                  Clock::time_point deadline) const;
    /// Makes a scope of running processes and returns once it has started to (a job).
    /// @param slice empty: the default.
    [[nodiscard]] Result<> startScope(std::string_view unit, std::string_view description, std::string_view slice,
                                      bool delegate, std::span<const std::int32_t> pids,
                                      std::span<const Property> properties, Clock::time_point deadline) const;

private:
    struct Text
    {
        std::string value;
    };
    using Value = std::variant<Text, std::uint64_t, bool>;
    [[nodiscard]] Result<> call(std::string_view member, std::string_view subject, Clock::time_point deadline,
                                const Bus::Append &append = {}, const Bus::Read &read = {}) const;
    /// Object path of a loaded unit.
    [[nodiscard]] Result<std::string> objectOf(std::string_view unit, Clock::time_point deadline) const;
    [[nodiscard]] Result<Value> property(const std::string &object, const std::string &interface,
                                         std::string_view property, std::string_view subject,
                                         Clock::time_point deadline) const;

    const std::string m_title;
    const Bus m_bus;
};
using ManagerPtr = std::shared_ptr<const Manager>;

/// The managers of one host, made when they are first asked for. Thread: any.
class Managers
{
public:
    /// @param systemBus where PID 1 is found; tests put another there.
    explicit Managers(ManagerPtr system = Manager::ofSystem()) : m_system(std::move(system)) {}
    /// @param uid nullopt: PID 1.
    [[nodiscard]] ManagerPtr of(std::optional<std::uint32_t> uid) const;

    /// Version of PID 1 and, where it could not be asked, why. Asked once; a failure is asked again after ten seconds
    /// at the earliest. Waits a second at most.
    [[nodiscard]] Result<std::string> version() const;

private:
    const ManagerPtr m_system;
    mutable std::mutex m_mutex;
    mutable std::map<std::uint32_t, ManagerPtr> m_users;
    mutable std::optional<Result<std::string>> m_version;
    mutable Clock::time_point m_versionAsked{};
};

} // namespace gantry::systemd
