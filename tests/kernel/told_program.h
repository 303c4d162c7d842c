// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace gantry::test {

/// Binds a UNIX datagram socket to "told.gantry-checkpoint" in the working directory. @return false: errno.
[[nodiscard]] bool bindTold();

/// Writes each message it is sent as a line into the file "heard". Before a checkpoint: "told" answers after 0.3 s,
/// "told-waits" asks for 6 s and answers after 2.5 s; "told-silent" never reads anything. At SIGUSR1 it sends
/// "checkpoint" to the socket whose path the file "ask-at" has.
[[noreturn]] void listenTold(std::string_view how);

} // namespace gantry::test
