// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/strings.h"

#include <cerrno>
#include <string>
#include <string_view>

namespace gantry::service {

/// Whether this engine may change anything. @param readOnlyReason right that is missing; empty: none is.
/// @errors EPERM naming it. Thread: any.
[[nodiscard]] inline Result<> mayAct(const std::string &readOnlyReason, std::string_view verb, std::string_view subject)
{
    return readOnlyReason.empty() ? Result<>()
                                  : fail(EPERM, verb, subject, strCat("missing: ", readOnlyReason), "run as root");
}

} // namespace gantry::service
