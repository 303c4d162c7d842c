// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// libFuzzer's entry point; each target defines it once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace gantry::fuzz {

/// The input as text.
[[nodiscard]] inline std::string_view textOf(const std::uint8_t *data, std::size_t size)
{
    return {reinterpret_cast<const char *>(data), size}; // NOLINT: bytes are what libFuzzer gives
}

/// Ends the program, which libFuzzer reports as a find: for properties that must hold for any input.
inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace gantry::fuzz
