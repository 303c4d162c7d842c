// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/files.h"

#include "engine/base/mountinfo.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <limits>
#include <map>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::runtime {

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
/// Without O_NONBLOCK the open of a FIFO waits for a writer.
constexpr int kFileFlags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;

Result<UniqueFd> openStrictly(int dir, const std::string &name, int flags, std::uint64_t resolve)
{
    open_how how{};
    how.flags = static_cast<decltype(how.flags)>(flags);
    how.resolve = static_cast<decltype(how.resolve)>(resolve);
    UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, dir, name.c_str(), &how, sizeof how)));
    if (!fd)
        return failErrno("openat2", name);
    return fd;
}

std::int64_t microsOf(const timespec &time)
{
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

Result<> checkOwner(int fd, const std::string &path, uid_t owner)
{
    struct stat facts{};
    if (::fstat(fd, &facts) != 0)
        return failErrno("fstat", path);
    if (facts.st_uid != owner)
        return fail(EPERM, "open", path, strCat("not owned by user ", owner));
    return {};
}

Result<std::string> readUpTo(int fd, std::size_t most, const std::string &path)
{
    std::string out;
    std::array<char, 16'384> chunk{};
    while (out.size() < most) {
        const ssize_t got = ::read(fd, chunk.data(), std::min(chunk.size(), most - out.size()));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failErrno("read", path);
        if (got == 0)
            break;
        out.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return out;
}

} // namespace

Result<Folder> Folder::open(const std::string &path)
{
    UniqueFd fd(::open(path.c_str(), kFolderFlags));
    if (!fd)
        return failErrno("open", path);
    return Folder(std::move(fd), path, std::nullopt);
}

Result<Folder> Folder::openOwned(const std::string &path, uid_t owner)
{
    UniqueFd fd(::open(path.c_str(), kFolderFlags | O_NOFOLLOW));
    if (!fd)
        return failErrno("open", path);
    GANTRY_CHECK(checkOwner(fd.get(), path, owner));
    return Folder(std::move(fd), path, owner);
}

Result<UniqueFd> Folder::openBelow(const std::string &name, int flags) const
{
    if (m_owner)
        return openStrictly(m_fd.get(), name, flags,
                            RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
    UniqueFd fd(::openat(m_fd.get(), name.c_str(), flags));
    if (!fd)
        return failErrno("openat", strCat(m_path, "/", name));
    return fd;
}

Result<Folder> Folder::sub(const std::string &name) const
{
    std::string path = strCat(m_path, "/", name);
    UniqueFd fd = GANTRY_TRY(openBelow(name, kFolderFlags));
    if (m_owner)
        GANTRY_CHECK(checkOwner(fd.get(), path, *m_owner));
    return Folder(std::move(fd), std::move(path), m_owner);
}

Result<UniqueFd> Folder::openRegular(const std::string &name, std::size_t &size, std::int64_t &modifiedMicros) const
{
    const std::string path = strCat(m_path, "/", name);
    UniqueFd fd = GANTRY_TRY(openBelow(name, kFileFlags));
    struct stat facts{};
    if (::fstat(fd.get(), &facts) != 0)
        return failErrno("fstat", path);
    if (!S_ISREG(facts.st_mode))
        return fail(EINVAL, "open", path, "not a regular file");
    if (m_owner)
        GANTRY_CHECK(checkOwner(fd.get(), path, *m_owner));
    size = static_cast<std::size_t>(facts.st_size);
    modifiedMicros = microsOf(facts.st_mtim);
    return fd;
}

Result<FileText> Folder::read(const std::string &name) const
{
    std::size_t size = 0;
    FileText out;
    const UniqueFd fd = GANTRY_TRY(openRegular(name, size, out.modifiedMicros));
    const std::string path = strCat(m_path, "/", name);
    // The size may grow meanwhile: what is read counts.
    if (size <= kMostFileBytes)
        out.text = GANTRY_TRY(readUpTo(fd.get(), kMostFileBytes + 1, path));
    if (size > kMostFileBytes || out.text.size() > kMostFileBytes)
        return fail(EFBIG, "read", path, strCat("more than ", kMostFileBytes, " bytes"));
    return out;
}

Result<Json> Folder::json(const std::string &name) const
{
    const FileText file = GANTRY_TRY(read(name));
    return parseJson(strCat(m_path, "/", name), file.text);
}

Result<std::string> Folder::tail(const std::string &name, std::size_t bytes) const
{
    std::size_t size = 0;
    std::int64_t modified = 0;
    const UniqueFd fd = GANTRY_TRY(openRegular(name, size, modified));
    const std::string path = strCat(m_path, "/", name);
    if (size > bytes && ::lseek(fd.get(), static_cast<off_t>(size - bytes), SEEK_SET) < 0)
        return failErrno("lseek", path);
    return readUpTo(fd.get(), bytes, path);
}

std::int32_t Folder::pid(const std::string &name, std::int64_t &modifiedMicros) const
{
    const auto file = read(name);
    if (!file)
        return 0;
    modifiedMicros = file->modifiedMicros;
    return pidIn(file->text);
}

bool Folder::has(const std::string &name) const
{
    struct stat facts{};
    return ::fstatat(m_fd.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<std::vector<std::string>> Folder::folders() const
{
    auto folder = openStream(m_fd.get());
    if (!folder) {
        folder.error().subject = m_path;
        return std::unexpected(std::move(folder).error());
    }
    std::vector<std::string> out;
    errno = 0;
    while (const dirent *entry = ::readdir(folder->get())) {
        const std::string name(entry->d_name);
        const bool may = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        if (may && name != "." && name != "..")
            out.push_back(name);
        if (out.size() >= kMostEntries)
            break;
        errno = 0;
    }
    if (errno != 0)
        return failErrno("readdir", m_path);
    std::ranges::sort(out);
    return out;
}

namespace {

/// Home folders by uid; lines that are none are skipped.
std::map<std::uint32_t, std::string> homesIn(const std::string &passwdPath)
{
    std::map<std::uint32_t, std::string> out;
    const auto text = readFile(passwdPath);
    if (!text)
        return out;
    std::string_view rest = *text;
    while (auto line = takeLine(rest)) {
        std::vector<std::string_view> fields;
        while (fields.size() < 7 && !line->empty()) {
            const std::size_t colon = std::min(line->find(':'), line->size());
            fields.push_back(line->substr(0, colon));
            line->remove_prefix(std::min(colon + 1, line->size()));
        }
        const auto uid = fields.size() > 5 ? parseU64(fields[2]) : Result<std::uint64_t>(std::uint64_t{1} << 32);
        if (uid && *uid <= std::numeric_limits<std::uint32_t>::max() && fields[5].starts_with('/'))
            out.emplace(static_cast<std::uint32_t>(*uid), fields[5]);
    }
    return out;
}

} // namespace

std::vector<RunningUser> runningUsers(const std::string &root)
{
    std::vector<RunningUser> out;
    const auto users = Folder::open(root + "/run/user");
    const auto names = users ? users->folders() : Result<std::vector<std::string>>(std::vector<std::string>());
    if (!names || names->empty())
        return out;
    const auto homes = homesIn(root + "/etc/passwd");
    const std::string mounts = root.empty() ? readFile("/proc/self/mountinfo").value_or(std::string()) : std::string();
    for (const std::string &name : *names) {
        const auto uid = parseU64(name);
        RunningUser user;
        user.runFolder = strCat(root, "/run/user/", name);
        struct stat facts{};
        if (!uid || *uid > std::numeric_limits<std::uint32_t>::max() || ::lstat(user.runFolder.c_str(), &facts) != 0 ||
            !S_ISDIR(facts.st_mode))
            continue;
        user.uid = static_cast<std::uint32_t>(*uid);
        user.owner = facts.st_uid;
        const auto home = homes.find(user.uid);
        if (home != homes.end() && !isRemoteFileSystem(fileSystemOf(home->second, mounts)))
            user.homeFolder = root + home->second;
        out.push_back(std::move(user));
    }
    return out;
}

const std::vector<RunningUser> &HostTree::users() const
{
    if (!m_users)
        m_users = runningUsers(m_root);
    return *m_users;
}

std::string fileSystemOf(std::string_view path, std::string_view mountInfo)
{
    std::string type;
    std::size_t longest = 0;
    while (const auto line = takeLine(mountInfo)) {
        const auto mount = parseMountInfoLine(*line);
        if (!mount || !isPathWithin(path, mount->mountPoint))
            continue;
        // The later of two on one mount point covers the other.
        if (mount->mountPoint.size() >= longest) {
            longest = mount->mountPoint.size();
            type = mount->type;
        }
    }
    return type;
}

bool isRemoteFileSystem(std::string_view type)
{
    constexpr std::array<std::string_view, 10> kRemote{"nfs",  "nfs4", "cifs",   "smb3", "smbfs",
                                                       "ceph", "afs",  "lustre", "gpfs", "autofs"};
    return type == "fuse" || type.starts_with("fuse.") || std::ranges::find(kRemote, type) != kRemote.end();
}

std::int32_t pidIn(std::string_view text)
{
    const auto number = parseU64(takeToken(text));
    return number && *number <= static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())
               ? static_cast<std::int32_t>(*number)
               : 0;
}

bool isPlainName(std::string_view name)
{
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos &&
           name.find('\0') == std::string_view::npos;
}

bool isFolder(const std::string &path)
{
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

bool isFolderOf(uid_t owner, const std::string &anchor, const std::string &below)
{
    const auto folder = Folder::openOwned(anchor, owner);
    return folder && folder->sub(below);
}

} // namespace gantry::runtime
