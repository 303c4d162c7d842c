// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/launch/bundle.h"
#include "engine/launch/launch.h"
#include "engine/launch/place.h"

#include <optional>
#include <string>
#include <vector>

namespace gantry::launch {

/// Of a container that Gantry started, what another one begins with that is to be like it.
struct Model
{
    std::string runtime;                 ///< "runc", "crun"
    std::string config;                  ///< text of its config.json
    std::string lower;                   ///< what its root begins with, as Place has it
    std::string image;                   ///< the image of podman that this is of; empty: a folder was given
    std::optional<LimitSettings> limits; ///< that the copy has; nullopt: those of the config
};

/// How it will be kept. Only runc's and crun's own names are looked at by planCopy() itself.
[[nodiscard]] Plan planCopy(const Model &model, const std::string &name, const std::string &stateFolder);

/// The cgroup that the runtime makes of Plan::cgroupsPath: "/gantry/web", "/gantry.slice/gantry-web.scope".
[[nodiscard]] std::string cgroupOf(const std::string &name, bool bySystemd);

/// What every copy would lack on this host, all of it: the runtime, the keeper, folders that its root begins with, the
/// image; namespaces that it had not for itself. Changes nothing. @errors EBADMSG: the config is none.
[[nodiscard]] Result<std::vector<Error>> lacksOf(const Model &model, const std::string &stateFolder,
                                                 const runtime::Patience &patience);

/// What is in the way of one of this name, all of it: a container of runc or crun, files in its place. Changes nothing.
/// @errors EINVAL: no name for a container.
[[nodiscard]] Result<std::vector<Error>> conflictsOf(const std::string &name, const std::string &stateFolder);

/// A container that is made and not yet started. All of it is removed with this object, unless keep() was called.
class Copy
{
public:
    /// Its folders, its config.json: as the model's, with a log and a cgroup of its own. Its upper folder is empty, its
    /// root not mounted. @errors EEXIST naming who has that name; ENOTSUP: a limit; of podman; of making files.
    [[nodiscard]] static Result<Copy> make(const Model &model, const std::string &name, const std::string &stateFolder,
                                           const runtime::Patience &patience);
    Copy(Copy &&other) noexcept;
    Copy(const Copy &) = delete;
    Copy &operator=(const Copy &) = delete;
    Copy &operator=(Copy &&) = delete;
    ~Copy();

    [[nodiscard]] const Place &place() const { return m_place; }
    [[nodiscard]] const Plan &plan() const { return m_plan; }
    [[nodiscard]] const std::string &config() const { return m_config; }
    /// It runs: it stays.
    void keep() { m_active = false; }

private:
    Copy(Place place, Plan plan) : m_place(std::move(place)), m_plan(std::move(plan)) {}
    [[nodiscard]] Result<> fill(const Model &model, const std::string &name, const runtime::Patience &patience);

    Place m_place;
    Plan m_plan;
    std::string m_config;
    std::string m_mountedImage;
    bool m_active = false;
};

} // namespace gantry::launch
