// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace gantry::service {

/// What a caller may do: change the host, or look at it.
enum class Access : std::uint8_t { Act, Look };

/// What whoever hands a connection to the engine knows of the caller, besides its credentials.
struct Caller
{
    Access access = Access::Act;
    std::string missing{}; ///< Look: the right to act, as a refusal names it
    std::string remedy{};  ///< Look: how to get it
    std::string origin{};  ///< "uid 1000 by sudo": words for the audit log, which give no right; may be empty
};

} // namespace gantry::service
