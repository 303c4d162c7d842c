// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct sd_bus;
struct sd_bus_message;

namespace gantry::systemd {

using Clock = std::chrono::steady_clock;

/// Where a bus can be reached.
struct BusAddress
{
    std::string address; ///< "unix:path=/run/dbus/system_bus_socket"
    bool broker = true;  ///< a D-Bus daemon is behind it; false: the manager's own private socket
    bool operator==(const BusAddress &) const = default;
};

/// The system's addresses, best first: the bus, and systemd's private socket, which is systemctl's own way, where root
/// finds no bus. The bus comes first because the private socket is not a public interface.
[[nodiscard]] std::vector<BusAddress> systemAddresses();
/// Of a user's manager. A session bus refuses every other uid, so root asks the manager's private socket, which takes
/// root and its user; the user itself asks its bus.
[[nodiscard]] std::vector<BusAddress> userAddresses(std::uint32_t uid);

struct BusDeleter
{
    void operator()(sd_bus *bus) const;
};
struct MessageDeleter
{
    void operator()(sd_bus_message *message) const;
};
using BusPtr = std::unique_ptr<sd_bus, BusDeleter>;
using MessagePtr = std::unique_ptr<sd_bus_message, MessageDeleter>;

/// A connection that has said hello, or why there is none by `deadline`. libsystemd's own sd_bus_open_system() waits
/// up to 90 s for a bus that accepts and says nothing; this does not. @errors those of the last address: ENOENT or
/// ECONNREFUSED (no such bus), ETIMEDOUT, EACCES. Thread: any; the connection is the caller's.
[[nodiscard]] Result<BusPtr> connectBus(const std::vector<BusAddress> &addresses, Clock::time_point deadline,
                                        bool *broker = nullptr);

struct MethodCall
{
    std::string destination;
    std::string path;
    std::string interface;
    std::string member;
};

/// Calls methods on one bus. Each call has a connection to itself, so that one that hangs holds up no other; one idle
/// connection is kept for the next call, and it is looked at before it is used, so a bus that was started again is
/// simply connected to again. A call that was sent is never sent twice.
/// Thread: any, several at once; a call blocks for its deadline at most: workers only.
class Bus
{
public:
    /// Appends the arguments to the message. @return 0 or greater, or a negative errno.
    using Append = std::function<int(sd_bus_message *)>;
    /// Takes what is wanted out of the answer, which dies afterwards. @return as Append.
    using Read = std::function<int(sd_bus_message *)>;

    /// @param name for errors: "the system bus", "the bus of user 1000".
    Bus(std::string name, std::vector<BusAddress> addresses)
        : m_name(std::move(name)), m_addresses(std::move(addresses))
    {}

    /// @errors what the peer said, as the nearest errno with the D-Bus error's name and words in the detail (ESTALE for
    /// a unit that is gone, EACCES, EINVAL ...); ETIMEDOUT; ECONNRESET when the peer ended the connection; EBADMSG for
    /// an answer of another shape; as connectBus().
    [[nodiscard]] Result<> call(const MethodCall &method, Clock::time_point deadline, const Append &append = {},
                                const Read &read = {}) const;

    [[nodiscard]] const std::string &name() const { return m_name; }

private:
    [[nodiscard]] BusPtr takeIdle() const;
    void keepIdle(BusPtr bus) const;
    /// @param answered is set to whether the connection is as good as new.
    [[nodiscard]] Result<> callOn(sd_bus &bus, const MethodCall &method, Clock::time_point deadline,
                                  const Append &append, const Read &read, bool &answered) const;

    const std::string m_name;
    const std::vector<BusAddress> m_addresses;
    mutable std::mutex m_mutex;
    mutable BusPtr m_idle;
};

/// An sd-bus failure as an Error of ours.
/// @param result negative errno. @param name, words of the D-Bus error a peer answered with; may be empty.
/// @param op, subject as in Error: "SetUnitProperties", "cron.service".
[[nodiscard]] Error busError(int result, std::string_view name, std::string_view words, std::string_view op,
                             std::string_view subject);

} // namespace gantry::systemd
