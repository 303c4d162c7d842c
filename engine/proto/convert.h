// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/limit.h"
#include "engine/base/strings.h"
#include "gantry/v1/common.pb.h"

namespace gantry {

/// Values of engine/base as messages and back; used on both sides of the wire. Thread: any.

[[nodiscard]] v1::LimitValue toMessage(const LimitValue &value);
/// @errors EINVAL for an absent oneof or a value that does not fit the key (checkLimitValue).
[[nodiscard]] Result<LimitValue> fromMessage(LimitKey key, const v1::LimitValue &message);
/// The value as it stands, without a check against a key; nullopt for an absent oneof.
[[nodiscard]] std::optional<LimitValue> valueOf(const v1::LimitValue &message);

[[nodiscard]] v1::Failure toMessage(const Error &error);
[[nodiscard]] Error fromMessage(const v1::Failure &message);

} // namespace gantry
