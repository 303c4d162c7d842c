// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/json.h"
#include "engine/runtime/source.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::runtime {

/// What Docker's API, podman's, and the files of both spell alike. A value that is missing or of another type gives
/// what is empty. Source: docs.docker.com/reference/api/engine, docs.podman.io/en/latest/_static/api.html.

/// "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8081"}]; sorted, one row for IPv4 and IPv6.
[[nodiscard]] std::vector<Port> dockerPorts(const Json &ports);
/// "bridge": {"IPAddress": "172.17.0.2", "GlobalIPv6Address": "", "MacAddress": ...}.
[[nodiscard]] std::vector<Address> dockerAddresses(const Json &networks);
/// {"Type": "volume", "Name": "data", "Source": "/var/...", "RW": false}.
[[nodiscard]] Mount dockerMount(const Json &mount, std::string destination);
/// {"Name": "on-failure", "MaximumRetryCount": 5} as "on-failure:5"; "no" where there is none.
[[nodiscard]] std::string dockerRestartPolicy(const Json &policy);
/// What podman and Docker do with a container in this state.
[[nodiscard]] std::vector<Verb> engineVerbs(State state);
/// Lines of a log with a time in front ("2026-11-26T11:17:03.738420084Z text"); a line without one is told as it is.
void addTimedLines(std::string_view text, bool errorStream, std::vector<LogLine> &out);

} // namespace gantry::runtime
