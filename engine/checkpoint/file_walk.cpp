// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_walk.h"

#include "engine/base/strings.h"
#include "engine/repository/bytes.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::size_t kBlock = 4'096;
constexpr std::size_t kBuffer = std::size_t{1} << 20;

/// For calls that have no form with a folder; its last part is not followed.
std::string pathAt(int dir, const std::string &name)
{
    return strCat("/proc/self/fd/", dir, "/", name);
}

/// The file system has none, or none of that kind.
bool hasNone(int error)
{
    return error == ENOTSUP || error == ENODATA;
}

Result<> readAttributes(int dir, const std::string &name, const std::string &what, KeptEntry &out)
{
    const std::string path = pathAt(dir, name);
    if (const ssize_t needed = ::llistxattr(path.c_str(), nullptr, 0); needed <= 0)
        return needed == 0 || hasNone(errno) ? Result<>() : failErrno("llistxattr", printable(what));
    std::vector<char> names(65'536); // XATTR_LIST_MAX
    const ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
    if (size < 0)
        return hasNone(errno) ? Result<>() : failErrno("llistxattr", printable(what));
    std::vector<char> value(65'536); // XATTR_SIZE_MAX
    for (std::string_view rest(names.data(), static_cast<std::size_t>(size)); !rest.empty();) {
        const std::string one(rest.data());
        rest.remove_prefix(one.size() + 1);
        const ssize_t length = ::lgetxattr(path.c_str(), one.c_str(), value.data(), value.size());
        if (length < 0 && hasNone(errno))
            continue;
        if (length < 0)
            return failErrno("lgetxattr", printable(what));
        out.attributes.emplace_back(one, std::string(value.data(), static_cast<std::size_t>(length)));
    }
    std::ranges::sort(out.attributes);
    return {};
}

Result<> readBlocks(int fd, std::uint64_t at, std::span<std::byte> out, const std::string &what)
{
    while (!out.empty()) {
        const ssize_t got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failErrno("read", printable(what));
        if (got == 0) { // it was cut meanwhile by somebody else
            std::ranges::fill(out, std::byte{0});
            return {};
        }
        at += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

} // namespace

Result<UniqueFd> openPlain(int dir, const std::string &path, int flags, mode_t mode)
{
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    how.mode = mode;
    how.resolve = unsigned{RESOLVE_NO_SYMLINKS} | unsigned{RESOLVE_NO_MAGICLINKS};
    if (dir != AT_FDCWD)
        how.resolve |= unsigned{RESOLVE_BENEATH};
    UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how)));
    if (!fd)
        return failErrno("open", printable(path));
    return fd;
}

Result<Spot> spotOf(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == 0 ? std::string("/") : path.substr(0, slash);
    return Spot{GANTRY_TRY(openPlain(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY)), path.substr(slash + 1)};
}

Result<UniqueFd> openToRead(int dir, const std::string &path)
{
    auto file = openPlain(dir, path, O_RDONLY | O_NOATIME);
    return !file && file.error().posix() == EPERM ? openPlain(dir, path, O_RDONLY) : std::move(file);
}

Result<KeptEntry> entryAt(int dir, const std::string &name, const std::string &what)
{
    struct stat info
    {};
    if (::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return failErrno("stat", printable(what));
    KeptEntry out;
    out.mode = info.st_mode;
    out.uid = info.st_uid;
    out.gid = info.st_gid;
    out.size = S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
    out.modified = info.st_mtim;
    out.accessed = info.st_atim;
    out.device = S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode) ? info.st_rdev : 0;
    if (S_ISLNK(info.st_mode)) {
        std::array<char, 4'096> target{};
        const ssize_t length = ::readlinkat(dir, name.c_str(), target.data(), target.size());
        if (length < 0)
            return failErrno("readlink", printable(what));
        out.link.assign(target.data(), static_cast<std::size_t>(length));
    }
    GANTRY_CHECK(readAttributes(dir, name, what, out));
    return out;
}

Result<> applyTo(int dir, const std::string &name, const KeptEntry &entry, const std::string &what)
{
    if (::fchownat(dir, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0)
        return failErrno("chown", printable(what));
    // After the owner, which takes set-user-id bits and capabilities away.
    if (!S_ISLNK(entry.mode) && ::fchmodat(dir, name.c_str(), entry.mode & 07777U, 0) != 0)
        return failErrno("chmod", printable(what));
    for (const auto &[key, value] : entry.attributes) {
        if (::lsetxattr(pathAt(dir, name).c_str(), key.c_str(), value.data(), value.size(), 0) != 0)
            return failErrno("setxattr", strCat(printable(what), " ", printable(key)));
    }
    const std::array times{entry.accessed, entry.modified};
    if (::utimensat(dir, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
        return failErrno("utimensat", printable(what));
    return {};
}

Result<> forEachContent(int fd, std::uint64_t base, std::uint64_t size, const std::string &what,
                        const std::stop_token &stop,
                        const std::function<Result<>(std::uint64_t, std::span<const std::byte>)> &onContent)
{
    std::vector<std::byte> buffer(std::min<std::uint64_t>(kBuffer, size));
    for (std::uint64_t at = 0; at < size;) {
        if (stop.stop_requested())
            return failErrno("read", printable(what), ECANCELED);
        // Holes are passed over; a file system that knows none says that all is data.
        const off_t data = ::lseek(fd, static_cast<off_t>(base + at), SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return {};
        if (data >= 0 && static_cast<std::uint64_t>(data) >= base + size)
            return {};
        if (data >= 0)
            at = (static_cast<std::uint64_t>(data) - base) / kBlock * kBlock;
        const std::size_t length = std::min<std::uint64_t>(kBuffer, size - at);
        const std::span<std::byte> bytes = std::span(buffer).first(length);
        GANTRY_CHECK(readBlocks(fd, base + at, bytes, what));
        for (std::size_t begin = 0; begin < length;) {
            const auto blockAt = [&](std::size_t place) {
                return bytes.subspan(place, std::min(kBlock, length - place));
            };
            std::size_t end = begin;
            while (end < length && !repository::isZeros(blockAt(end)))
                end += blockAt(end).size();
            if (end > begin)
                GANTRY_CHECK(onContent(at + begin, bytes.subspan(begin, end - begin)));
            begin = end < length ? end + blockAt(end).size() : end;
        }
        at += length;
    }
    return {};
}

std::uint64_t diskBytes(const struct stat &info)
{
    constexpr std::uint64_t kStatBlock = 512; // stat(2)
    return std::min(static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_blocks) * kStatBlock);
}

void ContentDigest::add(std::uint64_t offset, std::span<const std::byte> blocks)
{
    repository::ByteVector place;
    while (!blocks.empty()) {
        place.clear();
        repository::putFixed64(place, offset);
        const auto block = blocks.first(std::min(kBlock, blocks.size()));
        m_running.add(place);
        m_running.add(block);
        blocks = blocks.subspan(block.size());
        offset += block.size();
    }
}

std::string ContentDigest::finish(std::uint64_t size)
{
    repository::ByteVector text;
    repository::putFixed64(text, size);
    m_running.add(text);
    return std::string(repository::textOf(m_running.finish()));
}

Result<> Walk::run(int dir, const std::string &name, const std::string &path)
{
    m_path = path;
    return visit(dir, name, {});
}

Result<> Walk::visit(int dir, const std::string &name, const std::string &below)
{
    if (m_stop.stop_requested())
        return failErrno("checkpoint", printable(m_path), ECANCELED);
    const std::string what = below.empty() ? m_path : strCat(m_path, "/", below);
    auto looked = entryAt(dir, name, what);
    if (!looked && looked.error().posix() == ENOENT && !below.empty())
        return {};
    KeptEntry entry = GANTRY_TRY(std::move(looked));
    entry.root = m_root;
    entry.path = below;
    const std::size_t number = m_number++;
    struct stat info
    {};
    if (!S_ISDIR(entry.mode) && ::fstatat(dir, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_nlink > 1) {
        const auto [first, fresh] = m_linked.try_emplace({info.st_dev, info.st_ino}, number);
        if (!fresh)
            entry.sameAs = first->second;
    }
    const bool folder = S_ISDIR(entry.mode);
    GANTRY_CHECK(m_visit(std::move(entry), dir, name));
    return folder ? into(dir, name, below) : Result<>();
}

Result<> Walk::into(int dir, const std::string &name, const std::string &below)
{
    const UniqueFd folder = GANTRY_TRY(openPlain(dir, name, O_RDONLY | O_DIRECTORY));
    std::vector<std::string> names;
    {
        const DirStream stream = GANTRY_TRY(openStream(folder.get()));
        while (const dirent *one = ::readdir(stream.get())) {
            std::string child(static_cast<const char *>(one->d_name));
            if (child != "." && child != "..")
                names.push_back(std::move(child));
        }
    }
    std::ranges::sort(names); // the same each time, so that the stream of contents is
    for (const std::string &child : names)
        GANTRY_CHECK(visit(folder.get(), child, below.empty() ? child : strCat(below, "/", child)));
    return {};
}

} // namespace gantry::checkpoint
