// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gantry {

namespace detail {
inline void appendTo(std::string &out, std::string_view text)
{
    out += text;
}
inline void appendTo(std::string &out, char c)
{
    out += c;
}
template <std::integral I>
    requires(!std::same_as<I, char> && !std::same_as<I, bool>)
void appendTo(std::string &out, I value)
{
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end);
}
} // namespace detail

/// Text of its arguments, one after the other: strings, characters, integers (gcc 12 has no std::format).
template <class... Parts> [[nodiscard]] std::string strCat(const Parts &...parts)
{
    std::string out;
    (detail::appendTo(out, parts), ...);
    return out;
}

/// "a b c".
[[nodiscard]] std::string joined(std::span<const std::string> words, std::string_view separator = " ");

/// The text with control characters and bytes that are not UTF-8 replaced by '?', so that names chosen by others can be
/// shown and logged.
[[nodiscard]] std::string printable(std::string_view text);

/// True for well-formed UTF-8 (no overlong forms, no surrogates).
[[nodiscard]] bool isUtf8(std::string_view text);

/// True if `path` is `top` or lies below it; both as absolute paths without a slash at the end, "/" excepted.
[[nodiscard]] bool isPathWithin(std::string_view path, std::string_view top);

/// Undoes "\xNN" (lower-case digits), as systemd-escape(1) and the kernel's log write what is not printable.
[[nodiscard]] std::string undoHexEscapes(std::string_view text);

/// FNV-1a: the same on every run and machine, so that what is named by it keeps its name.
[[nodiscard]] std::uint64_t stableHash(std::string_view text);

/// The text without blanks, tabs and newlines at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

} // namespace gantry
