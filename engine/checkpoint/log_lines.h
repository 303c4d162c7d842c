// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/causes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::checkpoint {

/// A line of CRIU's log, taken apart. Source: criu/log.c, criu/pie/util.c.
struct LogLine
{
    std::string_view text;    ///< without the time and the number in front: "Error (criu/x.c:9): unix: No way"
    std::string_view message; ///< of an error, without its place and the part of CRIU: "No way"; empty: no error
    std::int32_t pid = 0;     ///< in front of the text: whoever is restored; 0: the line has none
};
/// "(00.012345)   1314: pie: 1314: Error (criu/x.c:9): tty: No way".
[[nodiscard]] LogLine parseLogLine(std::string_view line);

/// True for an error that CRIU reports and goes on.
[[nodiscard]] bool isBenign(const LogLine &line);

/// A UNIX socket outside, as the lines before an error describe it.
struct PeerOutside
{
    std::int64_t inode = 0; ///< 0: none was named
    int type = 0;           ///< SOCK_STREAM ...
    bool named = false;
};

/// What an error stands for; nullopt: nothing in the table of causes.
[[nodiscard]] std::optional<Cause> causeOf(std::string_view message, const PeerOutside &peer);

/// The process that the message itself names; 0: none.
[[nodiscard]] std::int32_t pidIn(std::string_view message);

/// What the message itself is about ("fd 3 -> anon_inode:[perf_event]", "/var/log/x", "mapping 7f00"); empty: nothing.
/// @param fd the open file that the lines before named; -1: none.
[[nodiscard]] std::string objectIn(std::string_view message, int fd);

/// The number that follows `before` in the text; nullopt: there is none.
[[nodiscard]] std::optional<std::int64_t> numberAfter(std::string_view text, std::string_view before);

} // namespace gantry::checkpoint
