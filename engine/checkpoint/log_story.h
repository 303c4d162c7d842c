// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/causes.h"
#include "engine/checkpoint/preflight.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// Most lines of the log that a story has before and after the one that counts, and most bytes of each.
inline constexpr std::size_t kStoryLinesBefore = 6;
inline constexpr std::size_t kStoryLinesAfter = 3;
inline constexpr std::size_t kMostStoryLine = 400;

/// Why a run of CRIU failed, read from its log.
struct FailureStory
{
    /// Of the table; nullopt: CRIU's line fits none, and is the reason as it stands.
    std::optional<Cause> cause;
    /// Whose, as the log names it: of the host for a checkpoint, of its own pid namespace for a restore. 0: nobody's.
    std::int32_t pid = 0;
    /// "fd 14 -> anon_inode:[io_uring] of pid 812 (node)"; printable; empty: the log names none.
    std::string object;
    /// CRIU's line without the time; printable. Empty: the log has no error, because CRIU was killed, or succeeded.
    std::string line;
    /// The lines around it, itself included; the last ones where there is no error. Printable.
    std::vector<std::string> around;
};

/// Explains dump.log or restore.log of log level 4 (-v4; a lower one names fewer objects). The first error counts that
/// is not one CRIU always has: those after it are only that it gave up. Never fails: a log is as long, as short and as
/// broken as it is; linear in it. Thread: any.
/// @param findings of pre-flight, where it looked at the same processes before: they decide between causes that CRIU
/// has one line for. Without them such a line has no cause. Source: the messages of CRIU 3.17 to 4.2 (criu/log.c for
/// their form).
[[nodiscard]] FailureStory explainLog(std::string_view log, std::span<const Finding> findings = {});

} // namespace gantry::checkpoint
