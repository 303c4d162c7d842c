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

enum class OciTool : std::uint8_t { Runc, Crun };

/// Where runc or crun keeps the state of its containers.
struct OciPlace
{
    OciTool tool = OciTool::Runc;
    std::string folder;      ///< "/run/runc"
    std::string runtime;     ///< whose containers these are: "runc" by hand, "docker", "containerd"
    bool namespaces = false; ///< one more level of folders: containerd's namespaces
    std::optional<std::uint32_t> userUid;
    std::optional<uid_t> owner; ///< of a user's folder
    std::string anchor;         ///< that user's run folder; the folder lies right in it
    std::string homeFolder;     ///< that user's; bundles elsewhere are not looked at
    std::string root;           ///< before the paths in the files: "" on a host
};

/// Annotation in a bundle of the system: the path of the file that the container's output goes to, as text. Gantry's
/// own containers have it, and whoever makes a bundle may.
inline constexpr std::string_view kLogLabel = "gantry.log";

/// State of one container as runc and crun write it.
struct OciState
{
    Facts facts; ///< id, initPid, createdMicros, cgroupPath, rootFolder
    std::uint64_t startTicks = 0;
    std::string bundle;
};
/// runc's state.json. Source: seen with runc 1.1.15 (libcontainer's State): init_process_pid, init_process_start,
/// created, config.rootfs, config.labels ("bundle=/path"), cgroup_paths. @errors EBADMSG: not that.
[[nodiscard]] Result<OciState> parseRuncState(std::string_view text);
/// crun's status. Source: seen with crun 1.21: pid, process-start-time, cgroup-path, bundle, rootfs, created. It has no
/// id: the folder's name is it. @errors EBADMSG: not that.
[[nodiscard]] Result<OciState> parseCrunStatus(std::string_view text);

/// The containers of runc or crun in one folder, those of podman, docker and containerd among them, which know more of
/// them. One that was made by hand is paused, killed and so on by the runtime's own program.
[[nodiscard]] std::unique_ptr<Source> makeOciSource(OciPlace place, ProcessLook look = lookAtProcess);

/// /run/runc, /run/crun, docker's and containerd's runc folders, and those of users below /run/user.
[[nodiscard]] std::vector<Candidate> findOciStates(const HostTree &host);

} // namespace gantry::runtime
