// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::launch {

/// Where things of one container that Gantry started are, below Gantry's state folder:
///   containers/NAME/config.json   the bundle of the OCI runtime
///   containers/NAME/rootfs        where its root is mounted: an overlay
///   containers/NAME/lower         what the root begins with, as overlayfs takes it: a folder, or several with ":"
///   between containers/NAME/image         the image of podman that these are of; not there: a folder was given
///   containers/NAME/upper, work   what it changed
///   containers/NAME/upper.until-TIME  what it had changed until then, put aside by a restore (UTC)
///   containers/NAME/netns   its net namespace, mounted; containers/NAME/link  the host's end of its network
///   (network.h) containers/NAME/log, log.1    what it wrote; log.exit: how it ended (lastEnd())
class Place
{
public:
    Place(const std::string &stateFolder, const std::string &name);
    /// The place whose bundle this is. @errors ENOENT: the bundle is none of Gantry's.
    [[nodiscard]] static Result<Place> ofBundle(const std::string &bundle);

    [[nodiscard]] const std::string &bundle() const { return m_folder; }
    [[nodiscard]] std::string config() const { return m_folder + "/config.json"; }
    [[nodiscard]] std::string root() const { return m_folder + "/rootfs"; }
    [[nodiscard]] std::string lower() const { return m_folder + "/lower"; }
    [[nodiscard]] std::string image() const { return m_folder + "/image"; }
    [[nodiscard]] std::string upper() const { return m_folder + "/upper"; }
    [[nodiscard]] std::string work() const { return m_folder + "/work"; }
    [[nodiscard]] std::string space() const { return m_folder + "/netns"; }
    [[nodiscard]] std::string link() const { return m_folder + "/link"; }
    [[nodiscard]] std::string log() const { return m_folder + "/log"; }

    /// What restores have put aside, oldest first: absolute paths.
    [[nodiscard]] std::vector<std::string> asides() const;

    [[nodiscard]] bool exists() const;
    [[nodiscard]] bool isMounted() const;
    /// Makes the folders. @param lower as the file of that name has it. @errors EEXIST: there is one of that name; of
    /// mkdir(2).
    [[nodiscard]] Result<> make(const std::string &lower) const;
    /// Mounts the root, if it is not. @errors of mount(2).
    [[nodiscard]] Result<> mount() const;
    /// @errors of umount(2): EBUSY where somebody is in it.
    [[nodiscard]] Result<> unmount() const;
    /// Unmounts, and removes all of it, its network too. @errors of umount(2), of removing, of removeNetwork().
    [[nodiscard]] Result<> remove() const;

private:
    explicit Place(std::string folder) : m_folder(std::move(folder)) {}
    [[nodiscard]] Result<> fill(const std::string &lower) const;

    std::string m_folder;
};

/// What a container was changed to, exchanged for another content, until it is said to be good: the old upper folder is
/// kept beside it meanwhile. The container must not run. Its root is mounted afterwards.
class UpperExchange
{
public:
    /// Unmounts the root, puts the upper folder aside, makes an empty one. @errors of umount(2), rename(2), mkdir(2);
    /// nothing is changed then, the root is mounted.
    [[nodiscard]] static Result<UpperExchange> begin(const Place &place);
    UpperExchange(UpperExchange &&other) noexcept;
    UpperExchange(const UpperExchange &) = delete;
    UpperExchange &operator=(const UpperExchange &) = delete;
    UpperExchange &operator=(UpperExchange &&) = delete;
    ~UpperExchange(); ///< puts the old one back, unless keep() was called
    /// The new content stays. The old one is gone.
    void keep();
    /// The new content stays, the old one too, as one of Place::asides(). @return its path. @errors of rename(2); the
    /// old one is in "upper.before" then.
    [[nodiscard]] Result<std::string> putAside();

private:
    explicit UpperExchange(Place place) : m_place(std::move(place)), m_active(true) {}
    [[nodiscard]] std::string before() const { return m_place.bundle() + "/upper.before"; }
    void undo();

    Place m_place;
    bool m_active;
};

} // namespace gantry::launch
