// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "gantry/v1/checkpoint.pb.h"

#include <string_view>

/// What a check beforehand finds. Thread: any.
namespace gantry::service {

/// @param cause name of the check. @param object what it is about, and @param why: may be of others.
[[nodiscard]] v1::CheckFinding findingOf(v1::CheckFinding::Severity severity, std::string_view cause,
                                         std::string_view object, std::string_view why, std::string_view remedy = {});
/// An error as one that stands in the way.
[[nodiscard]] v1::CheckFinding findingOf(std::string_view cause, const Error &error);

} // namespace gantry::service
