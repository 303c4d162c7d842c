// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/api_json.h"
#include "engine/runtime/source.h"

namespace gantry::runtime {

/// Docker, or podman's service, at its API socket: lists, then follows the stream of events; each container is asked
/// for once and again after an event of its own.
/// @param userUid owner of a rootless one.
[[nodiscard]] std::unique_ptr<Source> makeApiSource(Dialect dialect, std::string socket,
                                                    std::optional<std::uint32_t> userUid);

/// /run/podman/podman.sock, /run/docker.sock where dockerd runs (/run/docker.pid), and those of users below /run/user/UID that are their own.
[[nodiscard]] std::vector<Candidate> findApiSockets(const HostTree &host);

} // namespace gantry::runtime
