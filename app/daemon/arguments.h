// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace gantry::daemon {

inline constexpr std::string_view kDefaultSocket = "/run/gantry/gantryd.sock";

/// What gantryd was asked to do.
struct Arguments
{
    enum class Command : std::uint8_t { Serve, Dial, Help, Version };
    Command command = Command::Serve;
    std::string socket = std::string(kDefaultSocket);
    std::string stateFolder;               ///< empty: control::AuditLog::defaultPlaces()
    std::string actGroup = "gantry";       ///< its members may change the host
    std::string viewGroup = "gantry-view"; ///< its members may look
};

/// Reads a command line (without the program's name); "--name VALUE" and "--name=VALUE" are the same.
/// @return what was asked, or what is wrong with it as a sentence. Thread: any.
[[nodiscard]] std::expected<Arguments, std::string> parseArguments(std::span<const char *const> words);

/// What --help prints; ends in a newline.
[[nodiscard]] std::string usageText();

} // namespace gantry::daemon
