// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/signals.h"

#include <sys/signalfd.h>

namespace gantry::daemon {

Result<StopSignals> StopSignals::hold()
{
    ::signal(SIGPIPE, SIG_IGN); // a reader that has gone is an error to be seen
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&set, number);
    if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
        return failErrno("pthread_sigmask", "gantryd", error);
    UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd)
        return failErrno("signalfd", "gantryd");
    return StopSignals(std::move(fd));
}

} // namespace gantry::daemon
