// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace gantry {

namespace v1 {
class HelloReply;
}

/// The calls of gantry.v1 that this program was built with, as "Checkpoint/Create". Thread: any.
[[nodiscard]] std::vector<std::string> knownCalls();

/// Those that an engine does not have: it is older than this program. Empty for one that does not tell. In order.
/// Thread: any.
[[nodiscard]] std::vector<std::string> missingCalls(const v1::HelloReply &hello);

} // namespace gantry
