// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/disk.h"

#include "engine/base/strings.h"

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::repository {

Result<Disk> Disk::open(const std::string &path, bool create, DiskHook hook)
{
    Disk out;
    out.m_path = path;
    out.m_hook = std::move(hook);
    if (create) {
        GANTRY_CHECK(out.before(DiskStep::CreateFolder, "", "mkdir"));
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
            return failErrno("mkdir", path);
    }
    out.m_folder = GANTRY_TRY(openAt(AT_FDCWD, path, O_RDONLY | O_DIRECTORY));
    return out;
}

std::string Disk::pathOf(const std::string &name) const
{
    return name.empty() ? m_path : strCat(m_path, '/', name);
}

Result<> Disk::before(DiskStep step, const std::string &name, std::string_view op) const
{
    if (const int err = m_hook ? m_hook(step, name) : 0; err != 0)
        return failErrno(op, pathOf(name), err);
    return {};
}

Result<> Disk::createFolder(const std::string &name) const
{
    GANTRY_CHECK(before(DiskStep::CreateFolder, name, "mkdir"));
    if (::mkdirat(m_folder.get(), name.c_str(), 0700) != 0 && errno != EEXIST)
        return failErrno("mkdir", pathOf(name));
    return {};
}

Result<UniqueFd> Disk::create(const std::string &name) const
{
    GANTRY_CHECK(before(DiskStep::Create, name, "openat"));
    UniqueFd fd(::openat(m_folder.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd)
        return failErrno("openat", pathOf(name));
    return fd;
}

Result<UniqueFd> Disk::open(const std::string &name, int flags) const
{
    UniqueFd fd(::openat(m_folder.get(), name.c_str(), flags | O_CLOEXEC, 0600));
    if (!fd)
        return failErrno("openat", pathOf(name));
    return fd;
}

Result<> Disk::writeAt(int fd, const std::string &name, std::uint64_t offset, ByteView bytes) const
{
    GANTRY_CHECK(before(DiskStep::Write, name, "write"));
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failErrno("write", pathOf(name));
        // A full disk takes a part first and says so at the next call.
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Result<> Disk::readAt(int fd, const std::string &name, std::uint64_t offset, std::span<std::byte> bytes) const
{
    while (!bytes.empty()) {
        const ssize_t n = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failErrno("read", pathOf(name));
        if (n == 0)
            return fail(EBADMSG, "read", pathOf(name), strCat("the file ends before byte ", offset));
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Result<> Disk::sync(int fd, const std::string &name) const
{
    GANTRY_CHECK(before(DiskStep::Sync, name, "fsync"));
    if (::fsync(fd) != 0)
        return failErrno("fsync", pathOf(name));
    return {};
}

void Disk::startSync(int fd, std::uint64_t offset, std::uint64_t size) const
{
    ::sync_file_range(fd, static_cast<off64_t>(offset), static_cast<off64_t>(size), SYNC_FILE_RANGE_WRITE);
}

Result<> Disk::syncFolder(const std::string &name) const
{
    GANTRY_CHECK(before(DiskStep::SyncFolder, name, "fsync"));
    const UniqueFd fd = GANTRY_TRY(open(name.empty() ? "." : name, O_RDONLY | O_DIRECTORY));
    if (::fsync(fd.get()) != 0)
        return failErrno("fsync", pathOf(name));
    return {};
}

Result<> Disk::truncate(int fd, const std::string &name, std::uint64_t size) const
{
    GANTRY_CHECK(before(DiskStep::Truncate, name, "ftruncate"));
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0)
        return failErrno("ftruncate", pathOf(name));
    return {};
}

Result<> Disk::rename(const std::string &from, const std::string &to) const
{
    GANTRY_CHECK(before(DiskStep::Rename, to, "rename"));
    if (::renameat(m_folder.get(), from.c_str(), m_folder.get(), to.c_str()) != 0)
        return failErrno("rename", pathOf(to));
    return {};
}

Result<> Disk::unlink(const std::string &name) const
{
    GANTRY_CHECK(before(DiskStep::Unlink, name, "unlink"));
    if (::unlinkat(m_folder.get(), name.c_str(), 0) != 0)
        return failErrno("unlink", pathOf(name));
    return {};
}

Result<std::vector<std::string>> Disk::list(const std::string &name) const
{
    const UniqueFd fd = GANTRY_TRY(open(name, O_RDONLY | O_DIRECTORY));
    const DirStream stream = GANTRY_TRY(openStream(fd.get()));
    std::vector<std::string> out;
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string_view file = entry->d_name;
        if (file != "." && file != "..")
            out.emplace_back(file);
    }
    return out;
}

} // namespace gantry::repository
