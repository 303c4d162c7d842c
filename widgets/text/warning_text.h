// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gantry/v1/common.pb.h"

namespace gantry::text {

/// The caveat as a sentence with its numbers in the unit of `key` (a v2 file name; empty: plain numbers): "Usage is
/// 120 MiB, above the new limit of 100 MiB: the kernel will kill processes." Thread: GUI.
[[nodiscard]] QString warningSentence(const v1::Warning &warning, std::string_view key = {});
/// True for a caveat that may cost the workload its life or the user the session: it needs a second confirmation.
[[nodiscard]] bool isDangerous(const v1::Warning &warning);

} // namespace gantry::text
