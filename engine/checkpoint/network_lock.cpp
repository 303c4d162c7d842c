// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/network_lock.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/namespaces/netlink.h"
#include "engine/process/process.h"

#include <array>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::string_view kTablePrefix = "CRIU-";
constexpr std::string_view kRunId = "CRIU run id = ";
/// CRIU puts "inet CRIU-..." into 32 bytes, the last one 0: the rest of its number is cut off.
constexpr std::size_t kLongestName = 31 - std::string_view("inet ").size();
constexpr std::size_t kBeginning = 4'096; ///< of a log
constexpr const char *kBus = "netfilter";

/// A message in `buffer`. @param resource of struct nfgenmsg, in the host's byte order.
nlmsghdr *message(void *buffer, int type, int flags, std::uint32_t sequence, std::uint8_t family,
                  std::uint16_t resource)
{
    nlmsghdr *header = mnl_nlmsg_put_header(buffer);
    header->nlmsg_type = static_cast<std::uint16_t>(type);
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header->nlmsg_seq = sequence;
    auto *more = static_cast<nfgenmsg *>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
    more->nfgen_family = family;
    more->version = NFNETLINK_V0;
    more->res_id = htons(resource);
    return header;
}

/// Changes of nftables are taken as a batch. Source: nfnetlink_rcv_batch() of Linux.
Result<bool> removeTableIn(int space, const std::string &table)
{
    const namespaces::Netlink socket = GANTRY_TRY(namespaces::netlinkIn(space, NETLINK_NETFILTER, kBus));
    alignas(nlmsghdr) std::array<char, 512> buffer{};
    std::size_t used = 0;
    const auto add = [&](int type, int flags, std::uint32_t sequence, std::uint8_t family, std::uint16_t resource) {
        return message(buffer.data() + used, type, flags, sequence, family, resource);
    };
    used += NLMSG_ALIGN(add(NFNL_MSG_BATCH_BEGIN, 0, 1, AF_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len);
    nlmsghdr *header = add(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE, NLM_F_ACK, 2, NFPROTO_INET, 0);
    mnl_attr_put_strz(header, NFTA_TABLE_NAME, table.c_str());
    used += NLMSG_ALIGN(header->nlmsg_len);
    used += NLMSG_ALIGN(add(NFNL_MSG_BATCH_END, 0, 3, AF_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len);
    if (mnl_socket_sendto(socket.get(), buffer.data(), used) < 0)
        return failErrno("send", table);
    const Result<> done = namespaces::readAnswer(socket.get(), kBus, nullptr, nullptr);
    if (done)
        return true;
    // EOPNOTSUPP: a kernel without nftables, or that has not loaded it since nobody needed it.
    if (done.error().posix() == ENOENT || done.error().posix() == EOPNOTSUPP)
        return false;
    return failErrno("remove", strCat("nftables table inet ", table), done.error().posix());
}

} // namespace

std::string lockTable(std::string_view log, std::int32_t pid)
{
    if (log.empty())
        return {};
    // A worker that is given its options by RPC makes up a second one, which counts.
    const std::size_t at = log.rfind(kRunId);
    if (at == std::string_view::npos)
        return strCat(kTablePrefix, pid);
    log.remove_prefix(at + kRunId.size());
    return strCat(kTablePrefix, trim(takeLine(log).value_or(""))).substr(0, kLongestName);
}

std::string lockTableOf(int folder, const std::string &logName, std::int32_t pid)
{
    const auto file = openAt(folder, logName, O_RDONLY);
    std::array<char, kBeginning> text{};
    const ssize_t got = file ? ::read(file->get(), text.data(), text.size()) : 0;
    return lockTable(std::string_view(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0), pid);
}

Result<NetworkLock> NetworkLock::of(std::int32_t pid)
{
    NetworkLock out({.pid = pid, .startTicks = GANTRY_TRY(process::readStat(pid)).startTicks});
    out.m_own = GANTRY_TRY(openAt(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY));
    UniqueFd its = GANTRY_TRY(openAt(AT_FDCWD, strCat("/proc/", pid, "/ns/net"), O_RDONLY));
    struct stat own
    {};
    struct stat other
    {};
    if (::fstat(out.m_own.get(), &own) != 0 || ::fstat(its.get(), &other) != 0)
        return failErrno("fstat", "net namespace");
    if (own.st_ino != other.st_ino)
        out.m_space = std::move(its);
    return out;
}

void NetworkLock::removeStale() const
{
    const auto status = process::readStatus(m_first.pid);
    if (!status || status->tracerPid != 0)
        return;
    if (const auto removed = removeTable(strCat(kTablePrefix, m_first.pid)); !removed)
        log::debug(log::Area::Runtime, removed.error().message()); // CRIU says it again if it is in its way
}

Result<bool> NetworkLock::removeTable(const std::string &table) const
{
    if (table.size() > kLongestName)
        return false; // none of CRIU's
    const bool outside = GANTRY_TRY(removeTableIn(m_own.get(), table));
    return (m_space && GANTRY_TRY(removeTableIn(m_space.get(), table))) || outside;
}

void NetworkLock::letGoAfter(int folder, const std::string &logName) const
{
    if (const auto done = letGo(lockTableOf(folder, logName, m_first.pid)); !done)
        log::warning(log::Area::Runtime, "connections of pid ", m_first.pid,
                     " are still held back: ", done.error().message());
}

Result<> NetworkLock::letGo(const std::string &table) const
{
    // First what gives errors to the processes, then what only makes them wait.
    Result<std::uint32_t> sockets = 0U;
    const auto now = process::readStat(m_first.pid);
    if (now && now->startTicks == m_first.startTicks) {
        const auto tree = treeOf(m_first.pid);
        sockets = tree ? endRepair(*tree) : Result<std::uint32_t>(std::unexpected(tree.error()));
    }
    if (!table.empty())
        GANTRY_TRY(removeTable(table));
    return sockets ? Result<>() : Result<>(std::unexpected(sockets.error()));
}

} // namespace gantry::checkpoint
