// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/daemon/arguments.h"
#include "engine/base/error.h"

namespace gantry::daemon {

/// `gantryd dial`: carries bytes between standard input, standard output and the service, until one side ends. Where no
/// service runs, an engine of this process answers, which acts with the rights of its user and ends with its client.
/// SIGTERM, SIGINT, SIGHUP end it in order: a change that was begun is finished or rolled back.
/// @errors of connecting for another reason than that no service runs; of Engine::start(). Thread: main's, before any
/// other is started.
[[nodiscard]] Result<> dial(const Arguments &arguments);

} // namespace gantry::daemon
