// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// What CRIU can do only where the kernel, or its own build, has it. Names of "criu check --feature"; source:
/// criu/cr-check.c.
inline constexpr std::array<std::string_view, 4> kCriuFeatures{"mem_dirty_track", "uffd", "pidfd_store",
                                                               "network_lock_nftables"};

/// The CRIU of this host.
struct CriuFacts
{
    std::string path;                    ///< empty: there is none
    std::string version;                 ///< "4.2.1"
    std::string problem;                 ///< why it does not work here; empty: "criu check" is content
    std::vector<std::string> features{}; ///< those of kCriuFeatures that work; empty where CRIU does not

    [[nodiscard]] bool works() const { return !path.empty() && problem.empty(); }
    [[nodiscard]] bool has(std::string_view feature) const;
    bool operator==(const CriuFacts &) const = default;
};

/// Rights of this process that CRIU needs as well.
struct CriuRights
{
    bool sysResource = false;       ///< CAP_SYS_RESOURCE
    bool checkpointRestore = false; ///< CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN
};
[[nodiscard]] CriuRights criuRights();

/// $GANTRY_CRIU, the private one that packaging/setup.sh installs where the distribution's is too old for the kernel,
/// or criu of the system's folders, in this order. @return empty: none.
[[nodiscard]] std::string criuPath();

/// Runs "criu --version", "criu check" (10 to 60 ms each) and, where that is content, one more for each of
/// kCriuFeatures, all at the same time. A CRIU that is missing, fails or hangs is told in the facts. Thread: any;
/// blocks.
[[nodiscard]] CriuFacts probeCriu(const std::string &path, const runtime::Patience &patience);

/// Something about checkpoints that works on this host or does not.
struct Ability
{
    std::string key; ///< stable: "criu", "criu.uffd", "criu.sys_resource"
    bool works = false;
    std::string detail; ///< what it is good for; where it does not work: what that means, and what to install
};
/// "criu" first; its features only where it works. Texts that stand still are marked for the console's translation.
[[nodiscard]] std::vector<Ability> abilities(const CriuFacts &criu, const CriuRights &rights);

} // namespace gantry::checkpoint
