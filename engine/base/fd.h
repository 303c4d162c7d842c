// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/types.h>

namespace gantry {

/// Owns one file descriptor.
class UniqueFd
{
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : m_fd(fd) {}
    UniqueFd(UniqueFd &&o) noexcept : m_fd(std::exchange(o.m_fd, -1)) {}
    UniqueFd &operator=(UniqueFd &&o) noexcept
    {
        UniqueFd taken(std::move(o));
        std::swap(m_fd, taken.m_fd);
        return *this;
    }
    UniqueFd(const UniqueFd &) = delete;
    UniqueFd &operator=(const UniqueFd &) = delete;
    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const { return m_fd; }
    [[nodiscard]] explicit operator bool() const { return m_fd >= 0; }
    [[nodiscard]] int release() { return std::exchange(m_fd, -1); }
    void reset();

private:
    int m_fd = -1;
};

/// openat(2) with O_CLOEXEC; `name` is relative to `dir` (AT_FDCWD allowed).
/// @errors errno of openat with `name` as subject.
[[nodiscard]] Result<UniqueFd> openAt(int dir, const std::string &name, int flags, mode_t mode = 0);

/// The entries of an open directory (O_PATH will do). @errors of openat(2) and fdopendir(3).
struct DirCloser
{
    void operator()(DIR *dir) const { ::closedir(dir); }
};
using DirStream = std::unique_ptr<DIR, DirCloser>;
[[nodiscard]] Result<DirStream> openStream(int dir);

/// A reused buffer for small kernel files. The view it returns dies at the next read. Thread: one at a time.
class TextBuffer
{
public:
    /// Most a kernel file may hold before it is refused (EFBIG).
    static constexpr std::size_t kMax = std::size_t{16} << 20;

    /// Reads the whole file from offset 0 through `fd` until read(2) says 0: a short read is not the end.
    /// @errors ENODEV for a removed cgroup, EFBIG, EOPNOTSUPP, ...; subject is `name`.
    [[nodiscard]] Result<std::string_view> readFd(int fd, std::string_view name);
    /// Opens `name` below `dir`, reads and closes it.
    [[nodiscard]] Result<std::string_view> readAt(int dir, const std::string &name);

private:
    std::vector<char> m_bytes = std::vector<char>(4096);
};

/// One write(2) of the whole text to `name` below `dir`, as cgroup files want it. No newline is added.
/// @param flags extra open flags (O_NONBLOCK where the kernel knows it).
/// @errors errno of openat or write; EIO with a detail for a short write.
[[nodiscard]] Result<> writeFileAt(int dir, const std::string &name, std::string_view text, int flags = 0);

/// write(2) until all of it is written, for regular files and pipes. @errors of it, with `name` as subject.
[[nodiscard]] Result<> writeAll(int fd, std::span<const std::byte> bytes, std::string_view name);

/// Whole file as a string: for /proc and /etc files read once.
[[nodiscard]] Result<std::string> readFile(const std::string &path);

} // namespace gantry
