// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"

#include <set>
#include <string>
#include <vector>

namespace gantry::inventory {

/// Which cgroups must not be changed: those that Gantry itself lives in, that of PID 1, and what is configured.
/// A value; thread: any.
class Protection
{
public:
    /// Reads /proc/self/cgroup and /proc/1/cgroup below `proc`. Where they cannot be read every cgroup is protected.
    /// @param configured paths protected with all below them.
    [[nodiscard]] static Protection read(const cgroup::Hierarchies &hierarchies,
                                         const std::vector<cgroup::CgroupPath> &configured,
                                         const std::string &proc = "/proc");

    /// Why this cgroup must not be changed; empty: it may.
    [[nodiscard]] std::string reason(const cgroup::CgroupPath &path) const;

    bool operator==(const Protection &) const = default;

private:
    std::vector<cgroup::CgroupPath> m_configured;
    std::set<std::string> m_own;  ///< Gantry's cgroups in each hierarchy and their ancestors
    std::set<std::string> m_pid1; ///< those of PID 1
    std::string m_unknown;        ///< set when the above could not be found out
};

/// The configured paths: those given, and the lines of `file` if it exists ('#' begins a comment). What is no cgroup
/// path is logged and left out.
[[nodiscard]] std::vector<cgroup::CgroupPath> configuredProtection(const std::vector<std::string> &given,
                                                                   const std::string &file);

} // namespace gantry::inventory
