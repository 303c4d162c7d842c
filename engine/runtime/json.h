// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace gantry::runtime {

using Json = nlohmann::json;

/// @param what for the error ("/containers/json"). @errors EBADMSG: not JSON, or nested deeper than 64.
[[nodiscard]] Result<Json> parseJson(std::string_view what, std::string_view text);

/// What is at a path of member names ("State.Pid" as {"State", "Pid"}), null where there is none. The others give what
/// is empty for a value that is missing or of another type: what a runtime left out is not told.
[[nodiscard]] const Json &at(const Json &value, std::initializer_list<std::string_view> path);
[[nodiscard]] std::string textAt(const Json &value, std::initializer_list<std::string_view> path);
[[nodiscard]] std::int64_t numberAt(const Json &value, std::initializer_list<std::string_view> path);
/// A pid; 0 where there is none.
[[nodiscard]] std::int32_t pidAt(const Json &value, std::initializer_list<std::string_view> path);
[[nodiscard]] bool flagAt(const Json &value, std::initializer_list<std::string_view> path);
[[nodiscard]] std::vector<std::string> textsAt(const Json &value, std::initializer_list<std::string_view> path);
[[nodiscard]] std::map<std::string, std::string> textMapAt(const Json &value,
                                                           std::initializer_list<std::string_view> path);

/// Microseconds since the epoch of "2026-11-26T11:00:00.123456789+01:00" (RFC 3339); 0 for another text, and for the
/// year 1, with which Go says "never".
[[nodiscard]] std::int64_t microsOfTime(std::string_view text);

} // namespace gantry::runtime
