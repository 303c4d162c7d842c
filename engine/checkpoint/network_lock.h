// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gantry::checkpoint {

/// CRIU holds back a tree's TCP connections while it saves it, in two ways: a table of nftables drops their packets (in
/// CRIU's own net namespace; where the tree's first process has another one, all packets of that one), and their
/// sockets are in repair mode, in which send(2) gives EINVAL and recv(2) EPERM. A CRIU that dies in between leaves both
/// behind, for ever, in a tree that runs on. This finds both and takes them away.
/// Source: criu/netfilter.c, criu/net.c, criu/sk-tcp.c of CRIU 4.2.1, and what a killed one leaves; tcp_sendmsg() and
/// tcp_recvmsg() of Linux. CRIU's other way, rules of iptables, is never asked for (see criu_run.h).
class NetworkLock
{
public:
    /// Before CRIU begins. @param pid the tree's first process. @errors ESRCH and others of /proc.
    [[nodiscard]] static Result<NetworkLock> of(std::int32_t pid);

    /// Takes away what a CRIU has left that does not run any more, or that hangs and is about to be killed: the tree
    /// stands still until then, and sees no error. The connections go on; SO_REUSEADDR is set on their sockets
    /// afterwards, since repair mode has overwritten what it was. A table that is not there is no error.
    /// @param table as lockTable() tells; empty: only the sockets. @errors of netlink; of the sockets the first one,
    /// once all were tried. Thread: any; a few ms.
    [[nodiscard]] Result<> letGo(const std::string &table) const;
    /// After a dump that failed, by CRIU's log in an open folder: letGo(), and a warning where that fails. A CRIU that
    /// said so itself has left nothing; that costs a look.
    void letGoAfter(int folder, const std::string &logName) const;
    /// Before a dump: the table of a CRIU 3 that was killed, which is named after the process; the next CRIU 3 takes it
    /// for an error. Not while somebody traces the process, as a CRIU does that runs.
    void removeStale() const;
    /// Only the table. @return false: there is none. @errors of setns(2), netlink.
    [[nodiscard]] Result<bool> removeTable(const std::string &table) const;
    /// Whether the connections are held back in a namespace that outlives the tree.
    [[nodiscard]] bool isOutside() const { return !m_space; }

private:
    explicit NetworkLock(const ProcessKey &first) : m_first(first) {}

    ProcessKey m_first;
    UniqueFd m_own;   ///< CRIU's, which is ours
    UniqueFd m_space; ///< the first process's, where it is another
};

/// The table that a CRIU makes: of version 4 it is named after the run, whose number is the log's first line, of 3
/// after the first process. @param log its beginning will do; empty: there is none, and no table then. @return
/// "CRIU-...".
[[nodiscard]] std::string lockTable(std::string_view log, std::int32_t pid);
/// The same of the log in an open folder; empty where there is none yet.
[[nodiscard]] std::string lockTableOf(int folder, const std::string &logName, std::int32_t pid);

/// Takes the TCP sockets of these processes out of repair mode. @return how many were in it. @errors the first one,
/// once all were tried. Processes that have gone are passed over. Thread: any; about 2 us an open file.
[[nodiscard]] Result<std::uint32_t> endRepair(std::span<const std::int32_t> pids);

} // namespace gantry::checkpoint
