// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/peers.h"

#include "engine/base/strings.h"

#include <sys/socket.h>
#include <unistd.h>

namespace gantry::service {

namespace {

constexpr std::size_t kMostName = 100;

} // namespace

void Peers::add(int connectedSocket)
{
    ucred credentials = {};
    socklen_t size = sizeof credentials;
    const bool known = ::getsockopt(connectedSocket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
                       credentials.pid > 0; // another family answers with nobody
    const std::scoped_lock lock(m_mutex);
    std::string name = strCat("fd:", connectedSocket);
    if (known)
        m_known.insert_or_assign(std::move(name), Credentials{credentials.uid, credentials.pid});
    else
        m_known.erase(name);
}

control::Actor Peers::actorOf(const grpc::ServerContext &context, std::string_view program, std::string_view user) const
{
    control::Actor out;
    out.program = printable(program.substr(0, kMostName));
    out.user = printable(user.substr(0, kMostName));
    const std::string peer = context.peer();
    if (peer.starts_with("inproc")) {
        out.uid = ::getuid();
        out.pid = ::getpid();
        return out;
    }
    const std::scoped_lock lock(m_mutex);
    if (const auto known = m_known.find(peer); known != m_known.end()) {
        out.uid = known->second.uid;
        out.pid = known->second.pid;
    }
    return out;
}

} // namespace gantry::service
