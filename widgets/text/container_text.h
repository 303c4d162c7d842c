// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

#include "gantry/v1/host.pb.h"
#include "gantry/v1/inventory.pb.h"

#include <cstdint>

namespace gantry::text {

/// Facts of containers and their runtimes as rich text for FactsView. Everything a peer sent is escaped. Thread: GUI.

/// What there is to say of a container beside its own node.
struct ContainerSurroundings
{
    QString runtimeVersion; ///< of the runtime that has it; empty: not known
    QString cgroupPath;     ///< where the tree has it; empty: it has none of its own
    std::int64_t nowUsec = 0; ///< CLOCK_REALTIME, for the ages
    QColor faded;           ///< of the labels left
};

/// Link targets of the text: kCopyId asks to copy the id, kJumpCgroup to go to the cgroup.
inline constexpr const char *kCopyIdLink = "copy:id";
inline constexpr const char *kJumpCgroupLink = "jump:cgroup";

/// The page of a container: facts, then a section each for ports, mounts, addresses, labels and namespaces; one that
/// would be empty is left out. A fact that is missing is an em dash.
[[nodiscard]] QString containerFacts(const v1::Node &node, const ContainerSurroundings &around);
/// A sentence about facts that are missing or old; empty: they are right.
[[nodiscard]] QString containerProblem(const v1::Node &node);
/// The container runtimes of a host, a section each.
[[nodiscard]] QString runtimeFacts(const v1::HostInfo &host, const QColor &faded);
/// "podman 4.3.1" of the list of runtimes; empty where it does not tell.
[[nodiscard]] QString runtimeVersion(const v1::HostInfo &host, const v1::ContainerDetail &container);

} // namespace gantry::text
