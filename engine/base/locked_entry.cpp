// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/locked_entry.h"

#include "engine/base/strings.h"

#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry {

namespace {

/// A sweeper removes one that is not locked yet; that it does so for each of so many is no accident.
constexpr int kTries = 100;

Result<UniqueFd> makeEntry(std::string &path, LockedEntry::Kind kind)
{
    if (kind == LockedEntry::Kind::Folder) {
        if (::mkdtemp(path.data()) == nullptr)
            return failErrno("mkdtemp", path);
        return openAt(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    }
    UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
    if (!fd)
        return failErrno("mkostemp", path);
    return fd;
}

Result<> lock(int fd, int how, const std::string &path)
{
    while (::flock(fd, how) != 0) {
        if (errno != EINTR)
            return failErrno("flock", path);
    }
    return {};
}

} // namespace

bool LockedEntry::isInPlace() const
{
    struct stat own
    {};
    struct stat named
    {};
    return ::fstat(m_fd.get(), &own) == 0 && ::lstat(m_path.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
           own.st_ino == named.st_ino;
}

Result<LockedEntry> LockedEntry::create(const std::string &folder, std::string_view prefix, Kind kind)
{
    for (int i = 0; i < kTries; ++i) {
        std::string path = strCat(folder, "/", prefix, "XXXXXX");
        auto fd = makeEntry(path, kind);
        if (!fd && kind == Kind::Folder && fd.error().op == "openat" && fd.error().posix() == ENOENT)
            continue; // a sweeper was faster
        LockedEntry out(GANTRY_TRY(std::move(fd)), std::move(path), kind);
        GANTRY_CHECK(lock(out.fd(), LOCK_EX, out.path()));
        if (out.isInPlace())
            return out;
    }
    return fail(EAGAIN, "create", strCat(folder, "/", prefix), "somebody else removes them as soon as they are there",
                "See what removes files there");
}

std::vector<LockedEntry> LockedEntry::takeLeft(const std::string &folder, std::string_view prefix, Kind kind)
{
    std::vector<LockedEntry> out;
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | (kind == Kind::Folder ? O_DIRECTORY : 0);
    std::error_code unreadable;
    for (const auto &entry : std::filesystem::directory_iterator(folder, unreadable)) {
        if (!entry.path().filename().string().starts_with(prefix))
            continue;
        auto fd = openAt(AT_FDCWD, entry.path().string(), flags);
        struct stat facts
        {};
        if (!fd || ::fstat(fd->get(), &facts) != 0 || S_ISDIR(facts.st_mode) != (kind == Kind::Folder) ||
            !lock(fd->get(), LOCK_EX | LOCK_NB, entry.path().string()))
            continue;
        LockedEntry taken(*std::move(fd), entry.path().string(), kind);
        // Another sweeper may have removed it, and its owner may have written until it was ours.
        if (!taken.isInPlace() || ::fstat(taken.fd(), &facts) != 0)
            continue;
        if (S_ISREG(facts.st_mode) && facts.st_size == 0)
            taken.remove();
        else
            out.push_back(std::move(taken));
    }
    return out;
}

void LockedEntry::removeLeft(const std::string &folder, std::string_view prefix, Kind kind)
{
    for (LockedEntry &left : takeLeft(folder, prefix, kind))
        left.remove();
}

void LockedEntry::remove()
{
    if (!m_fd)
        return;
    std::error_code ignored; // takeLeft() finds it once more
    if (m_kind == Kind::Folder)
        std::filesystem::remove_all(m_path, ignored);
    else
        std::filesystem::remove(m_path, ignored);
    m_fd.reset();
}

Result<std::vector<std::string>> heldFiles(const std::string &folder, std::string_view prefix)
{
    std::vector<std::string> out;
    const UniqueFd dir = GANTRY_TRY(openAt(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
    const DirStream stream = GANTRY_TRY(openStream(dir.get()));
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string name(static_cast<const char *>(entry->d_name));
        const auto file =
            name.starts_with(prefix) ? openAt(dir.get(), name, O_RDONLY) : Result<UniqueFd>(failErrno("", "", ENOENT));
        if (file && !lock(file->get(), LOCK_SH | LOCK_NB, name))
            out.push_back(name.substr(prefix.size()));
    }
    return out;
}

} // namespace gantry
