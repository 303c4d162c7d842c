// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/link/connection.h"

#include <string>

namespace gantry::link {

/// What to bring, and where to.
struct InstallOptions
{
    DialOptions dial;
    std::string prefix = "/usr/local"; ///< on the host: programs get into bin below it; absolute
    std::string from;                  ///< here: the folder of gantryd and gantry-keeper
};

/// What has become of it.
struct Installed
{
    std::string operatingSystem; ///< of the host: "Debian GNU/Linux 12 (bookworm)"; may be empty
    std::string path;            ///< of gantryd there
    std::string version;         ///< of the engine that answered at the end
    bool wasThere = false;       ///< the same programs were there before: none was copied
    bool inPath = false;         ///< a command by ssh finds it by its name
    std::string service;         ///< what runs it: "gantryd.socket"; empty: each connection starts an engine of its own
    std::string noService;       ///< why nothing does
};

/// Copies gantryd and gantry-keeper to a host by ssh, sees that they run there, puts them in place, starts the service
/// where systemd is and this machine has the units, and says Hello. Programs take the place of older ones by rename(2)
/// after that check; whatever fails before leaves the host as it was. May be run again.
/// @param destination of kind Ssh. @errors those of ssh; EPERM: not root there; ENOEXEC: another machine, or libraries
/// that are missing, by name; EACCES: not writable; EIO: what failed there, in its words. Thread: any, blocks.
[[nodiscard]] Result<Installed> install(const Destination &destination, const InstallOptions &options);

} // namespace gantry::link
