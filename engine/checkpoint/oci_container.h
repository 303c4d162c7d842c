// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/locked_entry.h"
#include "engine/checkpoint/criu.h"
#include "engine/checkpoint/preflight.h"
#include "engine/launch/place.h"
#include "engine/repository/manifest.h"
#include "engine/runtime/table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Containers that runc or crun keeps, and the verbs of these two: they alone know what belongs to a container besides
/// its processes, and have to know of what is restored.
namespace gantry::checkpoint {

/// One container, as its checkpoint has to know it.
struct OciContainer
{
    std::string runtime;     ///< "runc", "crun"
    std::string stateFolder; ///< of the runtime: "/run/runc"
    std::string id;
    std::string bundle;
    std::string config;                   ///< text of its config.json
    bool bySystemd = false;               ///< systemd has its cgroup
    std::optional<launch::Place> place{}; ///< of one that Gantry started
    std::string docker{};                 ///< the name that Docker has for it; empty: nobody above its runtime keeps it
};

/// What the runtime's state tells; of Docker's the state of Docker's runc. @errors ENOTSUP: another runtime's, or a
/// user's; ENOENT, EBADMSG: its state or its bundle is not as it should be.
[[nodiscard]] Result<OciContainer> ociContainer(const runtime::Known &known);

/// As it stands in a manifest, and back. @errors EBADMSG: what has to be there is not.
void addToManifest(const OciContainer &container, repository::Manifest &manifest);
[[nodiscard]] Result<OciContainer> containerOf(const repository::Manifest &manifest);
/// True for a checkpoint that a runtime's own verb has made, and restores: none of Docker's.
[[nodiscard]] bool isByRuntime(const repository::Manifest &manifest);

/// What the root of a container that Gantry started begins with, as launch::Place has it.
struct LaunchedRoot
{
    std::string lower;
    std::string image; ///< empty: a folder was given
};
/// Of what was saved, or, where an older Gantry saved it, of the container as long as it is there. nullopt: Gantry did
/// not start it, or that is not known any more.
[[nodiscard]] std::optional<LaunchedRoot> launchedRoot(const repository::Manifest &manifest);

/// Where what a container changed of its root is: the upper folder of its overlay. Empty: its root is no overlay, or
/// one whose folder cannot be told. @param pid its first process.
[[nodiscard]] std::string upperFolderOf(const OciContainer &container, std::int32_t pid);

/// A folder for one run of a runtime, gone with this object: the CRIU that works here under the name that runtimes look
/// for, and its options. If we die meanwhile removeLeft() removes it.
class ToolFolder
{
public:
    /// @param parent where it is made. @errors of symlink(2), writing; as LockedEntry::create().
    [[nodiscard]] static Result<ToolFolder> create(const std::string &parent, const CriuFacts &criu,
                                                   const std::vector<std::string> &options);
    /// Those of a Gantry that was killed, but for those whose runtime still goes on; create() does so, too.
    static void removeLeft(const std::string &parent);
    ToolFolder(ToolFolder &&other) noexcept = default;
    ToolFolder(const ToolFolder &) = delete;
    ToolFolder &operator=(const ToolFolder &) = delete;
    ToolFolder &operator=(ToolFolder &&) = delete;
    ~ToolFolder();

    /// The words of a verb for this container; the program finds CRIU and its options by its environment.
    /// @param rest after the verb. @errors ENOENT: no such tool.
    [[nodiscard]] Result<std::vector<std::string>> words(const OciContainer &container, const std::string &verb,
                                                         const std::vector<std::string> &rest) const;
    [[nodiscard]] std::string file(std::string_view name) const { return path() + "/" + std::string(name); }
    /// For CRIU's log, and what it mounts while it works: a folder that others see too.
    [[nodiscard]] std::string work() const { return file("work"); }
    /// What the tool said last.
    [[nodiscard]] std::string lastWords() const;

private:
    explicit ToolFolder(LockedEntry folder) : m_folder(std::move(folder)) {}
    [[nodiscard]] const std::string &path() const { return m_folder.path(); }

    LockedEntry m_folder; ///< none: moved
};

/// The options that runc and crun want as their own, "--tcp-established": they would switch them off in CRIU otherwise.
[[nodiscard]] std::vector<std::string> toolOptions(const std::vector<std::string> &options);

/// Path under which other processes find an open folder of ours.
[[nodiscard]] std::string pathOf(int folder);

/// Why CRIU refused, by its log in that folder; the tool's own words where the log tells nothing.
[[nodiscard]] std::unexpected<Error> toolRefusal(std::string_view op, const OciContainer &container,
                                                 const ToolFolder &tools, std::string_view logName,
                                                 const std::vector<Finding> &findings);

/// The bundle that its runtime has one of its id from, by the runtime's own state; the config of `container` does not
/// matter. @errors of reading it: there is none of that id.
[[nodiscard]] Result<std::string> bundleNow(const OciContainer &container);

/// Its state by "runc state": "running", "paused", "stopped"; empty: the runtime does not know it.
[[nodiscard]] Result<std::string> stateOf(const OciContainer &container, const runtime::Patience &patience);

/// "runc delete --force" of what a restore has left that failed, or was killed: it is in the way of the next attempt.
/// A runtime that was killed has the root still mounted below its state folder, and removing that would go on into the
/// root: it is unmounted before, and where that fails nothing is removed. Nothing is done to one of that id that was
/// made of another bundle. @errors EBUSY: it is still mounted; EIO with the tool's words.
[[nodiscard]] Result<> removeFailed(const OciContainer &container, const runtime::Patience &patience);

/// "runc delete" and the like. @errors EIO with the tool's words.
[[nodiscard]] Result<> runVerb(const OciContainer &container, const std::vector<std::string> &verb,
                               const runtime::Patience &patience);

} // namespace gantry::checkpoint
