// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What saving and restoring have in common, by whosever verb. Thread: any.
namespace gantry::checkpoint {

// Names in Manifest::values.
inline constexpr const char *kOptionsKey = "criu_options"; ///< of CRIU, that a restore needs, too; as joined() has them
inline constexpr const char *kProcessesKey = "processes";  ///< how many there were

/// @param onPhase may be empty.
void tell(const OnPhase &onPhase, std::string_view phase);

/// Of Manifest::values; empty: it has none of that name.
[[nodiscard]] std::string valueOf(const repository::Manifest &manifest, const char *key);
[[nodiscard]] std::vector<std::string> wordsOf(const repository::Manifest &manifest, const char *key);
/// By kProcessesKey; 0: it does not tell.
[[nodiscard]] std::uint32_t processesOf(const repository::Manifest &manifest);

} // namespace gantry::checkpoint
