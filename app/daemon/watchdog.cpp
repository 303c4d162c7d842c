// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/watchdog.h"

#include "engine/base/log.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include <systemd/sd-daemon.h>

namespace gantry::daemon {

void notify(const std::string &state)
{
    if (const int sent = ::sd_notify(0, state.c_str()); sent < 0)
        log::debug(log::Area::Service, "sd_notify: ", std::generic_category().message(-sent));
}

Watchdog::Watchdog(std::function<bool(std::chrono::milliseconds)> answers)
{
    std::uint64_t micros = 0;
    if (::sd_watchdog_enabled(0, &micros) <= 0)
        return;
    const auto pause = std::chrono::milliseconds(micros / 2'000);
    m_thread = std::jthread([answers = std::move(answers), pause](const std::stop_token &stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            const auto begun = std::chrono::steady_clock::now();
            if (answers(pause))
                notify("WATCHDOG=1");
            else
                log::warning(log::Area::Service, "the engine does not answer");
            wake.wait_until(lock, stop, begun + pause, [] { return false; });
        }
    });
}

} // namespace gantry::daemon
