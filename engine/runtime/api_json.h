// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/json.h"
#include "engine/runtime/source.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::runtime {

/// Which of the two APIs: Docker Engine API (1.24 and later), or podman's libpod API (4.0 and later).
enum class Dialect : std::uint8_t { Docker, Podman };

/// One row of GET /containers/json.
struct ApiRow
{
    Facts facts;       ///< what the list tells
    std::string stamp; ///< changes with what inspect tells: id, state, start, names
};

/// @errors EBADMSG when it is no list. Rows without an id are left out.
[[nodiscard]] Result<std::vector<ApiRow>> parseApiList(Dialect dialect, std::string_view text);

/// GET /containers/ID/json: everything there is to know.
/// @errors EBADMSG when it is no object, or tells of a container without an id.
[[nodiscard]] Result<Facts> parseApiInspect(Dialect dialect, std::string_view text);

/// What an event is about.
struct ApiEvent
{
    std::string container; ///< id; empty: of a pod, a network or the whole list
    bool matters = false;  ///< changes what list or inspect tells
};
/// One line of GET /events. A line that cannot be read matters: nobody knows what it told.
[[nodiscard]] ApiEvent parseApiEvent(std::string_view line);

/// Body of a request that sets limits (POST /containers/ID/update): those of hasLimitOption().
/// @param withSwap Docker takes memory for a container that has no limit for memory and swap only together with one:
/// true says "no limit" again.
/// @errors ENOTSUP naming the key and value that this API has no word for.
[[nodiscard]] Result<std::string> updateBody(Dialect dialect, std::span<const std::pair<LimitKey, LimitValue>> limits,
                                             bool withSwap = false);
/// Lines of GET /containers/ID/logs?timestamps=1.
/// @param framed by the 8-byte heads of the API (application/vnd.docker.raw-stream without a terminal).
[[nodiscard]] std::vector<LogLine> parseApiLog(std::string_view body, bool framed);

/// The runtime's own words in the body of a reply that is no success: "message" and "cause" of its JSON, else the text.
[[nodiscard]] std::string apiMessage(std::string_view body);

} // namespace gantry::runtime
