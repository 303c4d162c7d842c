// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace gantry::text {

/// A word for the shell: quoted where the shell would read it otherwise.
[[nodiscard]] QString shellWord(const QString &word);

} // namespace gantry::text
