// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"

#include <cstddef>
#include <cstdint>

namespace gantry {

namespace {

/// Length of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none. Source: Unicode 15, table 3-7.
std::size_t sequenceLength(std::string_view text)
{
    const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80)
        return 1;
    std::size_t length = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : low;
        high = lead == 0xED ? 0x9F : high;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : low;
        high = lead == 0xF4 ? 0x8F : high;
    }
    if (length == 0 || text.size() < length || at(1) < low || at(1) > high)
        return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (at(i) < 0x80 || at(i) > 0xBF)
            return 0;
    }
    return length;
}

} // namespace

std::string joined(std::span<const std::string> words, std::string_view separator)
{
    std::string out;
    for (const std::string &word : words)
        out += strCat(out.empty() ? "" : separator, word);
    return out;
}

std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequenceLength(text);
        const auto lead = static_cast<std::uint8_t>(text.front());
        if (length == 0 || (length == 1 && (lead < 0x20 || lead == 0x7F)))
            out += '?';
        else
            out += text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

bool isUtf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = sequenceLength(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool isPathWithin(std::string_view path, std::string_view top)
{
    return path.starts_with(top) && (path.size() == top.size() || top.ends_with('/') || path[top.size()] == '/');
}

std::string undoHexEscapes(std::string_view text)
{
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9')
            return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text.substr(i, 2) == "\\x" && i + 3 < text.size();
        const int high = escape ? digit(text[i + 2]) : -1;
        const int low = escape ? digit(text[i + 3]) : -1;
        if (high >= 0 && low >= 0) {
            out += static_cast<char>(high << 4 | low);
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::uint64_t stableHash(std::string_view text)
{
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
    for (const char byte : text)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100'0000'01B3;
    return hash;
}

} // namespace gantry
