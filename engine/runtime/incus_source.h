// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/incus_json.h"
#include "engine/runtime/process_look.h"
#include "engine/runtime/source.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::runtime {

/// True if a table of UNIX sockets has one that listens at this path. Source: proc_pid_net(5), "unix"; the flag is
/// __SO_ACCEPTCON of include/linux/net.h.
[[nodiscard]] bool listensAt(std::string_view table, std::string_view path);

/// True while the daemon runs; asked before each list(). Tests answer from a variable.
using IncusRuns = std::function<bool()>;

/// Containers of Incus or LXD, of all projects, at the daemon's REST API: lists, then follows the lifecycle events,
/// which come over a WebSocket. A container's state (pid, addresses) is asked for when it started and after an event of
/// its own. Its cgroup is where its first process is: LXC's payload group, whatever its name.
///
/// Looking never starts the daemon: systemd holds its API socket where that is socket-activated, so list() connects
/// only while `runs` says so, and fails with ECONNREFUSED otherwise.
/// @param folder "/var/lib/incus": where unix.socket is.
[[nodiscard]] std::unique_ptr<Source> makeIncusSource(IncusKind kind, std::string folder, IncusRuns runs,
                                                      ProcessLook look = lookAtProcess);

/// Incus in /var/lib/incus, LXD in /var/snap/lxd/common/lxd and /var/lib/lxd, where the daemon runs: it listens at the
/// socket that it gives its containers ("guestapi/sock", LXD "devlxd/sock"), which it opens itself, not systemd, and
/// which is gone from /proc/net/unix when its process is.
[[nodiscard]] std::vector<Candidate> findIncus(const HostTree &host);

} // namespace gantry::runtime
