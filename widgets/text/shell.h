// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gantry/v1/control.pb.h"

namespace gantry::text {

/// A word for the shell: quoted where the shell would read it otherwise.
[[nodiscard]] QString shellWord(const QString &word);

/// The gantryctl line that makes the same request ("gantryctl set /a memory.max=300M --permanent"). @param path of the
/// target. Settings of a newer engine are left out.
[[nodiscard]] QString setLimitsCommand(const QString &path, const v1::SetLimitsRequest &request);

} // namespace gantry::text
