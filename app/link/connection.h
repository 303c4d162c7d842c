// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/link/destination.h"
#include "app/link/said.h"
#include "app/link/ssh_words.h"
#include "engine/base/child.h"
#include "gantry/v1/host.pb.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace grpc {
class Channel;
}

namespace gantry::link {

/// What dial() is told.
struct DialOptions
{
    std::string client; ///< program and version, for the engine's log
    Programs programs = programsFromEnvironment();
    bool mayAsk = canAsk();               ///< whether ssh may ask for passwords and about keys of hosts
    std::vector<std::string> environment; ///< of ssh, beside this process's: "SSH_ASKPASS=/usr/lib/gantry/askpass"
    /// Most that ssh may take until the engine there answers; where it may ask, a person is waited for.
    std::chrono::milliseconds patience = mayAsk ? std::chrono::minutes(5) : std::chrono::minutes(1);
    /// Where ssh may ask: told what it wrote while nothing goes on, which a person is to read before he answers. May be
    /// empty.
    std::function<void(std::string_view)> onSaid;
};

/// A connection to the engine of another process, after its Hello. Ends with this object, ssh too. Thread: any, one at
/// a time; the channel any.
class Connection
{
public:
    /// Connects to the service's socket, or has the user's ssh run `gantryd dial` on the host; says Hello.
    /// @param destination not Local. @errors of connect(2); EACCES, EKEYREJECTED, EHOSTUNREACH ... with ssh's words;
    /// ENOENT: no gantryd there; EPROTO: another program answered; EPROTONOSUPPORT: another protocol; ETIMEDOUT;
    /// ECANCELED. Thread: any, blocks.
    [[nodiscard]] static Result<std::unique_ptr<Connection>>
    dial(const Destination &destination, const DialOptions &options, const std::stop_token &stop = {});
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    Connection(Connection &&) = delete;
    Connection &operator=(Connection &&) = delete;
    ~Connection();

    [[nodiscard]] const std::shared_ptr<grpc::Channel> &channel() const { return m_channel; }
    [[nodiscard]] const v1::HelloReply &hello() const { return m_hello; }
    [[nodiscard]] const Destination &destination() const { return m_destination; }

    /// What a call's error means on this connection: a lost link with what ssh said of it, a call that the engine
    /// there, an older one, does not know with both versions. Any other is left as it is. May wait 1 s for ssh's end.
    [[nodiscard]] Error explained(Error error);

private:
    explicit Connection(Destination destination) : m_destination(std::move(destination)) {}
    [[nodiscard]] Result<> open(const DialOptions &options, const std::stop_token &stop);
    [[nodiscard]] Result<UniqueFd> startSsh(const DialOptions &options);
    [[nodiscard]] Result<> waitForAnswer(int socket, const DialOptions &options, const std::stop_token &stop);
    [[nodiscard]] Result<> sayHello(const std::string &client, const std::stop_token &stop);
    [[nodiscard]] std::string saidLast() const;

    const Destination m_destination;
    std::optional<Child> m_ssh;
    std::optional<int> m_exitCode; ///< of ssh, once it was reaped
    std::unique_ptr<Said> m_said;
    std::shared_ptr<grpc::Channel> m_channel;
    v1::HelloReply m_hello;
};

} // namespace gantry::link
