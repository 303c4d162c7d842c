// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/parse.h"

#include <charconv>
#include <cmath>

namespace gantry {

namespace {

template <class T> Result<T> parseWhole(std::string_view what, std::string_view text)
{
    T value{};
    const auto [end, ec] = std::from_chars(text.begin(), text.end(), value);
    if (text.empty() || ec != std::errc{} || end != text.end())
        return failParse(what, text);
    return value;
}

} // namespace

Result<std::uint64_t> parseU64(std::string_view text)
{
    return parseWhole<std::uint64_t>("unsigned number", text);
}
Result<std::int64_t> parseI64(std::string_view text)
{
    return parseWhole<std::int64_t>("number", text);
}

Result<double> parseDouble(std::string_view text)
{
    const auto value = parseWhole<double>("decimal fraction", text);
    if (value && !std::isfinite(*value))
        return failParse("decimal fraction", text);
    return value;
}

std::optional<std::string_view> takeLine(std::string_view &text)
{
    if (text.empty())
        return std::nullopt;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::string_view takeToken(std::string_view &text)
{
    const std::size_t first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) {
        text = {};
        return {};
    }
    const std::size_t end = text.find_first_of(" \t\n", first);
    const std::string_view token = text.substr(first, end == std::string_view::npos ? end : end - first);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
    return token;
}

std::vector<std::string> splitWords(std::string_view text)
{
    std::vector<std::string> out;
    for (std::string_view word = takeToken(text); !word.empty(); word = takeToken(text))
        out.emplace_back(word);
    return out;
}

} // namespace gantry
