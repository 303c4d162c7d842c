// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/ids.h"
#include "engine/cgroup/cgroup_path.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cgroup {

enum class Version : std::uint8_t { V1 = 1, V2 = 2 };

/// How the controllers of a host are mounted.
enum class Mode : std::uint8_t { None, V1, V2, Hybrid };
/// "none", "v1", "v2", "hybrid".
[[nodiscard]] std::string_view modeName(Mode mode);

/// Most hierarchies a host can have mounted at once; HierarchyIndex is below it.
inline constexpr std::size_t kMaxHierarchies = 16;

/// One mounted hierarchy.
struct Hierarchy
{
    /// Slot: 0 is v2; v1 mounts take a fixed slot by their first controller in the order memory, cpu, cpuacct, cpuset,
    /// blkio, pids, freezer, devices, hugetlb, net_cls, net_prio, perf_event, rdma, misc; a named one (systemd) is 15.
    unsigned index = 0;
    Version version = Version::V2;
    std::vector<std::string> controllers; ///< v1: of this mount, or "name=systemd"; v2: the root's cgroup.controllers
    std::string mountPoint;
    std::string mountRoot; ///< mountinfo field 4: "/" unless only a part of the tree is mounted (cgroup namespace)
    std::vector<std::string> options; ///< mount and super-block options
    bool readOnly = false;
    std::uint64_t device = 0;            ///< st_dev of the mount
    std::shared_ptr<const UniqueFd> dir; ///< O_PATH descriptor of the mount point

    [[nodiscard]] bool has(std::string_view controller) const;
};

/// The hierarchies of one host. Immutable after discover(); cheap to share. Thread: any.
class Hierarchies
{
public:
    /// Where to look, so that recorded trees can stand in for a host.
    struct Roots
    {
        std::string proc = "/proc";  ///< self/mountinfo and cgroups are read below it
        std::string prefix;          ///< put in front of every mount point
        bool checkFileSystem = true; ///< verify the statfs magic of each mount; off for recorded trees
    };

    /// Reads /proc/self/mountinfo and /proc/cgroups. A host without cgroups is not an error: mode() is None.
    /// @errors of reading mountinfo; EILSEQ with the line that has a wrong shape.
    /// Source: proc(5), cgroups(7); magic numbers from linux/magic.h.
    [[nodiscard]] static Result<std::shared_ptr<const Hierarchies>> discover(const Roots &roots);
    [[nodiscard]] static Result<std::shared_ptr<const Hierarchies>> discover() { return discover(Roots{}); }

    [[nodiscard]] Mode mode() const;
    [[nodiscard]] std::span<const Hierarchy> all() const { return m_all; }
    /// nullptr if the slot is empty.
    [[nodiscard]] const Hierarchy *at(unsigned index) const;
    /// The v2 mount, nullptr if there is none.
    [[nodiscard]] const Hierarchy *unified() const { return at(0); }
    /// Where the files of this controller are ("memory", "cpu", "cpuacct", "io", "pids", "freezer", "cpuset" ...): the
    /// v1 mount that has it, else v2 if it has it, else nullptr. "io" finds v1 blkio.
    [[nodiscard]] const Hierarchy *forController(std::string_view controller) const;
    /// Enabled in /proc/cgroups but mounted nowhere (and not part of v2).
    [[nodiscard]] const std::vector<std::string> &unmountedControllers() const { return m_unmounted; }

private:
    Hierarchies() = default;
    std::vector<Hierarchy> m_all;
    std::vector<std::string> m_unmounted;
};
using HierarchiesPtr = std::shared_ptr<const Hierarchies>;

/// One cgroup as it was seen: its path and its directory's inode in each hierarchy slot (0: not there).
struct Cgroup
{
    NodeId id;
    CgroupPath path;
    std::array<std::uint64_t, kMaxHierarchies> inodes{};

    [[nodiscard]] bool in(unsigned hierarchy) const { return inodes.at(hierarchy) != 0; }
    bool operator==(const Cgroup &) const = default;
};

/// O_PATH descriptor of a cgroup's directory. Works for trees deeper than PATH_MAX (opens in steps).
/// @errors ENOENT, EACCES ...; subject is the path.
[[nodiscard]] Result<UniqueFd> openCgroup(const Hierarchy &hierarchy, const CgroupPath &path);
/// The same, and ESTALE if the directory there is not the one that was seen (removed and made again), ENOENT if the
/// cgroup is not in that hierarchy.
[[nodiscard]] Result<UniqueFd> openCgroup(const Hierarchy &hierarchy, const Cgroup &cgroup);
/// True for the errors of a cgroup that was removed meanwhile, whichever call met them first (open, read, identity).
[[nodiscard]] inline bool isGone(const Error &error)
{
    return error.posix() == ENOENT || error.posix() == ENODEV || error.posix() == ESTALE;
}
/// Inode of an open directory. Kernel: on cgroup file systems it is the cgroup's id, never reused during a boot.
[[nodiscard]] Result<std::uint64_t> inodeOf(int fd);

/// Looks a path up in every hierarchy now; the id is made of the lowest slot it exists in.
/// @errors ENOENT if it is in none; EACCES ...
[[nodiscard]] Result<Cgroup> locate(const Hierarchies &hierarchies, const CgroupPath &path);

} // namespace gantry::cgroup
