// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/image_files.h"

#include "criu_images.pb.h"
#include "engine/base/strings.h"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace gantry::checkpoint {

namespace {

/// Source: fd_types of CRIU's images/fdinfo.proto.
constexpr std::array<std::string_view, 22> kKinds{
    "",    "file",     "pipe",    "fifo",      "inet", "unix",     "eventfd", "epoll", "inotify", "signalfd", "packet",
    "tty", "fanotify", "netlink", "namespace", "tun",  "external", "timerfd", "memfd", "bpf-map", "pidfd",    ""};
/// Source: include/net/tcp_states.h.
constexpr std::array<std::string_view, 13> kTcpStates{
    "",      "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2",  "time-wait",
    "close", "close-wait",  "last-ack", "listen",   "closing",    "new-syn-recv"};
constexpr std::uint32_t kDatagramEstablished = 1;

std::string_view protocolName(std::uint32_t protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_UDPLITE:
        return "udplite";
    case IPPROTO_ICMP:
        return "icmp";
    default:
        return "raw";
    }
}

/// Of an address, in the network's order.
std::array<std::uint32_t, 4> wordsOf(const google::protobuf::RepeatedField<std::uint32_t> &words)
{
    std::array<std::uint32_t, 4> out{};
    for (int i = 0; i < words.size() && i < 4; ++i)
        out.at(static_cast<std::size_t>(i)) = words[i];
    return out;
}

/// A port is a number.
std::string addressText(std::uint32_t family, const std::array<std::uint32_t, 4> &raw, std::uint32_t port)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool six = family == AF_INET6;
    if (::inet_ntop(six ? AF_INET6 : AF_INET, raw.data(), text.data(), text.size()) == nullptr)
        return {};
    return strCat(six ? "[" : "", std::string_view(text.data()), six ? "]:" : ":", port);
}

SavedSocket socketOf(const criu::InetSocket &in)
{
    SavedSocket out;
    out.protocol = strCat(protocolName(in.protocol()), in.family() == AF_INET6 ? "6" : "");
    const bool stream = in.type() == SOCK_STREAM;
    if (stream)
        out.state = in.state() < kTcpStates.size() ? kTcpStates.at(in.state()) : std::string_view();
    else if (in.state() == kDatagramEstablished)
        out.state = "connected";
    out.local = addressText(in.family(), wordsOf(in.local()), in.local_port());
    if (in.peer_port() != 0)
        out.peer = addressText(in.family(), wordsOf(in.peer()), in.peer_port());
    out.inode = in.ino();
    return out;
}

/// As the kernel shows it: "@name" for an abstract one. @param name sun_path, which may have a zero at its end.
std::string unixName(std::string name)
{
    if (!name.empty() && name.front() == '\0') {
        for (char &c : name) {
            if (c == '\0')
                c = '@';
        }
        return name;
    }
    return name.substr(0, name.find('\0'));
}

SavedSocket socketOf(const criu::UnixSocket &in)
{
    SavedSocket out;
    out.protocol = in.type() == SOCK_STREAM  ? "unix-stream"
                   : in.type() == SOCK_DGRAM ? "unix-datagram"
                                             : "unix-packets";
    constexpr std::uint32_t kEstablished = 1;
    constexpr std::uint32_t kListen = 10;
    if (in.state() == kListen)
        out.state = "listen";
    else if (in.state() == kEstablished)
        out.state = in.type() == SOCK_DGRAM ? "connected" : "established";
    out.local = unixName(in.name());
    if (!in.folder().empty() && !out.local.empty() && out.local.front() != '/' && out.local.front() != '@')
        out.local = strCat(in.folder(), "/", out.local);
    out.inode = in.ino();
    out.peerInode = in.peer();
    return out;
}

std::string socketText(const SavedSocket &socket)
{
    std::string out = socket.protocol;
    if (!socket.state.empty())
        out += strCat(" ", socket.state);
    if (!socket.local.empty())
        out += strCat(" ", socket.local);
    if (!socket.peer.empty())
        out += strCat(" -> ", socket.peer);
    else if (socket.peerInode != 0)
        out += strCat(" -> socket:[", socket.peerInode, "]");
    return out;
}

template <class In> void takeSocket(const In &in, SavedFile &out)
{
    out.socket = socketOf(in);
    out.text = socketText(*out.socket);
    out.flags = in.flags();
}

/// What has neither path nor address.
void takeOther(const criu::FileEntry &in, SavedFile &out)
{
    if (in.has_pipe()) {
        out.text = strCat("pipe ", in.pipe().pipe());
        out.flags = in.pipe().flags();
    } else if (in.has_event()) {
        out.text = strCat("counter ", in.event().counter());
        out.flags = in.event().flags();
    } else if (in.has_poll()) {
        out.text = strCat("watches ", in.poll().watched_size());
        out.flags = in.poll().flags();
    } else if (in.has_notify()) {
        out.text = strCat("watches ", in.notify().watches_size());
        out.flags = in.notify().flags();
    } else if (in.has_signal()) {
        out.flags = in.signal().flags();
    } else if (in.has_timer()) {
        out.flags = in.timer().flags();
    }
}

SavedFile fileOf(const criu::FileEntry &in, const SavedMemfds &memfds)
{
    SavedFile out;
    out.kind = fileKind(in.type());
    if (in.has_regular()) {
        const criu::RegularFile &file = in.regular();
        out.text = file.name();
        out.flags = file.flags();
        out.mode = file.mode();
        out.position = file.position();
        if (file.has_size())
            out.size = file.size();
    } else if (in.has_inet()) {
        takeSocket(in.inet(), out);
    } else if (in.has_unix_socket()) {
        takeSocket(in.unix_socket(), out);
    } else if (in.has_netlink()) {
        SavedSocket &socket = out.socket.emplace();
        socket.protocol = "netlink";
        socket.inode = in.netlink().ino();
        out.text = strCat("netlink protocol ", in.netlink().protocol());
        out.flags = in.netlink().flags();
    } else if (in.has_memory()) {
        const auto inode = memfds.find(in.memory().inode());
        const std::string name = inode == memfds.end() ? std::string() : inode->second.name;
        // What is mapped without a file is one of this name inside the kernel.
        out.text = name == "/dev/zero" ? std::string("[shared]") : strCat("/memfd:", name);
        out.flags = in.memory().flags();
        out.position = in.memory().position();
        if (inode != memfds.end())
            out.size = inode->second.size;
    } else {
        takeOther(in, out);
    }
    return out;
}

} // namespace

std::string fileKind(std::uint32_t type)
{
    if (type < kKinds.size() && !kKinds.at(type).empty())
        return std::string(kKinds.at(type));
    return std::to_string(type);
}

Result<SavedMemfds> parseMemfds(std::string_view image)
{
    constexpr std::string_view kName = "memfd.img";
    SavedMemfds out;
    GANTRY_CHECK(forEachEntry(image, kName, [&](std::string_view entry, std::size_t at) -> Result<> {
        criu::MemoryInode inode;
        if (!inode.ParseFromArray(entry.data(), static_cast<int>(entry.size())))
            return failImage(kName, at, "no memfd");
        out[inode.inode()] = {inode.name(), inode.size(), inode.shared()};
        return {};
    }));
    return out;
}

Result<ParsedFiles> parseFiles(std::string_view image, const SavedMemfds &memfds)
{
    constexpr std::string_view kName = "files.img";
    ParsedFiles out;
    std::map<std::uint32_t, std::uint32_t> names; ///< fifos and terminals have theirs in a file of its own
    GANTRY_CHECK(forEachEntry(image, kName, [&](std::string_view entry, std::size_t at) -> Result<> {
        criu::FileEntry file;
        if (!file.ParseFromArray(entry.data(), static_cast<int>(entry.size())))
            return failImage(kName, at, "no file");
        SavedFile &one = out.files[file.id()];
        one = fileOf(file, memfds);
        if (file.has_fifo())
            names[file.id()] = file.fifo().regular();
        if (file.has_terminal()) {
            names[file.id()] = file.terminal().regular();
            one.flags = file.terminal().flags();
        }
        if (const auto inode = memfds.find(file.memory().inode()); file.has_memory() && inode != memfds.end())
            out.memory[file.id()] = inode->second.shared;
        return {};
    }));
    for (const auto &[id, name] : names) {
        if (const auto found = out.files.find(name); found != out.files.end() && name != id)
            out.files[id].text = found->second.text;
    }
    return out;
}

std::string TcpConnection::text() const
{
    const auto kind = static_cast<std::uint32_t>(family);
    return strCat(addressText(kind, local, localPort), " -> ", addressText(kind, peer, peerPort));
}

Result<std::vector<TcpConnection>> parseConnections(std::string_view image)
{
    constexpr std::string_view kName = "files.img";
    std::vector<TcpConnection> out;
    GANTRY_CHECK(forEachEntry(image, kName, [&](std::string_view entry, std::size_t at) -> Result<> {
        criu::FileEntry file;
        if (!file.ParseFromArray(entry.data(), static_cast<int>(entry.size())))
            return failImage(kName, at, "no file");
        const criu::InetSocket &in = file.inet();
        if (file.has_inet() && in.protocol() == IPPROTO_TCP && in.peer_port() != 0)
            out.push_back({static_cast<int>(in.family()), wordsOf(in.local()), wordsOf(in.peer()),
                           static_cast<std::uint16_t>(in.local_port()), static_cast<std::uint16_t>(in.peer_port())});
        return {};
    }));
    return out;
}

Result<> markDeleted(std::string_view image, std::map<std::uint32_t, SavedFile> &files)
{
    constexpr std::string_view kName = "remap-fpath.img";
    constexpr std::uint32_t kProcess = 2; ///< a file of /proc of a process that is gone
    return forEachEntry(image, kName, [&files](std::string_view entry, std::size_t at) -> Result<> {
        criu::RemapEntry remap;
        if (!remap.ParseFromArray(entry.data(), static_cast<int>(entry.size())))
            return failImage(kName, at, "no file that is elsewhere");
        if (const auto found = files.find(remap.file()); found != files.end() && remap.type() != kProcess)
            found->second.deleted = true;
        return {};
    });
}

} // namespace gantry::checkpoint
