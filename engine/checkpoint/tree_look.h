// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/quantity.h"
#include "engine/namespaces/namespaces.h"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::checkpoint {

/// One open file. Source: proc_pid_fd(5), proc_pid_fdinfo(5).
struct OpenFile
{
    int fd = -1;
    std::string target; ///< the link, printable
    mode_t mode = 0;    ///< with its kind; 0: could not be looked at
    dev_t rdev = 0;
    dev_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::uint64_t links = 0;
    std::int32_t mountId = -1; ///< -1: the kernel does not tell
    bool locked = false;
    std::string protocol;              ///< of a socket: "TCP", "UNIX-STREAM", "MPTCP"
    std::vector<dev_t> watchedDevices; ///< of an inotify: file systems it watches
    bool isSemaphore = false;          ///< an eventfd that counts down by one; false where the kernel does not tell
    bool isDue = false;                ///< a timerfd with a period that has fired and was not read since
    bool isMessageQueue = false;       ///< of POSIX
};

/// A mapping that is no ordinary memory or file. Source: proc_pid_maps(5).
struct OddMapping
{
    std::string range; ///< "7f00-7f10"
    std::string path;  ///< printable
    enum class Kind : std::uint8_t { Device, Uprobes, SharedMemory } kind = Kind::Device; ///< SharedMemory: System V's
};

/// One process and what pre-flight wants to know of it.
struct TaskLook
{
    ProcessKey key;
    std::string comm;
    char state = '?';
    std::int32_t parentPid = 0;
    std::int32_t processGroup = 0;
    std::int32_t session = 0;
    std::uint32_t terminal = 0; ///< device number, 0: none
    std::int32_t tracerPid = 0;
    std::uint32_t threads = 0;
    uid_t uid = 0;
    uid_t procOwner = 0; ///< of its folder in /proc: not `uid` when it forbade looking
    Bytes resident;
    Bytes swapped; ///< of its memory, besides
    std::vector<std::int32_t> namespacePids; ///< outermost first
    bool sessionOutsideNamespace = false;    ///< its session's leader has no pid in its own pid namespace
    std::vector<namespaces::Ref> spaces;
    std::uint64_t timeForChildren = 0; ///< inode of the time namespace its children will be in; 0: not known
    std::string program;              ///< path of what it executes, printable; empty: not known
    std::int32_t programMountId = -1; ///< -1: not known
    std::vector<OpenFile> files;
    std::vector<OddMapping> mappings;
    std::vector<Error> problems; ///< parts that could not be read

    /// Inode of its namespace of that kind; 0: not known.
    [[nodiscard]] std::uint64_t space(namespaces::Type type) const;
};

/// One mount of a mount namespace. Source: proc_pid_mountinfo(5).
struct MountLook
{
    std::int32_t id = 0;
    dev_t device = 0;
    std::string mountPoint; ///< as the namespace sees it, escapes undone
    std::string type;       ///< "overlay", "fuse.sshfs"
    std::string root{};     ///< what of the file system is mounted
};
/// @errors EILSEQ with a line of another shape.
[[nodiscard]] Result<std::vector<MountLook>> parseMounts(std::string_view mountinfo);

/// A connected UNIX socket.
struct UnixPeer
{
    std::uint64_t inode = 0; ///< of the other end
    int type = 0;            ///< SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET
};
/// A TCP socket that a process holds.
struct TcpSocket
{
    std::uint8_t state = 0; ///< TCP_ESTABLISHED ... of <netinet/tcp.h>
    std::uint16_t port = 0; ///< local
    std::string
        peer{}; ///< of IPv4, mapped into IPv6 too, where it has one that is not on the loopback: "10.0.0.9:5432"
};
struct SocketLook
{
    std::map<std::uint64_t, UnixPeer> unixPeers; ///< by inode
    std::set<std::uint64_t> unixNamed;           ///< inodes of UNIX sockets that have a name, abstract ones included
    std::map<std::uint64_t, TcpSocket> tcp;      ///< by inode
    std::vector<std::uint16_t> pending;          ///< local ports of connections that nobody has accepted yet
    std::vector<Error> problems;
};
/// The sockets of the network namespace a process is in. Source: sock_diag(7), proc_pid_net(5).
/// Thread: any; enters the namespace from a thread made for that.
[[nodiscard]] SocketLook lookAtSockets(std::int32_t pid);
/// The sockets of a /proc/PID/net/tcp or tcp6. Lines of another shape are passed over.
void parseTcp(std::string_view text, SocketLook &out);

/// Everything pre-flight judges by.
struct TreeLook
{
    std::vector<TaskLook> tasks;                            ///< the first process first
    std::map<std::uint64_t, std::vector<MountLook>> mounts; ///< by inode of the mount namespace, in mount order
    std::map<std::uint64_t, SocketLook> sockets;            ///< by inode of the network namespace
    std::vector<namespaces::Ref> hostSpaces;                ///< of PID 1
    std::vector<MountLook> hostMounts;                      ///< of Gantry's own mount namespace
    std::uint64_t ownMounts = 0;                            ///< inode of that namespace; 0: not known
    std::int32_t ownPid = 0;                                ///< Gantry's
    bool hasSysResource = true;                             ///< CAP_SYS_RESOURCE
};

/// Looks at these processes; stops nothing, and costs about 0.2 ms a process and 10 us an open file. One that ends
/// meanwhile is left out. @param pids the first process first.
/// @errors ESRCH (the first has gone), ECANCELED. What may not be read stands in the tasks' problems.
[[nodiscard]] Result<TreeLook> lookAtTree(std::span<const std::int32_t> pids, const std::stop_token &stop);

/// A process and everything below it, itself first. @errors ESRCH, of listing /proc.
[[nodiscard]] Result<std::vector<std::int32_t>> treeOf(std::int32_t pid);
/// The same of one that stands still, which costs what is in it, not what is on the host: of others, the kernel may
/// leave some out. Source: proc_pid_task_children(5), which CRIU needs as well. @errors ENOENT: there is no such one.
[[nodiscard]] Result<std::vector<std::int32_t>> treeOfStopped(std::int32_t pid);

/// A socket that a process has open.
struct HeldSocket
{
    int fd = -1;
    std::uint64_t inode = 0;
};
/// Those of a process; none of one that has gone. Thread: any; about 2 us an open file.
[[nodiscard]] std::vector<HeldSocket> socketsOf(std::int32_t pid);

} // namespace gantry::checkpoint
