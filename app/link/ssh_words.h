// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/link/destination.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::link {

/// What an admin may have otherwise.
struct Programs
{
    std::vector<std::string> ssh{"ssh"}; ///< program and first words
    std::string gantryd = "gantryd";     ///< on the other host: a name in its PATH, or a path
};

/// GANTRY_SSH, split at blanks ("ssh -F FILE"), and GANTRYD_PROGRAM. Thread: any, while nobody calls setenv(3).
[[nodiscard]] Programs programsFromEnvironment();

/// The word as a POSIX shell reads it back; left as it is where no shell sees more than a word in it. Thread: any.
[[nodiscard]] std::string shellQuoted(std::string_view word);

/// Whether ssh has somebody to ask: a terminal, or a display with an askpass. Thread: as programsFromEnvironment().
[[nodiscard]] bool canAsk();

/// ssh's command line for a command there. Words of Programs::ssh come first: of an option, ssh takes the first.
/// @param mayAsk false: ssh fails where it would ask. @param command as a shell there reads it. Source: ssh(1),
/// ssh_config(5).
[[nodiscard]] std::vector<std::string> sshWords(const Programs &programs, const Destination &destination, bool mayAsk,
                                                std::string_view command);

} // namespace gantry::link
