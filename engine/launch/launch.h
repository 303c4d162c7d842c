// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/launch/bundle.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// Containers that Gantry starts itself, made to be saved, restored and moved. Run by runc or crun, to which they
/// belong from then on: they are paused, limited, killed and listed as everybody's.
namespace gantry::launch {

/// Told "check", "image", "start", on the calling thread; may be empty.
using OnPhase = std::function<void(std::string_view)>;

/// How it would be, or was, started.
struct Plan
{
    std::string runtime;     ///< "runc", "crun"
    std::string stateFolder; ///< of the runtime: "/run/runc"
    std::string bundle;
    std::string log;
    std::string cgroupsPath; ///< as in config.json
    bool bySystemd = false;
};

/// The words before the verb: {"/usr/sbin/runc", "--root", "/run/runc"}, and "--systemd-cgroup" where systemd has the
/// container's cgroup. @errors ENOENT: the tool is not here.
[[nodiscard]] Result<std::vector<std::string>> toolWords(const std::string &runtime, const std::string &stateFolder,
                                                         bool bySystemd);

/// What runc or crun said last into its log ("--log-format json"), printable; empty: nothing.
[[nodiscard]] std::string lastWords(std::string_view toolLog);

/// Which of runc and crun has one of this name, running or ended; empty: none.
[[nodiscard]] std::string holderOf(const std::string &name);

/// Where this runtime keeps what runs for root: "/run/runc".
[[nodiscard]] std::string stateFolderOf(std::string_view runtime);

/// What overlayfs is to take for an image of podman: its layers, not what podman mounts, which is an overlay itself:
/// CRIU does not find the files of an overlay on another one. Empty: podman keeps images in another way.
/// @errors EIO with podman's words.
[[nodiscard]] Result<std::string> layersOfImage(const std::string &image, const runtime::Patience &patience);

/// Whether overlayfs can take a folder: in its one text some characters have a meaning.
[[nodiscard]] bool fitsOverlay(std::string_view path);

/// Removes the cgroups above those of containers that were started here, where they are empty.
void removeParents();

/// Where one of this name is, or would be. @param stateFolder Gantry's.
[[nodiscard]] Plan planFor(std::string runtime, const std::string &name, const std::string &stateFolder);

/// What can be seen beforehand; changes nothing. @param stateFolder Gantry's.
/// @errors EINVAL (name, command, neither or both of folder and image ...), EEXIST (there is one of that name), ENOENT
/// (no such folder, image or tool), ENOTSUP (a limit).
[[nodiscard]] Result<Plan> check(const Wish &wish, const std::string &stateFolder, const runtime::Patience &patience);

struct Started
{
    Plan plan;
    std::int32_t pid = 0; ///< of its first process
    pid_t keeper = 0;     ///< our child, until it has ended
};
/// For the job list.
[[nodiscard]] std::vector<std::string> resultLines(const Started &started);

/// Starts it. It lives on when Gantry ends. @errors as check(); EIO with the tool's words where it refuses: nothing of
/// it is left then. Thread: any; blocks.
[[nodiscard]] Result<Started> run(const Wish &wish, const std::string &stateFolder, const runtime::Patience &patience,
                                  const OnPhase &onPhase);

/// Mounts its root where a boot has unmounted it. @errors of podman; ESTALE: its image is another one now; of mount(2).
[[nodiscard]] Result<> mountRoot(const Place &place, const runtime::Patience &patience);

/// What of a container that was started here would be removed, and whether it may. @errors ENOENT: none of that name;
/// EBUSY: it runs.
[[nodiscard]] Result<Place> checkRemove(const std::string &name, const std::string &stateFolder,
                                        const runtime::Patience &patience);
/// Removes it with its log and what it changed. @errors as checkRemove(); of the tool, of umount(2), of removing.
/// Thread: any; blocks.
[[nodiscard]] Result<> remove(const std::string &name, const std::string &stateFolder,
                              const runtime::Patience &patience);

} // namespace gantry::launch
