// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/args.h"

namespace gantry::cli {

/// Runs a verb on the host or hosts that the command line names, else by the service of this machine where one runs,
/// else by an engine of this program. Several hosts are asked at the same time and their answers printed in their
/// order; those of the others are printed although one fails.
/// @errors the verb's; of several hosts, that some have failed, which was told. Thread: main's.
[[nodiscard]] Outcome runVerb(const Arguments &arguments);

} // namespace gantry::cli
