// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "engine/base/fd.h"

#include <csignal>
#include <stop_token>
#include <thread>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gantry::cli {

/// Asks for an end when the person presses Ctrl-C: says so, and its token is stopped. The signals are held by then
/// (see runVerb()). Thread: main's, and one of its own.
class OnInterrupt
{
public:
    /// Begins to look.
    OnInterrupt()
    {
        sigset_t set;
        ::sigemptyset(&set);
        for (const int number : {SIGINT, SIGTERM, SIGHUP})
            ::sigaddset(&set, number);
        m_fd = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC));
        m_thread = std::jthread([this](const std::stop_token &over) {
            constexpr int kLookMillis = 200;
            while (!over.stop_requested()) {
                pollfd one{m_fd.get(), POLLIN, 0};
                signalfd_siginfo taken{}; // else it would end the program once the signals are let in again
                if (::poll(&one, 1, kLookMillis) > 0 && ::read(m_fd.get(), &taken, sizeof taken) > 0) {
                    Session::warn("giving it up");
                    m_stop.request_stop();
                    return;
                }
            }
        });
    }
    /// Stopped once it was asked for.
    [[nodiscard]] std::stop_token token() const { return m_stop.get_token(); }

private:
    UniqueFd m_fd;
    std::stop_source m_stop;
    std::jthread m_thread;
};

} // namespace gantry::cli
