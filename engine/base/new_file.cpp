// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/new_file.h"

#include "engine/base/strings.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry {

namespace {

std::string folderOf(const std::string &path)
{
    const std::string out = std::filesystem::path(path).parent_path().string();
    return out.empty() ? "." : out;
}

std::string templateBeside(const std::string &path)
{
    return strCat(folderOf(path), "/.", std::filesystem::path(path).filename().string(), ".XXXXXX");
}

Result<> checkPlace(const std::string &path, bool replace)
{
    struct stat facts
    {};
    if (::lstat(path.c_str(), &facts) != 0)
        return errno == ENOENT ? Result<>() : Result<>(failErrno("stat", path));
    if (!S_ISREG(facts.st_mode))
        return fail(EEXIST, "write", path, "there is something else than a file", "name another one, or use a pipe");
    if (!replace)
        return fail(EEXIST, "write", path, "there is such a file, and it is not replaced",
                    "name another one, or say that it is to be replaced");
    return {};
}

} // namespace

Result<NewFile> NewFile::create(const std::string &path, bool replace)
{
    constexpr mode_t kOwnerOnly = 0600;
    GANTRY_CHECK(checkPlace(path, replace));
    UniqueFd fd(::open(folderOf(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kOwnerOnly));
    if (fd)
        return NewFile(path, replace, std::move(fd), {});
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return failErrno("open", folderOf(path));
    std::string temporary = templateBeside(path);
    fd = UniqueFd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd)
        return failErrno("open", folderOf(path));
    return NewFile(path, replace, std::move(fd), std::move(temporary));
}

NewFile::~NewFile()
{
    if (m_fd && !m_temporary.empty())
        ::unlink(m_temporary.c_str());
}

Result<> NewFile::write(std::span<const std::byte> bytes)
{
    return writeAll(m_fd.get(), bytes, m_path);
}

/// A name can be given to what has none, but it replaces nothing.
Result<> NewFile::giveTemporaryName()
{
    const std::string own = strCat("/proc/self/fd/", m_fd.get());
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
        std::string name =
            strCat(folderOf(m_path), "/.", std::filesystem::path(m_path).filename().string(), ".", ::getpid(), ".", i);
        if (::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
            m_temporary = std::move(name);
            return {};
        }
        if (errno != EEXIST)
            break;
    }
    return failErrno("link", m_path);
}

Result<> NewFile::commit()
{
    if (::fsync(m_fd.get()) != 0)
        return failErrno("fsync", m_path);
    if (m_temporary.empty() && !m_replace) {
        const std::string own = strCat("/proc/self/fd/", m_fd.get());
        if (::linkat(AT_FDCWD, own.c_str(), AT_FDCWD, m_path.c_str(), AT_SYMLINK_FOLLOW) != 0)
            return failErrno("link", m_path);
    } else {
        if (m_temporary.empty())
            GANTRY_CHECK(giveTemporaryName());
        const unsigned how = m_replace ? 0U : RENAME_NOREPLACE;
        if (::renameat2(AT_FDCWD, m_temporary.c_str(), AT_FDCWD, m_path.c_str(), how) != 0)
            return failErrno("rename", m_path);
        m_temporary.clear();
    }
    const UniqueFd folder = GANTRY_TRY(openAt(AT_FDCWD, folderOf(m_path), O_RDONLY | O_DIRECTORY));
    if (::fsync(folder.get()) != 0)
        return failErrno("fsync", folderOf(m_path));
    return {};
}

} // namespace gantry
