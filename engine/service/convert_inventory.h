// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/inventory/host_facts.h"
#include "engine/inventory/processes.h"
#include "engine/inventory/snapshot.h"
#include "engine/runtime/runtimes.h"
#include "gantry/v1/host.pb.h"
#include "gantry/v1/inventory.pb.h"

namespace gantry::service {

/// Values of engine/inventory as messages. Paths that are no UTF-8 are made printable: such a cgroup is named by its
/// id. Thread: any.

[[nodiscard]] v1::Node toMessage(const inventory::Node &node);
/// @param withNamespaces false: namespace nodes are left out.
[[nodiscard]] v1::InventoryUpdate toMessage(const inventory::Delta &delta, bool withNamespaces);
[[nodiscard]] v1::ProcessList toMessage(const inventory::ProcessListing &listing);
[[nodiscard]] v1::HostInfo toMessage(const inventory::HostFacts &facts, const cgroup::Hierarchies &hierarchies);

[[nodiscard]] v1::RuntimeInfo toMessage(const runtime::SourceStatus &status);

} // namespace gantry::service
