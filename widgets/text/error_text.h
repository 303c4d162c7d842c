// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "engine/base/error.h"
#include "gantry/v1/common.pb.h"

namespace gantry::text {

/// One or two translated sentences: which object, what went wrong, what can be done. Chosen by errno, never by the text
/// of the error, so they follow the console's language whatever the engine speaks. Thread: GUI.
[[nodiscard]] QString errorSentence(const Error &error);
[[nodiscard]] QString errorSentence(const v1::Failure &failure);

} // namespace gantry::text
