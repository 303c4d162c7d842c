// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"
#include "engine/launch/network.h"
#include "engine/launch/place.h"
#include "engine/runtime/json.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::launch {

using LimitSettings = std::vector<std::pair<LimitKey, LimitValue>>;

/// What is to be started.
struct Wish
{
    std::string name;       ///< of the container, and its host name
    std::string rootFolder; ///< what its root begins with; never written to. Or:
    std::string image;      ///< of podman on this host: name or id; its environment and working folder are taken
    std::optional<Network> network; ///< nullopt: nothing but lo
    LimitSettings limits;   ///< of memory.max, memory.low, cpu.max, cpuset.cpus, cpuset.mems, pids.max
    std::vector<std::string> command;     ///< program in the container, and its arguments
    std::vector<std::string> environment; ///< "KEY=VALUE"; they go before the image's
    std::vector<std::string> labels;      ///< "KEY=VALUE"; no key begins with "gantry."
    std::string runtime;                  ///< "runc" or "crun"; empty: the one that is here, runc where both are
};

/// What an image tells of how it is run.
struct ImageFacts
{
    std::vector<std::string> environment;
    std::string workingFolder;
};

/// True for what a container may be called: a letter or digit, then these, ".", "_" and "-", at most 63 bytes; not
/// what engines call theirs (64 hex digits).
[[nodiscard]] bool isName(std::string_view name);

/// "/gantry/NAME", or where systemd has the cgroups "gantry.slice:gantry:NAME": runc and crun make the same cgroup of
/// the first on v1, on v2 and on hybrid hosts, and ask systemd for a scope by the second.
[[nodiscard]] std::string cgroupsPathOf(std::string_view name, bool bySystemd);

/// config.json of its bundle: namespaces of its own for pid, mount, uts, ipc, network (with nothing but loopback, or
/// what its place holds for it) and cgroup, the root of `place`, no terminal, the capabilities that podman gives, no
/// new privileges by setuid programs, the kernel's files masked that docker and podman mask. Source: OCI
/// runtime-spec 1.0.2, config.md and config-linux.md.
/// @errors ENOTSUP: a limit that the specification has no word for.
[[nodiscard]] Result<runtime::Json> bundleConfig(const Wish &wish, const ImageFacts &image, const Place &place,
                                                 bool bySystemd);

/// Of "namespaces" of config.json: the net namespace that it joins. @param path empty: one is made for it.
void setSpace(runtime::Json &namespaces, const std::string &path);

/// "resources" of config.json. @errors ENOTSUP: a limit that the specification has no word for.
[[nodiscard]] Result<runtime::Json> resourcesOf(const LimitSettings &limits);

} // namespace gantry::launch
