// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::systemd {

/// One line of the journal.
struct JournalLine
{
    std::int64_t realtimeMicros = 0;
    std::int32_t pid = 0;   ///< 0: not known
    int priority = 6;       ///< syslog's
    std::string identifier; ///< SYSLOG_IDENTIFIER or _COMM
    std::string message;    ///< printable, cut to 4 KiB
};

/// Whose lines. Exactly one is set.
struct JournalOf
{
    std::string unit; ///< of the system manager, or of a user's with userUid
    std::optional<std::uint32_t> userUid{};
    std::string containerId{}; ///< CONTAINER_ID_FULL, as podman's and docker's journald log drivers write it
};

/// The newest lines, oldest first: those of the unit, what systemd says of it, and its core dumps (as journalctl -u).
/// Looks at local journals only, gives up after `patience` with what it has.
/// @param most 1 .. 10 000. @errors ENOENT (no journal here), EACCES, EINVAL. Thread: any; reads files: workers only.
[[nodiscard]] Result<std::vector<JournalLine>> tailJournal(const JournalOf &whose, std::size_t most,
                                                           std::chrono::milliseconds patience);

} // namespace gantry::systemd
