// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/facts.h"
#include "engine/runtime/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::runtime {

/// What the config.json of a bundle tells of a container. Source: OCI runtime-spec, config.md and config-linux.md.
struct OciConfig
{
    Facts facts; ///< labels (its annotations), command, mounts (those of the user), name (by a manager's annotations)
    std::string manager; ///< "podman", "cri-o", "containerd" by their annotations; empty: none of them
    std::string hostname;
    std::string rootFolder;  ///< absolute or relative to the bundle
    std::string cgroupsPath; ///< as there: "/default/web", "machine.slice:libpod:ID"
    std::string sandboxId;   ///< the container with the namespaces of its pod
};
[[nodiscard]] OciConfig readOciConfig(const Json &config);

/// Binds from the host that somebody asked for, not those that runtimes make themselves (hosts, resolv.conf, shm ...).
/// Sources as they are written: a relative one is relative to the bundle.
[[nodiscard]] std::vector<Mount> bindsOf(const Json &config);

/// Path from the cgroup root of "/a/b", "a/b" or "SLICE:PREFIX:NAME" (SLICE/PREFIX-NAME.scope as systemd nests slices);
/// empty where it cannot be told. Source: runc's docs/systemd.md.
[[nodiscard]] std::string cgroupOfOci(std::string_view cgroupsPath);

/// Pod id in a cgroup path or an OCI cgroupsPath with "libpod_pod_ID"; else empty.
[[nodiscard]] std::string podmanPodIn(std::string_view cgroupsPath);

} // namespace gantry::runtime
