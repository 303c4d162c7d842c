// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/checkpoint/kept_files.h"
#include "engine/repository/sealer.h"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include <sys/stat.h>

/// Looking at files without being led astray: no symbolic link is followed.
namespace gantry::checkpoint {

/// openat2(2) that follows no symbolic link, and, below a folder (not AT_FDCWD), does not leave it.
/// @errors ELOOP: a part of the path is a symbolic link; of openat2(2).
[[nodiscard]] Result<UniqueFd> openPlain(int dir, const std::string &path, int flags, mode_t mode = 0);

/// A file to be read, without leaving a trace in its times where that is allowed. @errors as openPlain().
[[nodiscard]] Result<UniqueFd> openToRead(int dir, const std::string &path);

/// The folder that something is in, and its name there. @param path absolute, not "/". @errors as openPlain().
struct Spot
{
    UniqueFd folder;
    std::string name;
};
[[nodiscard]] Result<Spot> spotOf(const std::string &path);

/// What a regular file takes on disk.
[[nodiscard]] std::uint64_t diskBytes(const struct stat &info);

/// What is under that name, with its attributes, without its content. @param what for errors.
/// @errors of lstat(2), lgetxattr(2), readlink(2).
[[nodiscard]] Result<KeptEntry> entryAt(int dir, const std::string &name, const std::string &what);
/// Sets owner, mode, attributes and times as the entry says. @errors of chown(2) and the like.
[[nodiscard]] Result<> applyTo(int dir, const std::string &name, const KeptEntry &entry, const std::string &what);

/// Calls onContent(offset, bytes) for what is not zeros of a file, or of a part of one, in 4 KiB blocks from `base` on.
/// @param offset from `base`. @errors of reading; the callee's; ECANCELED.
[[nodiscard]] Result<>
forEachContent(int fd, std::uint64_t base, std::uint64_t size, const std::string &what, const std::stop_token &stop,
               const std::function<Result<>(std::uint64_t, std::span<const std::byte>)> &onContent);

/// The digest of a file's content, the same whatever holes it has: over each block of 4 KiB that is not zeros, with its
/// place before it (8 bytes, little endian), and over its size. BLAKE2b-256.
class ContentDigest
{
public:
    /// Block after block; several at once may be given.
    void add(std::uint64_t offset, std::span<const std::byte> blocks);
    /// Once, at the end. @return 32 bytes.
    [[nodiscard]] std::string finish(std::uint64_t size);

private:
    repository::RunningDigest m_running;
};

/// One folder and all in it, on one file system. What goes away meanwhile is left out.
class Walk
{
public:
    /// Told of each: the entry (its sameAs is set, its digest not), the folder it is in, and its name there.
    using Visit = std::function<Result<>(KeptEntry entry, int dir, const std::string &name)>;

    /// @param number of the next entry, for KeptEntry::sameAs.
    Walk(std::size_t root, std::size_t &number, const Visit &visit, const std::stop_token &stop)
        : m_root(root), m_number(number), m_visit(visit), m_stop(stop)
    {}
    /// What is at that spot, and below. @param path for errors. @errors as entryAt(); the visitor's; ECANCELED.
    [[nodiscard]] Result<> run(int dir, const std::string &name, const std::string &path);

private:
    [[nodiscard]] Result<> visit(int dir, const std::string &name, const std::string &below);
    [[nodiscard]] Result<> into(int dir, const std::string &name, const std::string &below);

    const std::size_t m_root;
    std::size_t &m_number;
    const Visit &m_visit;
    const std::stop_token &m_stop;
    std::string m_path;
    std::map<std::pair<dev_t, ino_t>, std::size_t> m_linked;
};

} // namespace gantry::checkpoint
