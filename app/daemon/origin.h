// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gantry::daemon {

/// On whose behalf root runs this program, as sudo(8) and pkexec(1) say in the environment: "uid 1000 by sudo"; empty:
/// nobody's. Only words for the audit log: root may write what it likes there. Thread: any, while nobody calls
/// setenv(3).
[[nodiscard]] std::string ownOrigin();

/// Name for dial's end of a connection, from which the service takes its origin: nothing goes over the connection but
/// what the client sends. Empty where there is none.
[[nodiscard]] std::string addressFor(std::string_view origin);
/// The origin in such a name; empty for any other. To be believed of root alone.
[[nodiscard]] std::string originIn(std::string_view address);

} // namespace gantry::daemon
