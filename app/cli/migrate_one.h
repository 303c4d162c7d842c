// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/session.h"
#include "engine/service/migration_client.h"

#include <stop_token>
#include <string>
#include <vector>

/// What "migrate" and "evacuate" share. Here the operands of the arguments are one container and one host.
namespace gantry::cli {

/// Causes of warnings that shall not stop it.
[[nodiscard]] std::vector<std::string> skipsOf(const Arguments &arguments);

/// One migration from `session` to `other`, with the options of the command line. Thread: any; blocks.
/// @errors of targetOf(), of service::migrate().
[[nodiscard]] std::expected<v1::MigrationDone, Stop> migrateOne(Session &session, Session &other,
                                                                const Arguments &arguments,
                                                                const service::OnMigrationPhase &onPhase,
                                                                const std::stop_token &stop);

/// The document of one that was moved.
[[nodiscard]] Json documentOf(const Arguments &arguments, const v1::MigrationDone &done);

/// The words after which a person knows how far it is.
[[nodiscard]] std::string phaseText(const v1::MigrationPhase &phase);

} // namespace gantry::cli
