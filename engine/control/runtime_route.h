// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/expected_writes.h"
#include "engine/control/route.h"
#include "engine/runtime/table.h"

#include <functional>
#include <memory>
#include <optional>

namespace gantry::control {

/// The container whose own cgroup this is, as its runtime knows it; nullopt: none, or nobody told. Thread: any.
using ContainerFinder = std::function<std::optional<runtime::Known>(const cgroup::Cgroup &)>;

struct RuntimeParts
{
    ContainerFinder containers;
    std::shared_ptr<ExpectedWrites> expected; ///< told of what a runtime is asked to write
};

/// Routes to containers' own cgroups: what the runtime keeps (limits, paused, killed on purpose) goes through it, so that
/// its own tools show the same. What it has no verb for goes the way `next` knows.
[[nodiscard]] RouteFinder runtimeRoutes(RuntimeParts parts, RouteFinder next);

} // namespace gantry::control
