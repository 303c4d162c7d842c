// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/kernel_log.h"

#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace gantry::alerts {

Result<UniqueFd> KernelLog::open(const std::string &path)
{
    UniqueFd log = GANTRY_TRY(openAt(AT_FDCWD, path, O_RDONLY | O_NONBLOCK));
    if (::lseek(log.get(), 0, SEEK_END) < 0)
        return failErrno("lseek", path);
    return log;
}

Result<std::unique_ptr<KernelLog>> KernelLog::watch(EventLoop &loop, UniqueFd log, Callbacks callbacks)
{
    std::unique_ptr<KernelLog> out(new KernelLog(std::move(log), std::move(callbacks)));
    out->m_source = GANTRY_TRY(loop.watch(out->m_log.get(), EPOLLIN,
                                          [kernelLog = out.get()](std::uint32_t /*events*/) { kernelLog->read(); }));
    return out;
}

void KernelLog::read()
{
    for (std::size_t i = 0; i < kMostAtOnce && readOne(); ++i) {
    }
    m_callbacks.pause();
}

bool KernelLog::readOne()
{
    const ssize_t length = ::read(m_log.get(), m_buffer.data(), m_buffer.size());
    const int error = errno;
    if (length > 0) {
        if (const auto line = parseKernelRecord({m_buffer.data(), static_cast<std::size_t>(length)}))
            m_callbacks.line(*line);
        return true;
    }
    // EPIPE: records were overwritten; the next read goes on with the oldest there is.
    if (length < 0 && (error == EPIPE || error == EINTR))
        return true;
    if (length < 0 && error == EAGAIN)
        return false;
    m_source.reset();
    m_callbacks.failed(length < 0 ? failErrno("read", "kernel log", error).error()
                                  : fail(ENODATA, "read", "kernel log", "it has ended").error());
    return false;
}

} // namespace gantry::alerts
