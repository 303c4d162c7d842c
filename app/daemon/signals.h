// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <csignal>

namespace gantry::daemon {

/// SIGTERM, SIGINT and SIGHUP as a descriptor: this thread, and those that it starts, are not ended by them. SIGPIPE is
/// ignored. Thread: main's, before any other is started.
class StopSignals
{
public:
    /// @errors of signalfd(2).
    [[nodiscard]] static Result<StopSignals> hold();
    /// Readable once one of them has come.
    [[nodiscard]] int fd() const { return m_fd.get(); }

private:
    explicit StopSignals(UniqueFd fd) : m_fd(std::move(fd)) {}
    UniqueFd m_fd;
};

} // namespace gantry::daemon
