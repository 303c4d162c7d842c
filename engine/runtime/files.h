// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/runtime/json.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace gantry::runtime {

/// Most bytes of a file that are read at once.
inline constexpr std::size_t kMostFileBytes = std::size_t{4} << 20;
/// Most entries of a folder that are looked at.
inline constexpr std::size_t kMostEntries = 20'000;

struct FileText
{
    std::string text;
    std::int64_t modifiedMicros = 0; ///< since the epoch
};

/// A folder in which a runtime keeps files. Only regular files are opened, none is waited for (a FIFO), none that is a
/// symbolic link. In a folder of a user, who may put anything there, no part of a name may be a symbolic link or lie on
/// another file system (one in user space could let us wait for ever), and a file that is not that user's own is
/// refused: it could be a hard link to somebody else's.
/// Thread: any, each object one at a time.
class Folder
{
public:
    /// A folder of the system: links in `path` are followed. @errors of open(2): ENOENT, ENOTDIR ...
    [[nodiscard]] static Result<Folder> open(const std::string &path);
    /// A folder of user `owner`. @param path its last component is not followed, those before are. @errors as open();
    /// EPERM if another owns it; ENOSYS below Linux 5.6.
    [[nodiscard]] static Result<Folder> openOwned(const std::string &path, uid_t owner);

    /// A folder below, also several levels. @errors as open(); ELOOP, EXDEV for a way out of a user's folder.
    [[nodiscard]] Result<Folder> sub(const std::string &name) const;
    /// The whole file. @errors ENOENT, EFBIG (kMostFileBytes), EINVAL (no regular file), ELOOP, EPERM (as above).
    [[nodiscard]] Result<FileText> read(const std::string &name) const;
    /// The file as JSON. @errors as read(); EBADMSG.
    [[nodiscard]] Result<Json> json(const std::string &name) const;
    /// The last bytes of the file, at most this many. @errors as read(), EFBIG excepted.
    [[nodiscard]] Result<std::string> tail(const std::string &name, std::size_t bytes) const;
    /// The first number in the file, as pid files have it; 0 without one. @param modifiedMicros of the file.
    [[nodiscard]] std::int32_t pid(const std::string &name, std::int64_t &modifiedMicros) const;

    /// True if there is such an entry, whatever it is.
    [[nodiscard]] bool has(const std::string &name) const;
    /// Names of the folders in it, sorted, at most kMostEntries. @errors of readdir(3).
    [[nodiscard]] Result<std::vector<std::string>> folders() const;

    [[nodiscard]] const std::string &path() const { return m_path; }
    [[nodiscard]] std::optional<uid_t> owner() const { return m_owner; }

private:
    Folder(UniqueFd fd, std::string path, std::optional<uid_t> owner)
        : m_fd(std::move(fd)), m_path(std::move(path)), m_owner(owner)
    {}
    [[nodiscard]] Result<UniqueFd> openBelow(const std::string &name, int flags) const;
    [[nodiscard]] Result<UniqueFd> openRegular(const std::string &name, std::size_t &size,
                                               std::int64_t &modifiedMicros) const;

    UniqueFd m_fd;
    std::string m_path; ///< for messages and watches
    std::optional<uid_t> m_owner;
};

/// A user who is logged in or lingers: has a folder below /run/user.
struct RunningUser
{
    std::uint32_t uid = 0;
    uid_t owner = 0;        ///< who owns the folder: the same on a host, another in a recorded tree
    std::string runFolder;  ///< "/run/user/1000", with the root before it
    std::string homeFolder; ///< from /etc/passwd, with the root before it; empty: not told, or not to be touched
};
/// A home folder on another host, or in another process' hands, is left alone: a server that does not answer would hold
/// up everything, and podman wants local storage anyway. Source: pam_systemd(8), passwd(5). @param root as of HostTree.
[[nodiscard]] std::vector<RunningUser> runningUsers(const std::string &root);

/// Type of the file system that a path lies on, by the text of a mountinfo; empty: not told there. A path with symbolic
/// links in it is taken as it is written.
[[nodiscard]] std::string fileSystemOf(std::string_view path, std::string_view mountInfo);
/// True for types whose files another host, or a program of somebody's, answers for.
[[nodiscard]] bool isRemoteFileSystem(std::string_view type);

/// What finders look at. Made anew for each look: who is logged in is found out once, when it is first asked for.
class HostTree
{
public:
    /// @param root "" on a host; a folder that stands for "/" in tests.
    HostTree(std::string root) : m_root(std::move(root)) {} // NOLINT(google-explicit-constructor): it is its root
    [[nodiscard]] const std::string &root() const { return m_root; }
    [[nodiscard]] const std::vector<RunningUser> &users() const;

private:
    std::string m_root;
    mutable std::optional<std::vector<RunningUser>> m_users;
};

/// The first number of a file of pids; 0 without one.
[[nodiscard]] std::int32_t pidIn(std::string_view text);

/// True for a name that stays in its folder: not empty, no slash, no NUL, not "." and the like.
[[nodiscard]] bool isPlainName(std::string_view name);
/// True for a folder of the system that is there (links followed).
[[nodiscard]] bool isFolder(const std::string &path);
/// True for a folder below a user's, as Folder opens it.
[[nodiscard]] bool isFolderOf(uid_t owner, const std::string &anchor, const std::string &below);

} // namespace gantry::runtime
