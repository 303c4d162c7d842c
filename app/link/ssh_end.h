// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/link/destination.h"
#include "engine/base/error.h"

#include <string_view>

namespace gantry::link {

/// Why an ssh that was to run gantryd has ended before gantryd answered.
/// @param exitCode as Child::reap() tells it. @param said what came on its standard error: ssh's lines, and what the
/// host's shell and gantryd wrote. @return errno by cause, the destination, ssh's own words, what can be done about it.
/// Source: ssh(1), "EXIT STATUS": the command's status, or 255. Thread: any.
[[nodiscard]] Error endedBeforeHello(const Destination &destination, int exitCode, std::string_view said,
                                     std::string_view gantryd);

} // namespace gantry::link
