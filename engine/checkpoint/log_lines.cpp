// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/log_lines.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>

namespace gantry::checkpoint {

namespace {

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Takes digits off the front. @return how many.
std::size_t skipDigits(std::string_view &text)
{
    const auto end = std::ranges::find_if_not(text, isDigit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    text.remove_prefix(count);
    return count;
}

bool skip(std::string_view &text, std::string_view what)
{
    if (!text.starts_with(what))
        return false;
    text.remove_prefix(what.size());
    return true;
}

std::string_view withoutBlanks(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// "(00.012345) ", which only logs of level 3 and above have.
std::string_view withoutTime(std::string_view line)
{
    std::string_view rest = line;
    const bool timed =
        skip(rest, "(") && skipDigits(rest) > 0 && skip(rest, ".") && skipDigits(rest) > 0 && skip(rest, ")");
    return timed && rest.starts_with(' ') ? rest.substr(1) : line;
}

/// "  1314: ": whoever is restored. Left as it is where the text begins otherwise ("1314 fdinfo 3: ...").
std::int32_t takePid(std::string_view &text)
{
    std::string_view rest = withoutBlanks(text);
    const std::string_view digits = rest;
    const std::size_t count = skipDigits(rest);
    std::int32_t pid = 0;
    if (count == 0 || !skip(rest, ": ") || std::from_chars(digits.data(), digits.data() + count, pid).ec != std::errc())
        return 0;
    text = rest;
    return pid;
}

/// What stands behind "Error (criu/x.c:9): "; empty: something else.
std::string_view errorMessage(std::string_view text)
{
    if (!skip(text, "Error ("))
        return {};
    // Places have no blanks and no brackets: what a process called itself cannot pass for one.
    const std::size_t end = text.find_first_of("): \t");
    if (end == std::string_view::npos || end == 0)
        return {};
    text.remove_prefix(end);
    if (!skip(text, ":") || skipDigits(text) == 0 || !skip(text, "): "))
        return {};
    return text;
}

/// The parts of CRIU that put their name before what they say ("mnt-v2: ", "unix: ghost: ").
std::string_view withoutPart(std::string_view message)
{
    constexpr int kMostParts = 2;
    constexpr std::string_view kOfNames = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (int part = 0; part < kMostParts; ++part) {
        const std::size_t end = message.find_first_not_of(kOfNames);
        if (end == 0 || end == std::string_view::npos || !message.substr(end).starts_with(": "))
            break;
        message.remove_prefix(end + 2);
    }
    return withoutBlanks(message);
}

/// A way to say a cause that is not the one in the table of causes, or that needs a second look.
struct Pattern
{
    std::string_view begin; ///< of the message
    std::string_view
        also; ///< behind it; at the end where it is the system's word for an errno. Empty: whatever follows
    Cause cause;

    [[nodiscard]] bool fits(std::string_view message) const
    {
        if (!message.starts_with(begin))
            return false;
        message.remove_prefix(begin.size());
        return also.find(": ") == std::string_view::npos ? message.find(also) != std::string_view::npos
                                                         : message.ends_with(also);
    }
};

using enum Cause;
constexpr std::array kPatterns{
    // A message of the system says more than what it happened to.
    Pattern{"", ": No space left on device", DiskFull},
    Pattern{"Can't get rlimit", ": Operation not permitted", OtherUid},
    Pattern{"Can't dump half of stream unix connection", "", UnixStreamPeer},
    Pattern{"Unix socket ", " with unreachable peer ", UnixStreamPeer},
    Pattern{"Unknown shit ", "[io_uring]", IoUring},
    Pattern{"Unknown shit ", "", DeviceMapping},
    Pattern{"Unsupported mapping found", "", DeviceMapping},
    Pattern{"Connected TCP socket", "", TcpConnection},
    Pattern{"In-flight connection", "", TcpHandshake},
    Pattern{"Unknown socket family ", "", SocketProtocol},
    Pattern{"BUG! Unknown socket collected (family ", "", SocketProtocol},
    Pattern{"Can't dump ", " inet socket ", SocketProtocol},
    Pattern{"The socket has data to read", "", SocketBusy},
    Pattern{"Control messages in queue", "", SocketBusy},
    Pattern{"Don't have tty to inherit session from", "", Terminal},
    Pattern{"Found slave peer index ", " without correspond master peer", Terminal},
    Pattern{"Unable to find a master for ", "", Terminal},
    Pattern{"Only one slave external peer is allowed", "", Terminal},
    Pattern{"Can't dump nested ", " namespace for ", NestedNamespace},
    Pattern{"Nested mount namespaces are not supported", "", NestedNamespace},
    Pattern{"Zombie thread not supported", "", LeaderGone},
    Pattern{"Can't dump the ", " thread with a pending SIGTRAP", Traced},
    Pattern{"Unseizable non-zombie ", " found, state D,", Uninterruptible},
    Pattern{"Unable to freeze cgroup ", "", Uninterruptible},
    Pattern{"You need to be root to run this command", "", NoRights},
    Pattern{"Unexpected rt vDSO area bounds", "", CriuFails},
    Pattern{"Could not initialize kernel features detection", "", CriuFails},
    Pattern{"Mount ", " has unreachable sharing", HostMount},
    Pattern{"", " doesn't have a proper root mount", HostMount},
    Pattern{"No mapping for ", " mountpoint", HostMount},
    Pattern{"Mount ", " is autodetected external mount", HostMount},
    Pattern{"Iptables configuration failed", "", NetworkLock},
    Pattern{"Locking connection failed using nftables", "", NetworkLock},
    Pattern{"IP tool failed on ", "", NetworkLock},
    // Restore.
    Pattern{"Unable to open ", ".img: No such file or directory", DamagedCheckpoint},
    Pattern{"Head magic doesn't match", "", DamagedCheckpoint},
    Pattern{"Not supported images version", "", DamagedCheckpoint},
    Pattern{"Too old image", "", DamagedCheckpoint},
    Pattern{"Can't read img file", "", DamagedCheckpoint},
    Pattern{"Img trimmed ", "", DamagedCheckpoint},
    Pattern{"Unexpected EOF on ", ".img", DamagedCheckpoint},
    Pattern{"Failed unpacking object ", " from ", DamagedCheckpoint},
    Pattern{"Read ", " expected on ", DamagedCheckpoint},
    Pattern{"Read ", " expected from ", DamagedCheckpoint},
    Pattern{"Missing required plugin", "", DamagedCheckpoint},
    Pattern{"Can't fork for ", ": File exists", PidTaken},
    Pattern{"Pid ", " do not match expected ", PidTaken},
    Pattern{"Current sid ", " intersects with ", PidTaken},
    Pattern{"Current gid ", " intersects with ", PidTaken},
    Pattern{"Unable to create a thread: -17", "", PidTaken},
    Pattern{"Can't open file ", ": No such file or directory", FileMissing},
    Pattern{"Can't open file ", ": Not a directory", FileMissing},
    Pattern{"File ", " has bad size ", FileChanged},
    Pattern{"File ", " has bad build-ID", FileChanged},
    Pattern{"File ", " has bad mode ", FileChanged},
    Pattern{"Can't bind inet socket", ": Address already in use", AddressTaken},
    Pattern{"Can't listen on a socket", ": Address already in use", AddressTaken},
    Pattern{"Can't bind inet socket", ": Cannot assign requested address", AddressMissing},
    Pattern{"Can't connect inet socket back", ": Cannot assign requested address", AddressMissing},
    Pattern{"Can't connect inet socket back", ": Network is unreachable", AddressMissing},
    Pattern{"Can't connect ", " socket: No such file or directory", UnixPeerMissing},
    Pattern{"Can't connect ", " socket: Connection refused", UnixPeerMissing},
    Pattern{"A few mount points can't be mounted", "", MountMissing},
    Pattern{"Unable to mount ", "", MountMissing},
    Pattern{"Can't restore ext mount ", "", MountMissing},
    Pattern{"Unable to bind-mount ", "", MountMissing},
    Pattern{"Can't bind-mount ", "", MountMissing},
    Pattern{"Failed to open_tree ", "", MountMissing},
    Pattern{"Can't move into ", "", CgroupRefused},
    Pattern{"Failed writing ", " to ", CgroupRefused},
    Pattern{"Can't make cgroup dir ", "", CgroupRefused},
    Pattern{"CPU xsave size mismatch", "", OtherCpu},
    Pattern{"CPU instruction capabilities do not match", "", OtherCpu},
    Pattern{"CPU capabilities do not match", "", OtherCpu},
    Pattern{"FPU xsave area present, but host cpu doesn't support it", "", OtherCpu},
};

/// Errors whose line in the table fits others as well: only what is in kPatterns counts.
constexpr bool isAmbiguous(Cause cause)
{
    return cause == OtherUid || cause == IoUring || cause == PidTaken || cause == FileMissing || cause == FileChanged ||
           cause == AddressMissing || cause == AddressTaken;
}

/// "3 of that type [20666] (chr 10:229)": what cannot be saved.
std::optional<Cause> causeOfFile(std::string_view message)
{
    const std::size_t type = message.find('[');
    if (type == std::string_view::npos)
        return std::nullopt;
    unsigned mode = 0;
    (void)std::from_chars(message.data() + type + 1, message.data() + message.size(), mode, 8);
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return Device;
    return message.find("(anon anon_inode:[io_uring]") != std::string_view::npos ? IoUring : UnsupportedFile;
}

/// Of the table's own line. The nearest to the begin counts: names of files come after it.
std::optional<Cause> causeInTable(std::string_view message)
{
    std::optional<Cause> found;
    std::size_t place = std::string_view::npos;
    for (const CauseInfo &info : causeTable()) {
        const std::size_t at =
            info.log.empty() || isAmbiguous(info.cause) ? std::string_view::npos : message.find(info.log);
        if (at < place) {
            place = at;
            found = info.cause;
        }
    }
    return found;
}

/// What stands between `begin` and the last `end` behind it; empty: not there.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end)
{
    const std::size_t from = text.find(begin);
    if (from == std::string_view::npos)
        return {};
    text.remove_prefix(from + begin.size());
    const std::size_t to = text.rfind(end);
    return to == std::string_view::npos ? std::string_view() : text.substr(0, to);
}

/// CRIU names files below the root of its tree: "./etc/passwd", "etc/passwd".
std::string absolute(std::string_view path)
{
    (void)skip(path, ".");
    return path.empty() ? std::string() : strCat(path.starts_with('/') ? "" : "/", path);
}

/// The file that a restore could not open, or found changed; empty: the message is about something else.
std::string restoredFile(std::string_view message)
{
    if (message.starts_with("File ")) {
        for (const std::string_view end : {" has bad size ", " has bad build-ID", " has bad mode "}) {
            if (const std::string_view name = between(message, "File ", end); !name.empty())
                return absolute(name);
        }
    }
    if (!message.starts_with("Can't open file "))
        return {};
    constexpr std::string_view kOnRestore = " on restore";
    std::string_view name = between(message, "Can't open file ", ": ");
    if (name.ends_with(kOnRestore))
        name.remove_suffix(kOnRestore.size());
    return absolute(name);
}

std::string withFile(int fd, std::string_view target)
{
    return fd < 0 ? std::string(target) : strCat("fd ", fd, target.empty() ? "" : " -> ", target);
}

} // namespace

LogLine parseLogLine(std::string_view line)
{
    LogLine out;
    out.text = withoutTime(line);
    out.pid = takePid(out.text);
    // The part that runs inside of the process: its own number is of its own pid namespace.
    std::string_view inside = out.text;
    if (skip(inside, "pie: ") && takePid(inside) != 0)
        out.text = inside;
    out.message = withoutPart(errorMessage(out.text));
    return out;
}

bool isBenign(const LogLine &line)
{
    // Without CAP_SYS_RESOURCE; CRIU then keeps the limit that it has.
    static constexpr std::array<std::string_view, 1> kBegins{"Can't setup RLIMIT_NOFILE for self"};
    return std::ranges::any_of(kBegins, [&](std::string_view begin) { return line.message.starts_with(begin); });
}

std::optional<Cause> causeOf(std::string_view message, const PeerOutside &peer)
{
    if (message.starts_with("Can't dump file "))
        return causeOfFile(message);
    if (message.starts_with("External socket is used"))
        return peer.type != SOCK_DGRAM ? UnixStreamPeer : peer.named ? UnixDatagramPeer : UnixNamelessPeer;
    // Kernel: from 6.7 on the file of an io_uring cannot be passed on (scm_fp_copy() in net/core/scm.c), the way in
    // which CRIU takes each file; nothing else has that errno there.
    if (message == "send_fds failed (-22)")
        return IoUring;
    for (const Pattern &pattern : kPatterns) {
        if (pattern.fits(message))
            return pattern.cause;
    }
    return causeInTable(message);
}

std::optional<std::int64_t> numberAfter(std::string_view text, std::string_view before)
{
    const std::size_t at = text.find(before);
    if (at == std::string_view::npos)
        return std::nullopt;
    text.remove_prefix(at + before.size());
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::int32_t pidIn(std::string_view message)
{
    // Each begins a message, so that no name in it can pass for one.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kBefore{{
        {"The root process ", ""},
        {"Unseizable non-zombie ", ""},
        {"A session leader of zombie process ", ""},
        {"A session leader of ", ""},
        {"Can't find a session leader for ", ""},
        {"Can't dump nested ", " namespace for "},
        {"Can't handle non-regular mapping on ", ""},
        {"PID ", ""},
        {"Pid ", ""},
        {"Task ", ""},
        {"Can't fork for ", ""},
        {"Can't dump the ", ""},
        {"Timeout reached. Try to interrupt: ", ""},
    }};
    for (const auto &[begin, before] : kBefore) {
        if (!message.starts_with(begin))
            continue;
        const auto found = numberAfter(message, before.empty() ? begin : before);
        if (found && *found > 0 && *found <= INT32_MAX)
            return static_cast<std::int32_t>(*found);
    }
    return 0;
}

std::string objectIn(std::string_view message, int fd)
{
    if (message.starts_with("Can't dump file ")) {
        std::string_view kind = between(message, "(", ")");
        const bool device = skip(kind, "chr ");
        if (!skip(kind, "anon ") && !skip(kind, "reg "))
            (void)skip(kind, "unknown ");
        return withFile(static_cast<int>(numberAfter(message, "Can't dump file ").value_or(fd)),
                        device ? strCat("character device ", kind) : std::string(kind));
    }
    if (message.starts_with("Can't lookup mount=") || message.starts_with("Open files on overmounted mounts")) {
        const std::size_t path = message.find(" path=");
        return withFile(static_cast<int>(numberAfter(message, " fd=").value_or(fd)),
                        path == std::string_view::npos ? std::string() : absolute(message.substr(path + 6)));
    }
    if (message.starts_with("Can't dump ghost file "))
        return withFile(fd, absolute(between(message, "ghost file ", " of ")));
    if (message.starts_with("Can't handle non-regular mapping on ") ||
        message.starts_with("Unsupported mapping found "))
        return strCat("mapping ", message.substr(message.rfind(' ') + 1));
    if (message.starts_with("Unknown shit "))
        return strCat("mapping ", between(message, "(", ")"));
    if (std::string file = restoredFile(message); !file.empty())
        return file;
    return withFile(fd, {});
}

} // namespace gantry::checkpoint
