// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <string>

namespace gantry::checkpoint {

/// The CRIU of this host.
struct CriuFacts
{
    std::string path;    ///< empty: there is none
    std::string version; ///< "4.2.1"
    std::string problem; ///< why it does not work here; empty: "criu check" is content
};

/// $GANTRY_CRIU, the private one that packaging/setup.sh installs where the distribution's is too old for the kernel,
/// or criu of the system's folders, in this order. @return empty: none.
[[nodiscard]] std::string criuPath();

/// Runs "criu --version" and "criu check" (10 to 60 ms). A CRIU that is missing, fails or hangs is told in the facts.
/// Thread: any; blocks.
[[nodiscard]] CriuFacts probeCriu(const std::string &path, const runtime::Patience &patience);

} // namespace gantry::checkpoint
