// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/ids.h"
#include "engine/cgroup/hierarchy.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace gantry::sampler {

/// The most memory cgroups used since they were last asked: a burst between two samples does not go unseen. Holds a
/// descriptor of memory.peak a cgroup.
/// Source: cgroup-v2.rst, memory.peak: a write resets the peak for reads through the same descriptor alone (Linux 6.12),
/// so nobody else's figure changes. A burst within the few microseconds between read and reset is lost.
/// Thread: one at a time.
class IntervalPeaks
{
public:
    /// Forgets the cgroups that are not in `ids`.
    void keep(std::span<const NodeId> ids);
    /// Bytes since the call before; nullopt at the first call for this cgroup, which begins.
    /// @errors ENOTSUP (v1; a kernel before 6.12), EACCES (resetting needs the right to write), ENODEV (removed) ...
    [[nodiscard]] Result<std::optional<std::uint64_t>> take(const cgroup::Hierarchy &hierarchy,
                                                            const cgroup::Cgroup &cgroup);

private:
    [[nodiscard]] static Result<UniqueFd> begin(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &cgroup);

    std::map<NodeId, Result<UniqueFd>> m_watches; ///< or why there never will be one
};

} // namespace gantry::sampler
