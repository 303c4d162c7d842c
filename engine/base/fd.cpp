// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/fd.h"

#include <unistd.h>

namespace gantry {

void UniqueFd::reset()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
}

Result<UniqueFd> openAt(int dir, const std::string &name, int flags, mode_t mode)
{
    UniqueFd fd;
    do {
        fd = UniqueFd(::openat(dir, name.c_str(), flags | O_CLOEXEC, mode));
    } while (!fd && errno == EINTR);
    if (!fd)
        return failErrno("openat", name);
    return fd;
}

Result<DirStream> openStream(int dir)
{
    UniqueFd readable = GANTRY_TRY(openAt(dir, ".", O_RDONLY | O_DIRECTORY));
    DirStream stream(::fdopendir(readable.get()));
    if (!stream)
        return failErrno("fdopendir", ".");
    static_cast<void>(readable.release()); // the stream's now
    return stream;
}

Result<std::string_view> TextBuffer::readFd(int fd, std::string_view name)
{
    std::size_t used = 0;
    while (true) {
        if (used == m_bytes.size()) {
            if (m_bytes.size() >= kMax)
                return fail(EFBIG, "read", name, "kernel file larger than 16 MiB");
            m_bytes.resize(m_bytes.size() * 2);
        }
        const ssize_t n = ::pread(fd, m_bytes.data() + used, m_bytes.size() - used, static_cast<off_t>(used));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failErrno("read", name);
        if (n == 0)
            return std::string_view(m_bytes.data(), used);
        used += static_cast<std::size_t>(n);
    }
}

Result<std::string_view> TextBuffer::readAt(int dir, const std::string &name)
{
    const UniqueFd fd = GANTRY_TRY(openAt(dir, name, O_RDONLY));
    return readFd(fd.get(), name);
}

Result<> writeFileAt(int dir, const std::string &name, std::string_view text, int flags)
{
    const UniqueFd fd = GANTRY_TRY(openAt(dir, name, O_WRONLY | flags));
    ssize_t n = 0;
    do {
        n = ::write(fd.get(), text.data(), text.size());
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return failErrno("write", name);
    if (static_cast<std::size_t>(n) != text.size())
        return fail(EIO, "write", name, "short write");
    return {};
}

Result<> writeAll(int fd, std::span<const std::byte> bytes, std::string_view name)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            return failErrno("write", name);
        bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> readFile(const std::string &path)
{
    TextBuffer buffer;
    return std::string(GANTRY_TRY(buffer.readAt(AT_FDCWD, path)));
}

} // namespace gantry
