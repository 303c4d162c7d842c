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

/// Where podman (and cri-o) keep containers of the system or of one user.
struct PodmanPlace
{
    std::string baseFolder; ///< anchor that exists and is not the user's to choose: the home folder, or the storage
    std::string storage;    ///< below it: ".local/share/containers/storage"; empty: the anchor is it
    std::string driver;     ///< "overlay"
    std::string runFolder;  ///< "/run/containers/storage", "/run/user/1000/containers"
    std::string runAnchor;  ///< "/run/user/1000"; empty: the system's
    std::optional<std::uint32_t> userUid;
    std::optional<uid_t> owner;
};

/// "containers.json" of containers/storage: id, names, image, created and, as JSON in a text, metadata with podman's
/// name of the image. Source: containers/storage's containers.go, podman's libpod/storage.go; seen with podman 5.4.2.
/// @errors EBADMSG: not that.
[[nodiscard]] Result<std::vector<Facts>> parsePodmanList(std::string_view text);

/// podman's containers by the files below its storage, for hosts without its API socket. Only what lies in files: the
/// rest (labels, exit code, restart policy, ports, addresses, health, pod names) is in its database (db.sql of SQLite,
/// podman 4: bolt_state.db), whose tables are podman's own business, so it is not read. The system's containers are
/// started, stopped and so on by the program podman; those of a user are not: only that user may run it for them.
[[nodiscard]] std::unique_ptr<Source> makePodmanFiles(PodmanPlace place, ProcessLook look = lookAtProcess);

/// /var/lib/containers/storage and, of users with a folder below /run/user, ~/.local/share/containers/storage.
/// storage.conf(5) is not read: with another graphroot nothing is found.
[[nodiscard]] std::vector<Candidate> findPodmanFiles(const HostTree &host);

} // namespace gantry::runtime
