// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/process_look.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::runtime {

/// Where a dockerd keeps its containers.
struct DockerPlace
{
    std::string baseFolder; ///< "/var/lib/docker", or the home folder of a rootless one's user
    std::string below;      ///< "containers", ".local/share/docker/containers"
    std::optional<std::uint32_t> userUid;
    std::optional<uid_t> owner;
};

/// One container by its config.v2.json and hostconfig.json. Source: moby's daemon/container/container.go; seen with
/// docker 26.1.5. @param hostConfig may be empty. @errors EBADMSG: not that.
[[nodiscard]] Result<Facts> parseDockerContainer(std::string_view config, std::string_view hostConfig);
/// Lines of docker's json-file log: {"log":"text\n","stream":"stdout","time":"..."}; a first line that is cut, and
/// lines that are none, are left out. Source: moby's daemon/logger/jsonfilelog.
[[nodiscard]] std::vector<LogLine> parseDockerLog(std::string_view text);

/// docker's containers by its own files, which are there while dockerd is not. It is needed to change anything, so
/// there are no verbs but the log, where that is a file.
[[nodiscard]] std::unique_ptr<Source> makeDockerFiles(DockerPlace place, ProcessLook look = lookAtProcess);

/// /var/lib/docker, or "data-root" of /etc/docker/daemon.json, and, of users with a folder below /run/user,
/// ~/.local/share/docker.
[[nodiscard]] std::vector<Candidate> findDockerFiles(const HostTree &host);

} // namespace gantry::runtime
