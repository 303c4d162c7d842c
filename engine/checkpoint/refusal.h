// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/checkpoint/preflight.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gantry::checkpoint {

/// Reports of failed runs that a host keeps, the newest ones; and what of a log goes into one: its end, in bytes.
inline constexpr std::size_t kMostReports = 20;
inline constexpr std::size_t kMostReportedLog = 4U << 20U;

/// A run of CRIU that it refused.
struct FailedRun
{
    std::string_view op;                    ///< "checkpoint", "restore"
    std::string subject;                    ///< "pid 812", a container's id
    std::string stateFolder;                ///< its folder "reports" takes the report; empty: none is written
    std::span<const std::string> options{}; ///< that CRIU got, as in criu(8)
    std::span<const Finding> findings{};    ///< of pre-flight
};

/// CRIU's refusal as an error: cause, process and remedy by its log. All of it (the findings and options, too, and the
/// whole log) is kept in a report on the host, for root alone to read; the error's remedy names the file.
/// @param otherwise told where the log gives no reason. Thread: any; blocks.
[[nodiscard]] std::unexpected<Error> refusalOf(int code, const FailedRun &run, std::string_view log,
                                               std::string_view otherwise);

} // namespace gantry::checkpoint
