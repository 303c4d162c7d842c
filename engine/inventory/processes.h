// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/snapshot.h"
#include "engine/process/process.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::inventory {

struct ListedProcess
{
    process::ProcessInfo info;
    std::string user;
    std::string cgroupPath; ///< the cgroup it was found in, raw; empty where the node is no cgroup
};

struct ProcessListing
{
    std::vector<ListedProcess> processes; ///< by pid
    std::size_t total = 0;                ///< more than listed when the list was cut
    std::uint64_t monotonicMicros = 0;    ///< CLOCK_MONOTONIC of the reading
};

/// Pids of a node: the cgroup's own (and with `recursive` those of all cgroups below), the container's, the
/// namespace's members, or all of the host's; sorted. Blocking: workers only.
/// @errors ESTALE when the node is not in the snapshot, ENODEV/ENOENT when the cgroup is gone, EACCES, ECANCELED.
[[nodiscard]] Result<std::vector<std::int32_t>> pidsOf(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot,
                                                       NodeId node, bool recursive, std::stop_token stop);

/// The processes of a node, at most `most`. A process that ends meanwhile is left out; one that may not be read is
/// listed with the reason. Blocking (about 40 us a process): workers only.
/// @errors as pidsOf().
[[nodiscard]] Result<ProcessListing> listProcesses(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot,
                                                   NodeId node, bool recursive, std::size_t most, std::stop_token stop);

/// Namespaces that any process of the node is in, sorted. Blocking: workers only. @errors as pidsOf().
[[nodiscard]] Result<std::vector<namespaces::Ref>>
namespacesOf(const cgroup::Hierarchies &hierarchies, const Snapshot &snapshot, NodeId node, std::stop_token stop);

} // namespace gantry::inventory
