// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/systemd/manager.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <systemd/sd-bus.h>

namespace gantry::systemd {

namespace {

constexpr const char *kManagerService = "org.freedesktop.systemd1";
constexpr const char *kManagerObject = "/org/freedesktop/systemd1";
constexpr const char *kManager = "org.freedesktop.systemd1.Manager";
constexpr const char *kUnit = "org.freedesktop.systemd1.Unit";
constexpr std::chrono::seconds kVersionPatience{1};
constexpr std::chrono::seconds kVersionPause{10};

/// D-Bus refuses text that is not UTF-8, and strings end at a NUL.
bool isSendable(std::string_view text)
{
    return isUtf8(text) && text.find('\0') == std::string_view::npos;
}

/// "org.freedesktop.systemd1.Service" for "cron.service".
std::string interfaceOf(std::string_view unit)
{
    std::string type(unit.substr(std::min(unit.size(), unit.rfind('.') + 1)));
    if (!type.empty() && type.front() >= 'a' && type.front() <= 'z')
        type.front() = static_cast<char>(type.front() - 'a' + 'A');
    return strCat("org.freedesktop.systemd1.", type);
}

int appendText(sd_bus_message *message, std::string_view text)
{
    const std::string copy(text);
    return ::sd_bus_message_append_basic(message, 's', copy.c_str());
}

/// The value of a property inside its variant.
struct ValueAppender
{
    sd_bus_message *message;

    int operator()(std::uint64_t value) const { return ::sd_bus_message_append(message, "v", "t", value); }
    int operator()(bool value) const { return ::sd_bus_message_append(message, "v", "b", value ? 1 : 0); }
    int operator()(const std::vector<std::uint8_t> &bytes) const
    {
        int r = ::sd_bus_message_open_container(message, 'v', "ay");
        if (r >= 0)
            r = ::sd_bus_message_append_array(message, 'y', bytes.data(), bytes.size());
        return r < 0 ? r : ::sd_bus_message_close_container(message);
    }
    int operator()(const Property::Devices &devices) const
    {
        int r = ::sd_bus_message_open_container(message, 'v', "a(st)");
        if (r >= 0)
            r = ::sd_bus_message_open_container(message, 'a', "(st)");
        for (const auto &[node, value] : devices) {
            if (r >= 0)
                r = ::sd_bus_message_append(message, "(st)", node.c_str(), value);
        }
        if (r >= 0)
            r = ::sd_bus_message_close_container(message);
        return r < 0 ? r : ::sd_bus_message_close_container(message);
    }
};

/// The members of an a(sv), inside its open array.
int appendProperties(sd_bus_message *message, std::span<const Property> properties)
{
    for (const Property &property : properties) {
        int r = ::sd_bus_message_open_container(message, 'r', "sv");
        if (r >= 0)
            r = appendText(message, property.name);
        if (r >= 0)
            r = std::visit(ValueAppender{message}, property.value);
        if (r >= 0)
            r = ::sd_bus_message_close_container(message);
        if (r < 0)
            return r;
    }
    return 0;
}

std::vector<std::uint32_t> unsignedPids(std::span<const std::int32_t> pids)
{
    std::vector<std::uint32_t> out;
    for (const std::int32_t pid : pids)
        out.push_back(static_cast<std::uint32_t>(pid));
    return out;
}

int appendPids(sd_bus_message *message, std::span<const std::int32_t> pids)
{
    const std::vector<std::uint32_t> numbers = unsignedPids(pids);
    return ::sd_bus_message_append_array(message, 'u', numbers.data(), numbers.size() * sizeof(std::uint32_t));
}

int appendScope(sd_bus_message *message, std::string_view description, std::string_view slice, bool delegate,
                std::span<const std::int32_t> pids, std::span<const Property> properties)
{
    int r = ::sd_bus_message_open_container(message, 'a', "(sv)");
    if (r >= 0)
        r = ::sd_bus_message_append(message, "(sv)", "Description", "s", std::string(description).c_str());
    if (r >= 0 && !slice.empty())
        r = ::sd_bus_message_append(message, "(sv)", "Slice", "s", std::string(slice).c_str());
    if (r >= 0)
        r = ::sd_bus_message_append(message, "(sv)", "Delegate", "b", delegate ? 1 : 0);
    if (r >= 0)
        r = ::sd_bus_message_open_container(message, 'r', "sv");
    if (r >= 0)
        r = appendText(message, "PIDs");
    if (r >= 0)
        r = ::sd_bus_message_open_container(message, 'v', "au");
    if (r >= 0)
        r = appendPids(message, pids);
    if (r >= 0)
        r = ::sd_bus_message_close_container(message);
    if (r >= 0)
        r = ::sd_bus_message_close_container(message);
    if (r >= 0)
        r = appendProperties(message, properties);
    if (r >= 0)
        r = ::sd_bus_message_close_container(message);
    return r < 0 ? r : ::sd_bus_message_append(message, "a(sa(sv))", 0);
}

} // namespace

std::shared_ptr<const Manager> Manager::ofSystem()
{
    return std::make_shared<const Manager>("systemd", systemAddresses());
}

std::shared_ptr<const Manager> Manager::ofUser(std::uint32_t uid)
{
    return std::make_shared<const Manager>(strCat("systemd of user ", uid), userAddresses(uid));
}

Result<> Manager::call(std::string_view member, std::string_view subject, Clock::time_point deadline,
                       const Bus::Append &append, const Bus::Read &read) const
{
    if (!isSendable(subject))
        return fail(EINVAL, member, subject, "not a name that can be sent");
    auto done = m_bus.call({kManagerService, kManagerObject, kManager, std::string(member)}, deadline, append, read);
    if (!done) {
        done.error().detail =
            strCat(done.error().subject, done.error().detail.empty() ? "" : ": ", done.error().detail);
        done.error().subject = printable(subject);
    }
    return done;
}

Result<std::string> Manager::objectOf(std::string_view unit, Clock::time_point deadline) const
{
    std::string object;
    GANTRY_CHECK(call(
        "GetUnit", unit, deadline, [unit](sd_bus_message *m) { return appendText(m, unit); },
        [&object](sd_bus_message *m) {
            const char *path = nullptr;
            const int r = ::sd_bus_message_read_basic(m, 'o', &path);
            object = path != nullptr ? path : "";
            return r > 0 ? 0 : -EBADMSG;
        }));
    return object;
}

Result<Manager::Value> Manager::property(const std::string &object, const std::string &interface,
                                         std::string_view property, std::string_view subject,
                                         Clock::time_point deadline) const
{
    Value out;
    const auto append = [&](sd_bus_message *m) {
        const int r = appendText(m, interface);
        return r < 0 ? r : appendText(m, property);
    };
    const auto read = [&out](sd_bus_message *m) {
        char type = 0;
        const char *contents = nullptr;
        int r = ::sd_bus_message_peek_type(m, &type, &contents);
        if (r <= 0 || type != 'v' || contents == nullptr)
            return -EBADMSG;
        const std::string inner(contents);
        r = ::sd_bus_message_enter_container(m, 'v', inner.c_str());
        if (r < 0)
            return r;
        if (inner == "s") {
            const char *text = nullptr;
            r = ::sd_bus_message_read_basic(m, 's', &text);
            out = Text{r > 0 && text != nullptr ? text : ""};
        } else if (inner == "t") {
            std::uint64_t number = 0;
            r = ::sd_bus_message_read_basic(m, 't', &number);
            out = number;
        } else if (inner == "b") {
            int flag = 0;
            r = ::sd_bus_message_read_basic(m, 'b', &flag);
            out = flag != 0;
        } else {
            return -EBADMSG;
        }
        return r > 0 ? 0 : -EBADMSG;
    };
    auto done = m_bus.call({kManagerService, object, "org.freedesktop.DBus.Properties", "Get"}, deadline, append, read);
    if (!done) {
        done.error().subject = strCat(printable(subject), " ", property);
        return std::unexpected(std::move(done).error());
    }
    return out;
}

Result<std::string> Manager::version(Clock::time_point deadline) const
{
    const Value value = GANTRY_TRY(property(kManagerObject, kManager, "Version", m_title, deadline));
    const auto *text = std::get_if<Text>(&value);
    return text != nullptr ? Result<std::string>(printable(text->value.substr(0, 100)))
                           : fail(EBADMSG, "Get", "Version", "not a text");
}

Result<UnitFacts> Manager::unit(std::string_view name, Clock::time_point deadline) const
{
    const std::string object = GANTRY_TRY(objectOf(name, deadline));
    const std::string own = interfaceOf(name);
    UnitFacts out;
    struct Wanted
    {
        const std::string interface;
        std::string_view property;
        std::string UnitFacts::*text;
        bool needed;
    };
    const std::array kWanted{
        Wanted{kUnit, "Description", &UnitFacts::description, true},
        Wanted{kUnit, "ActiveState", &UnitFacts::activeState, true},
        Wanted{kUnit, "FreezerState", &UnitFacts::freezerState, false}, // since v246
        Wanted{own, "ControlGroup", &UnitFacts::cgroupPath, true},
    };
    for (const Wanted &wanted : kWanted) {
        const auto value = property(object, wanted.interface, wanted.property, name, deadline);
        const auto *text = value ? std::get_if<Text>(&*value) : nullptr;
        if (text != nullptr)
            out.*wanted.text = text->value;
        else if (!value && wanted.needed)
            return std::unexpected(value.error());
    }
    if (const auto delegate = property(object, own, "Delegate", name, deadline)) {
        const auto *flag = std::get_if<bool>(&*delegate);
        out.delegated = flag != nullptr && *flag;
    }
    return out;
}

Result<std::uint64_t> Manager::number(std::string_view unit, std::string_view name, Clock::time_point deadline) const
{
    const std::string object = GANTRY_TRY(objectOf(unit, deadline));
    const Value value = GANTRY_TRY(property(object, interfaceOf(unit), name, unit, deadline));
    const auto *number = std::get_if<std::uint64_t>(&value);
    return number != nullptr ? Result<std::uint64_t>(*number) : fail(EBADMSG, "Get", name, "not a number");
}

Result<> Manager::setProperties(std::string_view unit, std::span<const Property> properties, bool runtime,
                                Clock::time_point deadline) const
{
    return call("SetUnitProperties", unit, deadline, [&](sd_bus_message *m) {
        int r = appendText(m, unit);
        if (r >= 0)
            r = ::sd_bus_message_append(m, "b", runtime ? 1 : 0);
        if (r >= 0)
            r = ::sd_bus_message_open_container(m, 'a', "(sv)");
        if (r >= 0)
            r = appendProperties(m, properties);
        return r < 0 ? r : ::sd_bus_message_close_container(m);
    });
}

Result<> Manager::freeze(std::string_view unit, Clock::time_point deadline) const
{
    return call("FreezeUnit", unit, deadline, [unit](sd_bus_message *m) { return appendText(m, unit); });
}

Result<> Manager::thaw(std::string_view unit, Clock::time_point deadline) const
{
    return call("ThawUnit", unit, deadline, [unit](sd_bus_message *m) { return appendText(m, unit); });
}

Result<> Manager::kill(std::string_view unit, int signal, Clock::time_point deadline) const
{
    return call("KillUnit", unit, deadline, [unit, signal](sd_bus_message *m) {
        const int r = appendText(m, unit);
        return r < 0 ? r : ::sd_bus_message_append(m, "si", "all", signal);
    });
}

Result<> Manager::attach(std::string_view unit, std::string_view below, std::span<const std::int32_t> pids,
                         Clock::time_point deadline) const
{
    if (!isSendable(below))
        return fail(EINVAL, "AttachProcessesToUnit", below, "not a name that can be sent");
    return call("AttachProcessesToUnit", unit, deadline, [&](sd_bus_message *m) {
        int r = appendText(m, unit);
        if (r >= 0)
            r = appendText(m, below);
        return r < 0 ? r : appendPids(m, pids);
    });
}

Result<> Manager::startScope(std::string_view unit, std::string_view description, std::string_view slice, bool delegate,
                             std::span<const std::int32_t> pids, std::span<const Property> properties,
                             Clock::time_point deadline) const
{
    if (!isSendable(description) || !isSendable(slice))
        return fail(EINVAL, "StartTransientUnit", unit, "a text that cannot be sent");
    return call("StartTransientUnit", unit, deadline, [&](sd_bus_message *m) {
        int r = appendText(m, unit);
        if (r >= 0)
            r = appendText(m, "fail");
        return r < 0 ? r : appendScope(m, description, slice, delegate, pids, properties);
    });
}

ManagerPtr Managers::of(std::optional<std::uint32_t> uid) const
{
    if (!uid)
        return m_system;
    const std::scoped_lock lock(m_mutex);
    ManagerPtr &manager = m_users[*uid];
    if (!manager)
        manager = Manager::ofUser(*uid);
    return manager;
}

Result<std::string> Managers::version() const
{
    {
        const std::scoped_lock lock(m_mutex);
        if (m_version && (*m_version || Clock::now() < m_versionAsked + kVersionPause))
            return *m_version;
    }
    Result<std::string> version = m_system->version(Clock::now() + kVersionPatience);
    const std::scoped_lock lock(m_mutex);
    m_version = version;
    m_versionAsked = Clock::now();
    return version;
}

} // namespace gantry::systemd
