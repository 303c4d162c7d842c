// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/daemon/arguments.h"
#include "engine/base/error.h"

namespace gantry::daemon {

/// `gantryd`: an engine that watches this host and serves all who may, until SIGTERM, SIGINT or SIGHUP. Tells systemd
/// of it where that started it. Streams are ended then, verbs that run are waited for.
/// @errors of the socket (EBUSY: another one runs), of Engine::start(). Thread: main's, before any other is started.
[[nodiscard]] Result<> serve(const Arguments &arguments);

} // namespace gantry::daemon
