// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/adopted.h"

#include "engine/base/log.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::service {

void Adopted::add(std::int32_t pid)
{
    UniqueFd end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    auto source = end ? m_loop.watch(end.get(), EPOLLIN,
                                     [this, pid](std::uint32_t) {
                                         int status = 0;
                                         if (::waitpid(pid, &status, WNOHANG) == pid && m_onEnd)
                                             m_onEnd(pid, status);
                                         // Not from within its own callback.
                                         m_loop.post([this, pid] { m_children.erase(pid); });
                                     })
                      : failErrno("pidfd_open", strCat("pid ", pid));
    if (!source) {
        log::warning(log::Area::Control, "its end will not be noticed: ", source.error().message());
        return;
    }
    m_children.erase(pid);
    m_children.emplace(pid, Child{std::move(end), *std::move(source)});
}

} // namespace gantry::service
