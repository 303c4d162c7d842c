// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::link {

/// A host's engine, as a person names it.
struct Destination
{
    enum class Kind : std::uint8_t {
        Local,  ///< an engine of this program
        Socket, ///< a service of this host
        Ssh
    };
    Kind kind = Kind::Local;
    std::string text{};     ///< as it was typed: what the person is told
    std::string path{};     ///< Socket: absolute
    std::string user{};     ///< Ssh; empty: what ssh_config(5) says
    std::string host{};     ///< Ssh: a name, an address, or an alias of ssh_config(5)
    std::uint16_t port = 0; ///< Ssh; 0: what ssh_config(5) says

    friend bool operator==(const Destination &, const Destination &) = default;
};

/// "local", "unix:/path", "ssh://[user@]host[:port]" (an IPv6 address in brackets), "[user@]host". What ssh could take
/// for an option, or a shell for more than a word, is refused.
/// @errors EINVAL with the text, what is wrong and how it is written. Thread: any.
[[nodiscard]] Result<Destination> parseDestination(std::string_view text);

} // namespace gantry::link
