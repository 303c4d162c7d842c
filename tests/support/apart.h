// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace gantry::test {

/// Runs a test program that starts other programs' daemons and containers in a process of its own, which has a mount
/// namespace with nothing in /run, /var/lib, /etc/containers and /dev/shm: what container runtimes keep at their usual
/// places is there for the test and for what it starts alone, and whatever the host has there is not touched.
/// When the body has ended, in whatever way, no process that it started is left, and no scratch cgroup: what does not
/// go by itself within some seconds is named on standard error, killed, and makes the run fail.
/// Call it first in main(), which runs once more in the other process. Needs root.
/// @param arguments as main() has them. @param body gives the exit code.
/// @return what main() is to return: the body's code, 1 if something had to be killed, 128 and the signal's number if
/// it died of one.
[[nodiscard]] int runApart(char **arguments, const std::function<int()> &body);

} // namespace gantry::test
