// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/systemd/bus.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>

#include <systemd/sd-bus.h>
#include <unistd.h>

namespace gantry::systemd {

namespace {

std::uint64_t microsUntil(Clock::time_point deadline)
{
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count();
    return static_cast<std::uint64_t>(std::max<decltype(left)>(0, left));
}

/// sd-bus errors that name what is wrong better than their errno does.
struct KnownError
{
    std::string_view name; ///< of D-Bus
    int posix;
    std::string_view remedy;
};
constexpr std::array kKnownErrors{
    KnownError{"org.freedesktop.systemd1.NoSuchUnit", ESTALE, "the unit is gone: look at the tree again"},
    KnownError{SD_BUS_ERROR_UNKNOWN_OBJECT, ESTALE, "the unit is gone: look at the tree again"},
    KnownError{"org.freedesktop.systemd1.UnitInactive", ESTALE, "the unit was stopped: look at the tree again"},
    KnownError{"org.freedesktop.systemd1.UnitMasked", EPERM, "unmask it first (systemctl unmask)"},
    KnownError{SD_BUS_ERROR_ACCESS_DENIED, EACCES,
               "run as root, or let polkit grant org.freedesktop.systemd1.manage-units"},
    KnownError{SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, EACCES,
               "run as root, or let polkit grant org.freedesktop.systemd1.manage-units"},
    KnownError{SD_BUS_ERROR_SERVICE_UNKNOWN, ENOTCONN, "nobody of that name is on the bus"},
    KnownError{SD_BUS_ERROR_NAME_HAS_NO_OWNER, ENOTCONN, "nobody of that name is on the bus"},
    KnownError{SD_BUS_ERROR_NO_REPLY, ETIMEDOUT, "it may still be done later: look again"},
    KnownError{SD_BUS_ERROR_TIMEOUT, ETIMEDOUT, "it may still be done later: look again"},
    KnownError{SD_BUS_ERROR_UNKNOWN_METHOD, ENOTSUP, "this systemd is too old for it"},
    KnownError{SD_BUS_ERROR_UNKNOWN_PROPERTY, ENOTSUP, "this systemd is too old for it"},
    KnownError{SD_BUS_ERROR_PROPERTY_READ_ONLY, ENOTSUP, "this systemd cannot change it while the unit runs"},
};

std::string_view textOr(const char *text)
{
    return text != nullptr ? text : "";
}

std::string_view remedyFor(int posix)
{
    switch (posix) {
    case ETIMEDOUT:
        return "it may still be done later: look again";
    case ENOENT:
    case ECONNREFUSED:
        return "see whether dbus.service runs";
    case ECONNRESET:
    case ENOTCONN:
    case EPIPE:
        return "the connection was cut: look again whether it was done";
    default:
        return {};
    }
}

Result<BusPtr> connectOne(const BusAddress &address, Clock::time_point deadline)
{
    constexpr std::string_view kOp = "connect";
    sd_bus *raw = nullptr;
    if (const int r = ::sd_bus_new(&raw); r < 0)
        return failErrno(kOp, address.address, -r);
    BusPtr bus(raw);
    int r = ::sd_bus_set_address(raw, address.address.c_str());
    if (r >= 0)
        r = ::sd_bus_set_bus_client(raw, address.broker ? 1 : 0);
    if (r >= 0)
        r = ::sd_bus_negotiate_fds(raw, 1);
    if (r >= 0)
        r = ::sd_bus_start(raw);
    // Not sd_bus_call() at once: it would wait for the hello by limits of its own, up to 90 s.
    while (r >= 0 && (r = ::sd_bus_is_ready(raw)) == 0) {
        r = ::sd_bus_process(raw, nullptr);
        if (r != 0)
            continue;
        const std::uint64_t left = microsUntil(deadline);
        if (left == 0)
            return fail(ETIMEDOUT, kOp, address.address, "it takes connections but does not answer",
                        "see whether dbus.service is well");
        r = ::sd_bus_wait(raw, left);
    }
    if (r < 0)
        return std::unexpected(busError(r, {}, {}, kOp, address.address));
    return bus;
}

} // namespace

std::vector<BusAddress> systemAddresses()
{
    std::vector<BusAddress> out{{"unix:path=/run/dbus/system_bus_socket", true}};
    if (::geteuid() == 0)
        out.push_back({"unix:path=/run/systemd/private", false});
    return out;
}

std::vector<BusAddress> userAddresses(std::uint32_t uid)
{
    const std::string folder = strCat("/run/user/", uid);
    BusAddress bus{strCat("unix:path=", folder, "/bus"), true};
    BusAddress own{strCat("unix:path=", folder, "/systemd/private"), false};
    if (::geteuid() == uid)
        return {std::move(bus), std::move(own)};
    return {std::move(own), std::move(bus)};
}

void BusDeleter::operator()(sd_bus *bus) const
{
    // Not flushed: that waits without a limit.
    ::sd_bus_close_unref(bus);
}

void MessageDeleter::operator()(sd_bus_message *message) const
{
    ::sd_bus_message_unref(message);
}

Result<BusPtr> connectBus(const std::vector<BusAddress> &addresses, Clock::time_point deadline, bool *broker)
{
    Result<BusPtr> out = fail(EINVAL, "connect", "bus", "no address is known");
    std::string others;
    for (const BusAddress &address : addresses) {
        out = connectOne(address, deadline);
        if (out) {
            if (broker != nullptr)
                *broker = address.broker;
            return out;
        }
        // A bus that hangs is the answer: what is behind the next socket would be as busy, and time is up.
        if (out.error().posix() == ETIMEDOUT)
            break;
        others += strCat(others.empty() ? "" : "; ", out.error().message());
    }
    if (addresses.size() > 1 && out.error().posix() != ETIMEDOUT)
        out.error().detail = others;
    return out;
}

Error busError(int result, std::string_view name, std::string_view words, std::string_view op, std::string_view subject)
{
    const auto known = std::ranges::find(kKnownErrors, name, &KnownError::name);
    const int posix = known != kKnownErrors.end() ? known->posix : result < 0 ? -result : EIO;
    const std::string_view remedy = known != kKnownErrors.end() ? known->remedy : remedyFor(posix);
    return fail(posix, op, subject, name.empty() ? "" : strCat(name, ": ", words), remedy).error();
}

BusPtr Bus::takeIdle() const
{
    BusPtr bus;
    {
        const std::scoped_lock lock(m_mutex);
        bus = std::move(m_idle);
    }
    // Whatever came meanwhile is read, above all that the connection has ended.
    int r = 0;
    while (bus && (r = ::sd_bus_process(bus.get(), nullptr)) > 0) {
    }
    if (r < 0 || (bus && ::sd_bus_is_ready(bus.get()) <= 0))
        bus.reset();
    return bus;
}

void Bus::keepIdle(BusPtr bus) const
{
    const std::scoped_lock lock(m_mutex);
    m_idle = std::move(bus);
}

Result<> Bus::call(const MethodCall &method, Clock::time_point deadline, const Append &append, const Read &read) const
{
    bool broker = true;
    BusPtr bus = takeIdle();
    if (!bus)
        bus = GANTRY_TRY(connectBus(m_addresses, deadline, &broker));
    bool answered = false;
    Result<> out = callOn(*bus, method, deadline, append, read, answered);
    // A private socket is not kept: it would be sent every signal of the manager with nobody reading. Nor is a
    // connection that failed in another way than by an answer.
    if (broker && answered)
        keepIdle(std::move(bus));
    return out;
}

Result<> Bus::callOn(sd_bus &bus, const MethodCall &method, Clock::time_point deadline, const Append &append,
                     const Read &read, bool &answered) const
{
    // Messages count references to their bus, so none may outlive this call: another thread may have the bus then.
    sd_bus_message *raw = nullptr;
    int r = ::sd_bus_message_new_method_call(&bus, &raw, method.destination.c_str(), method.path.c_str(),
                                             method.interface.c_str(), method.member.c_str());
    const MessagePtr message(raw);
    if (r >= 0 && append)
        r = append(raw);
    if (r < 0)
        return std::unexpected(busError(r, {}, {}, method.member, m_name));

    sd_bus_error error{};
    sd_bus_message *reply = nullptr;
    // Zero would be libsystemd's own limit of 25 s.
    r = ::sd_bus_call(&bus, raw, std::max<std::uint64_t>(1, microsUntil(deadline)), &error, &reply);
    const MessagePtr answer(reply);
    answered = ::sd_bus_is_ready(&bus) > 0 && (r >= 0 || error.name != nullptr);
    if (r < 0) {
        Error failure = busError(r, textOr(error.name), textOr(error.message), method.member, m_name);
        ::sd_bus_error_free(&error);
        if (failure.posix() == ETIMEDOUT && failure.detail.empty())
            failure.detail = "no answer in time";
        return std::unexpected(std::move(failure));
    }
    if (read && read(reply) < 0)
        return fail(EBADMSG, method.member, m_name, "the answer has another shape than expected",
                    "is that really systemd?");
    return {};
}

} // namespace gantry::systemd
