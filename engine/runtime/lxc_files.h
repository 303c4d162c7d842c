// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/process_look.h"
#include "engine/runtime/source.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::runtime {

/// What a container's config tells. Source: lxc.container.conf(5), also with the keys of LXC 2 (lxc.rootfs,
/// lxc.mount.entry); includes are not followed. Unknown keys and lines that are none are skipped.
/// @return rootFolder, mounts, restartPolicy ("always" for lxc.start.auto = 1, else "no"), command (lxc.init.cmd,
/// where it is told).
[[nodiscard]] Facts parseLxcConfig(std::string_view text);

/// "lxc.lxcpath" of lxc.conf; empty: not told. Source: lxc.system.conf(5).
[[nodiscard]] std::string parseLxcPath(std::string_view text);

/// Process and cgroup of a container that runs.
struct LxcRunning
{
    std::int32_t initPid = 0;
    std::int32_t monitorPid = 0;
};
/// nullopt: it does not run. Tests answer from a table.
using LxcLook = std::function<std::optional<LxcRunning>(const std::string &name)>;
/// The monitor is the one process in cgroup lxc.monitor.NAME (LXC 4 and later; lxc.monitor/NAME before), the
/// container's first process its only child. Thread: any.
[[nodiscard]] std::optional<LxcRunning> lookAtLxc(const std::string &name);

/// LXC's containers of the system: folders with a config below lxcpath, run by lxc-start and its siblings. Those of
/// other users are known by their cgroups only.
/// @param folder "/var/lib/lxc".
[[nodiscard]] std::unique_ptr<Source> makeLxcFiles(std::string folder, LxcLook lxc = lookAtLxc,
                                                   ProcessLook look = lookAtProcess);

/// lxcpath of /etc/lxc/lxc.conf, else /var/lib/lxc.
[[nodiscard]] std::vector<Candidate> findLxcFiles(const HostTree &host);

} // namespace gantry::runtime
