// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/causes.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// What a process can have, and whether it comes back from a checkpoint: what the help tells, and what
/// tests/kernel/tst_kernel_coverage.cpp and tst_kernel_programs.cpp prove, row by row.
namespace gantry::checkpoint {

enum class Outcome : std::uint8_t {
    Saved,   ///< while it runs on, and with its end; restored, and as it was
    Refused, ///< pre-flight says that it cannot be saved, and why
    Lost     ///< it goes on without this: pre-flight warns of it
};

struct CoverageRow
{
    std::string_view name; ///< of the test's row; stable
    std::string_view what; ///< a noun: "Threads"
    Outcome outcome = Outcome::Saved;
    std::optional<Cause> cause{}; ///< what pre-flight says of it; nullopt: nothing that an admin has to know
};

/// Grouped: processes, memory, files, sockets, events, namespaces, programs.
[[nodiscard]] std::span<const CoverageRow> coverageTable();
/// Real programs, under load: what answered and what was asked is checked by a client.
[[nodiscard]] std::span<const CoverageRow> programTable();

} // namespace gantry::checkpoint
