// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/args.h"

namespace gantry::cli {

/// "host install HOST": needs no engine here. See link::install(). Thread: main's.
[[nodiscard]] Outcome runInstall(const Arguments &arguments);

} // namespace gantry::cli
