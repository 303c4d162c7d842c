// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/quantity.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::inventory {

/// Something that works on this host or does not.
struct Probe
{
    std::string key; ///< stable: "psi", "psi.trigger.window", "fanotify", "memory.soft_limit", "journal", "rights"
    bool works = false;
    std::string detail; ///< reason where it does not, restriction where it does
};

/// What the machine is. Everything of gantry.v1.HostInfo but the hierarchies themselves.
struct HostFacts
{
    std::string hostName;
    std::string machineId; ///< /etc/machine-id, or empty
    std::string bootId;
    std::string kernelRelease;
    std::string osPrettyName; ///< os-release PRETTY_NAME; empty: unknown
    std::uint32_t cpuCount = 0;
    Bytes memoryTotal;
    Bytes swapTotal;
    Bytes pageSize;
    Micros uptime{0}; ///< CLOCK_BOOTTIME
    Bytes engineResident;
    std::uint32_t engineOpenFds = 0;
    std::vector<Probe> probes;
};

/// gethostname(2), printable. Thread: any.
[[nodiscard]] std::string hostName();

/// Reads them now; a fact that cannot be read stays empty. @param watchProblem Inventory::watchProblem(). Thread: any.
[[nodiscard]] HostFacts hostFacts(const cgroup::Hierarchies &hierarchies, const std::optional<Error> &watchProblem);

/// Empty when the engine may act; otherwise the rights that are missing ("CAP_SYS_ADMIN, CAP_KILL (run as root)").
[[nodiscard]] std::string missingRights();

} // namespace gantry::inventory
