// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/peers.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::service {

namespace {

constexpr std::size_t kMostName = 100;
/// Numbers of connections are below this, so that the table of descriptors and what is kept by number stay small.
constexpr rlim_t kHighestNumber = 16'384;

Result<> refusal(std::string_view verb, std::string_view subject, std::string_view missing, std::string_view remedy)
{
    return fail(EPERM, verb, subject, strCat("missing: ", missing), remedy);
}

/// gRPC 1.51 has no name for the in-process channel, later ones begin theirs with "inproc".
bool isInProcess(std::string_view peer)
{
    return peer == "unknown" || peer.starts_with("inproc");
}

} // namespace

Result<UniqueFd> Peers::renumbered(UniqueFd socket)
{
    // gRPC names a connection by its number alone. The kernel gives the lowest one that is free to the next connection,
    // and a call of the last caller that is still under way would then have the next one's rights. So numbers rise,
    // through the upper half of those that a process may have, and come again only after as many connections.
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return failErrno("getrlimit", "descriptors");
    const int highest = static_cast<int>(std::min(limit.rlim_cur, kHighestNumber));
    const int lowest = highest / 2;
    const std::scoped_lock lock(m_mutex);
    if (m_next < lowest || m_next >= highest)
        m_next = lowest;
    UniqueFd out(::fcntl(socket.get(), F_DUPFD_CLOEXEC, m_next));
    if (!out)
        out = UniqueFd(::fcntl(socket.get(), F_DUPFD_CLOEXEC, lowest));
    if (!out)
        return failErrno("fcntl", "connection");
    m_next = out.get() + 1;
    return out;
}

Result<UniqueFd> Peers::add(UniqueFd connectedSocket, Caller caller)
{
    Known known{.caller = std::move(caller)};
    ucred credentials = {};
    socklen_t size = sizeof credentials;
    if (::getsockopt(connectedSocket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 && credentials.pid > 0) {
        known.uid = credentials.uid; // another family answers with pid 0
        known.pid = credentials.pid;
    }
    UniqueFd out = GANTRY_TRY(renumbered(std::move(connectedSocket)));
    const std::scoped_lock lock(m_mutex);
    m_known.insert_or_assign(strCat("fd:", out.get()), std::move(known));
    return out;
}

Peers::Known Peers::knownOf(const std::string &peer) const
{
    if (m_inProcess && isInProcess(peer))
        return {.uid = ::getuid(), .pid = ::getpid()};
    const std::scoped_lock lock(m_mutex);
    const auto known = m_known.find(peer);
    return known != m_known.end() ? known->second
                                  : Known{.caller = {Access::Look, "a caller that is known", "connect anew", {}}};
}

control::Actor Peers::actorOf(const grpc::ServerContext &context, std::string_view program, std::string_view user) const
{
    const Known known = knownOf(context.peer());
    control::Actor out;
    out.program = printable(program.substr(0, kMostName));
    out.user = printable(user.substr(0, kMostName));
    out.uid = known.uid;
    out.pid = known.pid;
    out.origin = printable(std::string_view(known.caller.origin).substr(0, kMostName));
    return out;
}

std::string Peers::missingTo(const grpc::ServerContext &context) const
{
    if (!m_engineMissing.empty())
        return m_engineMissing;
    const Known known = knownOf(context.peer());
    return known.caller.access == Access::Look ? known.caller.missing : std::string();
}

Result<> Peers::mayAct(const grpc::ServerContext &context, std::string_view verb, std::string_view subject) const
{
    if (!m_engineMissing.empty())
        return refusal(verb, subject, m_engineMissing, "run as root");
    return mayDecide(context, verb, subject);
}

Result<> Peers::mayDecide(const grpc::ServerContext &context, std::string_view verb, std::string_view subject) const
{
    const Known known = knownOf(context.peer());
    return known.caller.access == Access::Look ? refusal(verb, subject, known.caller.missing, known.caller.remedy)
                                               : Result<>();
}

StreamGate::Account Peers::accountOf(const std::string &peer) const
{
    const Known known = knownOf(peer);
    // Root's connections are of many people, as they come by ssh and sudo; another user's are his.
    const bool ofUser = known.uid && *known.uid != 0 && !isInProcess(peer);
    return {ofUser ? strCat("uid ", *known.uid) : peer, known.caller.access == Access::Look};
}

} // namespace gantry::service
