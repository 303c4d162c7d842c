// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gantry::cli {

inline constexpr std::string_view kPassphraseQuestion = "Passphrase of the store of checkpoints: ";

/// Asks at the terminal of the program (/dev/tty), without showing what is typed. Ctrl-C and Ctrl-D give up.
/// @param question "Passphrase: ". @return what was typed; empty: nothing, it was given up, or there is no terminal.
/// Thread: any; waits for the person.
[[nodiscard]] std::string askPassphrase(std::string_view question);

/// The passphrase for a new store: the first line of the file in GANTRY_PASSPHRASE_FILE, else asked for twice.
/// @return empty: none came, or the two differ; standard error has why.
[[nodiscard]] std::string newPassphrase();

} // namespace gantry::cli
