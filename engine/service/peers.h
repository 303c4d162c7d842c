// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/verbs.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <grpcpp/server_context.h>

namespace gantry::service {

/// Who is at the other end of a connection, as the kernel knows it: what a caller says of itself is recorded beside it.
/// Thread: any.
class Peers
{
public:
    /// To be called with each connected socket before it is served. Other sockets than UNIX ones have no credentials.
    /// Source: unix(7), SO_PEERCRED: the process that connected, or made the socketpair.
    void add(int connectedSocket);
    /// Caller of a call: what it says of itself, shortened and printable, and the credentials of its connection.
    [[nodiscard]] control::Actor actorOf(const grpc::ServerContext &context, std::string_view program,
                                         std::string_view user) const;

private:
    struct Credentials
    {
        std::uint32_t uid;
        std::int32_t pid;
    };
    mutable std::mutex m_mutex;
    /// By the name gRPC gives a connection over a descriptor. A number that is used again has its newest owner.
    std::map<std::string, Credentials, std::less<>> m_known;
};

} // namespace gantry::service
