// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace gantry::daemon {

/// Tells systemd (sd_notify(3)); nothing where it did not start this program. Thread: any.
void notify(const std::string &state);

/// Tells systemd that the service lives, twice in the time that it allows (WATCHDOG_USEC), as long as it does: one
/// whose engine hangs is started anew. Nothing where it does not ask. Thread: of its own.
class Watchdog
{
public:
    /// @param answers whether the engine does what it is asked within this time.
    explicit Watchdog(std::function<bool(std::chrono::milliseconds)> answers);

private:
    std::jthread m_thread;
};

} // namespace gantry::daemon
