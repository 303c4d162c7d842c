// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_checks.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <optional>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace gantry::checkpoint {

using namespaces::Type;

namespace {

constexpr std::string_view kDeleted = " (deleted)";
/// CRIU: DEFAULT_GHOST_LIMIT.
constexpr std::uint64_t kGhostLimit = std::uint64_t{1} << 20;

bool isOneOf(std::string_view word, auto &&words)
{
    return std::ranges::find(words, word) != words.end();
}

/// What is between the brackets, or after the colon: "[eventfd]", "inotify".
std::string_view anonymousKind(std::string_view target)
{
    std::string_view kind = target.substr(target.find(':') + 1);
    if (kind.starts_with('[') && kind.ends_with(']'))
        kind = kind.substr(1, kind.size() - 2);
    return kind;
}

class Check
{
public:
    Check(const OpenFile &file, const TaskLook &task, const TreeLook &look, const std::set<std::uint64_t> &inside)
        : m_file(file), m_task(task), m_look(look), m_inside(inside)
    {}

    [[nodiscard]] std::vector<FileFinding> run()
    {
        if (m_file.locked)
            add(Cause::FileLock);
        if (m_file.target.starts_with("anon_inode:"))
            anonymous();
        else if (S_ISSOCK(m_file.mode))
            socket();
        else if (S_ISCHR(m_file.mode) || S_ISBLK(m_file.mode))
            device();
        else if (S_ISFIFO(m_file.mode) && m_file.target.starts_with('/'))
            mounted();
        else if (S_ISREG(m_file.mode) || S_ISDIR(m_file.mode))
            named();
        return std::move(m_found);
    }

private:
    void add(Cause cause, std::string_view more = {}, std::string value = {})
    {
        m_found.push_back({cause, strCat(fileName(m_file), more), std::move(value)});
    }
    void anonymous();
    void watch();
    void socket();
    void tcp(const SocketLook &sockets);
    void unixSocket(const SocketLook &sockets);
    void device();
    void named();
    void mounted();
    [[nodiscard]] const std::vector<MountLook> *mounts() const
    {
        const auto found = m_look.mounts.find(m_task.space(Type::Mnt));
        return found == m_look.mounts.end() ? nullptr : &found->second;
    }

    const OpenFile &m_file;
    const TaskLook &m_task;
    const TreeLook &m_look;
    const std::set<std::uint64_t> &m_inside;
    std::vector<FileFinding> m_found;
};

void Check::anonymous()
{
    static constexpr std::array<std::string_view, 8> kSaved{"eventfd",  "eventpoll", "inotify", "fanotify",
                                                            "signalfd", "timerfd",   "pidfd",   "bpf-map"};
    const std::string_view kind = anonymousKind(m_file.target);
    if (kind == "io_uring")
        add(Cause::IoUring);
    else if (!isOneOf(kind, kSaved))
        add(Cause::UnsupportedFile);
    else if (m_file.isSemaphore)
        add(Cause::EventSemaphore);
    else if (m_file.isDue)
        add(Cause::DueTimer);
    else if (kind == "inotify")
        watch();
}

void Check::watch()
{
    const auto isWatched = [this](const MountLook &mount) {
        return mount.type == "overlay" &&
               std::ranges::find(m_file.watchedDevices, mount.device) != m_file.watchedDevices.end();
    };
    const std::vector<MountLook> *all = mounts();
    if (all == nullptr)
        return;
    if (const auto found = std::ranges::find_if(*all, isWatched); found != all->end())
        add(Cause::InotifyOnOverlay, strCat(", a watch on ", printable(found->mountPoint)));
}

void Check::socket()
{
    static constexpr std::array<std::string_view, 15> kSaved{
        "TCP",   "TCPv6", "UDP",    "UDPv6", "UDP-Lite",    "UDPLITEv6", "UDPLite", "RAW",
        "RAWv6", "PING",  "PINGv6", "UNIX",  "UNIX-STREAM", "NETLINK",   "PACKET"};
    const std::string_view protocol = m_file.protocol;
    if (!protocol.empty() && !isOneOf(protocol, kSaved)) {
        add(Cause::SocketProtocol, strCat(", ", protocol));
        return;
    }
    const auto sockets = m_look.sockets.find(m_task.space(Type::Net));
    if (sockets == m_look.sockets.end())
        return;
    if (protocol.starts_with("TCP"))
        tcp(sockets->second);
    else if (protocol.starts_with("UNIX"))
        unixSocket(sockets->second);
}

void Check::tcp(const SocketLook &sockets)
{
    const auto found = sockets.tcp.find(m_file.inode);
    if (found == sockets.tcp.end())
        return;
    const TcpSocket &socket = found->second;
    if (socket.state == TCP_LISTEN) {
        if (std::ranges::find(sockets.pending, socket.port) != sockets.pending.end())
            add(Cause::TcpHandshake, strCat(", port ", socket.port));
    } else if (socket.state != TCP_CLOSE && socket.state != TCP_TIME_WAIT) {
        add(Cause::TcpConnection, strCat(", port ", socket.port));
    }
}

void Check::unixSocket(const SocketLook &sockets)
{
    const auto peer = sockets.unixPeers.find(m_file.inode);
    if (peer == sockets.unixPeers.end() || m_inside.contains(peer->second.inode))
        return;
    // What a datagram socket sends to is found again by its name.
    const Cause cause = peer->second.type != SOCK_DGRAM                  ? Cause::UnixStreamPeer
                        : sockets.unixNamed.contains(peer->second.inode) ? Cause::UnixDatagramPeer
                                                                         : Cause::UnixNamelessPeer;
    add(cause, strCat(", connected to socket:[", peer->second.inode, "] outside"));
}

void Check::device()
{
    // CRIU: memory devices, tun, autofs and terminals; Linux: Documentation/admin-guide/devices.txt.
    constexpr unsigned kMemory = 1;
    constexpr unsigned kMisc = 10;
    constexpr unsigned kTun = 200;
    constexpr unsigned kAutofs = 235;
    const unsigned number = major(m_file.rdev);
    const unsigned sub = minor(m_file.rdev);
    const bool saved = S_ISCHR(m_file.mode) && (number == kMemory || isTerminal(m_file) || isTerminalMaster(m_file) ||
                                                (number == kMisc && (sub == kTun || sub == kAutofs)));
    if (!saved)
        add(Cause::Device,
            strCat(" (", S_ISBLK(m_file.mode) ? "block" : "character", " device ", number, ":", sub, ")"));
    else if (!isTerminal(m_file) && !isTerminalMaster(m_file))
        mounted();
}

void Check::named()
{
    const std::string_view target = m_file.target;
    if (!target.starts_with('/')) {
        // "net:[4026531840]": a namespace held open.
        const std::string_view kind = target.substr(0, target.find(':'));
        if (!namespaces::typeByName(kind))
            add(Cause::UnsupportedFile);
        return;
    }
    if (m_file.isMessageQueue) {
        add(Cause::UnsupportedFile, ", a POSIX message queue");
        return;
    }
    // Shared memory of the kernel's own mount: memfd, System V.
    if (target.starts_with("/memfd:") || target.starts_with("/SYSV") || target.starts_with("/dev/zero"))
        return;
    if (target.ends_with(kDeleted) && S_ISREG(m_file.mode)) {
        if (m_file.links > 0)
            add(Cause::LinkedDeletedFile);
        else if (m_file.size > kGhostLimit)
            add(Cause::BigDeletedFile, strCat(", ", m_file.size, " bytes"), strCat(m_file.size));
        else
            add(Cause::DeletedFile, strCat(", ", m_file.size, " bytes"));
    }
    mounted();
}

void Check::mounted()
{
    const std::vector<MountLook> *all = mounts();
    if (all == nullptr || m_file.mountId < 0)
        return;
    const auto own = std::ranges::find(*all, m_file.mountId, &MountLook::id);
    if (own == all->end()) {
        add(Cause::FileOutsideMounts);
        return;
    }
    const std::string_view target = m_file.target;
    if (target.ends_with(kDeleted))
        return;
    // What was mounted later over a folder on the way hides it.
    const auto hides = [&](const MountLook &mount) {
        return mount.mountPoint != "/" && isPathWithin(target, mount.mountPoint) &&
               isPathWithin(mount.mountPoint, own->mountPoint);
    };
    if (const auto over = std::find_if(own + 1, all->end(), hides); over != all->end())
        add(Cause::OvermountedFile, strCat(", below ", printable(over->mountPoint)));
}

} // namespace

std::vector<FileFinding> checkFile(const OpenFile &file, const TaskLook &task, const TreeLook &look,
                                   const std::set<std::uint64_t> &inside)
{
    return Check(file, task, look, inside).run();
}

std::string fileName(const OpenFile &file)
{
    return strCat("fd ", file.fd, " -> ", file.target);
}

std::string taskName(const TaskLook &task)
{
    return strCat("pid ", task.key.pid, " (", task.comm, ")");
}

bool isTerminal(const OpenFile &file)
{
    // 4: consoles and serial lines, 5:0 and 5:1 stand for them, 136 to 143: pseudo terminals.
    const unsigned number = major(file.rdev);
    return S_ISCHR(file.mode) &&
           (number == 4 || (number == 5 && minor(file.rdev) != 2) || (number >= 136 && number <= 143));
}

bool isTerminalMaster(const OpenFile &file)
{
    return S_ISCHR(file.mode) && major(file.rdev) == 5 && minor(file.rdev) == 2;
}

bool isNetworkFilesystem(std::string_view type)
{
    static constexpr std::array<std::string_view, 9> kTypes{"nfs", "nfs4", "cifs",     "smb3",  "ceph",
                                                            "9p",  "afs",  "virtiofs", "lustre"};
    return isOneOf(type, kTypes);
}

} // namespace gantry::checkpoint
