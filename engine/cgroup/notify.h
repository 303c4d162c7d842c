// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/quantity.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>

namespace gantry::cgroup {

/// A v1 notification: the eventfd that becomes readable and the file it is about (both must stay open).
/// Kernel: it also fires when the cgroup is removed: read the file again before believing it.
struct Notification
{
    UniqueFd event;
    UniqueFd file;
};
/// Fires when memory.usage_in_bytes crosses `threshold` in either direction. Source: cgroup-v1/memory.rst 9.
[[nodiscard]] Result<Notification> watchMemoryThreshold(const Hierarchies &hierarchies, const Cgroup &cgroup,
                                                        Bytes threshold);
/// Fires on OOM; memory.oom_control then tells oom_kill. Source: cgroup-v1/memory.rst 10.
[[nodiscard]] Result<Notification> watchOom(const Hierarchies &hierarchies, const Cgroup &cgroup);

/// memory.oom_control of v1.
struct OomControl
{
    bool killDisabled = false;
    bool underOom = false;
    std::uint64_t oomKill = 0;
};
[[nodiscard]] Result<OomControl> parseOomControl(std::string_view text);

enum class PressureResource : std::uint8_t { Cpu, Memory, Io };
/// PSI trigger: the descriptor polls POLLPRI once a window while the stall exceeds `stall`; it dies with the
/// descriptor. Without CAP_SYS_RESOURCE the kernel wants a window that is a multiple of 2 s: it is rounded up to one,
/// the stall in proportion. The root cgroup uses /proc/pressure.
/// @errors EOPNOTSUPP where PSI is off, ENOENT where this cgroup has no PSI file, EINVAL. Source: psi.rst.
[[nodiscard]] Result<UniqueFd> pressureTrigger(const Hierarchies &hierarchies, const Cgroup &cgroup,
                                               PressureResource resource, bool full, Micros stall, Micros window);

} // namespace gantry::cgroup
