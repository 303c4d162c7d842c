// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/process_look.h"
#include "engine/runtime/source.h"

#include <memory>
#include <string>
#include <vector>

namespace gantry::runtime {

/// Tasks of containerd by the bundles its shims keep: /run/containerd/io.containerd.runtime.v2.task/NAMESPACE/ID with
/// config.json and init.pid (seen with containerd 1.7.24). A container without a task is in containerd's database only,
/// which is not read. Those of Kubernetes and nerdctl are named by their annotations, others by their id; namespace
/// "moby" is docker's and left out. Where there is the program ctr it pauses, resumes and kills, but not what the
/// kubelet looks after (namespace "k8s.io").
/// @param folder "/run/containerd/io.containerd.runtime.v2.task".
[[nodiscard]] std::unique_ptr<Source> makeContainerdFiles(std::string folder, ProcessLook look = lookAtProcess);

/// Source if the folder is there.
[[nodiscard]] std::vector<Candidate> findContainerdFiles(const HostTree &host);

} // namespace gantry::runtime
