// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/control.pb.h"

namespace gantry::console {

/// Who asks, for the audit log: this program and the user it runs as. Thread: any.
[[nodiscard]] v1::Actor consoleActor();

} // namespace gantry::console
