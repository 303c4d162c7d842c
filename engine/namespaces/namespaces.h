// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/ids.h"

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::namespaces {

/// Numbers of gantry.v1.NamespaceType.
enum class Type : std::uint8_t { Cgroup = 1, Ipc, Mnt, Net, Pid, Time, User, Uts };
inline constexpr std::array kTypes{Type::Cgroup, Type::Ipc,  Type::Mnt,  Type::Net,
                                   Type::Pid,    Type::Time, Type::User, Type::Uts};
/// Name of the link below /proc/PID/ns: "net".
[[nodiscard]] std::string_view typeName(Type type);
[[nodiscard]] std::optional<Type> typeByName(std::string_view name);

/// One namespace by its type and the inode of its nsfs file.
struct Ref
{
    Type type = Type::Cgroup;
    std::uint64_t inode = 0;
    auto operator<=>(const Ref &) const = default;
    [[nodiscard]] NodeId id() const { return NodeId::nameSpace(static_cast<unsigned>(type), inode); }
    /// "net:[4026531840]", as the kernel writes it.
    [[nodiscard]] std::string text() const;
};
/// @errors EILSEQ for anything but "TYPE:[INODE]".
[[nodiscard]] Result<Ref> parseRef(std::string_view text);

/// What keeps a namespace alive besides processes.
struct Pin
{
    enum class Kind : std::uint8_t { BindMount = 1, OpenFd = 2 };
    Kind kind = Kind::BindMount;
    std::string where;    ///< mount point, or "/proc/PID/fd/N"; printable
    std::int32_t pid = 0; ///< holder of the descriptor, or a process that sees the mount
    bool operator==(const Pin &) const = default;
};

struct Namespace
{
    Ref ref;
    std::uint64_t ownerUser = 0;   ///< inode of the owning user namespace; 0: none or not visible
    std::uint64_t parent = 0;      ///< pid and user namespaces: inode of the parent; 0: none or not visible
    std::optional<uid_t> ownerUid; ///< who made it: of a user namespace itself, else of the owning one
    std::uint32_t members = 0;     ///< processes inside
    std::int32_t firstPid = 0;     ///< lowest pid inside, 0 if none
    std::string firstComm;
    std::vector<Pin> pins;
    bool initial = false;         ///< the host's: see ofHost()
    std::string incompleteReason; ///< why members, pins, owner or parent may be missing
    bool operator==(const Namespace &) const = default;
};

/// Every namespace that can be seen from /proc below `proc`, sorted by type and inode: those of processes, those held
/// by an open descriptor or a bind mount only, and owners and parents of these. Costs about 25 us a process plus 2 us
/// an open descriptor: workers only.
/// @errors of listing /proc; ECANCELED. Source: namespaces(7), ioctl_ns(2).
[[nodiscard]] Result<std::vector<Namespace>> scan(std::stop_token stop, const std::string &proc = "/proc");

/// The namespaces one process is in; kinds the kernel does not have are left out.
/// @errors ESRCH gone; EACCES without the right to look (ptrace access, CAP_SYS_PTRACE).
[[nodiscard]] Result<std::vector<Ref>> ofProcess(std::int32_t pid, const std::string &proc = "/proc");

/// The one of this kind that a process is in: 3 us. @errors as ofProcess(); ENOENT for a kind the kernel has not.
[[nodiscard]] Result<Ref> ofProcess(std::int32_t pid, Type type, const std::string &proc = "/proc");

/// The namespaces of the host: those of PID 1. Where these may not be read (some supervisors forbid even root to look),
/// those of kthreadd, which never leaves the initial ones, or else our own. @errors as ofProcess().
[[nodiscard]] Result<std::vector<Ref>> ofHost(const std::string &proc = "/proc");

/// Host name in the UTS namespace of a process, printable. Enters it from a thread made for that.
/// @errors EPERM without CAP_SYS_ADMIN, ESRCH.
[[nodiscard]] Result<std::string> hostNameOf(std::int32_t pid);

/// One bind mount of a namespace found in a mountinfo file.
struct BindMount
{
    Ref ref;
    std::string mountPoint; ///< unescaped, not made printable
};
/// Lines of another file system are passed over. @errors EILSEQ with a line that is no mountinfo line.
[[nodiscard]] Result<std::vector<BindMount>> parseBindMounts(std::string_view mountinfo);

} // namespace gantry::namespaces
